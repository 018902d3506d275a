"""A picture's cells: each a character and how it looks; and a row of them as runs that are drawn alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ipcviz.exports.paints import Paint, Paints
from ipcviz.exports.playback import Rows
from ipcviz.exports.shapes import shapes_of
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


def grid_of(rows: Rows, width: int, height: int, paints: Paints) -> Grid:
    """The cells of a shot, exactly `width` by `height`."""
    blank = Cell(" ", paints.plain)
    grid: Grid = []
    for row in rows[:height]:
        cells = [
            Cell(text, paint)
            for segment in row
            for paint in (paints.of(segment.style),)
            for text in cells_of(segment.text)
        ]
        grid.append(tuple((cells + [blank] * (width - len(cells)))[:width]))
    return grid + [(blank,) * width] * (height - len(grid))


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
