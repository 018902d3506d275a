"""The help: every key, and what the glyphs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ipcviz.tui.actions import Action
from ipcviz.tui.edges import mark_glyph
from ipcviz.tui.lines import Line, cell, fit, line, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.screens.boxed import Boxed

WIDTH = 74
COLUMN = 58
"""Cells of each of two columns, where the screen has room for two."""


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
        """All of it, in two columns where there is room for them."""
        two = self.app.size.width >= 2 * COLUMN + 2
        self.box.widest = 2 * COLUMN + 2 if two else WIDTH + 4
        lines = help_lines(self.look, self.actions, COLUMN if two else WIDTH)
        self.box.show("Help", in_two_columns(lines) if two else lines)

    def action_scroll(self, rows: int) -> None:
        """Scroll the text."""
        self.box.scroll(rows)

    def action_close(self) -> None:
        """Back to what is underneath."""
        self.dismiss(None)


def help_lines(look: Look, actions: Sequence[Action], width: int = WIDTH) -> list[Line]:
    """Keys first, then the signs and what they mean."""
    rows: list[Line] = [line(("  Keys", "title"))]
    keys = max((cell_len(look.plain(action.key)) for action in actions if action.help), default=0)
    for action in (action for action in actions if action.help):
        rows += _told(look.plain(action.key), "key", action.help, keys + 2, width)
    signs = [(look.glyph(name), meaning) for name, meaning in _SIGNS]
    signs += [(mark_glyph(look), _MARK), ("?", "nobody knows: neither the kernel nor the program")]
    for title, told in (("Signs", signs), ("In the header", _HEADER)):
        rows += [[], line((f"  {title}", "title"))]
        for word, meaning in told:
            rows += _told(word, "strong", meaning, 4 if title == "Signs" else 12, width)
    return [*rows, [], line(("  Esc closes this.", "dim"))]


def in_two_columns(rows: Sequence[Line]) -> list[Line]:
    """The rows in two columns, broken where a new entry begins."""
    half = (len(rows) + 1) // 2
    while half < len(rows) - 1 and (not rows[half] or rows[half][0][0].isspace()):
        half += 1
    left, right = list(rows[:half]), list(rows[half:])
    right += [[]] * (len(left) - len(right))
    return [[*fit(one, COLUMN), *other] for one, other in zip(left, right, strict=False)]


def _told(word: str, style: str, meaning: str, indent: int, width: int) -> list[Line]:
    """A word, and what it means beside it."""
    rows = []
    for number, text in enumerate(wrap(meaning, width - indent - 3)):
        rows.append(line((f"  {cell(word if not number else '', indent)}", style), text))
    return rows


_MARK = "moves along a link as messages do: the closer together, the higher the rate, one step for ten times"
_HEADER = (
    (
        "stream lost",
        "messages, turns of locks and printed lines that came too fast; counts and depths are never lost",
    ),
    ("watching", "what all of this watching takes of one processor core"),
    ("FROZEN", "the picture stands still; the processes run on"),
)
_SIGNS = (
    ("running", "running, on a processor or ready for one"),
    ("waiting", "receiving from an empty channel, or sleeping"),
    ("blocked", "waiting for a lock, or for room in a full channel"),
    ("ended", "ended"),
    ("failed", "failed: ended by a signal, or with another status than 0"),
    ("paused", "paused by hand"),
    ("out", "messages a second that a process sends"),
    ("in", "messages a second that it receives"),
    ("held", "a lock that is held; a dashed arrow leads to its holder, a solid arrow comes from each waiter"),
    ("free", "a lock that is free"),
    ("finding", "a finding; a deadlock's ring is drawn with double lines"),
)
