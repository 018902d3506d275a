"""Bytes as hexadecimal figures and as text beside them, each character under the byte that it begins with.

A character of several bytes takes as many cells as it has bytes (none is wider than it is long in UTF-8), so
that text and figures stay aligned whatever the text is: wide characters, emoji made of several, combining
marks, text that is written from right to left. What a terminal would obey is a quiet mark.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look


def bytes_a_row(width: int) -> int:
    """How many bytes fit into a row: 16, 12, 8 or 4."""
    return next((count for count in (16, 12, 8) if _width_for(count) <= width), 4)


def hexdump(payload: bytes, width: int, look: Look) -> list[Line]:
    """Rows of offset, figures in groups of four, and text."""
    count = bytes_a_row(width)
    cells = text_cells(payload, count, look)
    rows = []
    for start in range(0, len(payload), count):
        part = payload[start : start + count]
        groups = [part[at : at + 4].hex(" ") for at in range(0, count, 4)]
        figures = "  ".join(f"{group:11}" for group in groups)
        row = line((f"  {start:2x}  ", "dim"), f"{figures} ", (look.frame("square")[5] + " ", "frame"))
        rows.append([*row, *cells[start // count]])
    return rows


def text_cells(payload: bytes, count: int, look: Look) -> list[Line]:
    """The text in rows of `count` cells, a cell for each byte."""
    rows: list[Line] = [[] for _ in range(0, max(1, len(payload)), count)]
    for offset, char, length in characters(payload):
        room = count - offset % count
        wide = cell_len(char) if char else 0
        if not char or not char.isprintable():
            _fill(rows, offset, length, count, look)
            continue
        if wide == 0:
            char, wide = look.glyph("under") + char, 1
        if wide > room:  # it would be cut at the edge: it goes where its later bytes are, if they have room
            _fill(rows, offset, room, count, look)
            offset, length = offset + room, length - room
            if wide > length:
                _fill(rows, offset, length, count, look)
                continue
        rows[offset // count].append((char, "text"))
        _fill(rows, offset + wide, length - wide, count, look)
    return rows


def characters(payload: bytes) -> Iterator[tuple[int, str, int]]:
    """The characters of the text, each with its offset and its bytes; "" for a byte that begins none."""
    at = 0
    while at < len(payload):
        length = _length(payload[at])
        try:
            char = payload[at : at + length].decode() if length else ""
        except UnicodeDecodeError:
            char = ""
        if not char:
            length = 1
        yield at, char, length
        at += length


def _length(first: int) -> int:
    """Bytes of the UTF-8 character that begins so (RFC 3629); 0 for a byte that begins none."""
    if first < 0x80:
        return 1
    return 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 0


def _fill(rows: list[Line], offset: int, length: int, count: int, look: Look) -> None:
    """Quiet marks for bytes without a character of their own."""
    for place in range(offset, offset + length):
        rows[place // count].append((look.nothing, "dim"))


def _width_for(count: int) -> int:
    """Offset, groups of figures, the line between, the text."""
    return 7 + count // 4 * 13 + count
