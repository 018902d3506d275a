"""The cells routes are searched on: which are boxes, which are taken, and what moving costs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ipcviz.tui.graph.model import Cell, Link, Path, Placement, Side, Spot

RIGHT, DOWN, LEFT, UP = range(4)
SIDES: tuple[Side, ...] = ("right", "down", "left", "up")
HORIZONTAL = 1 << RIGHT | 1 << LEFT
VERTICAL = 1 << DOWN | 1 << UP
SEALED = 1 << 4
"""Marks the ends of paths, which nothing may cross or join."""

STEP = 8
BEND = 48
CROSS = 60
RELATED = 72
BESIDE = 5
# The cost of moving along a box, by the distance to it in cells, starting with 0.
ALONG_ROWS = (6, 24, 4, 1, 0)
ALONG_ROWS_DOWN = (2, 4, 2, 1, 0)
ALONG_COLUMNS = (6, 20, 6, 5, 4, 3, 2, 1, 0)
# How far boxes count as going on at right angles to the flow, so that links turn midway between ranks.
SHADOW_ROWS = 8
SHADOW_COLUMNS = 16


class Board:
    """A placement's cells, numbered row by row with a blocked border around them."""

    def __init__(self, placement: Placement) -> None:
        """Mark the boxes and work out what moving through each cell costs."""
        self.stride = placement.width + 2
        self.size = self.stride * (placement.height + 2)
        self.steps = (1, self.stride, -1, -self.stride)
        self.blocked = self._blocked(placement)
        self.taken = [0] * self.size
        self.users: dict[int, list[Link]] = {}
        self.sources: dict[int, set[str]] = {}
        self.targets: dict[int, set[str]] = {}
        wide = self._shaded(placement, SHADOW_COLUMNS if placement.flow == "down" else 0, 0)
        tall = self._shaded(placement, 0, SHADOW_ROWS if placement.flow == "right" else 0)
        across = clearance(tall, self._rows(placement), len(ALONG_COLUMNS) - 1)
        upright = clearance(wide, self._columns(placement), len(ALONG_ROWS) - 1)
        along_rows = ALONG_ROWS_DOWN if placement.flow == "down" else ALONG_ROWS
        horizontal = [STEP + along_rows[room] for room in upright]
        vertical = [STEP + ALONG_COLUMNS[room] for room in across]
        self.costs = (horizontal, vertical, horizontal, vertical)

    def number(self, cell: Cell) -> int:
        """Return the number of a cell given as (x, y)."""
        return (cell[1] + 1) * self.stride + cell[0] + 1

    def cell(self, number: int) -> Cell:
        """Return the (x, y) of a numbered cell."""
        row, column = divmod(number, self.stride)
        return column - 1, row - 1

    def direction(self, start: int, end: int) -> int:
        """Return the direction in which the neighbouring cell `end` lies."""
        return self.steps.index(end - start)

    def take(self, link: Link, path: Path) -> None:
        """Mark the cells of a path as taken by the link."""
        numbers = [self.number(cell) for cell in path.cells]
        for here, there in pairwise(numbers):
            way = self.direction(here, there)
            self.taken[here] |= 1 << way
            self.taken[there] |= 1 << (way + 2) % 4
        for number in numbers:
            self.users.setdefault(number, []).append(link)
            self.sources.setdefault(number, set()).add(link.source)
            self.targets.setdefault(number, set()).add(link.target)
        if path.leaves is not None:
            self.taken[numbers[0]] |= 1 << (SIDES.index(path.leaves) + 2) % 4 | SEALED
        if path.enters is not None:
            self.taken[numbers[-1]] |= 1 << SIDES.index(path.enters) | SEALED

    def _blocked(self, placement: Placement) -> bytearray:
        blocked = bytearray(self.size)
        for column in range(self.stride):
            blocked[column] = blocked[self.size - 1 - column] = 1
        for start in range(0, self.size, self.stride):
            blocked[start] = blocked[start + self.stride - 1] = 1
        for spot in placement.spots.values():
            self._fill(blocked, spot)
        return blocked

    def _shaded(self, placement: Placement, columns: int, rows: int) -> bytearray:
        """Mark the boxes, made longer at both ends by so many columns and rows."""
        shaded = bytearray(self.size)
        for spot in placement.spots.values():
            left, top = max(0, spot.x - columns), max(0, spot.y - rows)
            right = min(placement.width - 1, spot.right + columns)
            bottom = min(placement.height - 1, spot.bottom + rows)
            self._fill(shaded, Spot(left, top, right - left + 1, bottom - top + 1))
        return shaded

    def _fill(self, cells: bytearray, spot: Spot) -> None:
        for y in range(spot.y, spot.y + spot.height):
            start = self.number((spot.x, y))
            cells[start : start + spot.width] = b"\x01" * spot.width

    def _rows(self, placement: Placement) -> list[range]:
        starts = range(self.stride, self.size - self.stride, self.stride)
        return [range(start + 1, start + 1 + placement.width) for start in starts]

    def _columns(self, placement: Placement) -> list[range]:
        last = self.size - self.stride
        return [range(self.stride + column, last, self.stride) for column in range(1, placement.width + 1)]


def clearance(boxes: bytearray, lines: Sequence[range], most: int) -> list[int]:
    """Return each cell's distance, up to `most`, to the nearest box on the given lines of cells."""
    room = [most] * len(boxes)
    for line in lines:
        for cells in (line, line[::-1]):
            distance = most
            for number in cells:
                if boxes[number]:
                    room[number] = distance = 0
                elif distance < most:
                    distance += 1
                    if distance < room[number]:
                        room[number] = distance
    return room
