"""The footer: the keys that do something now, or the filter while it is typed."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from ipcviz.tui.actions import ACTIONS
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of
from ipcviz.tui.look import Look


class Footer(Widget):
    """One row."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="footer")
        self.look = look
        self.typed: str | None = None
        self.ended = False

    def set_state(self, typed: str | None, ended: bool) -> None:
        """Show the filter that is typed (None: the keys), and whether the run is over."""
        if (typed, ended) != (self.typed, self.ended):
            self.typed, self.ended = typed, ended
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        return strip_of(footer_line(self.typed, self.ended, self.size.width), self.look)


def footer_line(typed: str | None, ended: bool, width: int) -> Line:
    """As many keys as fit, quit always among them."""
    if typed is not None:
        rest = ("   Enter: keep it   Esc: show all", "dim")
        return fit(line((" filter messages: /", "key"), (typed, "strong"), ("▏", "key"), rest), width)
    shown = [action for action in ACTIONS if action.footer and not (ended and action.id == "pause")]
    last = shown.pop()
    tail: Line = [("  ", "text"), (last.key, "key"), (f" {last.label}", "dim")]
    row: Line = []
    for action in shown:
        more: Line = [("  " if row else " ", "text"), (action.key, "key"), (f" {action.label}", "dim")]
        if width_of(row) + width_of(more) + width_of(tail) > width:
            break
        row += more
    return fit([*row, *tail], width)
