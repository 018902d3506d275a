"""A paragraph in rows, its `names` standing out in place of their backticks."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, wrap


def prose(text: str, width: int, style: str = "text", margin: str = "  ") -> list[Line]:
    """Rows of at most `width` cells, margins at both sides included; none for an empty text."""
    room = max(8, width - 2 * len(margin))
    rows: list[Line] = []
    used = room
    for word in _words(units.printable(text), style):
        size = sum(cell_len(text) for text, _ in word)
        parts = [word] if size <= room else [[(part, style)] for part in wrap(_text(word), room)]
        for part in parts:
            size = cell_len(_text(part))
            if used + 1 + size > room:
                rows.append([(margin, style), *part])
                used = size
            else:
                rows[-1] += [(" ", style), *part]
                used += 1 + size
    return rows


def _text(word: Line) -> str:
    return "".join(text for text, _ in word)


def _words(text: str, style: str) -> Iterator[Line]:
    """Each word as pieces: a comma behind a name does not stand out with it."""
    named = False
    for word in text.split():
        pieces: Line = []
        for number, part in enumerate(word.split("`")):
            named = named != bool(number)
            if part:
                pieces.append((part, "accent" if named else style))
        if pieces:
            yield pieces
