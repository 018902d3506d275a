"""The caption of a presentation: the chapter's title and what there is to say of it, in empty space."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.chapters import chapter_at
from ipcviz.events import Chapter
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of, wrap
from ipcviz.tui.look import Look

WIDEST = 90
"""Cells of a row of text: longer ones are hard to read aloud."""


class Caption(Widget):
    """So many rows in the middle of the screen's width."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="caption")
        self.look = look
        self._lines: list[Line] = []

    def show(self, chapters: Sequence[Chapter], t: int, state: Line) -> None:
        """Say which chapter it is at that time; `state` stands at the right of the first row."""
        width, height = self.size
        made = caption_lines(chapters, t, width, height)
        if made:
            made[0] = [*fit(made[0], max(0, width - width_of(state))), *state]
        if made != self._lines:
            self._lines = made
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row, as it was made last."""
        known = y < len(self._lines)
        return strip_of(self._lines[y] if known else [(" " * self.size.width, "text")], self.look)

    def on_resize(self) -> None:
        """Made again with the next tick."""
        self._lines = []
        self.refresh()


def caption_lines(chapters: Sequence[Chapter], t: int, width: int, height: int) -> list[Line]:
    """Exactly `height` rows: which chapter of how many, its title, its caption."""
    at = chapter_at(chapters, t)
    if at < 0 or height < 1:
        return [fit([], width) for _ in range(height)]
    chapter = chapters[at]
    made = [line((f" {at + 1} of {len(chapters)}", "title"))]
    room = max(0, height - 2)
    title = units.printable(chapter.label)
    told = list(wrap(units.printable(chapter.caption), max(10, min(WIDEST, width - 8))))
    if len(told) > room:
        told = [*told[: max(0, room - 1)], *(f"{row} …" for row in told[room - 1 : room] if room)]
    rows = _title(title, width, room - len(told) > 3)
    if room > len(told) and told != [""]:
        rows.append([])
    rows += [line((row, "text")) for row in told]
    blank = max(0, (height - 1 - len(rows)) // 2)
    made += [[] for _ in range(blank)] + [_centred(row, width) for row in rows]
    made += [[] for _ in range(height - len(made))]
    return [row if not number else fit(row, width) for number, row in enumerate(made[:height])]


def _title(title: str, width: int, is_large: bool) -> list[Line]:
    """The title on a ground of its own; three rows high where there is room."""
    text = f"    {title}    "
    if cell_len(text) > width - 8:
        return [line((title, "key"))]
    ground = line((" " * cell_len(text), "badge calm"))
    return [ground, line((text, "badge calm")), ground] if is_large else [line((text, "badge calm"))]


def _centred(row: Line, width: int) -> Line:
    return [(" " * max(0, (width - width_of(row)) // 2), "text"), *row]
