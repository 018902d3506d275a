"""What the screen says while it has nothing to show: it is too small, the run starts, the run was refused."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.tui.arrange import SMALLEST
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of, wrap
from ipcviz.tui.look import Look


class Notice(Widget):
    """A few lines in the middle of the screen."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="notice")
        self.look = look
        self._lines: list[Line] = []

    def say(self, lines: list[Line]) -> None:
        """Show these lines."""
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row: a line of the notice, each in the middle, or nothing."""
        width, height = self.size
        number = y - max(0, (height - len(self._lines)) // 2)
        if not 0 <= number < len(self._lines):
            return strip_of([(" " * width, "text")], self.look)
        shown = self._lines[number]
        margin = max(0, (width - width_of(shown)) // 2)
        return strip_of(fit([(" " * margin, "text"), *shown], width), self.look)


def too_small(width: int, height: int, way_out: str) -> list[Line]:
    """The size that is needed, and what can be done."""
    return [
        line((f"ipcviz needs {SMALLEST[0]}x{SMALLEST[1]}; this is {width}x{height}.", "warn")),
        line(("Make the window larger, or the letters smaller.", "text")),
        line((way_out, "dim")),
    ]


def starting(name: str) -> list[Line]:
    """Before the first event."""
    return [line(("Starting ", "text"), (name, "strong"), (" ...", "text"))]


def refused(sentence: str, width: int, way_out: str) -> list[Line]:
    """Why there is no run, and what can be done."""
    rows = list(wrap(units.printable(sentence), max(20, min(90, width - 8))))
    longest = max(map(len, rows))
    told = [line((f"{row:{longest}}", "text")) for row in rows]
    return [line(("This cannot run.", "bad")), [], *told, [], line((way_out, "dim"))]
