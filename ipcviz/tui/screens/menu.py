"""A menu: entries narrowed by what is typed; those that cannot be are dim, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events as keys

from ipcviz.tui.lines import Line, cell, line, tail_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.screens.boxed import WIDTH, Boxed, BoxedLines


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose; `objection` is why it cannot be chosen, "" where it can."""

    id: str
    label: str
    help: str = ""
    objection: str = ""


class Menu(Boxed):
    """Choose one of the entries; the result is its id."""

    def __init__(self, look: Look, title: str, entries: Sequence[Entry]) -> None:
        super().__init__(look)
        self.heading = title
        self.entries = tuple(entries)
        self.typed = ""
        self.cursor = next((n for n, entry in enumerate(self.entries) if not entry.objection), 0)
        self._rows: list[int] = []

    @property
    def matching(self) -> list[Entry]:
        """The entries that hold every word of what is typed."""
        words = self.typed.casefold().split()
        return [
            entry
            for entry in self.entries
            if all(word in f"{entry.label} {entry.help}".casefold() for word in words)
        ]

    def draw(self) -> None:
        """The entries, each with its help, the chosen one marked."""
        width = min(WIDTH, self.app.size.width) - 2
        lines: list[Line] = []
        self._rows = []
        matching = self.matching
        self.cursor = max(0, min(self.cursor, len(matching) - 1))
        labels = max((len(entry.label) for entry in self.entries), default=0)
        labels = min(labels, width // 2)
        chosen = 0
        for number, entry in enumerate(matching):
            told = entry.objection or entry.help
            if number == self.cursor:
                chosen = len(lines)
            rows = list(wrap(told, max(10, width - labels - 6))) or [""]
            for row, text in enumerate(rows):
                mark = self.look.glyph("cursor") if number == self.cursor and not row else " "
                name = cell(entry.label if not row else "", labels)
                style = "dim" if entry.objection else "strong"
                lines.append(line((f" {mark} ", "accent"), (f"{name}  ", style), (text, "dim")))
                self._rows.append(number)
        if not matching:
            lines.append(line((f"   Nothing here is called {self.typed!r}.", "dim")))
        hint = line(("   type to find   Enter: choose   Esc: close", "dim"))
        if self.typed:
            shown = tail_of(self.typed, max(8, width - 40))
            hint = line(("   find: ", "key"), (shown, "strong"), (self.look.plain("▏"), "key"))
            hint.append(("  Enter: choose   Esc: show all", "dim"))
        lines += [[], hint]
        self.box.show(self.heading, lines, keep=chosen)

    def on_key(self, event: keys.Key) -> None:
        """Arrows move, letters narrow, Enter chooses, Esc goes back."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            if not self.typed:
                self.dismiss(None)
                return
            self.typed = ""
        elif event.key == "ctrl+c":
            self.dismiss(None)
            return
        elif event.key == "enter":
            self._choose()
            return
        elif event.key in _MOVES:
            self.cursor += _MOVES[event.key]
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        elif event.character and event.character.isprintable():
            self.typed, self.cursor = self.typed + event.character, 0
        self.draw()

    def on_boxed_lines_clicked(self, message: BoxedLines.Clicked) -> None:
        """A click chooses."""
        if message.number < len(self._rows):
            self.cursor = self._rows[message.number]
            self._choose()

    def _choose(self) -> None:
        """The entry under the cursor, if it can be."""
        matching = self.matching
        if matching and not matching[self.cursor].objection:
            self.dismiss(matching[self.cursor].id)
        else:
            self.draw()


_MOVES = {
    "up": -1,
    "down": 1,
    "pageup": -10,
    "pagedown": 10,
    "ctrl+k": -1,
    "ctrl+j": 1,
    "shift+tab": -1,
    "tab": 1,
}
