"""Lattices, each process joined with those beside, above and below it: finding them, and drawing them so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from ipcviz.tui.graph.draft import Draft, draft_of, widest_gap
from ipcviz.tui.graph.layers import linked_names
from ipcviz.tui.graph.model import Box, Link, Spot

GAPS_ACROSS = (9, 7, 6, 5, 4, 3, 2)
GAPS_DOWN = (3, 2, 1)
BESIDE = 1
"""Cells between two things which join the same two processes."""
MOST_BETWEEN = 2
CORNERS = 4

Pair = tuple[str, str]
Between = Mapping[Pair, Sequence[Box]]


@dataclass(frozen=True, slots=True)
class Lattice:
    """The processes in rows, all equally long, and what joins each with the next and with that below."""

    rows: list[list[Box]]
    between: Between

    def turned(self) -> Lattice:
        """The same with its columns as rows."""
        return Lattice([list(column) for column in zip(*self.rows, strict=True)], self.between)

    def beside(self, row: int, column: int) -> Sequence[Box]:
        """What joins a process with the next in its row."""
        return self.between[pair(self.rows[row][column].name, self.rows[row][column + 1].name)]

    def below(self, row: int, column: int) -> Sequence[Box]:
        """What joins a process with the next in its column."""
        return self.between[pair(self.rows[row][column].name, self.rows[row + 1][column].name)]


def pair(one: str, two: str) -> Pair:
    """The two names, whichever way around, as one key."""
    return (one, two) if one < two else (two, one)


def find_lattice(boxes: Sequence[Box], links: Sequence[Link]) -> Lattice | None:
    """The boxes in rows and columns where their links make them the product of two paths, else None.

    Of the ways to turn and mirror it, the one that reads most in the order of the boxes.
    """
    between = joined_pairs(boxes, links)
    if between is None:
        return None
    around: dict[str, list[str]] = {box.name: [] for box in boxes if box.role == "process"}
    for one, two in between:
        around[one].append(two)
        around[two].append(one)
    corners = [name for name, others in around.items() if len(others) == 2]
    if len(corners) != CORNERS or any(len(others) not in (2, 3, 4) for others in around.values()):
        return None
    away = {corner: distances(corner, around) for corner in corners}
    if any(len(found) != len(around) for found in away.values()):
        return None
    number = {box.name: index for index, box in enumerate(boxes)}
    found = [
        rows
        for first in corners
        for last in corners
        if first != last and (rows := rows_between(away[first], away[last], away[first][last]))
        if is_lattice(rows, between)
    ]
    if not found:
        return None
    best = min(found, key=lambda rows: [number[name] for name in chain(*rows)])
    by_name = {box.name: box for box in boxes}
    return Lattice([[by_name[name] for name in row] for row in best], between)


def joined_pairs(boxes: Sequence[Box], links: Sequence[Link]) -> dict[Pair, list[Box]] | None:
    """What joins each pair of processes; None where something does not join exactly two."""
    around = linked_names(links)
    processes = {box.name for box in boxes if box.role == "process"}
    between: dict[Pair, list[Box]] = {}
    for box in boxes:
        if box.role == "process":
            continue
        ends = around.get(box.name, [])
        if len(ends) != 2 or not processes.issuperset(ends):
            return None
        between.setdefault(pair(*ends), []).append(box)
    if any(len(things) > MOST_BETWEEN for things in between.values()):
        return None
    return between


def distances(start: str, around: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many steps each process is away from the start."""
    found = {start: 0}
    for name in (waiting := [start]):
        for other in around[name]:
            if other not in found:
                found[other] = found[name] + 1
                waiting.append(other)
    return found


def rows_between(first: Mapping[str, int], last: Mapping[str, int], length: int) -> list[list[str]]:
    """The rows, by the steps from both ends of the first row; nothing where these make no rectangle."""
    places: dict[tuple[int, int], str] = {}
    for name, steps in first.items():
        row, odd = divmod(steps + last[name] - length, 2)
        if odd or row < 0 or not 0 <= steps - row <= length:
            return []
        places[row, steps - row] = name
    height = max(row for row, _ in places) + 1
    if len(places) != len(first) or len(places) != height * (length + 1) or height < 2:
        return []
    return [[places[row, column] for column in range(length + 1)] for row in range(height)]


def is_lattice(rows: Sequence[Sequence[str]], between: Between) -> bool:
    """Each is joined with the next in its row and in its column, and with nothing else."""
    wanted = {pair(one, two) for row in rows for one, two in pairwise(row)}
    wanted |= {pair(*ends) for upper, lower in pairwise(rows) for ends in zip(upper, lower, strict=True)}
    return wanted == set(between)


def lattice_drafts(lattice: Lattice, width: int, height: int) -> Iterator[Draft]:
    """Yield it as it reads in the order of the boxes, and turned."""
    yield lattice_draft(lattice, width, height)
    yield lattice_draft(lattice.turned(), width, height)


def lattice_draft(lattice: Lattice, width: int, height: int) -> Draft:
    """Place the processes in rows and columns, all equally far apart, what joins two in the middle."""
    rows, columns = range(len(lattice.rows)), range(len(lattice.rows[0]))
    beside = {(row, column): lattice.beside(row, column) for row in rows for column in columns[:-1]}
    below = {(row, column): lattice.below(row, column) for row in rows[:-1] for column in columns}
    wide = max(box.width for row in lattice.rows for box in row)
    tall = max(box.height for row in lattice.rows for box in row)
    tall = max(tall, *(stacked_height(things) for things in beside.values()))
    thick = max(max(box.width for box in things) for things in beside.values())
    deep = max(max(box.height for box in things) for things in below.values())
    side = max(row_width(things) for things in below.values())
    gaps_across, gaps_down = 2 * len(columns[:-1]), 2 * len(rows[:-1])
    used = len(columns) * wide + len(columns[:-1]) * thick + max(0, side - wide)
    gap = widest_gap(width, used, gaps_across, GAPS_ACROSS)
    pitch_across = max(wide + thick + 2 * gap, side + GAPS_ACROSS[-1])
    pitch_down = (
        tall + deep + 2 * widest_gap(height, len(rows) * tall + len(rows[:-1]) * deep, gaps_down, GAPS_DOWN)
    )
    spots: dict[str, Spot] = {}
    for row in rows:
        for column in columns:
            x, y = column * pitch_across, row * pitch_down
            put_beside(spots, [lattice.rows[row][column]], x, y)
            put_stacked(spots, beside.get((row, column), ()), x + pitch_across // 2, y)
            put_beside(spots, below.get((row, column), ()), x, y + pitch_down // 2)
    return draft_of(spots, "free")


def stacked_height(things: Sequence[Box]) -> int:
    """Rows that they take, one above the other."""
    return sum(box.height for box in things) + BESIDE * (len(things) - 1)


def row_width(things: Sequence[Box]) -> int:
    """Columns that they take, one beside the other."""
    return sum(box.width for box in things) + BESIDE * (len(things) - 1)


def put_stacked(spots: dict[str, Spot], things: Sequence[Box], x: int, y: int) -> None:
    """Place them one above the other around a middle."""
    top = y - stacked_height(things) // 2
    for box in things:
        spots[box.name] = Spot(x - box.width // 2, top, box.width, box.height)
        top += box.height + BESIDE


def put_beside(spots: dict[str, Spot], things: Sequence[Box], x: int, y: int) -> None:
    """Place them one beside the other around a middle."""
    left = x - row_width(things) // 2
    for box in things:
        spots[box.name] = Spot(left, y - box.height // 2, box.width, box.height)
        left += box.width + BESIDE
