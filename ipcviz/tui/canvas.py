"""A grid of styled cells to draw boxes and paths on, and to cut lines out of."""

from __future__ import annotations

from rich.cells import cell_len

from ipcviz.tui.lines import Line

_BLANK = (" ", "text")


class Canvas:
    """Cells by row; writing outside of it is cut off. A wide character takes two cells."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [[_BLANK] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write a text from that cell to the right."""
        if not 0 <= y < self.height:
            return
        row = self._rows[y]
        for char in text:
            size = cell_len(char)
            if x >= 0 and x + size <= self.width and size:
                row[x] = (char, style)
                if size == 2:
                    row[x + 1] = ("", style)
            x += size

    def frame(self, x: int, y: int, width: int, height: int, glyphs: str, style: str) -> None:
        """A frame of six glyphs: corners from the top left row by row, then the level and upright lines."""
        top_left, top_right, bottom_left, bottom_right, level, upright = tuple(glyphs)
        self.put(x, y, top_left + level * (width - 2) + top_right, style)
        self.put(x, y + height - 1, bottom_left + level * (width - 2) + bottom_right, style)
        for row in range(y + 1, y + height - 1):
            self.put(x, row, upright, style)
            self.put(x + width - 1, row, upright, style)

    def line(self, y: int, x: int, width: int) -> Line:
        """A row's pieces from column x on; rows and columns beyond the canvas are blank."""
        if not 0 <= y < self.height:
            return [(" " * width, "text")]
        pieces: list[list[str]] = []
        for char, style in self._rows[y][max(0, x) : x + width]:
            if pieces and pieces[-1][1] == style:
                pieces[-1][0] += char
            else:
                pieces.append([char, style])
        return [(text, style) for text, style in pieces]
