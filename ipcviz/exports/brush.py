"""Cells as small pictures: letters by a font of this machine, lines and blocks and dots by themselves."""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw, ImageFont

from ipcviz.exports.grid import Cell
from ipcviz.exports.options import ExportError
from ipcviz.exports.paints import Paint, mixed
from ipcviz.exports.shapes import COLUMN, DOT, ROW, Arc, Box, Dot, Shape, box_pixels, shapes_of
from ipcviz.exports.shapes import PIXELS_HIGH as HIGH
from ipcviz.exports.shapes import PIXELS_WIDE as WIDE

BASELINE = 14
LEVELS = 6
"""Steps between a colour and its background at the edge of a letter."""
FINE = 8
"""Round shapes are drawn so many times larger, and made smaller."""
COLOURS = 255
"""At most in a picture, besides what is transparent."""
FONTS = (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    ("NotoSansMono-Regular.ttf", "NotoSansMono-Bold.ttf"),
    ("UbuntuMono-R.ttf", "UbuntuMono-B.ttf"),
    ("Menlo.ttc", "Menlo.ttc"),
    ("consola.ttf", "consolab.ttf"),
    ("FreeMono.ttf", "FreeMonoBold.ttf"),
)
"""Files of fonts whose letters are all of one width, plain and bold, the best first."""
OTHER_FONTS = (
    "NotoSansMonoCJK-Regular.ttc",
    "NotoSansCJK-Regular.ttc",
    "NanumGothic.ttf",
    "wqy-microhei.ttc",
    "unifont.otf",
    "unifont.ttf",
    "AppleSDGothicNeo.ttc",
    "malgun.ttf",
    "DejaVuSans.ttf",
)
"""For characters that those do not have."""


class Brush:
    """Draws cells in colours that it numbers as they come; number 0 is transparent."""

    transparent = 0

    def __init__(self, plain: Paint) -> None:
        """Raises `ExportError` without a font."""
        self._numbers: dict[str, int] = {}
        self._tiles: dict[tuple[Cell, int], Image.Image] = {}
        self._fonts = fonts()
        self.number(plain.background)

    @property
    def palette(self) -> bytes:
        """Three bytes for each number."""
        return bytes(3) + b"".join(bytes.fromhex(colour[1:]) for colour in self._numbers)

    def number(self, colour: str) -> int:
        """The number of a colour; when there are too many, that of the nearest."""
        number = self._numbers.get(colour)
        if number is not None:
            return number
        if len(self._numbers) < COLOURS:
            self._numbers[colour] = len(self._numbers) + 1
            return len(self._numbers)
        nearest = min(self._numbers, key=lambda known: _distance(known, colour))
        return self._numbers[nearest]

    def tile(self, cell: Cell, cells: int) -> Image.Image:
        """The picture of a cell, or of two that one character takes: numbers of colours."""
        tile = self._tiles.get((cell, cells))
        if tile is None:
            tile = self._tiles[cell, cells] = self._drawn(cell, cells)
        return tile

    def _drawn(self, cell: Cell, cells: int) -> Image.Image:
        paint = cell.paint
        covered = coverage(cell.text, cells, self._fonts[paint.bold])
        draw = ImageDraw.Draw(covered)
        for wanted, y in ((paint.underline, HIGH - 2), (paint.strike, HIGH // 2)):
            if wanted:
                draw.line((0, y, cells * WIDE, y), fill=255)
        levels = [mixed(paint.background, paint.colour, level / LEVELS) for level in range(LEVELS + 1)]
        numbers = {
            level: self.number(colour) for level, colour in enumerate(levels) if level in _used(covered)
        }
        table = [numbers.get(_level(value), 0) for value in range(256)]
        tile = covered.point(table)
        return Image.frombytes("P", tile.size, tile.tobytes())


def coverage(text: str, cells: int, font: ImageFont.FreeTypeFont) -> Image.Image:
    """How much of each pixel a character covers, 0 to 255."""
    image = Image.new("L", (cells * WIDE, HIGH), 0)
    shapes = shapes_of(text)
    for shape in shapes:
        _put(image, shape)
    if not shapes and text.strip():
        draw = ImageDraw.Draw(image)
        draw.text((0, BASELINE), text, fill=255, font=_able(font, text), anchor="ls")
    return image


def _put(image: Image.Image, shape: Shape) -> None:
    if isinstance(shape, Box):
        left, top, right, bottom = box_pixels(shape)
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=round(255 * shape.share))
        return
    large = Image.new("L", (WIDE * FINE, HIGH * FINE), 0)
    draw = ImageDraw.Draw(large)
    if isinstance(shape, Dot):
        x, y, radius = shape.x * WIDE * FINE, shape.y * HIGH * FINE, max(1.0, DOT * WIDE) * FINE
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    else:
        _arc(draw, shape)
    small = large.resize((WIDE, HIGH), Image.Resampling.BOX)
    image.paste(255, (0, 0), small)


def _arc(draw: ImageDraw.ImageDraw, shape: Arc) -> None:
    """A line of one pixel, from the middle of a side round the corner to that of another."""
    level = -1 if shape.level == "left" else 1
    upright = -1 if shape.upright == "up" else 1
    radius = WIDE * FINE / 2
    centre_x = (COLUMN + 0.5) * FINE + level * radius
    centre_y = (ROW + 0.5) * FINE + upright * radius
    outer = radius + FINE / 2
    start = {(1, 1): 180, (-1, 1): 270, (1, -1): 90, (-1, -1): 0}[level, upright]
    box = (centre_x - outer, centre_y - outer, centre_x + outer - 1, centre_y + outer - 1)
    draw.arc(box, start, start + 90, fill=255, width=FINE)
    low, high = sorted((round(centre_y), HIGH * FINE if upright > 0 else 0))
    draw.rectangle((COLUMN * FINE, low, COLUMN * FINE + FINE - 1, high - 1), fill=255)


def _level(value: int) -> int:
    return round(value / 255 * LEVELS)


def _used(image: Image.Image) -> set[int]:
    return {_level(value) for value, count in enumerate(image.histogram()) if count}


def _distance(first: str, second: str) -> int:
    return sum((a - b) ** 2 for a, b in zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True))


@cache
def fonts() -> tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont]:
    """The plain and the bold font, as wide as a cell; raises `ExportError`."""
    for plain, bold in FONTS:
        font = _opened(plain)
        if font is not None:
            return font, _opened(bold) or font
    raise ExportError(
        "A gif needs a font whose letters are all of one width, and none was found here; install "
        "DejaVu Sans Mono (on Debian: apt install fonts-dejavu-core)."
    )


def _opened(name: str) -> ImageFont.FreeTypeFont | None:
    try:
        font = ImageFont.truetype(name, 100, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None
    return font.font_variant(size=round(100 * WIDE / font.getlength("M")))


@cache
def _other_fonts() -> tuple[ImageFont.FreeTypeFont, ...]:
    found = []
    for name in OTHER_FONTS:
        try:
            found.append(ImageFont.truetype(name, BASELINE, layout_engine=ImageFont.Layout.BASIC))
        except OSError:
            continue
    return tuple(found)


@cache
def _able(font: ImageFont.FreeTypeFont, text: str) -> ImageFont.FreeTypeFont:
    """The first font that has the character; where none has it, the one that shows its own mark for that."""
    for candidate in (font, *(_other_fonts() if not text.isascii() else ())):
        if bytes(candidate.getmask(text[0])) != bytes(candidate.getmask("\U000fffff")):
            return candidate
    return font
