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
from ipcviz.exports.shapes import COLUMN, DOT, ROW, Arc, Box, Dot, box_pixels, shapes_of
from ipcviz.exports.shapes import PIXELS_HIGH as HIGH
from ipcviz.exports.shapes import PIXELS_WIDE as WIDE

MARGIN = 9
FONTS = "DejaVu Sans Mono, Cascadia Mono, Menlo, Consolas, Liberation Mono, monospace"
"""Those that know the characters of the screen, where they are installed."""
LETTERS = 14.95
"""Height of letters, for which the first of those fonts is as wide as a cell."""
BASELINE = 14


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
    for wanted, top in ((run.paint.underline, HIGH - 2), (run.paint.strike, HIGH // 2)):
        if wanted:
            outline = _rectangle(run.start * WIDE, y * HIGH + top, run.cells * WIDE, 1)
            yield f'<path class="{name}" d="{outline}"/>\n'


def _drawing(y: int, run: Run, name: str) -> Iterable[str]:
    """One path of all shapes of a run."""
    shapes = shapes_of(run.text[0])
    outlines: list[str] = []
    for shape in shapes:
        if isinstance(shape, Box) and (shape.left, shape.right) == (0, 1):
            outlines.append(path_of(run.start, y, shape, run.cells))
        else:
            outlines += [path_of(run.start + cell, y, shape) for cell in range(run.cells)]
    share = next((shape.share for shape in shapes if isinstance(shape, Box)), 1.0)
    opacity = f' fill-opacity="{share:g}"' if share < 1 else ""
    yield f'<path class="{name}"{opacity} d="{"".join(outlines)}"/>\n'


def path_of(column: int, row: int, shape: Box | Dot | Arc, cells: int = 1) -> str:
    """The outline of a shape in a cell; of a box that is as wide as its cell, in so many cells."""
    x, y = column * WIDE, row * HIGH
    if isinstance(shape, Box):
        left, top, right, bottom = box_pixels(shape)
        return _rectangle(x + left, y + top, right - left + (cells - 1) * WIDE, bottom - top)
    if isinstance(shape, Dot):
        radius = DOT * WIDE
        left_end, middle = x + shape.x * WIDE - radius, y + shape.y * HIGH
        arc = f"a{_n(radius)} {_n(radius)} 0 1 0 "
        return f"M{_n(left_end)} {_n(middle)}{arc}{_n(2 * radius)} 0{arc}{_n(-2 * radius)} 0Z"
    return _rounded(x + COLUMN + 0.5, y + ROW + 0.5, y if shape.upright == "up" else y + HIGH, shape)


def _rectangle(x: int, y: int, width: int, height: int) -> str:
    return f"M{x} {y}h{width}v{height}h{-width}z"


def _rounded(x: float, y: float, side_y: int, shape: Arc) -> str:
    """A quarter of a ring round a corner at (x, y), and a straight piece to the upright side."""
    level = -1 if shape.level == "left" else 1
    upright = -1 if shape.upright == "up" else 1
    radius = WIDE / 2
    side_x, centre_y = x + level * radius, y + upright * radius
    outer, inner = radius + 0.5, radius - 0.5
    turn = 1 if level == upright else 0
    return (
        f"M{_n(x - level / 2)} {side_y}V{_n(centre_y)}"
        f"A{_n(outer)} {_n(outer)} 0 0 {turn} {_n(side_x)} {_n(y - upright / 2)}"
        f"V{_n(y + upright / 2)}"
        f"A{_n(inner)} {_n(inner)} 0 0 {1 - turn} {_n(x + level / 2)} {_n(centre_y)}"
        f"V{side_y}Z"
    )


def _n(value: float) -> str:
    """A number as short as it can be told, to a hundredth."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
