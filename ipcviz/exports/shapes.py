"""Characters that are drawings: lines, blocks, shades and braille as shapes that join without a gap.

A font draws them with gaps between rows, or lacks them. Shapes are in parts of a cell: x from 0 (left) to 1,
y from 0 (top) to 1; what they look like is told by the names of the characters (Unicode, chapters Box
Drawing, Block Elements and Braille Patterns). A cell is taken to be twice as high as it is wide.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal, NamedTuple

Weight = Literal["light", "heavy", "double"]
Side = Literal["left", "right", "up", "down"]

THICK: dict[Weight, float] = {"light": 0.12, "heavy": 0.25, "double": 0.36}
"""Of a line, in widths of a cell; of a double one both lines and the gap between them."""
GAP = 0.12
"""Between the two lines of a double one."""
HIGH = 2.0
"""Height of a cell in widths."""
DOT = 0.15
"""Radius of a dot of braille, in widths of a cell."""
PIXELS_WIDE, PIXELS_HIGH = 9, 18
"""Of a cell in a picture: an odd width, so that an upright line has a middle to stand in."""
COLUMN, ROW = PIXELS_WIDE // 2, (PIXELS_HIGH - 1) // 2
"""The pixels that a light line takes, across and down."""


class Box(NamedTuple):
    """A filled rectangle; `share` of its colour covers what is behind it. `is_line`: it is part of a line."""

    left: float
    top: float
    right: float
    bottom: float
    share: float = 1.0
    is_line: bool = False


class Dot(NamedTuple):
    """A filled circle; its radius in widths of a cell."""

    x: float
    y: float


class Arc(NamedTuple):
    """A light quarter of a circle that joins the middles of two sides, round the corner."""

    level: Literal["left", "right"]
    upright: Literal["up", "down"]


Shape = Box | Dot | Arc


@cache
def shapes_of(char: str) -> tuple[Shape, ...]:
    """The shapes of a character; none for one that a font has to draw."""
    code = ord(char) if len(char) == 1 else 0
    if 0x2500 <= code < 0x2580:
        return _line(unicodedata.name(char).removeprefix("BOX DRAWINGS "))
    if 0x2580 <= code < 0x25A0:
        return tuple(_block(unicodedata.name(char)))
    if 0x2801 <= code < 0x2900:
        return tuple(_braille(code - 0x2800))
    return ()


def box_pixels(box: Box) -> tuple[int, int, int, int]:
    """The pixels of a box in its cell: left, top, right and bottom, the last two after it.

    A light line takes one pixel, and what it joins ends there: so lines count from their middle.
    """
    middle = (COLUMN + 0.5, ROW + 0.5) if box.is_line else (PIXELS_WIDE / 2, PIXELS_HIGH / 2)
    left, right = _pixels(box.left, box.right, PIXELS_WIDE, middle[0])
    top, bottom = _pixels(box.top, box.bottom, PIXELS_HIGH, middle[1])
    return left, top, right, bottom


def _pixels(low: float, high: float, count: int, middle: float) -> tuple[int, int]:
    """At least one; from the edge or up to it where it is touched, so that nothing is left between cells."""
    start, end = ((part - 0.5) * count + middle for part in (low, high))
    if low <= 0 or high >= 1:
        first = 0 if low <= 0 else min(count - 1, round(start))
        return first, count if high >= 1 else max(first + 1, round(end))
    size = max(1, round(end - start))
    first = int((start + end - size) / 2 + 0.25)
    return first, first + size


def _line(name: str) -> tuple[Shape, ...]:
    if "DIAGONAL" in name:
        return ()
    if " ARC " in name:
        return (Arc("left" if "LEFT" in name else "right", "up" if "UP" in name else "down"),)
    arms = _arms(name)
    dashed = _DASHED.search(name)
    if dashed is not None:
        count = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}[dashed[1]]
        return tuple(_dashes("left" in arms, count, next(iter(arms.values()))))
    return tuple(_merged(_joined(arms)))


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes in one line that touch are one."""
    merged: list[Box] = []
    for box in boxes:
        for place, known in enumerate(merged):
            level = (known.top, known.bottom) == (box.top, box.bottom) and known.right >= box.left
            upright = (known.left, known.right) == (box.left, box.right) and known.bottom >= box.top
            if level or upright:
                merged[place] = Box(
                    min(known.left, box.left),
                    min(known.top, box.top),
                    max(known.right, box.right),
                    max(known.bottom, box.bottom),
                    is_line=True,
                )
                break
        else:
            merged.append(box)
    return merged


_WEIGHTS: dict[str, Weight] = {"LIGHT": "light", "SINGLE": "light", "HEAVY": "heavy", "DOUBLE": "double"}
_SIDES: dict[str, tuple[Side, ...]] = {
    "LEFT": ("left",),
    "RIGHT": ("right",),
    "UP": ("up",),
    "DOWN": ("down",),
    "VERTICAL": ("up", "down"),
    "HORIZONTAL": ("left", "right"),
}
_DASHED = re.compile(r"(DOUBLE|TRIPLE|QUADRUPLE) DASH ")


def _arms(name: str) -> dict[Side, Weight]:
    """Sides and weights from a name such as LIGHT DOWN AND RIGHT, or DOWN LIGHT AND RIGHT HEAVY."""
    words = [word for word in _DASHED.sub("", name).split() if word in _WEIGHTS or word in _SIDES]
    if words[0] not in _WEIGHTS:
        words.reverse()  # the weight stands after the sides it is of
    arms: dict[Side, Weight] = {}
    weight: Weight = "light"
    for word in words:
        weight = _WEIGHTS.get(word, weight)
        for side in _SIDES.get(word, ()):
            arms[side] = weight
    return arms


def _joined(arms: dict[Side, Weight]) -> list[Box]:
    """Each arm from its side to where it meets the others."""
    shapes: list[Box] = []
    for side, weight in arms.items():
        level = side in ("left", "right")
        across: list[Side] = ["up", "down"] if level else ["left", "right"]
        crossing = [arms[other] for other in across if other in arms]
        if weight == "double":
            shapes += _double(side, level, arms)
        else:
            reach = max((THICK[other] for other in crossing), default=0.0)
            shapes.append(_bar(side, level, 0.0, THICK[weight], _meets(arms, across, reach)))
    return shapes


def _meets(arms: dict[Side, Weight], across: list[Side], reach: float) -> float:
    """How far beyond the middle an arm goes, in widths: to the far edge of what crosses it there.

    A single line ends at the near line of a double one that goes through.
    """
    if len([side for side in across if arms.get(side) == "double"]) == 2:
        return -GAP / 2
    return reach / 2


def _double(side: Side, level: bool, arms: dict[Side, Weight]) -> list[Box]:
    """Both lines of an arm: each ends where the line of the crossing arm on its own side begins."""
    lines: tuple[tuple[int, Side, Side], ...] = (
        ((-1, "up", "down"), (1, "down", "up")) if level else ((-1, "left", "right"), (1, "right", "left"))
    )
    single = (THICK["double"] - GAP) / 2
    shapes: list[Box] = []
    for sign, near, far in lines:
        if arms.get(near) == "double":
            reach = -GAP / 2
        elif arms.get(far) == "double":
            reach = THICK["double"] / 2
        else:
            reach = THICK["light"] / 2 if near in arms or far in arms else 0.0
        shapes.append(_bar(side, level, sign * (GAP + single) / 2, single, reach))
    return shapes


def _bar(side: Side, level: bool, offset: float, thick: float, reach: float) -> Box:
    """From a side to `reach` beyond the middle; all in widths of a cell."""
    if level:
        top, bottom = 0.5 + (offset - thick / 2) / HIGH, 0.5 + (offset + thick / 2) / HIGH
        ends = (0.0, 0.5 + reach) if side == "left" else (0.5 - reach, 1.0)
        return Box(ends[0], top, ends[1], bottom, is_line=True)
    left, right = 0.5 + offset - thick / 2, 0.5 + offset + thick / 2
    reach /= HIGH
    ends = (0.0, 0.5 + reach) if side == "up" else (0.5 - reach, 1.0)
    return Box(left, ends[0], right, ends[1], is_line=True)


def _dashes(level: bool, count: int, weight: Weight) -> list[Shape]:
    half = THICK[weight] / 2
    size = 1 / count
    shapes: list[Shape] = []
    for number in range(count):
        start, end = number * size + size * 0.2, number * size + size * 0.8
        if level:
            shapes.append(Box(start, 0.5 - half / HIGH, end, 0.5 + half / HIGH, is_line=True))
        else:
            shapes.append(Box(0.5 - half, start, 0.5 + half, end, is_line=True))
    return shapes


_PARTS = {"ONE": 1, "THREE": 3, "FIVE": 5, "SEVEN": 7}


def _block(name: str) -> list[Shape]:
    shades = {"LIGHT SHADE": 0.25, "MEDIUM SHADE": 0.5, "DARK SHADE": 0.75, "FULL BLOCK": 1.0}
    if name in shades:
        return [Box(0, 0, 1, 1, shades[name])]
    if name.startswith("QUADRANT"):
        quarters = re.findall(r"(UPPER|LOWER) (LEFT|RIGHT)", name)
        return [_quarter(upright, level) for upright, level in quarters]
    part = _share(name)
    if name.startswith("LOWER"):
        return [Box(0, 1 - part, 1, 1)]
    if name.startswith("UPPER"):
        return [Box(0, 0, 1, part)]
    return [Box(0, 0, part, 1)] if name.startswith("LEFT") else [Box(1 - part, 0, 1, 1)]


def _share(name: str) -> float:
    """Of a cell: HALF, ONE EIGHTH, THREE QUARTERS."""
    if "HALF" in name:
        return 0.5
    words = name.split()
    return _PARTS[words[1]] / (8 if words[2].startswith("EIGHTH") else 4)


def _quarter(upright: str, level: str) -> Box:
    left, top = 0.0 if level == "LEFT" else 0.5, 0.0 if upright == "UPPER" else 0.5
    return Box(left, top, left + 0.5, top + 0.5)


def _braille(bits: int) -> list[Shape]:
    """Dots 1 to 3 and 7 stand in the left column, 4 to 6 and 8 in the right one."""
    rows = (0, 1, 2, 0, 1, 2, 3, 3)
    columns = (0, 0, 0, 1, 1, 1, 0, 1)
    return [Dot(0.25 + columns[bit] / 2, 0.125 + rows[bit] / 4) for bit in range(8) if bits >> bit & 1]
