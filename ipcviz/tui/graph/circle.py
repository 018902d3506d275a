"""Rings of processes with locks or channels between: finding them, and placing them around a rectangle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from ipcviz.tui.graph.draft import Draft, draft_of, widest_gap
from ipcviz.tui.graph.layers import linked_names
from ipcviz.tui.graph.model import Box, Link, Spot

COLUMN_GAPS = (13, 11, 9, 7, 6, 5, 4)
ROW_GAPS = (4, 3, 2)
SMALLEST_RING = 4
REACH = 3
ROUND = 2.4


def find_ring(boxes: Sequence[Box], links: Sequence[Link]) -> list[Box] | None:
    """Return the boxes in ring order where processes and other things alternate in one cycle, else None.

    Where the first process gives to one neighbour only, the order goes with what it gives.
    """
    by_name = {box.name: box for box in boxes}
    around = linked_names(links)
    if len(boxes) < SMALLEST_RING or set(around) != set(by_name):
        return None
    if any(not alternates(box, around[box.name], by_name) for box in boxes):
        return None
    first = next(box for box in boxes if box.role == "process")
    ring = [first]
    given = [link.target for link in links if link.source == first.name]
    before, name = first.name, given[0] if len(given) == 1 else around[first.name][-1]
    while name != first.name:
        ring.append(by_name[name])
        one, two = around[name]
        before, name = name, two if one == before else one
    return ring if len(ring) == len(boxes) else None


def alternates(box: Box, others: Sequence[str], by_name: dict[str, Box]) -> bool:
    """Tell whether the box has two neighbours, both processes or, for a process, both none."""
    is_process = box.role == "process"
    return len(others) == 2 and all((by_name[name].role == "process") != is_process for name in others)


def circle_draft(ring: Sequence[Box], width: int, height: int) -> Draft:
    """Place the boxes clockwise around a rectangle; the first box is the middle one at the top."""
    ranked = sorted(
        circle_drafts(ring, width, height),
        key=lambda item: (item[0].overflow(width, height), item[1], elongation(item[0])),
    )
    return ranked[0][0]


def elongation(draft: Draft) -> float:
    """Tell how far the outline is from looking round; cells are about twice as tall as wide."""
    return abs(math.log(max(1, draft.width) / (ROUND * max(1, draft.height))))


def circle_drafts(ring: Sequence[Box], width: int, height: int) -> Iterator[tuple[Draft, int]]:
    """Yield every way to share the ring out over rows and sides, with how much it is disliked."""
    for sides in range((len(ring) - 1) // 2 + 1):
        top = (len(ring) - 2 * sides) // 2
        bottom = len(ring) - 2 * sides - top
        lopsided = 2 * (top % 2 == 0)
        if sides and top:
            yield edge_draft(ring, (top, sides, bottom), True, width, height), lopsided
        if not sides or (top > 1 and top == bottom):
            yield edge_draft(ring, (top, sides, bottom), False, width, height), lopsided + 1


def edge_draft(
    ring: Sequence[Box], shares: tuple[int, int, int], outward: bool, width: int, height: int
) -> Draft:
    """Place the ring on a rectangle whose sides stand outside its top and bottom rows if `outward`."""
    top, sides, bottom = shares
    start = len(ring) - (top - 1) // 2 if top % 2 else 0
    order = [ring[(start + index) % len(ring)] for index in range(len(ring))]
    upper, right = order[:top], order[top : top + sides]
    lower = order[top + sides : top + sides + bottom][::-1]
    left = order[top + sides + bottom :][::-1]
    columns = column_middles(upper, lower, left + right, outward, width)
    rows = [row for row in [upper, *map(list, zip(left, right, strict=True)), lower] if row]
    talls = [max(box.height for box in row) for row in rows]
    gap = widest_gap(height, sum(talls), len(rows) - 1, ROW_GAPS)
    spots: dict[str, Spot] = {}
    y = 0
    for row, tall in zip(rows, talls, strict=True):
        for box in row:
            x = first_column(columns[box.name], box.width)
            spots[box.name] = Spot(x, y + (tall - box.height) // 2, box.width, box.height)
        y += tall + gap
    return draft_of(spots, "free")


def column_middles(
    upper: Sequence[Box], lower: Sequence[Box], sides: Sequence[Box], outward: bool, width: int
) -> dict[str, float]:
    """Return the middle column of each box, counted from the middle of the picture."""
    widths = column_widths(upper, lower)
    thick = max((box.width for box in sides), default=0)
    reach = REACH + (thick + 1) // 2 if outward else 0
    gap = widest_gap(width, sum(widths) + 2 * reach, len(widths) - 1, COLUMN_GAPS)
    if not outward and sides:
        gap = max(gap, thick - min(widths) + COLUMN_GAPS[-1])
    middles = {
        box.name: middle
        for row in (upper, lower)
        for box, middle in zip(row, middles_of(widths[: len(row)], gap), strict=True)
    }
    columns = middles_of(widths, gap)
    beyond = math.ceil(widths[0] / 2) + REACH if outward else 0
    half = len(sides) // 2
    middles |= {box.name: columns[0] - beyond for box in sides[:half]}
    return middles | {box.name: columns[-1] + beyond for box in sides[half:]}


def column_widths(upper: Sequence[Box], lower: Sequence[Box]) -> list[int]:
    """Return how wide each column is: all the same where the boxes do not stand in pairs."""
    if len(upper) == len(lower):
        return [max(one.width, two.width) for one, two in zip(upper, lower, strict=True)]
    wide = max(box.width for box in [*upper, *lower])
    return [wide] * max(len(upper), len(lower))


def middles_of(widths: Sequence[int], gap: int) -> list[float]:
    """Return the middles of columns side by side, so that 0 is the middle of them all."""
    ends = list(accumulate(width + gap for width in widths))
    shift = (ends[-1] - gap) / 2 if ends else 0
    return [end - gap - width / 2 - shift for end, width in zip(ends, widths, strict=True)]


def first_column(middle: float, width: int) -> int:
    """Return the first column of a box, rounded so that left and right mirror each other."""
    start = middle - width / 2
    return math.ceil(start) if middle > 0 else math.floor(start)
