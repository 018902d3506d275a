"""The look of a presentation: the same colours and glyphs, and nothing dim, for a projector."""

from __future__ import annotations

from rich.style import Style

from ipcviz.tui.look import Look
from ipcviz.tui.themes import STYLES

BRIGHTER = {"dim": "title", "title": "strong", "text": "strong", "frame": "edge", "edge": "title"}
"""What each of these meanings looks like instead."""


class ContrastLook(Look):
    """Follows another look, whose theme may change."""

    def __init__(self, base: Look) -> None:
        super().__init__(base.glyphs, base.colours, base.theme)
        self.base = base

    def style(self, name: str) -> Style:
        """The style of that meaning."""
        return STYLES[self.base.theme][BRIGHTER.get(name, name)]
