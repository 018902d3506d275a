"""The base of pages: blocks of rows, one below the other or side by side, that scroll as one."""

from __future__ import annotations

from collections.abc import Iterable

from ipcviz.tui.lines import Line, fit, line, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import FAR, Panel, scrolled
from ipcviz.tui.selection import Selection
from ipcviz.tui.words import harmless
from ipcviz.units import printable
from ipcviz.view import View

NARROWEST = 24
"""Columns for which rows are made at least; a narrower panel shows their beginning."""


class Page(Panel):
    """What is known of one chosen thing, from the top; it scrolls where it is longer than the room."""

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.top = 0
        self._of = ""

    def rows(self, view: View, width: int, height: int) -> list[Line]:
        """All rows of the page; a subclass makes them."""
        return []

    def subject(self) -> str:
        """What the page is of: another one is shown from its top."""
        return self.selection.name

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The part that is in view; the note says where there is more."""
        if self.subject() != self._of:
            self._of, self.top = self.subject(), 0
        made = self.rows(view, max(NARROWEST, width), height)
        self.top = scrolled(self.top, len(made), height)
        below = len(made) - self.top - height
        more = f"{below} more rows: ↓" if below > 0 else "the end: ↑" if self.top else ""
        self.note = "  ".join(filter(None, (printable(self.told(view)), more)))
        return harmless(made[self.top : self.top + height])

    def told(self, view: View) -> str:
        """What stands after the heading."""
        return ""

    def move(self, columns: int, rows: int) -> None:
        """Scroll."""
        self.top = max(0, self.top + rows)
        self.redraw()

    def follow(self) -> None:
        """The end of the page."""
        self.move(0, FAR)


def titled(title: str, rows: Iterable[Line], tail: str = "") -> list[Line]:
    """A block with its title, and a quiet word behind it."""
    return [line((f"  {title}", "title"), (f"  {tail}" if tail else "", "dim")), *rows]


def beside(left: list[Line], right: list[Line], width: int, gap: int = 2) -> list[Line]:
    """Two blocks side by side, in halves."""
    half = (width - gap) // 2
    rows = max(len(left), len(right))
    left = left + [[]] * (rows - len(left))
    right = right + [[]] * (rows - len(right))
    return [
        [*fit(one, half), (" " * gap, "text"), *fit(other, width - gap - half)]
        for one, other in zip(left, right, strict=True)
    ]


def indented(rows: Iterable[Line], by: int = 2) -> list[Line]:
    """The rows, moved to the right."""
    return [[(" " * by, "text"), *row] for row in rows]


def paragraph(label: str, text: str, width: int, style: str = "text", label_width: int = 10) -> list[Line]:
    """A label, and its text wrapped beside it; nothing for no text."""
    if not text:
        return []
    made = list(wrap(text, max(10, width - label_width - 5)))
    return [
        line((f"  {label if not number else '':{label_width}} ", "dim"), (row, style))
        for number, row in enumerate(made)
    ]
