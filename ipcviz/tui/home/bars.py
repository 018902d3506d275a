"""The first and the last rows of the home screen: what ipcviz is, and the command for what is chosen."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.tui.lines import Line, fit, strip_of, width_of, wrap
from ipcviz.tui.look import Look

WHAT_IT_IS = "Real processes over real inter-process communication: pick one, and see it talk."
MOST_ROWS = 4
"""Of the command and what is wrong with it."""


class Bar(Widget):
    """Rows of text over the whole width, redrawn when they change."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(id=name)
        self.look = look
        self._shown: list[Line] = []

    def show(self, rows: list[Line]) -> None:
        """Show these."""
        if rows != self._shown:
            self._shown = rows
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        return strip_of(fit(self._shown[y] if y < len(self._shown) else [], self.size.width), self.look)


def title_row(width: int, counted: str) -> Line:
    """The program's name, what it is, and how much there is of it, as far as there is room."""
    row: Line = [(" ipcviz ", "accent")]
    for text, style in ((f" {WHAT_IT_IS}", "text"), (counted, "dim")):
        if text is counted:
            gap = width - width_of(row) - width_of([(counted, "dim")]) - 1
            row += [(" " * gap, "text"), (counted, style)] if gap > 1 else []
        elif width_of(row) + len(text) < width:
            row.append((text, style))
    return row


def command_rows(command: str, sentence: str, width: int, look: Look) -> list[Line]:
    """The command as it is typed, in as many rows as it takes; below it why it would be refused."""
    rows: list[Line] = []
    if command:
        style = "dim" if sentence else "strong"
        for number, text in enumerate(wrap(units.printable(command), max(10, width - 5))):
            rows.append([(" $ " if not number else "   ", "accent"), (text, style)])
    if sentence:
        mark = look.glyph("finding")
        for number, text in enumerate(wrap(units.printable(sentence), max(10, width - 5))):
            rows.append([(f" {mark if not number else ' '} ", "warn"), (text, "warn")])
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 1], fit([*rows[MOST_ROWS - 1], (" …", "dim")], width)]
    return rows or [[]]
