"""The base of the home screen's panels: a panel that shows no run, and may be typed into."""

from __future__ import annotations

from collections.abc import Callable

from ipcviz.tui.lines import Line, fit, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.view import View
from ipcviz.world import World

NO_RUN = World().view()


def _nobody() -> None:
    """Whom a part tells that belongs to no screen."""


class Part(Panel, can_focus=False):
    """A panel of the home screen; a subclass gives its lines in `rows` and obeys keys in `take`.

    The keys come from the screen, which knows which part is `current`: what somebody types fast, or pastes,
    is obeyed in its order, while Textual moves its own focus only after the keys that have come already.
    """

    can_be_current = True

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.shown = NO_RUN
        self.is_current = False
        """It is what the keys act on; its frame and its cursor show it."""
        self.tell: Callable[[], object] = _nobody
        """Called when something else is chosen or asked for: at once, before the next key is obeyed."""
        self.tail = ""
        """A word at the right of the upper edge."""

    def rows(self, width: int, height: int) -> list[Line]:
        """The lines inside the frame."""
        return []

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The lines inside the frame."""
        return self.rows(width, height)

    def take(self, key: str, character: str | None) -> bool:
        """Obey a key; False if it means nothing here, and is the screen's."""
        return False

    def paste(self, text: str) -> None:
        """Take a text as if it were typed."""

    def accept(self) -> bool:
        """Take over what is being typed; False if nothing is."""
        return False

    def give_up(self) -> bool:
        """Leave what is being typed as it was before; False if there is nothing to leave."""
        return False

    def set_default(self) -> None:
        """Ask for what the demo has by itself, where there is something to ask for."""

    def set_current(self, current: bool) -> None:
        """Take the keys, or no longer."""
        if current != self.is_current:
            self.is_current = current
            self.redraw()

    def _framed(self, view: View, width: int, height: int) -> list[Line]:
        """As every panel, with no digit in its edge: these are gone through by Tab."""
        corners = tuple(self.look.frame("round"))
        top_left, top_right, bottom_left, bottom_right, level, upright = corners
        edge = "focus" if self.is_current else "frame"
        inner = self.content(view, width - 2, height - 2)[: height - 2]
        inner += [[] for _ in range(height - 2 - len(inner))]
        title: Line = [
            (f"{top_left}{level} ", edge),
            (self.heading, "strong" if self.is_current else "title"),
        ]
        if self.note:
            title.append((f"  {self.note}", "dim"))
        tail: Line = [(f" {self.tail} ", "dim")] if self.tail else []
        tail.append((level + top_right, edge))
        room = width - width_of(tail) - 1
        title = fit(title, room) if width_of(title) > room else title
        first: Line = [*title, (" " + level * (room - width_of(title)), edge), *tail]
        middle: list[Line] = [[(upright, edge), *fit(row, width - 2), (upright, edge)] for row in inner]
        return [first, *middle, [(bottom_left + level * (width - 2) + bottom_right, edge)]]
