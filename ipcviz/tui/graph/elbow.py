"""The plainest way between two boxes, one bend at most, for when the search gives up."""

from __future__ import annotations

from collections.abc import Iterator

from ipcviz.tui.graph.board import SIDES, Board
from ipcviz.tui.graph.model import Cell, Link, Path, Placement
from ipcviz.tui.graph.ports import ports
from ipcviz.tui.graph.search import LINES


def elbow(board: Board, link: Link, placement: Placement) -> Path | None:
    """Return the best path with at most one bend that is free, or crosses others squarely."""
    pairs = sorted(
        (leaving + entering, out, end, side, opposite)
        for out, side, leaving in ports(placement, link.source, link.target, False)
        for end, opposite, entering in ports(placement, link.target, link.source, False)
        if out == end or out[0] == end[0] or out[1] == end[1] or side % 2 != opposite % 2
    )
    for _, out, end, side, opposite in pairs:
        cells = tuple(elbow_cells(out, end, level_first=side % 2 == 0))
        if is_free(board, cells):
            return Path(link.key, cells, SIDES[side], SIDES[(opposite + 2) % 4])
    return None


def elbow_cells(start: Cell, end: Cell, level_first: bool) -> Iterator[Cell]:
    """Yield the cells from start to end, along the row first or along the column first."""
    corner = (end[0], start[1]) if level_first else (start[0], end[1])
    yield start
    for here, there in ((start, corner), (corner, end)):
        x, y = here
        while (x, y) != there:
            x += (there[0] > x) - (there[0] < x)
            y += (there[1] > y) - (there[1] < y)
            yield x, y


def is_free(board: Board, cells: tuple[Cell, ...]) -> bool:
    """Tell whether the cells are outside all boxes, and no path runs along or turns in them."""
    numbers = [board.number(cell) for cell in cells]
    if any(board.blocked[number] for number in numbers):
        return False
    for index, number in enumerate(numbers):
        if not board.taken[number]:
            continue
        if index in (0, len(numbers) - 1):
            return False
        before = board.direction(numbers[index - 1], number)
        after = board.direction(number, numbers[index + 1])
        if before != after or board.taken[number] != LINES[(before + 1) % 4]:
            return False
    return True
