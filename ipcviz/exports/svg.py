"""A still: the screen at one moment as a picture that any browser or document shows, without a network.

Text stays text: it can be searched and copied, and is brought to the width of its cells whatever font there
is. Lines, bars and dots are drawn, so they join. https://www.w3.org/TR/SVG11/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO
from xml.sax.saxutils import escape

from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports.cast import title_of
from ipcviz.exports.grid import Grid, Grids, Run, runs_of
from ipcviz.exports.options import Options
from ipcviz.exports.paints import Paint
from ipcviz.exports.playback import Shot, play
from ipcviz.exports.shapes import DOT, Arc, Box, Dot, shapes_of

WIDE, HIGH = 10, 20
"""A cell, in the units of the picture."""
MARGIN = 10
FONTS = "DejaVu Sans Mono, Cascadia Mono, Menlo, Consolas, Liberation Mono, monospace"
"""Those that know the characters of the screen, where they are installed."""
LETTERS = 16.6
"""Height of letters, for which the first of those fonts is as wide as a cell."""
BASELINE = 15
LINE = 1.2


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the picture of `options.at`, or of the end of the window."""
    _, end = options.window(recording)
    at = end if options.at is None else max(recording.start, min(options.at, recording.end))
    shots: list[Shot] = []
    play(recording, options, iter([at]), shots.append)
    progress(0.5)
    grids = Grids(options.theme, *options.size)
    grid = grids.of(shots[0].rows)
    title = f"{title_of(recording)} at {units.clock(at)}"
    for piece in picture(grid, options.size, grids.plain, title):
        out.write(piece.encode("utf-8", "replace"))
    progress(1.0)


def picture(grid: Grid, size: tuple[int, int], plain: Paint, title: str) -> Iterable[str]:
    """The lines of the file."""
    width, height = size[0] * WIDE + 2 * MARGIN, size[1] * HIGH + 2 * MARGIN
    runs = [(y, run) for y, row in enumerate(grid) for run in runs_of(row)]
    classes: dict[tuple[str, bool, bool], str] = {}
    for _, run in runs:
        classes.setdefault(_letters(run.paint), f"c{len(classes)}")
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    yield f' width="{width}" height="{height}" role="img">\n<title>{escape(title)}</title>\n'
    yield f"<style>text{{font-family:{FONTS};font-size:{LETTERS}px;white-space:pre}}\n"
    for (colour, bold, italic), name in classes.items():
        extra = ";font-weight:bold" * bold + ";font-style:italic" * italic
        yield f".{name}{{fill:{colour}{extra}}}"
    yield f'</style>\n<rect width="{width}" height="{height}" rx="8" fill="{plain.background}"/>\n'
    yield f'<g transform="translate({MARGIN} {MARGIN})">\n'
    yield from (_background(y, run) for y, run in runs if run.paint.background != plain.background)
    for y, run in runs:
        yield from _run(y, run, classes[_letters(run.paint)])
    yield "</g>\n</svg>\n"


def _letters(paint: Paint) -> tuple[str, bool, bool]:
    return paint.colour, paint.bold, paint.italic


def _background(y: int, run: Run) -> str:
    return (
        f'<rect x="{run.start * WIDE}" y="{y * HIGH}" width="{run.cells * WIDE}" height="{HIGH}"'
        f' fill="{run.paint.background}"/>\n'
    )


def _run(y: int, run: Run, name: str) -> Iterable[str]:
    if run.kind == "drawing":
        yield from _drawing(y, run, name)
    elif run.kind != "blank":
        yield (
            f'<text class="{name}" x="{run.start * WIDE}" y="{y * HIGH + BASELINE}"'
            f' textLength="{run.cells * WIDE}" lengthAdjust="spacingAndGlyphs"'
            f' xml:space="preserve">{escape(run.text)}</text>\n'
        )
    for wanted, height in ((run.paint.underline, HIGH - 2), (run.paint.strike, HIGH / 2)):
        if wanted:
            box = Box(0, height / HIGH, run.cells, (height + LINE) / HIGH)
            yield f'<path class="{name}" d="{path_of(run.start, y, box)}"/>\n'


def _drawing(y: int, run: Run, name: str) -> Iterable[str]:
    """One path of all filled shapes of a run, and one of what is only a line."""
    shapes = shapes_of(run.text[0])
    filled: list[str] = []
    for shape in shapes:
        if isinstance(shape, Box) and (shape.left, shape.right) == (0, 1):
            filled.append(path_of(run.start, y, shape._replace(right=run.cells)))
        else:
            filled += [path_of(run.start + cell, y, shape) for cell in range(run.cells)]
    share = next((shape.share for shape in shapes if isinstance(shape, Box)), 1.0)
    opacity = f' fill-opacity="{share:g}"' if share < 1 else ""
    yield f'<path class="{name}"{opacity} d="{"".join(filled)}"/>\n'


def path_of(column: float, row: int, shape: Box | Dot | Arc) -> str:
    """The outline of a shape in a cell; nothing is left out between cells that follow each other."""
    x, y = column * WIDE, row * HIGH
    if isinstance(shape, Box):
        left, right = x + shape.left * WIDE, x + shape.right * WIDE
        top, bottom = y + shape.top * HIGH, y + shape.bottom * HIGH
        return f"M{_n(left)} {_n(top)}H{_n(right)}V{_n(bottom)}H{_n(left)}Z"
    if isinstance(shape, Dot):
        radius = DOT * WIDE
        left, middle = x + shape.x * WIDE - radius, y + shape.y * HIGH
        arc = f"a{_n(radius)} {_n(radius)} 0 1 0 "
        return f"M{_n(left)} {_n(middle)}{arc}{_n(2 * radius)} 0{arc}{_n(-2 * radius)} 0Z"
    return _rounded(x, y, shape)


def _rounded(x: float, y: float, shape: Arc) -> str:
    """A quarter of a ring of the thickness of a light line, with a straight piece to the farther side."""
    half = LINE / 2
    level = -1 if shape.level == "left" else 1
    upright = -1 if shape.upright == "up" else 1
    middle_x, middle_y = x + WIDE / 2, y + HIGH / 2
    side_x, side_y = middle_x + level * WIDE / 2, middle_y + upright * HIGH / 2
    centre_y = middle_y + upright * WIDE / 2
    outer, inner = WIDE / 2 + half, WIDE / 2 - half
    turn = 1 if level == upright else 0
    return (
        f"M{_n(middle_x - level * half)} {_n(side_y)}V{_n(centre_y)}"
        f"A{_n(outer)} {_n(outer)} 0 0 {turn} {_n(side_x)} {_n(middle_y - upright * half)}"
        f"V{_n(middle_y + upright * half)}"
        f"A{_n(inner)} {_n(inner)} 0 0 {1 - turn} {_n(middle_x + level * half)} {_n(centre_y)}"
        f"V{_n(side_y)}Z"
    )


def _n(value: float) -> str:
    """A number as short as it can be told, to a hundredth."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
