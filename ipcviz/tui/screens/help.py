"""The help: every key, and what the glyphs mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.tui.actions import ACTIONS
from ipcviz.tui.lines import Line, fit, line, strip_of, wrap
from ipcviz.tui.look import Look

WIDTH = 74


class HelpText(Widget, can_focus=True):
    """The lines, scrolled where they do not fit."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="help")
        self.look = look
        self.top = 0

    def on_mount(self) -> None:
        """As high as its lines, as far as the screen allows."""
        self.styles.width = min(WIDTH + 4, self.app.size.width)
        self.styles.height = min(len(help_lines(self.look)) + 2, self.app.size.height)

    def scroll(self, rows: int) -> None:
        """Up or down."""
        self.top = max(0, min(self.top + rows, self._hidden))
        self.refresh()

    @property
    def _hidden(self) -> int:
        """Rows that do not fit."""
        return max(0, len(help_lines(self.look)) + 2 - self.size.height)

    def render_line(self, y: int) -> Strip:
        """One row of the framed text."""
        width, height = self.size
        top_left, top_right, bottom_left, bottom_right, level, upright = tuple(self.look.frame("round"))
        if y == 0:
            return strip_of([(top_left + level * (width - 2) + top_right, "focus")], self.look)
        if y == height - 1:
            hint = " up and down: more " if self._hidden > self.top else ""
            row = hint + level * (width - 2 - len(hint))
            return strip_of([(bottom_left + row + bottom_right, "focus")], self.look)
        lines = help_lines(self.look)
        number = y - 1 + self.top
        content = lines[number] if number < len(lines) else []
        return strip_of([(upright, "focus"), *fit(content, width - 2), (upright, "focus")], self.look)


class Help(ModalScreen[None]):
    """Over the panels, which go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def compose(self) -> ComposeResult:
        """The text alone."""
        yield HelpText(self.look)

    def action_scroll(self, rows: int) -> None:
        """Scroll the text."""
        self.query_one(HelpText).scroll(rows)


def help_lines(look: Look) -> list[Line]:
    """Keys first, then the signs."""
    rows: list[Line] = [line(("  Keys", "title")), []]
    for action in (action for action in ACTIONS if action.help):
        for number, text in enumerate(wrap(action.help, WIDTH - 16)):
            rows.append(line((f"  {action.key if not number else '':12}", "key"), text))
    rows += [[], line(("  Signs", "title")), []]
    for name, meaning in _SIGNS:
        for number, text in enumerate(wrap(meaning, WIDTH - 16)):
            rows.append(line((f"  {look.glyph(name) if not number else '':12}", "strong"), text))
    rows += [[], line(("  In the header", "title")), []]
    for word, meaning in _HEADER:
        for number, text in enumerate(wrap(meaning, WIDTH - 16)):
            rows.append(line((f"  {word if not number else '':12}", "strong"), text))
    rows += [[], line(("  Esc closes this.", "dim"))]
    return rows


_HEADER = (
    ("stream lost", "sampled messages that were measured but not shown; counters and depths are never lost"),
    ("watching", "what all of this watching takes of one processor core"),
)
_SIGNS = (
    ("running", "running, on a processor or ready for one"),
    ("waiting", "receiving from an empty channel, or sleeping"),
    ("blocked", "waiting for a lock, or for room in a full channel"),
    ("ended", "ended"),
    ("failed", "failed: ended by a signal, or with another status than 0"),
    ("held", "a lock that is held; a dashed arrow leads to its holder, a solid arrow comes from each waiter"),
    ("free", "a lock that is free"),
    ("finding", "a finding; a deadlock's ring is drawn with double lines"),
)
