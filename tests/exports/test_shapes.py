"""Characters as shapes: what their Unicode names say, and edges that join."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest

from ipcviz.exports.shapes import Arc, Box, Dot, box_pixels, shapes_of

BOX_DRAWING = [chr(code) for code in range(0x2500, 0x2580)]
BLOCKS = [chr(code) for code in range(0x2580, 0x25A0)]


def sides(char: str) -> set[str]:
    """The sides that the shapes of a character reach, near the middle of each."""
    found = set()
    for shape in shapes_of(char):
        if isinstance(shape, Arc):
            found |= {shape.level, shape.upright}
        elif isinstance(shape, Box):
            near_x, near_y = shape.left < 0.7 and shape.right > 0.3, shape.top < 0.6 and shape.bottom > 0.4
            found |= {"left"} if shape.left == 0 and near_y else set()
            found |= {"right"} if shape.right == 1 and near_y else set()
            found |= {"up"} if shape.top == 0 and near_x else set()
            found |= {"down"} if shape.bottom == 1 and near_x else set()
    return found


@pytest.mark.parametrize("char", [char for char in BOX_DRAWING if "DASH" not in unicodedata.name(char)])
def test_a_line_reaches_the_sides_that_its_name_says(char: str) -> None:
    name = unicodedata.name(char)
    if "DIAGONAL" in name:
        assert shapes_of(char) == ()
        return
    named = {side.lower() for side in ("LEFT", "RIGHT", "UP", "DOWN") if f" {side}" in name}
    named |= {"left", "right"} if "HORIZONTAL" in name else set()
    named |= {"up", "down"} if "VERTICAL" in name else set()
    assert sides(char) == named


@pytest.mark.parametrize(
    ("char", "dashes", "level"),
    [("╌", 2, True), ("╎", 2, False), ("┄", 3, True), ("┊", 4, False), ("┉", 4, True)],
)
def test_dashes_are_as_many_as_named_and_leave_gaps(char: str, dashes: int, level: bool) -> None:
    boxes = [shape for shape in shapes_of(char) if isinstance(shape, Box)]
    assert len(boxes) == dashes
    along = [(box.left, box.right) if level else (box.top, box.bottom) for box in boxes]
    assert all(before[1] < after[0] for before, after in pairwise(along))


@pytest.mark.parametrize(
    ("char", "box"),
    [
        ("█", Box(0, 0, 1, 1)),
        ("▁", Box(0, 7 / 8, 1, 1)),
        ("▆", Box(0, 1 / 4, 1, 1)),
        ("▀", Box(0, 0, 1, 1 / 2)),
        ("▏", Box(0, 0, 1 / 8, 1)),
        ("▊", Box(0, 0, 3 / 4, 1)),
        ("▐", Box(1 / 2, 0, 1, 1)),
        ("▕", Box(7 / 8, 0, 1, 1)),
        ("░", Box(0, 0, 1, 1, 0.25)),
        ("▓", Box(0, 0, 1, 1, 0.75)),
    ],
)
def test_blocks_fill_the_part_that_their_name_says(char: str, box: Box) -> None:
    assert shapes_of(char) == (box,)


def test_quadrants_fill_their_quarters() -> None:
    assert set(shapes_of("▚")) == {Box(0, 0, 0.5, 0.5), Box(0.5, 0.5, 1, 1)}
    assert all(shapes_of(char) for char in BLOCKS)


def test_braille_has_a_dot_for_each_of_its_bits() -> None:
    for code in range(0x2801, 0x2900):
        dots = [shape for shape in shapes_of(chr(code)) if isinstance(shape, Dot)]
        assert len(set(dots)) == (code - 0x2800).bit_count()
    assert shapes_of("⠁") == (Dot(0.25, 0.125),)
    assert shapes_of("⢀") == (Dot(0.75, 0.875),)


def test_letters_are_for_a_font() -> None:
    assert all(shapes_of(char) == () for char in ["a", "●", "한", "🎉", "", "ab", "\u2800", "▶"])


def test_lines_that_cross_or_turn_end_where_the_other_ends() -> None:
    for char, right, bottom in (("└", 9, 9), ("┘", 5, 9), ("╚", 9, 10), ("┴", 9, 9), ("─", 9, 9)):
        boxes = [box_pixels(shape) for shape in shapes_of(char) if isinstance(shape, Box)]
        assert (max(box[2] for box in boxes), max(box[3] for box in boxes)) == (right, bottom), char
    for char, left, top in (("┐", 0, 8), ("┌", 4, 8), ("╗", 0, 7), ("│", 4, 0)):
        boxes = [box_pixels(shape) for shape in shapes_of(char) if isinstance(shape, Box)]
        assert (min(box[0] for box in boxes), min(box[1] for box in boxes)) == (left, top), char


def test_half_blocks_meet_in_the_middle() -> None:
    [upper], [lower], [left], [right] = (shapes_of(char) for char in "▀▄▌▐")
    assert box_pixels(upper)[3] == box_pixels(lower)[1] == 9  # type: ignore[arg-type]  # boxes
    assert box_pixels(left)[2] == box_pixels(right)[0]  # type: ignore[arg-type]  # boxes
    heights = [box_pixels(shapes_of(char)[0])[1] for char in "▁▂▃▄▅▆▇█"]  # type: ignore[arg-type]  # boxes
    assert heights == sorted(set(heights), reverse=True)
