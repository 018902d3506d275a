"""Tables of a panel: columns that are left out where the room is small, and rows made only when shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len

from ipcviz.tui.lines import Line, Piece, cell

Item = TypeVar("Item")

GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column: its heading, its width in cells, and what it tells of an item in so many cells.

    Of the columns that do not all fit, those of the highest `rank` are left out first; what is left of the
    room goes to those that `stretch`, up to `most` cells each.
    """

    heading: str
    width: int
    tell: Callable[[Item, int], Piece]
    rank: int = 0
    right: bool = False
    stretch: bool = False
    most: int = 60


def columns_that_fit(columns: Sequence[Column[Item]], width: int) -> list[Column[Item]]:
    """Those that have room beside each other, with their widths, in their order."""
    shown = [column for column in columns if column.width > 0]
    while len(shown) > 1 and _needed(shown) > width:
        last = max(column.rank for column in shown)
        shown.remove(next(column for column in reversed(shown) if column.rank == last))
    shown = _with_what_still_fits(columns, shown, width)
    spare = width - _needed(shown)
    widths = {id(column): column.width for column in shown}
    growing = [column for column in shown if column.stretch]
    while spare > 0 and growing:
        for column in list(growing):
            if widths[id(column)] >= column.most or spare <= 0:
                growing.remove(column)
                continue
            widths[id(column)] += 1
            spare -= 1
    return [_of_width(column, widths[id(column)]) for column in shown]


def head_of(columns: Sequence[Column[Item]], margin: str = "  ") -> Line:
    """The headings, the first after the margin."""
    told = (" " * GAP).join(cell(column.heading, column.width, column.right) for column in columns)
    return [(margin + told, "dim")]


def row_of(columns: Sequence[Column[Item]], item: Item) -> Line:
    """One item's row, without the margin."""
    row: Line = []
    for place, column in enumerate(columns):
        text, style = column.tell(item, column.width)
        if place:
            row.append((" " * GAP, "text"))
        row.append((cell(text, column.width, column.right), style))
    return row


def widest(texts: Iterable[str], least: int, most: int) -> int:
    """The width of a column that shows these texts, between two bounds."""
    return max(least, min(most, max(map(cell_len, texts), default=0)))


def _with_what_still_fits(
    columns: Sequence[Column[Item]], shown: list[Column[Item]], width: int
) -> list[Column[Item]]:
    """A narrow column may fit where a wide one of lower rank did not."""
    kept = {id(column) for column in shown}
    room = width - _needed(shown)
    for column in sorted(columns, key=lambda column: column.rank):
        if column.width > 0 and id(column) not in kept and column.width + GAP <= room:
            kept.add(id(column))
            room -= column.width + GAP
    return [column for column in columns if id(column) in kept]


def _needed(columns: Sequence[Column[Item]]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def _of_width(column: Column[Item], width: int) -> Column[Item]:
    return Column(column.heading, width, column.tell, column.rank, column.right, column.stretch, column.most)
