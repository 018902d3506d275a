"""A framed box of lines over the screen, which goes on underneath: what help, menus and questions are."""

from __future__ import annotations

from textual import events as keys
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.tui.lines import Line, fit, strip_of
from ipcviz.tui.look import Look
from ipcviz.tui.screens.once import Once

WIDTH = 78


class BoxedLines(Widget, can_focus=True):
    """The lines in their frame, scrolled where they do not fit."""

    class Clicked(Message):
        """A line was clicked; its number, counted from the first."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, look: Look) -> None:
        super().__init__(id="box")
        self.look = look
        self.title = ""
        self.top = 0
        self._lines: list[Line] = []
        self.widest = WIDTH
        """Columns that it takes where the screen has them."""

    @property
    def room(self) -> int:
        """Rows inside the frame."""
        return max(1, self.size.height - 2)

    def show(self, title: str, lines: list[Line], keep: int | None = None) -> None:
        """Draw these lines, scrolled so that line `keep` is in view; the box is as high as they need."""
        self.title, self._lines = title, lines
        self.styles.width = min(self.widest, self.app.size.width)
        self.styles.height = height = min(len(lines) + 2, self.app.size.height)
        if keep is not None:
            self.top = max(keep - height + 3, min(self.top, keep))
        self.scroll(0)

    def scroll(self, rows: int) -> None:
        """Up or down."""
        self.top = max(0, min(self.top + rows, self._hidden))
        self.refresh()

    @property
    def _hidden(self) -> int:
        """Rows that do not fit."""
        return max(0, len(self._lines) + 2 - min(len(self._lines) + 2, self.app.size.height))

    def render_line(self, y: int) -> Strip:
        """One row of the framed text."""
        width, height = self.size
        top_left, top_right, bottom_left, bottom_right, level, upright = tuple(self.look.frame("round"))
        if y == 0:
            head: Line = [(f"{top_left}{level} ", "focus"), (self.title, "strong"), (" ", "focus")]
            fitted = fit(head, width - 1) if len(self.title) > width - 5 else head
            rest = width - 1 - sum(len(text) for text, _ in fitted)
            return strip_of([*fitted, (level * max(0, rest) + top_right, "focus")], self.look)
        if y == height - 1:
            hint = " up and down: more " if self._hidden > self.top else ""
            row = hint + level * (width - 2 - len(hint))
            return strip_of([(bottom_left + row + bottom_right, "focus")], self.look)
        number = y - 1 + self.top
        content = self._lines[number] if number < len(self._lines) else []
        return strip_of([(upright, "focus"), *fit(content, width - 2), (upright, "focus")], self.look)

    def on_mouse_scroll_down(self, event: keys.MouseScrollDown) -> None:
        """Show what is below."""
        event.stop()
        self.scroll(3)

    def on_mouse_scroll_up(self, event: keys.MouseScrollUp) -> None:
        """Show what is above."""
        event.stop()
        self.scroll(-3)

    def on_click(self, event: keys.Click) -> None:
        """Tell which line."""
        if 0 < event.y < self.size.height - 1:
            self.post_message(self.Clicked(event.y - 1 + self.top))


class Boxed(Once[str | None], ModalScreen[str | None]):
    """A modal screen with one box; its result is what was chosen or typed, None for nothing."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def compose(self) -> ComposeResult:
        """The box alone."""
        yield BoxedLines(self.look)

    @property
    def box(self) -> BoxedLines:
        """The box."""
        return self.query_one(BoxedLines)

    def on_mount(self) -> None:
        """Draw it."""
        self.draw()

    def on_resize(self) -> None:
        """Another size, other lines."""
        if self.is_mounted:
            self.draw()

    def draw(self) -> None:
        """Give the box its lines."""
