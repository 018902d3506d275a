"""What to look at in the chosen demo, where it has no room beside the picture."""

from __future__ import annotations

from ipcviz.tui.home.part import Part
from ipcviz.tui.home.prose import prose
from ipcviz.tui.lines import Line
from ipcviz.tui.panel import scrolled


class LookAt(Part):
    """A paragraph; the wheel scrolls it."""

    heading = "What to look at"
    can_be_current = False
    text = ""
    top = 0

    def show(self, text: str) -> None:
        """Show this paragraph."""
        if text != self.text:
            self.text, self.top = text, 0
        self.redraw()

    def scroll_view(self, columns: int, rows: int) -> None:
        """Another part of it."""
        self.top += rows
        self.redraw()

    def rows(self, width: int, height: int) -> list[Line]:
        """As much as fits."""
        lines = prose(self.text, width, margin=" ")
        self.top = scrolled(self.top, len(lines), height)
        self.tail = "more below" if len(lines) - self.top > height else ""
        return lines[self.top : self.top + height]
