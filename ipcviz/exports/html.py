"""One page with the screen's pictures and a player inside: it needs a browser, and no network.

The pictures are rows of runs, told when they change, as lines of JSON (gzip, base64); page.js says how they
are read. What the page may load is nothing (Content-Security-Policy, W3C): its own script and style are
allowed by their hashes. Without scripts it shows the last picture. Text can be selected; lines, bars and
dots are drawn over their characters.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import IO, BinaryIO
from urllib.parse import quote

from ipcviz.exports import Progress, Readable
from ipcviz.exports.cast import title_of
from ipcviz.exports.grid import Cell, Grid, Grids, Run, runs_of
from ipcviz.exports.options import Options
from ipcviz.exports.paints import Paint
from ipcviz.exports.playback import LONGEST_S, Shot, moments, play, window_of
from ipcviz.exports.shapes import PIXELS_HIGH, PIXELS_WIDE, Box, shapes_of
from ipcviz.exports.svg import path_of
from ipcviz.units import SECOND, printable

HELD_IN_MEMORY = 16 << 20
"""Bytes of packed pictures; more of them wait in a temporary file until the page's head is known."""
PIECE = 3 << 16
"""Bytes that are told as base64 at once: a multiple of three."""
ACCENT = {"dark": "#58b9f0", "light": "#0b69ad", "terminal": "#63cfe0", "none": "#f4f7fa"}


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the page of the window; chapters in it can be jumped to."""
    start, end = window_of(recording, options, "html", LONGEST_S)
    with tempfile.SpooledTemporaryFile(HELD_IN_MEMORY) as packed:
        pictures = Pictures(options, start)
        # A time of packing in the file would make every file another one.
        with gzip.GzipFile("", "wb", 9, packed, mtime=0) as lines:

            def show(shot: Shot) -> None:
                lines.write(pictures.line(shot))

            play(recording, options, moments(recording, start, end, options.fps), show, progress)
            lines.write(_json(pictures.facts(recording, start, end)))
        packed.seek(0)
        for text in page(recording, options, pictures, packed):
            out.write(text.encode("utf-8", "replace"))


class Pictures:
    """The shots of a recording as lines, each telling the rows that changed; and what they are made of."""

    def __init__(self, options: Options, start: int) -> None:
        self.grids = Grids(options.theme, *options.size)
        self.numbers: dict[Paint, int] = {}
        """Every paint that was used."""
        self.drawings: dict[str, int] = {}
        """Every character that is drawn."""
        self.last: Grid = []
        self._size = options.size
        self._start = start
        self._kinds: dict[bytes, int] = {}
        self._shown: list[int] = [-1] * options.size[1]

    def line(self, shot: Shot) -> bytes:
        """[ms, row, its runs or the number of those it had before, ...]; b"" if nothing has changed."""
        grid = self.grids.of(shot.rows)
        told: list[object] = [(shot.t - self._start) * 1000 // SECOND]
        for y, row in enumerate(grid):
            if self.last and row is self.last[y]:
                continue
            runs = list(self._runs(row))
            digest = hashlib.blake2b(_json(runs), digest_size=16).digest()
            new = len(self._kinds)
            kind = self._kinds.setdefault(digest, new)
            if kind != self._shown[y]:
                told += [y, runs if kind == new else kind]
                self._shown[y] = kind
        self.last = grid
        return _json(told) if len(told) > 1 else b""

    def facts(self, recording: Readable, start: int, end: int) -> dict[str, object]:
        """The last line: what holds for all of it, and what was not known before."""
        chapters = [
            [
                (chapter.t - start) * 1000 // SECOND,
                printable(chapter.label),
                printable(chapter.caption),
            ]
            for chapter in recording.chapters
            if start <= chapter.t <= end
        ]
        return {
            "columns": self._size[0],
            "rows": self._size[1],
            "duration": (end - start) * 1000 // SECOND,
            "chapters": chapters,
            "drawings": self.drawings,
        }

    def number(self, paint: Paint) -> int:
        """The number of its class."""
        return self.numbers.setdefault(paint, len(self.numbers))

    def _runs(self, row: tuple[Cell, ...]) -> Iterator[object]:
        for run in runs_of(row):
            if run.kind == "drawing":
                self.drawings.setdefault(run.text[0], len(self.drawings))
            yield from (self.number(run.paint), run.text, run.cells)


def page(recording: Readable, options: Options, pictures: Pictures, packed: IO[bytes]) -> Iterator[str]:
    """The page, piece by piece."""
    script, style = _shipped("page.js"), "".join(_style(options, pictures))
    rows = ["".join(_still(run, pictures) for run in runs_of(row)) for row in pictures.last]
    title = escape(title_of(recording))
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    yield f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<style>{style}</style>\n</head>\n<body>\n"
    yield f'<main id="screen">{"".join(f"<div>{row}</div>" for row in rows)}</main>\n'
    yield CONTROLS
    yield '<script type="application/octet-stream" id="data">'
    while piece := packed.read(PIECE):
        yield base64.b64encode(piece).decode()
    yield f"</script>\n<script>{script}</script>\n</body>\n</html>\n"


CONTROLS = """<section id="controls">
<div><button id="play">Play</button><input id="place" type="range" min="0" value="0" aria-label="Position">
<span id="time"></span><button id="slower" aria-label="Slower">&minus;</button><span id="speed"></span>
<button id="faster" aria-label="Faster">+</button></div>
<div><strong id="chapter"></strong><span id="caption"></span></div><div id="chapters"></div>
<div id="help">Space play &middot; arrows 5 s &middot; , . one picture &middot; [ ] chapter &middot;
0 to 9 tenths &middot; &lt; &gt; speed &middot; #t=12.5 in the address</div>
</section>
"""


def _still(run: Run, pictures: Pictures) -> str:
    return f'<span class="p{pictures.number(run.paint)}">{escape(run.text)}</span>'


def _style(options: Options, pictures: Pictures) -> Iterable[str]:
    plain = pictures.grids.plain
    yield f":root{{--back:{plain.background};--text:{plain.colour};--accent:{ACCENT[options.theme]}}}\n"
    yield _shipped("page.css")
    for paint, number in pictures.numbers.items():
        lines = " underline" * paint.underline + " line-through" * paint.strike
        yield (
            f".p{number}{{color:{paint.colour}"
            + (f";background:{paint.background}" if paint.background != plain.background else "")
            + ";font-weight:bold" * paint.bold
            + ";font-style:italic" * paint.italic
            + (f";text-decoration:{lines.strip()}" if lines else "")
            + "}\n"
        )
    for char, number in pictures.drawings.items():
        mask = f'url("data:image/svg+xml,{quote(_mask(char))}")'
        yield f"#screen .d{number}::before{{-webkit-mask-image:{mask};mask-image:{mask}}}\n"


def _mask(char: str) -> str:
    """A cell with the shapes of a character."""
    shapes = shapes_of(char)
    share = next((shape.share for shape in shapes if isinstance(shape, Box)), 1.0)
    outline = "".join(path_of(0, 0, shape) for shape in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PIXELS_WIDE} {PIXELS_HIGH}"'
        ' preserveAspectRatio="none">'
        f'<path fill-opacity="{share:g}" d="{outline}"/></svg>'
    )


def _shipped(name: str) -> str:
    return (files("ipcviz.exports") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
