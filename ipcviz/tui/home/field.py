"""A text that is edited in place, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from ipcviz.tui.lines import Line, cell

CURSOR = "▏"


class Field:
    """One line of text with a cursor; the keys are those that people know from their shell."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = len(text)

    def take(self, key: str, character: str | None) -> bool:
        """Obey a key; False if it means nothing here."""
        edit = _EDITS.get(key)
        if edit is not None:
            self.text, self.at = edit(self.text, self.at)
            return True
        if character is None or not character.isprintable():
            return False
        self.insert(character)
        return True

    def insert(self, text: str) -> None:
        """Put it where the cursor is; what cannot be printed, a pasted newline say, becomes a space."""
        shown = "".join(char if char.isprintable() else " " for char in text)
        self.text = self.text[: self.at] + shown + self.text[self.at :]
        self.at += len(shown)

    def line(self, width: int, style: str = "selected") -> Line:
        """Exactly so many cells, with the cursor in view."""
        before, after = self.text[: self.at], self.text[self.at :]
        while cell_len(before) > max(0, width - 2):
            before = before[1:]
        room = width - cell_len(before) - 1
        return [(before, style), (CURSOR, "accent"), (cell(after, max(0, room)), style)]


def _word_before(text: str, at: int) -> int:
    head = text[:at].rstrip()
    return max(head.rfind(" "), head.rfind("/")) + 1 if head else 0


_EDITS: dict[str, Callable[[str, int], tuple[str, int]]] = {
    "left": lambda text, at: (text, max(0, at - 1)),
    "right": lambda text, at: (text, min(len(text), at + 1)),
    "home": lambda text, at: (text, 0),
    "ctrl+a": lambda text, at: (text, 0),
    "end": lambda text, at: (text, len(text)),
    "ctrl+e": lambda text, at: (text, len(text)),
    "backspace": lambda text, at: (text[: max(0, at - 1)] + text[at:], max(0, at - 1)),
    "delete": lambda text, at: (text[:at] + text[at + 1 :], at),
    "ctrl+u": lambda text, at: (text[at:], 0),
    "ctrl+k": lambda text, at: (text[:at], at),
    "ctrl+w": lambda text, at: (text[: _word_before(text, at)] + text[at:], _word_before(text, at)),
}
