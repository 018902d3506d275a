"""A question that is answered by typing a line; what is wrong with the answer is said while it is typed."""

from __future__ import annotations

from collections.abc import Callable

from textual import events as keys

from ipcviz.tui.lines import Line, line, tail_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.screens.boxed import WIDTH, Boxed


class Ask(Boxed):
    """Type one line; the result is the line. `objection` says what is wrong with it, "" for nothing."""

    def __init__(
        self, look: Look, title: str, hint: str, typed: str, objection: Callable[[str], str]
    ) -> None:
        super().__init__(look)
        self.heading = title
        self.hint = hint
        self.typed = typed
        self._objection = objection

    def draw(self) -> None:
        """What is asked, what is typed, and what is wrong with it."""
        width = min(WIDTH, self.app.size.width) - 6
        told = self._objection(self.typed)
        lines: list[Line] = [line((f"  {text}", "text")) for text in wrap(self.hint, width)]
        shown = tail_of(self.typed, width)
        lines += [[], line(("  ", "text"), (shown, "strong"), (self.look.plain("▏"), "key")), []]
        if told:
            lines += [line((f"  {text}", "warn")) for text in wrap(told, width)]
        else:
            lines.append(line(("  Enter: do it   Esc: leave it", "dim")))
        self.box.show(self.heading, lines)

    def on_key(self, event: keys.Key) -> None:
        """Letters are letters."""
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c"):
            self.dismiss(None)
        elif event.key == "enter":
            if not self._objection(self.typed):
                self.dismiss(self.typed)
        elif event.key == "ctrl+u":
            self.typed = ""
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        elif event.character and event.character.isprintable():
            self.typed += event.character
        if self.is_attached and self.is_current:
            self.draw()

    def on_paste(self, event: keys.Paste) -> None:
        """What is pasted, as one line."""
        self.typed += "".join(char for char in event.text if char.isprintable())
        self.draw()
