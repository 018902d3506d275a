"""A picture's cells: each a character and how it looks; and a row of them as runs that are drawn alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from rich.segment import Segment

from ipcviz.exports.paints import Paint, Paints
from ipcviz.exports.playback import Rows
from ipcviz.exports.shapes import shapes_of
from ipcviz.terminal import ThemeName
from ipcviz.tui.cells import cells_of

Kind = Literal["text", "blank", "drawing", "wide"]


class Cell(NamedTuple):
    """One cell; `text` is "" in the second cell of a wide character."""

    text: str
    paint: Paint


class Run(NamedTuple):
    """Cells of a row that are drawn at once: `cells` of them from column `start` on.

    Those of a "drawing" are all the same character, a "wide" one is a single character.
    """

    kind: Kind
    start: int
    cells: int
    text: str
    paint: Paint


Grid = list[tuple[Cell, ...]]


MOST_KNOWN = 20_000
"""Segments whose cells are remembered: most are seen in many shots."""


class Grids:
    """Makes the grids of shots, `width` by `height`; a row that is as it was before is the same object."""

    def __init__(self, theme: ThemeName, width: int, height: int) -> None:
        self._paints = Paints(theme)
        self._width, self._height = width, height
        self._rows: Rows = []
        self._grid: Grid = []
        self._known: dict[Segment, list[Cell]] = {}

    @property
    def plain(self) -> Paint:
        """The paint of an empty cell."""
        return self._paints.plain

    def of(self, rows: Rows) -> Grid:
        """The cells of a shot."""
        grid = [
            self._grid[y] if y < len(self._rows) and row == self._rows[y] else self._cells(row)
            for y, row in enumerate(rows[: self._height])
        ]
        self._rows = rows[: self._height]
        self._grid = grid + [self._cells([])] * (self._height - len(grid))
        return self._grid

    def _cells(self, row: list[Segment]) -> tuple[Cell, ...]:
        cells: list[Cell] = []
        for segment in row:
            known = self._known.get(segment)
            if known is None:
                paint = self._paints.of(segment.style)
                known = [Cell(character, paint) for character in cells_of(segment.text)]
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[segment] = known
            cells += known
        cells += [Cell(" ", self.plain)] * (self._width - len(cells))
        return tuple(cells[: self._width])


def runs_of(row: tuple[Cell, ...]) -> Iterator[Run]:
    """The runs of a row, from the left to the right; spaces inside of a text belong to it."""
    column = 0
    while column < len(row):
        paint = row[column].paint
        kind = _kind(row, column)
        end = column + 1
        while end < len(row) and row[end].paint == paint and _goes_on(row, column, end, kind):
            end += 1
        if kind == "text":
            while end > column + 1 and row[end - 1].text == " ":
                end -= 1
        yield Run(kind, column, end - column, "".join(cell.text for cell in row[column:end]), paint)
        column = end


def _kind(row: tuple[Cell, ...], column: int) -> Kind:
    text = row[column].text
    if text == " " or text == "":
        return "blank"
    if column + 1 < len(row) and row[column + 1].text == "":
        return "wide"
    return "drawing" if shapes_of(text) else "text"


def _goes_on(row: tuple[Cell, ...], start: int, column: int, kind: Kind) -> bool:
    text = row[column].text
    if kind == "wide":
        return text == ""
    if kind == "drawing":
        return text == row[start].text
    if kind == "blank":
        return text == " "
    return text == " " or _kind(row, column) == "text"
