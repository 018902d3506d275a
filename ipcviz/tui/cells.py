"""A screen as cells: what it should show, what the terminal shows, and the codes from one to the other.

Pure: it knows styles and the width of characters, and neither a terminal nor an app. The codes are those that
every terminal since the VT100 obeys (ECMA-48: CUP, CUF, CHA, SGR), so nothing has to be asked or configured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress
from operator import ne
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from ipcviz.tui.renditions import Renditions

DEFAULT = 0
"""The number of the rendition that a terminal begins with."""
NEAR = 8
"""Cells between two changes that may be sent again in place of a move over them."""

_narrow = set(map(chr, range(0x20, 0x7F)))
"""Characters known to take one cell and to stand alone; grows as others are met."""
_wide: set[str] = set()
"""Characters known to take two cells on every terminal: Hangul, Han and Kana, but no emoji."""


def cells_of(text: str) -> list[str]:
    """A text cell by cell: each its character with all that combines with it, "" for the rest of a wide one.

    What has no width and nothing to combine with, control characters among it, is left out.
    """
    if _narrow.issuperset(text):
        return list(text)
    cells: list[str] = []
    for cluster in _clusters(text):
        width = cell_len(cluster)
        if not width:
            continue
        if len(cluster) == 1:
            _remember(cluster, width)
        cells.append(cluster)
        cells.extend([""] * (width - 1))
    return cells


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    joined = False
    for char in text:
        if char in _narrow and not joined:
            clusters.append(char)
            continue
        alone = char.isprintable() or char == " "
        combines = joined or char in "\u200d\ufe0f" or (alone and not cell_len(char))
        if combines and clusters:
            clusters[-1] += char
        elif alone:
            clusters.append(char)
        joined = char == "\u200d"
    return clusters


def _remember(char: str, width: int) -> None:
    if width == 1 and ord(char) < 0x1F000:
        _narrow.add(char)
    elif width == 2 and 0x1100 <= ord(char) < 0xFFE7 and not 0x2000 <= ord(char) < 0x2E80:
        _wide.add(char)


class Piece(NamedTuple):
    """Cells of row y from `start` to before `end` that are drawn alike, and the text that draws them.

    One that is not `sure` may reach into its neighbours on some terminals, so it is drawn before them.
    """

    rendition: int
    y: int
    start: int
    end: int
    text: str
    sure: bool


class Row:
    """A row's cells, and the number of each one's rendition."""

    __slots__ = ("characters", "renditions")

    def __init__(self, width: int, character: str) -> None:
        self.characters = [character] * width
        self.renditions = [DEFAULT] * width

    def write(self, start: int, characters: list[str], renditions: list[int]) -> bool:
        """Put cells from that column on; False if they are there already."""
        end = start + len(characters)
        if self.characters[start:end] == characters and self.renditions[start:end] == renditions:
            return False
        self._halve(start)
        self._halve(end)
        self.characters[start:end] = characters
        self.renditions[start:end] = renditions
        return True

    def _halve(self, column: int) -> None:
        """A wide character that begins before this column and ends after it becomes blank."""
        if not 0 < column < len(self.characters) or self.characters[column] != "":
            return
        first = column - 1
        while self.characters[first] == "" and first:
            first -= 1
        while first < len(self.characters) and (first < column or self.characters[first] == ""):
            self.characters[first] = " "
            first += 1


class Cells:
    """The cells of one terminal, `width` by `height`; what the terminal shows is unknown at first."""

    def __init__(self, width: int, height: int, renditions: Renditions) -> None:
        self.width, self.height = width, height
        self._renditions = renditions
        self._wanted = [Row(width, " ") for _ in range(height)]
        self._shown: list[Row] = []
        self._stale: set[int] = set()
        self._whole = True
        self._column, self._row = -1, -1
        self._current = -1
        self.forget()

    @property
    def stale(self) -> bool:
        """The terminal does not show what it should."""
        return bool(self._stale)

    def forget(self) -> None:
        """What the terminal shows is not known any more."""
        # No cell is None: whatever is wanted differs from it.
        self._shown = [Row(self.width, "\0") for _ in range(self.height)]
        self._stale = set(range(self.height))
        self._whole = True
        self._lose_cursor()
        self._current = -1

    def put(self, x: int, y: int, segments: Iterable[Segment], end: int) -> None:
        """Want these from column x of row y on, as far as there are columns before `end`."""
        if not (0 <= y < self.height and 0 <= x < self.width):
            return
        characters: list[str] = []
        renditions: list[int] = []
        number = self._renditions.number
        for text, style, control in segments:
            if text and not control:
                cells = cells_of(text)
                characters += cells
                renditions += [number(style)] * len(cells)
        room = min(end, self.width) - x
        if len(characters) > room:
            del characters[room:], renditions[room:]
        if characters and self._wanted[y].write(x, characters, renditions):
            self._stale.add(y)

    def take_difference(self) -> str:
        """The codes that make the terminal show what is wanted; from now on it is taken to show that.

        A whole frame goes from the top to the bottom. Changes go rendition by rendition: a move takes 4 to 8
        bytes, other colours up to 40.
        """
        pieces: list[Piece] = []
        for y in sorted(self._stale):
            wanted, shown = self._wanted[y], self._shown[y]
            for start, end in _runs(wanted, shown):
                pieces += _pieces(wanted, y, start, end)
            shown.characters[:] = wanted.characters
            shown.renditions[:] = wanted.renditions
        self._stale.clear()
        if not self._whole:
            pieces.sort(key=lambda piece: (piece.sure, self._renditions.order(piece.rendition)))
        self._whole = False
        out: list[str] = []
        for piece in pieces:
            self._write(out, piece)
        if out and self._current != DEFAULT:
            out.append(self._renditions.change(self._current, DEFAULT))
            self._current = DEFAULT
        return "".join(out)

    def move(self, x: int, y: int) -> str:
        """The codes that bring the cursor to a cell; none if it is there."""
        column, row = self._column, self._row
        self._column, self._row = x, y
        if row == y and column == x:
            return ""
        if row == y and 0 <= column < x:
            return "\x1b[C" if x - column == 1 else f"\x1b[{x - column}C"
        if x == 0:
            return "\r\n" if row >= 0 and y == row + 1 else f"\x1b[{y + 1}H" if y else "\x1b[H"
        return f"\x1b[{y + 1};{x + 1}H"

    def _lose_cursor(self) -> None:
        self._column, self._row = -1, -1

    def _write(self, out: list[str], piece: Piece) -> None:
        out.append(self.move(piece.start, piece.y))
        if piece.rendition != self._current:
            out.append(self._renditions.change(self._current, piece.rendition))
            self._current = piece.rendition
        out.append(piece.text)
        self._column = piece.end
        if piece.end >= self.width:
            self._lose_cursor()  # terminals differ on where it stands after the last column


def _pieces(row: Row, y: int, start: int, end: int) -> Iterator[Piece]:
    """The columns of a run as pieces of one rendition each."""
    characters, renditions = row.characters, row.renditions
    while start < end:
        number = renditions[start]
        stop = start + 1
        while stop < end and renditions[stop] == number:
            stop += 1
        text = "".join(characters[start:stop])
        sure = _is_sure(text)
        yield Piece(number, y, start, stop, text if sure else _placed(characters, start, stop), sure)
        start = stop


def _is_sure(text: str) -> bool:
    return _narrow.issuperset(text) or all(char in _narrow or char in _wide for char in text)


def _placed(characters: list[str], start: int, stop: int) -> str:
    """Cells whose width terminals differ on: blank under them, the cursor put where it belongs after each."""
    out: list[str] = []
    for column in range(start, stop):
        text = characters[column]
        if _is_sure(text):
            out.append(text)
            continue
        after = column + 1
        while after < stop and not characters[after]:
            after += 1
        out.append(f"{' ' * (after - column)}\x1b[{column + 1}G{text}\x1b[{after + 1}G")
    return "".join(out)


def _runs(wanted: Row, shown: Row) -> list[tuple[int, int]]:
    """Columns that differ, as (first, after the last); what lies between two close ones is joined in."""
    characters, renditions = wanted.characters, wanted.renditions
    width = len(characters)
    columns = range(width)
    changed = set(compress(columns, map(ne, characters, shown.characters)))
    changed.update(compress(columns, map(ne, renditions, shown.renditions)))
    runs: list[tuple[int, int]] = []
    for column in sorted(changed):
        if runs and column < runs[-1][1]:
            continue
        start, end = column, column + 1
        while start and characters[start] == "":
            start -= 1
        while end < width and characters[end] == "":
            end += 1
        if runs and _is_cheaper_to_join(wanted, runs[-1][1], start):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _is_cheaper_to_join(row: Row, start: int, end: int) -> bool:
    """Sending what lies between takes no more bytes than a move over it."""
    gap = end - start
    if gap <= 0:
        return True
    if gap > NEAR:
        return False
    before = row.renditions[start - 1]
    if any(number != before for number in row.renditions[start:end]):
        return False
    return len("".join(row.characters[start:end]).encode("utf-8", "replace")) <= (3 if gap == 1 else 4)
