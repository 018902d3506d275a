"""What is said of a chapter stands below the picture, in as many rows as it needs."""

from __future__ import annotations

import pytest
from helpers import data_exports as made
from rich.cells import cell_len

from ipcviz.events import Chapter
from ipcviz.exports.options import Options
from ipcviz.exports.playback import Shot, play
from ipcviz.exports.saved import SavedStream
from ipcviz.exports.stage import MOST_ROWS, chapter_lines, rows_for
from ipcviz.tui.lines import Line
from ipcviz.units import SECOND

LONG = "The consumer is slower than both producers, so the channel fills up, and they have to wait for it."


def text_of(rows: list[Line]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def chapter(caption: str = LONG, label: str = "It fills up") -> Chapter:
    return Chapter(t=0, label=label, caption=caption)


def test_a_caption_is_wrapped_beside_its_title() -> None:
    assert chapter_lines(None, 80) == []
    assert text_of(chapter_lines(chapter("Short."), 80)) == [" It fills up  Short."]
    rows = text_of(chapter_lines(chapter(), 80))
    assert len(rows) == 2
    assert rows[0].startswith(" It fills up  The consumer")
    assert rows[1].startswith(" " * 14)
    assert " ".join(row.strip() for row in rows) == f"It fills up  {LONG}"


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("label", ["x", "A title that takes half of the row and more", "記" * 30])
def test_every_row_fits_and_what_is_too_long_says_so(width: int, label: str) -> None:
    rows = text_of(chapter_lines(chapter(LONG * 9, label), width))
    assert len(rows) == MOST_ROWS
    assert all(cell_len(row) <= width for row in rows[1:])
    assert rows[-1].endswith(" …")


def test_as_many_rows_as_the_longest_needs_where_the_screen_has_them() -> None:
    chapters = [chapter("Short."), chapter(), chapter("")]
    assert rows_for(chapters, 200, 50) == 1
    assert rows_for(chapters, 80, 24) == 2
    assert rows_for(chapters, 80, 15) == 1
    assert rows_for([], 80, 24) == 1


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
def test_the_whole_caption_stands_in_a_picture_of_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    session = made.session()
    told = chapter(LONG + " " + LONG[:60])
    recording = SavedStream([*made.started(session), told, made.frame(session, SECOND, 5)])

    def texts() -> list[str]:
        shots: list[Shot] = []
        play(recording, Options(size=size), iter([SECOND]), shots.append)
        return ["".join(segment.text for segment in row) for row in shots[0].rows]

    rows = texts()
    assert (len(rows), {cell_len(row) for row in rows}) == (size[1], {size[0]})
    said = " ".join(word for row in rows[-MOST_ROWS:] for word in row.split())
    assert said.endswith(f"{told.label} {told.caption.strip()}")
    assert rows == texts()
