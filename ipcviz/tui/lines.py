"""Lines of styled text, measured in cells: what panels make and the screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from ipcviz.tui.look import Look

Piece = tuple[str, str]
"""A text, and the name of its style."""
Line = list[Piece]


def line(*pieces: str | Piece) -> Line:
    """A line of pieces; a bare string has the style "text"."""
    return [(piece, "text") if isinstance(piece, str) else piece for piece in pieces]


def width_of(pieces: Iterable[Piece]) -> int:
    """Cells that the pieces take."""
    return sum(cell_len(text) for text, _ in pieces)


def fit(pieces: Line, width: int, ellipsis: str = "…") -> Line:
    """The line in exactly `width` cells: cut with an ellipsis, or filled with spaces."""
    missing = width - width_of(pieces)
    if missing >= 0:
        return [*pieces, (" " * missing, "text")] if missing else pieces
    fitted: Line = []
    room = width - cell_len(ellipsis)
    for text, style in pieces:
        size = cell_len(text)
        if size > room:
            fitted.append((set_cell_size(text, max(0, room)) + ellipsis, style))
            break
        fitted.append((text, style))
        room -= size
    return [(set_cell_size("".join(text for text, _ in fitted), width), "text")] if width < 1 else fitted


def cell(text: str, width: int, right: bool = False) -> str:
    """A column's text in exactly `width` cells."""
    size = cell_len(text)
    if size > width:
        return (
            set_cell_size(text, max(0, width - 1)) + "…" if width > 1 else set_cell_size(text, max(0, width))
        )
    return " " * (width - size) + text if right else text + " " * (width - size)


def middle_cut(text: str, width: int) -> str:
    """A name that is too long without its middle: the ends are what tells it from others."""
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, max(1, (width - 1) // 3))
    return f"{head}…{_last_cells(text, max(1, width - 1 - cell_len(head)))}"


def tail_of(text: str, width: int) -> str:
    """The end of what is too long: what was typed last."""
    return text if cell_len(text) <= width else f"…{_last_cells(text, max(1, width - 1))}"


def _last_cells(text: str, width: int) -> str:
    """As many of the last characters as so many cells hold."""
    kept = text[-width:]
    while cell_len(kept) > width:
        kept = kept[1:]
    return kept


def wrap(text: str, width: int) -> Iterator[str]:
    """The text in rows of at most `width` cells, broken between words where that is possible."""
    row = ""
    for word in text.split(" "):
        longer = f"{row} {word}" if row else word
        if cell_len(longer) <= width:
            row = longer
            continue
        if row:
            yield row
        *whole, row = chop_cells(word, max(2, width)) or [""]
        yield from whole
    yield row


def strip_of(pieces: Line, look: Look) -> Strip:
    """The line as Textual shows it; neighbours of one style are joined, which saves bytes."""
    joined: list[list[str]] = []
    for text, style in pieces:
        if not text:
            continue
        if joined and joined[-1][1] == style:
            joined[-1][0] += text
        else:
            joined.append([text, style])
    segments = [Segment(look.plain(text), look.style(style)) for text, style in joined]
    return Strip(segments or [Segment("", look.style("text"))])
