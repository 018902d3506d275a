"""A window of styled cells to draw boxes and paths in, which lines are then cut out of."""

from __future__ import annotations

from rich.cells import cell_len

from ipcviz.tui.lines import Line

Styled = tuple[str, str]
"""A character and the name of its style."""

_BLANK: Styled = (" ", "text")


class Canvas:
    """So many cells from (`left`, `top`) on; writing outside is cut off. A wide character takes two cells."""

    def __init__(self, width: int, height: int, left: int = 0, top: int = 0) -> None:
        self.width, self.height = width, height
        self.left, self.top = left, top
        self._rows = [[_BLANK] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write a text from that cell to the right."""
        y -= self.top
        x -= self.left
        if not 0 <= y < self.height or x >= self.width:
            return
        row = self._rows[y]
        if x >= 0 and text.isascii() and x + len(text) <= self.width:
            row[x : x + len(text)] = [(char, style) for char in text]
            return
        for char in text:
            size = 1 if char.isascii() else cell_len(char)
            if x >= 0 and x + size <= self.width and size:
                row[x] = (char, style)
                if size == 2:
                    row[x + 1] = ("", style)
            x += size

    def set(self, x: int, y: int, char: str, style: str) -> None:
        """Put one character that is one cell wide."""
        x -= self.left
        y -= self.top
        if 0 <= x < self.width and 0 <= y < self.height:
            self._rows[y][x] = (char, style)

    def frame(self, x: int, y: int, width: int, height: int, glyphs: str, style: str) -> None:
        """A frame of six glyphs: corners from the top left row by row, then the level and upright lines."""
        top_left, top_right, bottom_left, bottom_right, level, upright = tuple(glyphs)
        self.put(x, y, top_left + level * (width - 2) + top_right, style)
        self.put(x, y + height - 1, bottom_left + level * (width - 2) + bottom_right, style)
        for row in range(y + 1, y + height - 1):
            self.set(x, row, upright, style)
            self.set(x + width - 1, row, upright, style)

    def line(self, y: int, x: int = 0, width: int | None = None) -> Line:
        """A row of the window, joined to pieces, from column x of it on; what lies beyond it is blank."""
        wanted = self.width if width is None else width
        if not 0 <= y < self.height:
            return [(" " * wanted, "text")]
        pieces: Line = []
        text: list[str] = []
        before = ""
        for char, style in self._rows[y][max(0, x) : max(0, x) + wanted]:
            if style != before and text:
                pieces.append(("".join(text), before))
                text = []
            before = style
            text.append(char)
        return [*pieces, ("".join(text), before)] if text else pieces

    def lines(self) -> list[Line]:
        """All rows of the window."""
        return [self.line(y) for y in range(self.height)]
