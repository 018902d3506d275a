"""Cells in an emulator: whatever is wanted after whatever was shown, the codes between them lead there."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from ipcviz.tui.cells import Cells, cells_of
from ipcviz.tui.renditions import Renditions

WIDTH, HEIGHT = 20, 3
STYLES = [
    None,
    Style(),
    Style(bold=True),
    Style(dim=True),
    Style(bold=True, dim=True),
    Style(underline=True),
    Style(underline2=True, italic=True),
    Style(reverse=True),
    Style(strike=True, color="red"),
    Style(color="#123456"),
    Style(color="#123456", bgcolor="#000000"),
    Style(bgcolor="bright_blue", bold=True),
    Style(color="color(120)", blink=True),
    Style(color="default", bgcolor="default"),
]
TEXTS = st.text(st.sampled_from("ab  ─│█é한글日🎉"), max_size=12)
PUTS = st.lists(
    st.tuples(
        st.integers(0, WIDTH - 1),
        st.integers(0, HEIGHT - 1),
        st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)), min_size=1, max_size=3),
    ),
    max_size=4,
)


def cells_in(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    fields = ("data", "fg", "bg", "bold", "italics", "underscore", "strikethrough", "reverse", "blink")
    rows = [screen.buffer[y] for y in range(HEIGHT)]
    return [[tuple(getattr(row[x], field) for field in fields) for x in range(WIDTH)] for row in rows]


@settings(deadline=None)
@given(st.lists(PUTS, min_size=1, max_size=5), st.sampled_from([*ColorSystem]))
def test_small_steps_lead_where_a_whole_frame_does(frames, colours) -> None:
    stepwise = Cells(WIDTH, HEIGHT, Renditions(colours))
    terminal = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(terminal)
    stream.feed("\x1b[?7l")
    for puts in frames:
        for x, y, pieces in puts:
            stepwise.put(x, y, [Segment(text, style) for text, style in pieces], WIDTH)
        stream.feed(stepwise.take_difference())
        assert not stepwise.stale
    expected = cells_in(terminal)
    stepwise.forget()
    assert stepwise.stale
    afresh = pyte.Screen(WIDTH, HEIGHT)
    pyte.Stream(afresh).feed("\x1b[?7l" + stepwise.take_difference())
    assert cells_in(afresh) == expected


@given(st.text(max_size=30))
def test_a_text_takes_as_many_cells_as_textual_counts(text) -> None:
    printable = "".join(char for char in text if char.isprintable())
    assert len(cells_of(printable)) == cell_len(printable)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ab", ["a", "b"]),
        ("한a", ["한", "", "a"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("a\x1b[31m\x07b", ["a", "[", "3", "1", "m", "b"]),
        ("\u0301a", ["a"]),
        ("", []),
    ],
)
def test_cells_of_a_text(text, cells) -> None:
    assert cells_of(text) == cells


def test_nothing_is_sent_for_what_is_shown_already() -> None:
    cells = Cells(WIDTH, HEIGHT, Renditions(ColorSystem.TRUECOLOR))
    row = [Segment("one two three", Style(color="#123456"))]
    cells.put(0, 0, row, WIDTH)
    assert "one two three" in cells.take_difference()
    cells.put(0, 0, row, WIDTH)
    assert not cells.stale
    assert cells.take_difference() == ""


def test_one_changed_cell_costs_a_few_bytes() -> None:
    cells = Cells(WIDTH, HEIGHT, Renditions(ColorSystem.TRUECOLOR))
    for y in range(HEIGHT):
        cells.put(0, y, [Segment("figure 10 of 99", Style())], WIDTH)
    cells.take_difference()
    cells.put(0, 1, [Segment("figure 11 of 99", Style())], WIDTH)
    assert cells.take_difference() == "\x1b[2;9H1"


def test_changes_close_to_each_other_are_sent_as_one() -> None:
    cells = Cells(WIDTH, HEIGHT, Renditions(ColorSystem.TRUECOLOR))
    cells.put(0, 1, [Segment("aaaaaaaaaaaaaaaa", Style())], WIDTH)
    cells.take_difference()
    cells.put(0, 1, [Segment("baabaaaaaaaaaaab", Style())], WIDTH)
    assert cells.take_difference() == "\x1b[2Hbaab\x1b[11Cb"


def test_an_emoji_is_put_where_it_belongs_whatever_width_the_terminal_gives_it() -> None:
    cells = Cells(WIDTH, HEIGHT, Renditions(ColorSystem.TRUECOLOR))
    cells.take_difference()
    cells.put(3, 0, [Segment("🎉x", Style())], WIDTH)
    assert cells.take_difference() == "\x1b[1;4H  \x1b[4G🎉\x1b[6Gx"


@pytest.mark.parametrize("x", [-1, WIDTH])
def test_what_lies_outside_is_left_out(x) -> None:
    cells = Cells(WIDTH, HEIGHT, Renditions(ColorSystem.TRUECOLOR))
    cells.take_difference()
    cells.put(x, 0, [Segment("x")], WIDTH)
    cells.put(0, HEIGHT, [Segment("x")], WIDTH)
    cells.put(WIDTH - 2, 0, [Segment("xyz")], WIDTH)
    assert cells.take_difference() == f"\x1b[1;{WIDTH - 1}Hxy"
