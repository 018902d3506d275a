"""A short moving picture (GIF89a) that shows everywhere, even where nothing may be played or opened.

Each picture tells only the cells that have changed. It goes on for ever, with a rest at its end.
https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import GifImagePlugin, Image

from ipcviz.exports import Progress, Readable
from ipcviz.exports.brush import Brush
from ipcviz.exports.grid import Grid, Grids
from ipcviz.exports.options import Options
from ipcviz.exports.playback import Shot, moments, play, window_of
from ipcviz.exports.shapes import PIXELS_HIGH as HIGH
from ipcviz.exports.shapes import PIXELS_WIDE as WIDE
from ipcviz.units import SECOND

LONGEST_S = 60
"""Of what is shown: more makes a file that nobody waits for."""
MOST_FPS = 50
"""Browsers slow down what is faster (a delay of less than 2 hundredths)."""
REST = 200
"""Hundredths of a second that the last picture stays."""
KEEP = 1
"""The disposal that leaves a picture where it is, under the next one."""
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
"""Begin again for ever: an extension that every viewer knows."""
COLOURS = 256


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the moving picture of the window."""
    start, end = window_of(recording, options, "gif", LONGEST_S)
    film = Film(options, start)
    play(recording, options, moments(recording, start, end, min(options.fps, MOST_FPS)), film.show, progress)
    film.write(out)


class Film:
    """The pictures one after another, each as what has changed since the one before."""

    def __init__(self, options: Options, start: int) -> None:
        self._size = options.size
        self._grids = Grids(options.theme, *options.size)
        self._brush = Brush(self._grids.plain)
        self._last: Grid = []
        self._start = start
        self._pieces: list[tuple[int, Image.Image, tuple[int, int]]] = []
        """When it begins (in hundredths of a second), what changes, and where."""

    def show(self, shot: Shot) -> None:
        """Another picture, if anything has changed."""
        grid = self._grids.of(shot.rows)
        changed = list(_changes(self._last, grid))
        if not changed:
            return
        left, top = min(x for x, _ in changed), min(y for _, y in changed)
        right = max(x + _cells(grid, x, y) for x, y in changed)
        bottom = max(y for _, y in changed) + 1
        image = Image.new("P", ((right - left) * WIDE, (bottom - top) * HIGH), self._brush.transparent)
        for x, y in changed:
            tile = self._brush.tile(grid[y][x], _cells(grid, x, y))
            image.paste(tile, ((x - left) * WIDE, (y - top) * HIGH))
        self._pieces.append((_hundredths(shot.t - self._start), image, (left * WIDE, top * HIGH)))
        self._last = grid

    def write(self, out: BinaryIO) -> None:
        """The whole file."""
        palette = self._brush.palette.ljust(COLOURS * 3, b"\0")
        width, height = self._size[0] * WIDE, self._size[1] * HIGH
        # 0xF7: a table of 256 colours, 8 bits each, holds for all pictures.
        out.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + palette + LOOP)
        for number, (begins, image, offset) in enumerate(self._pieces):
            last = number + 1 == len(self._pieces)
            delay = REST if last else self._pieces[number + 1][0] - begins
            image.putpalette(palette)
            for piece in GifImagePlugin.getdata(
                image,
                offset,
                duration=delay * 10,
                disposal=KEEP,
                transparency=self._brush.transparent,
            ):
                out.write(piece)
        out.write(b";")


def _cells(grid: Grid, x: int, y: int) -> int:
    """Cells that the character there takes."""
    row = grid[y]
    return 2 if x + 1 < len(row) and row[x + 1].text == "" else 1


def _changes(before: Grid, grid: Grid) -> Iterator[tuple[int, int]]:
    """Columns and rows of the characters that are not as they were; no text is the rest of a wide one."""
    for y, row in enumerate(grid):
        if before and row is before[y]:
            continue
        for x, cell in enumerate(row):
            if cell.text and not (before and cell == before[y][x]):
                yield x, y


def _hundredths(nanoseconds: int) -> int:
    return (nanoseconds * 100 + SECOND // 2) // SECOND
