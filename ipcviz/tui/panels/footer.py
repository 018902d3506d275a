"""The footer: the keys that do something now, or the filter while it is typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from ipcviz.tui.actions import Action
from ipcviz.tui.lines import Line, fit, line, strip_of, tail_of, width_of
from ipcviz.tui.look import Look

FILTERS = (
    "coffee  from:NAME  to:NAME  channel:NAME  size>1k  latency>1ms",
    "coffee  from:NAME  channel:NAME  size>1k",
    "from:NAME  size>1k",
)
"""Examples of what can be typed, for less and less room."""


AFTER_THE_END = ("restart", "save")
"""What comes first when a run has ended."""


class Footer(Widget):
    """One row."""

    def __init__(self, look: Look, actions: Sequence[Action]) -> None:
        super().__init__(id="footer")
        self.look = look
        self.actions = tuple(actions)
        self._typed: str | None = None
        self._unable: frozenset[str] = frozenset()
        self._ended = False

    def set_state(self, typed: str | None, unable: frozenset[str] = frozenset(), ended: bool = False) -> None:
        """Show the filter that is typed (None: the keys), without those actions that cannot be now.

        `ended`: what can be done with a run that has ended comes first.
        """
        if (typed, unable, ended) != (self._typed, self._unable, self._ended):
            self._typed, self._unable, self._ended = typed, unable, ended
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row."""
        if self._typed is not None:
            return strip_of(typing_line(self._typed, self.size.width), self.look)
        able = [action for action in self.actions if action.id not in self._unable]
        first = [action for action in able if self._ended and action.id in AFTER_THE_END]
        shown = [*first, *(action for action in able if action.footer and action not in first)]
        return strip_of(footer_line(shown, self.size.width, self.look), self.look)


def typing_line(typed: str, width: int) -> Line:
    """The filter while it is typed."""
    rest = "   Enter: keep it   Esc: show all"
    shown = tail_of(typed, max(8, width - len(rest) - 20))
    row = line((" filter messages: /", "key"), (shown, "strong"), ("▏", "key"), (rest, "dim"))
    room = width - width_of(row) - 3
    told = next((words for words in FILTERS if len(words) <= room), "")
    return fit([*row, (f"   {told}", "dim")], width)


def footer_line(shown: Sequence[Action], width: int, look: Look) -> Line:
    """As many keys as fit, the help and the last always among them."""
    kept = [action for number, action in enumerate(shown, 1) if number == len(shown) or action.id == "help"]
    tail = [piece for action in kept for piece in _words(action, look)]
    row: Line = []
    for action in shown:
        if action in kept:
            continue
        more = _words(action, look)
        if width_of(row) + width_of(more) + width_of(tail) > width:
            break
        row += more
    return fit([*row, *tail], width)


def _words(action: Action, look: Look) -> Line:
    return [(" ", "text"), (look.plain(action.key), "key"), (f" {action.label} ", "dim")]
