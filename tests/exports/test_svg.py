"""The still: its text is there, it asks for nothing, and a renderer draws it as the screen is."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree

import pytest
import resvg_py
from helpers import exported
from PIL import Image
from rich.cells import cell_len

from ipcviz.exports.shapes import COLUMN
from ipcviz.exports.shapes import PIXELS_HIGH as HIGH
from ipcviz.exports.shapes import PIXELS_WIDE as WIDE
from ipcviz.exports.svg import BASELINE, MARGIN
from ipcviz.units import SECOND

SVG = "{http://www.w3.org/2000/svg}"


def texts_in(picture: bytes) -> dict[int, dict[int, str]]:
    """Of each row of cells the texts by their column."""
    rows: dict[int, dict[int, str]] = {}
    for text in ElementTree.fromstring(picture).iter(f"{SVG}text"):
        row = (int(text.get("y", "0")) - BASELINE) // HIGH
        column = int(text.get("x", "0")) // WIDE
        assert int(text.get("textLength", "0")) == WIDE * _width(text.text or "")
        rows.setdefault(row, {})[column] = text.text or ""
    return rows


def _width(text: str) -> int:
    return cell_len(text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_every_letter_is_in_its_cell(size: tuple[int, int]) -> None:
    recording = exported.workshop()
    texts = texts_in(exported.written("svg", recording, at=9 * SECOND, size=size))
    *_, (_, grid) = exported.grids(recording, start=9 * SECOND, end=9 * SECOND, size=size)
    for y, row in enumerate(grid):
        letters = [cell.text if cell.text.isalnum() or not cell.text else " " for cell in row]
        found = [" "] * size[0]
        for column, text in texts.get(y, {}).items():
            for char in text:
                found[column] = char if char.isalnum() else " "
                column += 1
                for _ in range(_width(char) - 1):
                    found[column] = ""
                    column += 1
        assert found == letters


def test_it_is_of_the_moment_that_was_asked_for() -> None:
    recording = exported.workshop()
    early = exported.written("svg", recording, at=3 * SECOND).decode()
    late = exported.written("svg", recording).decode()
    assert "00:03" in early
    assert "<title>workshop · posix-mq + pipe + shm + udp + posix-sem + flock at 00:03</title>" in early
    assert "00:12" in late
    assert exported.written("svg", recording, at=99 * SECOND).decode() == late


def test_it_names_no_place_in_the_network_and_runs_nothing() -> None:
    picture = exported.written("svg", exported.workshop()).decode()
    assert set(re.findall(r"\w+://[^\s\"']+", picture)) == {"http://www.w3.org/2000/svg"}
    for word in ("<script", "@import", "@font-face", "href", "<image", "foreignObject"):
        assert word not in picture


def test_two_times_give_the_same_bytes() -> None:
    assert exported.written("svg", exported.workshop()) == exported.written("svg", exported.workshop())


def test_a_renderer_draws_it_as_the_screen_is() -> None:
    """Backgrounds are those of the cells, letters leave ink, and lines go on from row to row."""
    recording = exported.workshop()
    picture = exported.written("svg", recording, at=9 * SECOND, size=(80, 24)).decode()
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=picture)))).convert("RGB")
    assert drawn.size == (80 * WIDE + 2 * MARGIN, 24 * HIGH + 2 * MARGIN)
    [(_, grid)] = exported.grids(recording, start=9 * SECOND, end=9 * SECOND, size=(80, 24))[-1:]
    lines = 0
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            left, top = MARGIN + x * WIDE, MARGIN + y * HIGH
            inside = drawn.crop((left, top, left + WIDE, top + HIGH))
            if cell.text == " ":
                assert inside.getcolors() == [(WIDE * HIGH, _rgb(cell.paint.background))], (x, y)
            elif cell.text == "│":
                middle = [inside.getpixel((COLUMN, line)) for line in range(HIGH)]
                assert set(middle) == {_rgb(cell.paint.colour)}, (x, y)
                lines += 1
            elif cell.text == "█":
                assert inside.getcolors() == [(WIDE * HIGH, _rgb(cell.paint.colour))], (x, y)
    assert lines > 30


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
