"""How a cell looks in a picture: two colours as #rrggbb, and what is bold, slanted or underlined.

A picture has no terminal behind it that knows colours by name: those of the xterm palette stand for them.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.color import Color, ColorType
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from ipcviz.terminal import ThemeName

PALETTE = (
    "#1c2229",
    "#e5534b",
    "#3fae74",
    "#c69026",
    "#4a8fe7",
    "#b083f0",
    "#39a5b5",
    "#c5ced8",
    "#66727d",
    "#ff7a6e",
    "#5fd0a0",
    "#f0bd4f",
    "#6cb6ff",
    "#dcbdfb",
    "#63cfe0",
    "#f4f7fa",
)
"""The sixteen colours of a terminal, for the theme that uses them."""
FOREGROUND: dict[ThemeName, str] = {
    "dark": "#d3dbe4",
    "light": "#25303b",
    "terminal": "#d3dbe4",
    "none": "#d3dbe4",
}
"""The colour of text that has none."""
BACKGROUND: dict[ThemeName, str] = {
    "dark": "#0e1318",
    "light": "#f8f9fa",
    "terminal": "#0e1318",
    "none": "#0e1318",
}
"""The colour behind what has none, and around the picture."""
DIM = 0.55
"""What remains of a dim colour's distance from its background."""


class Paint(NamedTuple):
    """The look of a cell."""

    colour: str
    background: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


class Paints:
    """Paints of styles, in the colours of a theme."""

    def __init__(self, theme: ThemeName) -> None:
        self.plain = Paint(FOREGROUND[theme], BACKGROUND[theme])
        """Of what has no style."""
        self._known: dict[Style | None, Paint] = {None: self.plain}
        numbers = [_channels(colour) for colour in PALETTE]
        self._theme = TerminalTheme(
            _channels(BACKGROUND[theme]), _channels(FOREGROUND[theme]), numbers[:8], numbers[8:]
        )

    def of(self, style: Style | None) -> Paint:
        """The paint of a style."""
        paint = self._known.get(style)
        if paint is None and style is not None:
            paint = self._known[style] = self._made(style)
        return paint or self.plain

    def _made(self, style: Style) -> Paint:
        colour = self._hex(style.color, True)
        background = self._hex(style.bgcolor, False)
        if style.reverse:
            colour, background = background, colour
        if style.dim:
            colour = mixed(background, colour, DIM)
        if style.conceal:
            colour = background
        return Paint(
            colour,
            background,
            bool(style.bold),
            bool(style.italic),
            bool(style.underline or style.underline2),
            bool(style.strike),
        )

    def _hex(self, colour: Color | None, foreground: bool) -> str:
        if colour is None or colour.type == ColorType.DEFAULT:
            return self.plain.colour if foreground else self.plain.background
        return colour.get_truecolor(self._theme, foreground).hex


def mixed(first: str, second: str, share: float) -> str:
    """The colour between two, `share` (0 to 1) of the way to the second."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
