"""How things look: glyphs, gauges and frames for each kind of terminal, and the theme's styles.

Panels speak of meanings ("bad", "held"); only this file and the themes know characters and colours. State
is never told by colour alone: each has its glyph, and without colours the styles still differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

from ipcviz.terminal import GlyphSet, ThemeName
from ipcviz.tui.themes import STYLES, THEMES

_UNICODE = {
    "running": "●",
    "waiting": "◌",
    "blocked": "■",
    "ended": "✓",
    "failed": "✗",
    "starting": "○",
    "free": "◇",
    "held": "◆",
    "finding": "▲",
    "cursor": "▸",
    "to": "→",
    "both": "⇄",
    "in": "◀",
    "out": "▶",
    "paused": "‖",
    "none": "–",
    "up": "▲",
    "limit": "┄",
    "under": "◌",
}
_PLAIN_GLYPHS = {
    **_UNICODE,
    "waiting": "○",
    "starting": "○",
    "ended": "√",
    "failed": "x",
    "free": "○",
    "held": "♦",
}
_PLAIN_GLYPHS |= {"cursor": "►", "both": "↔", "in": "◄", "out": "►", "running": "•", "blocked": "■"}
_PLAIN_GLYPHS |= {"limit": "-", "under": "○"}
_ASCII = {
    "running": "*",
    "waiting": "o",
    "blocked": "#",
    "ended": "+",
    "failed": "x",
    "starting": "o",
    "free": "<>",
    "held": "<#>",
    "finding": "!",
    "cursor": ">",
    "to": "->",
    "both": "<>",
    "in": "<",
    "out": ">",
    "paused": "||",
    "none": "-",
    "up": "^",
    "limit": "-",
    "under": "o",
}

_FRAMES = {
    "unicode": {"round": "╭╮╰╯─│", "square": "┌┐└┘─│", "double": "╔╗╚╝═║"},
    "plain": {"round": "┌┐└┘─│", "square": "┌┐└┘─│", "double": "╔╗╚╝═║"},
    "ascii": {"round": "++++-|", "square": "++++-|", "double": "####=#"},
}
_LEVELS = {"unicode": " ▁▂▃▄▅▆▇█", "plain": " ░▒▓█", "ascii": " .:-=+*#"}
_PARTS = {"unicode": " ▏▎▍▌▋▊▉█", "plain": " ▌█", "ascii": " #"}
_EMPTY = {"unicode": "·", "plain": "·", "ascii": "."}
_INSTEAD: dict[str, dict[int, str]] = {
    "plain": str.maketrans({"…": "~", "▏": "|", "‖": "║", "–": "-", "×": "x"}),
    "ascii": str.maketrans(dict(zip("µ–→←↑↓·▲…▏‖×±", "u-><^v-!~||x~", strict=True))),
}


@dataclass(slots=True)
class Look:
    """One kind of terminal: its glyph set, whether it has colours, and the theme, which may change."""

    glyphs: GlyphSet = "unicode"
    colours: bool = True
    theme: ThemeName = "dark"

    def __post_init__(self) -> None:
        """Without colours there is one theme."""
        if not self.colours:
            self.theme = "none"

    def style(self, name: str) -> Style:
        """The style of that meaning."""
        return STYLES[self.theme][name]

    @property
    def native(self) -> bool:
        """The colours are the terminal's own, or none."""
        return self.theme in ("terminal", "none")

    def next_theme(self) -> None:
        """The theme after this one; without colours it stays."""
        if self.colours:
            self.theme = THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]

    def glyph(self, name: str) -> str:
        """The glyph of that meaning."""
        tables = {"unicode": _UNICODE, "plain": _PLAIN_GLYPHS, "ascii": _ASCII}
        return tables[self.glyphs][name]

    def frame(self, kind: str) -> str:
        """Six characters: the corners from the top left, row by row, then the level and upright lines."""
        return _FRAMES[self.glyphs][kind]

    @property
    def levels(self) -> str:
        """Characters from an empty cell to a full one, each fuller than the one before."""
        return _LEVELS[self.glyphs]

    @property
    def nothing(self) -> str:
        """A quiet mark for a cell with nothing in it."""
        return _EMPTY[self.glyphs]

    def sparkline(self, values: tuple[float, ...], width: int) -> str:
        """The last `width` values against the highest of them; a value above 0 shows at least a mark."""
        levels = _LEVELS[self.glyphs]
        shown = values[-width:]
        highest = max(shown, default=0.0)
        steps = len(levels) - 1
        marks = [levels[0 if not value else max(1, round(value / highest * steps))] for value in shown]
        return "".join(marks).rjust(width)

    def bar(self, share: float, width: int) -> str:
        """A gauge of that width, `share` of it filled (0 to 1); what is above 0 shows at least a mark."""
        parts = _PARTS[self.glyphs]
        fine = len(parts) - 1
        filled = round(min(1.0, max(0.0, share)) * width * fine)
        if share > 0:
            filled = max(1, filled)
        whole, rest = divmod(filled, fine)
        bar = parts[-1] * whole + (parts[rest] if rest else "")
        return bar + _EMPTY[self.glyphs] * (width - len(bar))

    def plain(self, text: str) -> str:
        """The text in characters that this glyph set has, cell for cell."""
        return text if self.glyphs == "unicode" else text.translate(_INSTEAD[self.glyphs])
