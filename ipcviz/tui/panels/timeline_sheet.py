"""A sheet of cells for the timeline: what is written stands, and lines of dots go beneath it."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len

from ipcviz.terminal import GlyphSet
from ipcviz.tui.lines import Line
from ipcviz.tui.panels import timeline_glyphs as glyphs

_BLANK = (" ", "text")
"""What nothing was written to; a space that was written is another one, and no line goes through it."""
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_style_of = itemgetter(1)
BENEATH = ("edge", "flow", "frame")
"""Styles of what a bright line may cover."""


class Sheet:
    """Cells by row; what lies outside is cut off, of lines also what lies outside of
    `bounds`: the first column and the one after the last, and the first row."""

    def __init__(
        self, width: int, height: int, glyph_set: GlyphSet, bounds: tuple[int, int, int] | None = None
    ) -> None:
        self._left, self._right, self._top = bounds or (0, width, 0)
        self.width, self.height = width, height
        self._blank = [_BLANK] * width
        self.rows: list[list[tuple[str, str]]] = [[_BLANK] * width for _ in range(height)]
        self._glyphs: GlyphSet = glyph_set
        self._dots: dict[tuple[int, int], tuple[int, str]] = {}
        self._steps: dict[tuple[int, int], tuple[str, str]] = {}

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write a text from that cell to the right; a wide character takes two cells."""
        if not 0 <= y < self.height:
            return
        row = self.rows[y]
        if x >= 0 and x + len(text) <= self.width and cell_len(text) == len(text):
            row[x : x + len(text)] = [(char, style) for char in text]
            return
        for char in text:
            size = cell_len(char)
            if x >= 0 and size and x + size <= self.width:
                row[x] = (char, style)
                if size == 2:
                    row[x + 1] = ("", style)
            x += size

    def is_blank(self, x: int, y: int, width: int) -> bool:
        """Nothing is written there."""
        inside = 0 <= y < self.height and x >= 0 and x + width <= self.width
        return inside and all(cell is _BLANK for cell in self.rows[y][x : x + width])

    def diagonal(self, x: int, y: int, to_x: int, to_y: int, style: str) -> None:
        """A line from one cell to another, beneath what is written; the cells themselves stay free of it."""
        if self._glyphs == "unicode":
            self._dotted(x, y, to_x, to_y, style)
        else:
            self._stepped(x, y, to_x, to_y, style)

    def line(self, y: int) -> Line:
        """The pieces of a row."""
        if self.rows[y] == self._blank:
            return []
        return [
            ("".join([char for char, _ in cells]), style)
            for style, cells in groupby(self.rows[y], key=_style_of)
        ]

    def finish(self) -> None:
        """Bring in the lines where nothing is written; a bright one goes over what is only an edge, too."""
        lines = {place: (chr(0x2800 | bits), style) for place, (bits, style) in self._dots.items()}
        for (x, y), cell in (lines | self._steps).items():
            there = self.rows[y][x]
            if there is _BLANK or (cell[1] == "accent" and there[1] in BENEATH):
                self.rows[y][x] = cell

    def _dotted(self, x: int, y: int, to_x: int, to_y: int, style: str) -> None:
        left, top, right, bottom = 2 * x + 1, 4 * y + 2, 2 * to_x, 4 * to_y + 1
        count = max(abs(right - left), abs(bottom - top), 1)
        # Long lines that leave the sheet are only drawn inside of it.
        low, high = _clipped(left, right, count, 2 * self.width)
        for number in range(low, high + 1):
            column = left + (right - left) * number // count
            row = top + (bottom - top) * number // count
            place = (column >> 1, row >> 2)
            if self._left <= place[0] < self._right and self._top <= place[1] < self.height:
                bits, before = self._dots.get(place, (0, style))
                bright = style if style == "accent" else before
                self._dots[place] = (bits | _DOTS[column & 1][row & 3], bright)

    def _stepped(self, x: int, y: int, to_x: int, to_y: int, style: str) -> None:
        straight, falling, rising, level = glyphs.STEPS[self._glyphs]
        step = 1 if to_y > y else -1
        rows = abs(to_y - y)
        if not rows:
            return
        for number in range(1, rows):
            begin = x + (to_x - x) * (number - 1) // max(1, rows - 1)
            end = x + (to_x - x) * number // max(1, rows - 1)
            row = y + step * number
            if begin == end:
                self._step(begin, row, straight, style)
                continue
            for column in range(max(self._left, min(begin, end) + 1), min(self._right, max(begin, end))):
                self._step(column, row, level, style)
            self._step(end, row, falling if (end > begin) == (step > 0) else rising, style)

    def _step(self, x: int, y: int, glyph: str, style: str) -> None:
        inside = self._left <= x < self._right and self._top <= y < self.height
        if inside and self._steps.get((x, y), _BLANK)[1] != "accent":
            self._steps[x, y] = (glyph, style)


def _clipped(left: int, right: int, count: int, width: int) -> tuple[int, int]:
    """The numbers of the dots that lie within the width."""
    if left == right:
        return 0, count
    at_left, at_right = sorted((-left * count / (right - left), (width - left) * count / (right - left)))
    return max(0, int(at_left) - 1), min(count, int(at_right) + 1)
