"""The moving picture: its size, times and frames by an image library, and its letters read again."""

from __future__ import annotations

import io
import struct

import pytest
from helpers import exported
from PIL import Image, ImageChops

from ipcviz.exports import EXPORTS, ExportError, Options, brush
from ipcviz.exports.brush import LEVELS, coverage, fonts
from ipcviz.exports.paints import Paint, mixed
from ipcviz.exports.shapes import PIXELS_HIGH as HIGH
from ipcviz.exports.shapes import PIXELS_WIDE as WIDE
from ipcviz.units import SECOND

pytestmark = exported.needs_font
WINDOW = {"start": 8_900_000_000, "end": 10_600_000_000, "size": (80, 24)}


def frames(file: bytes) -> list[tuple[Image.Image, int]]:
    """Every frame as it is seen, and how long in ms."""
    with Image.open(io.BytesIO(file)) as image:
        taken = []
        for number in range(image.n_frames):
            image.seek(number)
            taken.append((image.convert("RGB"), image.info["duration"]))
        return taken


def test_an_image_library_reads_its_size_frames_and_times() -> None:
    recording = exported.workshop()
    file = exported.written("gif", recording, **WINDOW)
    taken = frames(file)
    different = []
    for _, grid in exported.grids(recording, **WINDOW):
        if not different or grid != different[-1]:
            different.append(grid)
    assert len(taken) == len(different) > 3
    assert {image.size for image, _ in taken} == {(80 * WIDE, 24 * HIGH)}
    assert sum(duration for _, duration in taken[:-1]) <= 1700
    assert taken[-1][1] == 2000
    with Image.open(io.BytesIO(file)) as image:
        assert image.info["loop"] == 0


@pytest.mark.slow
def test_every_cell_of_every_frame_is_drawn_as_the_screen_has_it() -> None:
    """What is told are changes alone; put together they are what each picture would be by itself."""
    recording = exported.workshop()
    taken = [image for image, _ in frames(exported.written("gif", recording, **WINDOW))]
    last = None
    for t, grid in exported.grids(recording, **WINDOW):
        if grid == last:
            continue
        last = grid
        [(alone, _)] = frames(exported.written("gif", recording, start=t, end=t, size=(80, 24)))
        seen = taken.pop(0)
        assert ImageChops.difference(seen, alone).getbbox() is None, t
    assert not taken


@pytest.mark.slow
def test_letters_can_be_read_again_by_their_ink() -> None:
    recording = exported.workshop()
    at = 9 * SECOND
    [(image, _)] = frames(exported.written("gif", recording, start=at, end=at, size=(80, 24)))
    *_, (_, grid) = exported.grids(recording, start=at, end=at, size=(80, 24))
    letters = [chr(code) for code in range(0x21, 0x7F)]
    known = {
        (letter, bold): coverage(letter, 1, fonts()[bold]) for letter in letters for bold in (False, True)
    }
    read = set()
    for y, row in enumerate(grid[:8]):
        for x, cell in enumerate(row):
            if cell.text not in letters or cell in read:
                continue
            tile = image.crop((x * WIDE, y * HIGH, (x + 1) * WIDE, (y + 1) * HIGH))
            found = min(letters, key=lambda letter: _unlike(tile, known[letter, cell.paint.bold], cell.paint))
            assert found == cell.text, (x, y)
            read.add(cell)
    assert len(read) > 50


def _unlike(tile: Image.Image, covered: Image.Image, paint: Paint) -> int:
    """How far a cell's green is from what a letter would make of it."""
    colours = [mixed(paint.background, paint.colour, level / LEVELS) for level in range(LEVELS + 1)]
    wanted = covered.point([int(colours[round(value / 255 * LEVELS)][3:5], 16) for value in range(256)])
    apart = ImageChops.difference(tile.getchannel("G"), wanted)
    return sum(level * count for level, count in enumerate(apart.histogram()))


def test_only_what_changes_is_told() -> None:
    """The frames after the first are smaller pictures, each at its place."""
    file = exported.written("gif", exported.workshop(), **WINDOW)
    places = []
    at = 13 + 256 * 3
    while file[at : at + 1] != b";":
        if file[at : at + 1] == b"!":
            at += 2
        else:
            places.append(struct.unpack_from("<HHHH", file, at + 1))
            at += 11
        while size := file[at]:
            at += size + 1
        at += 1
    assert places[0] == (0, 0, 80 * WIDE, 24 * HIGH)
    assert all(width * height < 80 * WIDE * 24 * HIGH for _, _, width, height in places[1:])


def test_two_times_give_the_same_bytes() -> None:
    assert exported.written("gif", exported.workshop(), **WINDOW) == exported.written(
        "gif", exported.workshop(), **WINDOW
    )


def test_a_long_one_is_refused_with_the_way_out() -> None:
    recording = exported.workshop()
    recording.end = 3600 * SECOND
    with pytest.raises(ExportError, match="of 1:00:00 would be too large; choose at most 60 s of it"):
        exported.written("gif", recording)


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"python3 -m pip install 'ipcviz\[gif\]'"):
        EXPORTS["gif"].write(exported.workshop(), io.BytesIO(), Options(), lambda done: None)


def test_every_kind_of_character_has_a_picture() -> None:
    plain, _ = fonts()
    for text, cells in (
        ("한", 2),
        ("🎉", 2),
        ("é", 1),
        ("●", 1),
        ("\ufffd", 1),
        ("░", 1),
        ("⣿", 1),
        ("╭", 1),
        ("╬", 1),
    ):
        image = coverage(text, cells, plain)
        assert image.size == (cells * WIDE, HIGH)
        assert image.getbbox() is not None, text


def test_lines_join_at_the_edges_of_their_cells() -> None:
    plain, _ = fonts()
    middle = {char: coverage(char, 1, plain) for char in "─│╭╮╰╯┼═║╬"}
    row, column = HIGH // 2 - 1, WIDE // 2
    for char in "─┼╭╰":
        assert middle[char].getpixel((WIDE - 1, row)) > 240, char
    for char in "─┼╮╯":
        assert middle[char].getpixel((0, row)) > 240, char
    for char in "│┼╭╮":
        assert middle[char].getpixel((column, HIGH - 1)) > 240, char
    for char in "│┼╰╯":
        assert middle[char].getpixel((column, 0)) > 240, char
    assert middle["═"].getpixel((0, row)) == 0
    assert middle["║"].getpixel((column, 0)) == 0


def test_without_a_font_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brush, "FONTS", (("nowhere.ttf", "nowhere-bold.ttf"),))
    fonts.cache_clear()
    try:
        with pytest.raises(ExportError, match="install DejaVu Sans Mono"):
            exported.written("gif", exported.workshop(), end=SECOND)
    finally:
        fonts.cache_clear()
