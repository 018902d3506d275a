"""How things look: names of styles and glyphs, for each kind of terminal.

Panels speak of meanings ("bad", "held"); only this file knows colours and characters. State is never told
by colour alone: each has its glyph, and without colours the styles still differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

from ipcviz.terminal import GlyphSet

BACKGROUND = "#0e1318"

_COLOURS = {
    "text": Style(color="#d3dbe4"),
    "dim": Style(color="#71808f"),
    "strong": Style(color="#f4f7fa", bold=True),
    "title": Style(color="#aab7c4", bold=True),
    "frame": Style(color="#38444f"),
    "focus": Style(color="#58b9f0"),
    "accent": Style(color="#58b9f0"),
    "good": Style(color="#7fd38b"),
    "warn": Style(color="#f0bd4f"),
    "bad": Style(color="#ff7468", bold=True),
    "bar": Style(color="#4aa3d8"),
    "edge": Style(color="#5b6b7a"),
    "flow": Style(color="#58b9f0"),
    "ring": Style(color="#ff7468", bold=True),
    "badge": Style(color="#0e1318", bgcolor="#7fd38b", bold=True),
    "badge warn": Style(color="#0e1318", bgcolor="#f0bd4f", bold=True),
    "badge bad": Style(color="#0e1318", bgcolor="#ff7468", bold=True),
    "badge calm": Style(color="#0e1318", bgcolor="#aab7c4", bold=True),
    "key": Style(color="#58b9f0", bold=True),
    "selected": Style(color="#f4f7fa", bgcolor="#1d2a36"),
}

_COLOURS = {name: Style(bgcolor=BACKGROUND) + style for name, style in _COLOURS.items()}

_PLAIN = {
    "text": Style(),
    "dim": Style(dim=True),
    "strong": Style(bold=True),
    "title": Style(bold=True),
    "frame": Style(dim=True),
    "focus": Style(bold=True),
    "accent": Style(bold=True),
    "good": Style(),
    "warn": Style(bold=True),
    "bad": Style(bold=True, underline=True),
    "bar": Style(),
    "edge": Style(dim=True),
    "flow": Style(),
    "ring": Style(bold=True),
    "badge": Style(reverse=True),
    "badge warn": Style(reverse=True, bold=True),
    "badge bad": Style(reverse=True, bold=True),
    "badge calm": Style(reverse=True, dim=True),
    "key": Style(bold=True),
    "selected": Style(reverse=True),
}

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
    "plain": str.maketrans({"…": "~", "▏": "|", "‖": "║"}),
    "ascii": str.maketrans(dict(zip("µ–→←↑↓·▲…▏", "u-><^v-!~|", strict=True))),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One kind of terminal: its glyph set, and whether it has colours."""

    glyphs: GlyphSet = "unicode"
    colours: bool = True

    def style(self, name: str) -> Style:
        """The style of that meaning."""
        return (_COLOURS if self.colours else _PLAIN)[name]

    def glyph(self, name: str) -> str:
        """The glyph of that meaning."""
        tables = {"unicode": _UNICODE, "plain": _PLAIN_GLYPHS, "ascii": _ASCII}
        return tables[self.glyphs][name]

    def frame(self, kind: str) -> str:
        """Six characters: the corners from the top left, row by row, then the level and upright lines."""
        return _FRAMES[self.glyphs][kind]

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
