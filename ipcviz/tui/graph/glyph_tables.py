"""The line-drawing characters of each glyph set."""

from __future__ import annotations

from ipcviz.tui.graph.model import GlyphSet, Side

ARROWS: dict[GlyphSet, dict[Side, str]] = {
    "unicode": {"right": "▶", "left": "◀", "up": "▲", "down": "▼"},
    "plain": {"right": "►", "left": "◄", "up": "▲", "down": "▼"},
    "ascii": {"right": ">", "left": "<", "up": "^", "down": "v"},
}

DASHES: dict[GlyphSet, tuple[str, str]] = {"unicode": ("╌", "╎"), "plain": ("·", "·"), "ascii": (".", ":")}
"""For each set the dash along a row and the one along a column."""

MARKS: dict[GlyphSet, str] = {"unicode": "•", "plain": "•", "ascii": "o"}
"""What moves along a line."""

TIMES: dict[GlyphSet, str] = {"unicode": "×", "plain": "x", "ascii": "x"}
"""Between a pool's name and how many it has."""

SHAPES = (
    frozenset({"left", "right"}),
    frozenset({"up", "down"}),
    frozenset({"right", "down"}),
    frozenset({"left", "down"}),
    frozenset({"right", "up"}),
    frozenset({"left", "up"}),
    frozenset({"up", "down", "right"}),
    frozenset({"up", "down", "left"}),
    frozenset({"left", "right", "down"}),
    frozenset({"left", "right", "up"}),
    frozenset({"left", "right", "up", "down"}),
)
"""The sides a line reaches, in the order of the characters below."""

LEVEL_ONLY = {frozenset({"left"}), frozenset({"right"})}
UPRIGHT_ONLY = {frozenset({"up"}), frozenset({"down"})}

# Keyed by whether the line along the row and the line along the column are double.
LINES: dict[tuple[bool, bool], str] = {
    (False, False): "─│┌┐└┘├┤┬┴┼",
    (True, False): "═│╒╕╘╛╞╡╤╧╪",
    (False, True): "─║╓╖╙╜╟╢╥╨╫",
    (True, True): "═║╔╗╚╝╠╣╦╩╬",
}
ASCII: dict[tuple[bool, bool], str] = {
    (False, False): "-|+++++++++",
    (True, False): "=|#########",
    (False, True): "-##########",
    (True, True): "=##########",
}
ROUNDED = str.maketrans("┌┐└┘", "╭╮╰╯")


def line_glyph(arms: frozenset[Side], level_double: bool, upright_double: bool, glyph_set: GlyphSet) -> str:
    """Return the character for lines that reach the given sides."""
    shape = SHAPES.index(whole_shape(arms))
    weights = level_double, upright_double
    if glyph_set == "ascii":
        return ASCII[weights][shape]
    glyph = LINES[weights][shape]
    return glyph.translate(ROUNDED) if glyph_set == "unicode" else glyph


def whole_shape(arms: frozenset[Side]) -> frozenset[str]:
    """Return the arms, a single or missing arm drawn through to the other side."""
    if arms in LEVEL_ONLY or not arms:
        return SHAPES[0]
    return SHAPES[1] if arms in UPRIGHT_ONLY else frozenset(arms)
