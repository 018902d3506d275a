"""The first and the last rows of the home screen: what ipcviz is, and the command for what is chosen."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.tui.lines import Line, fit, strip_of, wrap
from ipcviz.tui.look import Look

WHAT_IT_IS = (
    "Real processes over real inter-process communication: pick one, and see it talk.",
    "Real processes over real IPC: pick one, and see it talk.",
    "Pick one, and see it talk.",
)
"""The longest that fits is shown."""
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
    room = width - len(" ipcviz  ") - len(counted) - 3
    said = next((text for text in WHAT_IT_IS if len(text) <= room), "")
    gap = max(1, room + 2 - len(said))
    return [(" ipcviz  ", "accent"), (said, "text"), (" " * gap, "text"), (counted, "dim")]


def command_rows(command: str, sentence: str, width: int, look: Look) -> list[Line]:
    """The command as it is typed, in as many rows as it takes; in its place, why it would be refused."""
    mark, text, style = ("$", command, "strong")
    if sentence:
        mark, text, style = (look.glyph("finding"), sentence, "warn")
    rows: list[Line] = []
    for number, row in enumerate(wrap(units.printable(text), max(10, width - 5))):
        rows.append(
            [(f" {mark if not number else ' '} ", "accent" if not sentence else "warn"), (row, style)]
        )
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 1], [*rows[MOST_ROWS - 1], (" …", "dim")]]
    return rows if text else [[]]
