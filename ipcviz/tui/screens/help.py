"""The help: every key, and what the glyphs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from ipcviz.tui.actions import Action
from ipcviz.tui.lines import Line, cell, line, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.screens.boxed import Boxed

WIDTH = 74


class Help(Boxed):
    """Over the panels, which go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "close", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, look: Look, actions: Sequence[Action]) -> None:
        super().__init__(look)
        self.actions = tuple(actions)

    def draw(self) -> None:
        """All of it, as far as it fits."""
        self.box.show("Help", help_lines(self.look, self.actions))

    def action_scroll(self, rows: int) -> None:
        """Scroll the text."""
        self.box.scroll(rows)

    def action_close(self) -> None:
        """Back to what is underneath."""
        self.dismiss(None)


def help_lines(look: Look, actions: Sequence[Action]) -> list[Line]:
    """Keys first, then the signs."""
    rows: list[Line] = [line(("  Keys", "title")), []]
    for action in (action for action in actions if action.help):
        key = cell(look.plain(action.key), 16)
        for number, text in enumerate(wrap(action.help, WIDTH - 20)):
            rows.append(line((f"  {key if not number else '':16}", "key"), text))
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
