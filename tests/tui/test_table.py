"""Tables: columns give way by rank, and rows have one width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ipcviz.tui.lines import width_of
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest

COLUMNS = [
    Column("name", 8, lambda item, width: (str(item)[:width], "strong")),
    Column("rate", 6, lambda item, _: ("1/s", "text"), 1, right=True),
    Column("history", 10, lambda item, width: ("x" * width, "bar"), 3, stretch=True, most=20),
    Column("note", 12, lambda item, _: ("한글 상품 기록", "dim"), 2),
]


def headings(width: int) -> list[str]:
    return [column.heading for column in columns_that_fit(COLUMNS, width)]


def test_those_of_the_highest_rank_go_first():
    assert headings(42) == ["name", "rate", "history", "note"]
    assert headings(41) == ["name", "rate", "note"]
    assert headings(20) == ["name", "rate"]
    assert headings(3) == ["name"]


def test_a_narrow_one_has_room_where_a_wide_one_had_not():
    assert headings(29) == ["name", "rate", "history"]


def test_what_is_left_goes_to_those_that_stretch():
    widths = {column.heading: column.width for column in columns_that_fit(COLUMNS, 46)}
    assert widths == {"name": 8, "rate": 6, "history": 14, "note": 12}
    assert columns_that_fit(COLUMNS, 300)[2].width == 20


@given(st.integers(8, 120), st.text(max_size=20))
def test_every_row_is_as_wide_as_its_head(width, item):
    columns = columns_that_fit(COLUMNS, width)
    assert width_of(row_of(columns, item)) == width_of(head_of(columns, "")) <= width


def test_a_width_is_in_cells():
    assert widest(["ab", "한글"], 1, 10) == 4
    assert widest([], 3, 10) == 3
