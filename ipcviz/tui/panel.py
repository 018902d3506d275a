"""The base of all panels: a framed region that redraws only the rows that changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events as keys
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.tui.lines import Line, Piece, fit, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.selection import Kind, Selection
from ipcviz.view import View

FAR = 1_000_000_000
"""Rows to go by to come to an end, whatever there is."""


class Panel(Widget, can_focus=True):
    """A framed panel; a subclass gives its lines in `content`, and may scroll by `move`."""

    heading = ""
    number = 0
    wheel = 3
    """Rows that a step of the mouse's wheel goes."""

    class Chosen(Message):
        """The panel was clicked."""

        def __init__(self, panel: Panel) -> None:
            super().__init__()
            self.panel = panel

    class Selected(Message):
        """Another process, channel, lock or message was chosen: the other panels mark it, too."""

    class Opened(Message):
        """What is chosen is to be opened: a double click, or Enter."""

        def __init__(self, panel: Panel) -> None:
            super().__init__()
            self.panel = panel

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(id=self.heading.lower().replace(" ", "-"))
        self.look = look
        self.selection = selection or Selection()
        self.shown: View | None = None
        self.note = ""
        """A word after the heading, such as the filter."""
        self.key = str(self.number) if self.number else "Esc"
        """What leads to it, as its frame shows it; to a page, what leads away."""
        self._lines: list[Line] = []
        self._strips: list[Strip] = []

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows inside the frame."""
        return max(0, self.size.width - 2), max(0, self.size.height - 2)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The lines inside the frame, at most `height` of them; a bare panel has none."""
        return []

    def move(self, columns: int, rows: int) -> None:
        """Scroll, or move what is selected; a page is the height of the panel."""

    def to_first(self) -> None:
        """Go to the first entry, or to the oldest."""
        self.move(0, -FAR)

    def follow(self) -> None:
        """Go to the last entry, or show the newest again where the panel can be held."""

    def scroll_view(self, columns: int, rows: int) -> None:
        """Show another part, and choose nothing."""
        self.move(columns, rows)

    def closer(self, steps: int) -> None:
        """Larger, or with less than 0 smaller, where the panel has sizes."""

    def turn(self) -> None:
        """Show it the other way round, where there is one."""

    def sort_next(self) -> None:
        """Sort by the next column, where there are columns."""

    def copied(self) -> str:
        """What a copy of the chosen thing is, "" for nothing."""
        return self.selection.name

    def show_view(self, view: View) -> None:
        """Draw another view."""
        self.shown = view
        self.redraw()

    def redraw(self) -> None:
        """Make all lines again and let the screen know of those that changed."""
        width, height = self.size
        if self.shown is None or width < 2 or height < 2:
            return
        lines = self._framed(self.shown, width, height)
        same_height = len(lines) == len(self._lines)
        changed = [y for y, new in enumerate(lines) if not same_height or new != self._lines[y]]
        if not same_height:
            self._strips = [Strip.blank(width)] * len(lines)
        self._lines = lines
        for y in changed:
            self._strips[y] = strip_of(lines[y], self.look)
        if len(changed) == len(lines):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One row, as it was made last."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip([Segment(" " * self.size.width, self.look.style("text"))])

    def on_resize(self) -> None:
        """Everything is another size."""
        self._lines = []
        self.redraw()
        self.refresh()

    def on_focus(self) -> None:
        """Its frame shows it."""
        self.entered()
        self.redraw()

    def entered(self) -> None:
        """The keys act here from now on; told before the focus itself comes, for quick fingers."""

    def on_blur(self) -> None:
        """Its frame shows it."""
        self.redraw()

    def on_click(self, event: keys.Click) -> None:
        """Focus it, and choose what is under the mouse; a second click opens it."""
        self.post_message(self.Chosen(self))
        self.point(event.x - 1, event.y - 1)
        if event.chain > 1:
            self.post_message(self.Opened(self))

    def on_mouse_scroll_down(self, event: keys.MouseScrollDown) -> None:
        """Show what is below."""
        event.stop()
        self.scroll_view(0, self.wheel)

    def on_mouse_scroll_up(self, event: keys.MouseScrollUp) -> None:
        """Show what is above."""
        event.stop()
        self.scroll_view(0, -self.wheel)

    def point(self, column: int, row: int) -> None:
        """A click on a cell inside the frame."""

    def choose(self, kind: Kind, name: str) -> None:
        """Choose it on the whole screen."""
        if self.selection.choose(kind, name):
            self.post_message(self.Selected())
        self.redraw()

    def _framed(self, view: View, width: int, height: int) -> list[Line]:
        top_left, top_right, bottom_left, bottom_right, level, upright = tuple(self.look.frame("round"))
        edge = "focus" if self.has_focus else "frame"
        inner = self.content(view, width - 2, height - 2)[: height - 2]
        inner += [[] for _ in range(height - 2 - len(inner))]
        title: Line = [(f"{top_left}{level} ", edge), (self.heading, "strong" if self.has_focus else "title")]
        if self.note:
            title.append((f"  {self.note}", "dim"))
        tail: Line = [(f" {self.key} ", "dim"), (f"{level}{top_right}", edge)]
        fill = width - width_of(title) - width_of(tail) - 1
        if fill < 0:
            title, fill = fit(title, width - width_of(tail) - 1), 0
        first: Line = [*title, (" " + level * fill, edge), *tail]
        rows: list[Line] = [[(upright, edge), *fit(row, width - 2), (upright, edge)] for row in inner]
        return [first, *rows, [(bottom_left + level * (width - 2) + bottom_right, edge)]]


class ListPanel(Panel):
    """A panel of entries, one of which is chosen: the screen's own choice where it is one of them."""

    kind: Kind = "process"
    """What its entries are."""
    wheel = 1

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.names: list[str] = []
        """The entries in the order they are shown, as `choose_among` was told."""
        self._last = 0

    @property
    def cursor(self) -> int:
        """The place of the chosen entry."""
        if self.selection.kind == self.kind and self.selection.name in self.names:
            self._last = self.names.index(self.selection.name)
        return max(0, min(self._last, len(self.names) - 1))

    def move(self, columns: int, rows: int) -> None:
        """Choose another entry."""
        if self.names:
            self._last = max(0, min(self.cursor + rows, len(self.names) - 1))
            self.choose(self.kind, self.names[self._last])

    def follow(self) -> None:
        """The last entry."""
        self.move(0, FAR)

    def entered(self) -> None:
        """The entry under its cursor is what the screen's keys act on."""
        if self.names:
            self.choose(self.kind, self.names[self.cursor])

    def choose_among(self, names: Sequence[str]) -> None:
        """These are the entries now; with the focus, one of them is chosen."""
        self.names = list(names)
        if self.names and self.has_focus and self.selection.kind != self.kind:
            self.selection.choose(self.kind, self.names[self.cursor])

    def mark(self, number: int) -> Piece:
        """The sign before the chosen entry, bright while the panel has the focus."""
        chosen = number == self.cursor and (
            self.has_focus or self.selection.is_on(self.kind, self.names[number])
        )
        return f"{self.look.glyph('cursor') if chosen else ' '} ", "accent" if self.has_focus else "dim"


def scrolled(offset: int, total: int, height: int) -> int:
    """The offset, brought to where there is something to see."""
    return max(0, min(offset, total - height))
