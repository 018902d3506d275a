"""Bytes as figures and text: every byte has its cell, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ipcviz.tui.hexdump import bytes_a_row, characters, hexdump, text_cells
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look

LOOK = Look()
FAMILY = "👨‍👩‍👧"
TEXTS = ["plain", "한글 상품 기록을 보낸다", FAMILY, "🇰🇷🇩🇪", "e\u0301a\u0308\u0301", "שלום עולם", "ｆｕｌｌ"]


def text_of(line):
    return "".join(text for text, _ in line)


def cells_of(line):
    return sum(cell_len(text) for text, _ in line)


@pytest.mark.parametrize("count", [4, 8, 12, 16])
@pytest.mark.parametrize("text", TEXTS)
def test_a_row_of_text_has_a_cell_for_each_byte(text, count):
    payload = text.encode()
    rows = text_cells(payload, count, LOOK)
    sizes = [len(payload[at : at + count]) for at in range(0, len(payload), count)]
    assert [cells_of(row) for row in rows] == sizes


@given(st.binary(min_size=1, max_size=64), st.sampled_from([4, 8, 12, 16]))
def test_any_bytes_are_aligned_and_none_is_obeyed(payload, count):
    rows = text_cells(payload, count, LOOK)
    assert [cells_of(row) for row in rows] == [
        len(payload[at : at + count]) for at in range(0, len(payload), count)
    ]
    assert all(text_of(row).isprintable() for row in rows)


@given(st.binary(max_size=64))
def test_the_characters_are_all_of_the_bytes(payload):
    found = list(characters(payload))
    assert sum(length for _, _, length in found) == len(payload)
    assert all(not char or payload[at : at + length].decode() == char for at, char, length in found)


def test_a_wide_character_is_over_its_own_bytes():
    assert text_of(text_cells("a한b".encode(), 16, LOOK)[0]) == "a한·b"


def test_a_wide_character_at_the_edge_goes_to_its_later_bytes():
    rows = text_cells("abc한d".encode(), 4, LOOK)
    assert [text_of(row) for row in rows] == ["abc·", "한d"]


def test_a_combining_mark_has_something_to_stand_on():
    assert text_of(text_cells("\u0301x".encode(), 16, LOOK)[0]) == "◌\u0301·x"


def test_what_a_terminal_would_obey_is_a_quiet_mark():
    assert text_of(text_cells(b"\x1b[31m\x07\xff", 16, LOOK)[0]) == "·[31m··"


def test_figures_and_text_stand_side_by_side():
    rows = [text_of(row) for row in hexdump(b"order 181204 for one", 80, LOOK)]
    assert rows == [
        "   0  6f 72 64 65  72 20 31 38  31 32 30 34  20 66 6f 72 │ order 181204 for",
        "  10  20 6f 6e 65                                        │  one",
    ]


@pytest.mark.parametrize(("width", "count"), [(76, 16), (58, 12), (42, 8), (30, 4), (5, 4)])
def test_the_row_is_as_long_as_the_room_allows(width, count):
    assert bytes_a_row(width) == count
    rows = hexdump(bytes(64), width, LOOK)
    assert max(width_of(row) for row in rows) <= max(width, 26)
