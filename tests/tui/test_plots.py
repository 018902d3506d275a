"""Small plots: heights say what was measured, axes what they mean, in every glyph set."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.runtime.histogram import bucket_of
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.plots import columns_of, grouped, histogram, over_time, recent, time_axis, timed

LOOK = Look()


def text_of(line):
    return "".join(text for text, _ in line)


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
def test_bars_are_as_high_as_their_values(glyphs):
    look = Look(glyphs)
    rows = columns_of([0.0, 5.0, 10.0, None], 10.0, 2, look)
    full = look.levels[-1]
    assert rows == [f"  {full} ", f" {full}{full} "]


def test_what_is_little_shows_a_mark_and_nothing_shows_none():
    assert columns_of([0.001, 0.0, None], 1e6, 1, LOOK) == ["▁  "]


def test_groups_stand_still_when_a_value_comes():
    values = [float(n) for n in range(100)]
    assert grouped(values[:96], 96, 20, 5)[-1] == sum(range(92, 96)) / 4
    for later in (97, 98, 99, 100):
        assert grouped(values[:later], later, 20, 5)[-2] == sum(range(92, 96)) / 4


@given(st.lists(st.floats(0, 100), max_size=120), st.integers(1, 150))
def test_a_plot_over_time_has_a_column_for_each_cell(values, width):
    columns, seconds = timed(values, len(values), width)
    assert len(columns) == width
    assert seconds in (10, 20, 30, 60)
    assert len(values) <= 2 * seconds


def test_a_young_run_has_a_short_axis():
    assert timed([1.0] * 4, 4, 40)[1] == 10
    assert timed([1.0] * 21, 21, 40)[1] == 20
    assert timed([1.0] * 120, 4000, 40)[1] == 60
    assert text_of(time_axis(20, 30)) == "20 s ago" + " " * 19 + "now"


def test_the_newest_is_at_the_right():
    columns, _ = timed([0.0] * 19 + [7.0], 20, 20)
    assert columns == [0.0] * 19 + [7.0]


def test_a_history_in_one_row():
    assert recent((0.0, 50.0, 100.0), 3, 20, "unicode", 100.0).strip() == "▄█"
    assert len(recent((1.0,), 1, 9, "ascii")) == 9
    assert recent((), 0, 5, "unicode") == "     "


def test_a_limit_is_a_dashed_line_with_its_name():
    lines = over_time([None, 1.0, 2.0], 12, 2, LOOK, 10.0, "10")
    assert text_of(lines[0]) == "10 ┄┄┄┄┄┄┄┄┄"
    assert text_of(lines[1]).endswith("▂▃")


def test_a_histogram_points_at_its_percentiles():
    counts = {bucket_of(10_000): 50, bucket_of(1_000_000): 50}
    lines = histogram(counts, 60, 4, LOOK, {"p50": 10.0, "p99": 1000.0})
    bars, axis, marks = text_of(lines[3]), text_of(lines[4]), text_of(lines[5])
    assert "10 µs" in axis
    assert "100 µs" in axis
    assert abs(marks.index("▲") - len(bars) + len(bars.lstrip())) <= 1
    assert "▲ p50 10 µs" in marks
    assert "p99 1.0 ms ▲" in marks
    assert max(width_of(row) for row in lines) <= 60


def test_percentiles_that_meet_share_a_mark():
    counts = {bucket_of(10_000): 50}
    marks = text_of(histogram(counts, 60, 4, LOOK, {"p50": 10.0, "p99": 10.4})[-1])
    assert marks.count("▲") == 1
    assert "p50 10 µs  p99 10 µs" in marks


@given(
    st.dictionaries(st.integers(0, 255), st.integers(1, 10**12), min_size=1),
    st.integers(4, 200),
    st.integers(1, 20),
)
def test_a_histogram_fits_whatever_is_counted(counts, width, height):
    lines = histogram(counts, width, height, LOOK, {"p50": 1.0, "p99": 1e9})
    assert len(lines) == height + 2
    assert max(width_of(row) for row in lines) <= width
    assert any(text_of(row).strip() for row in lines[:height])
    assert math.isfinite(sum(counts.values()))


def test_under_its_upper_edge_a_plot_is_quiet():
    rows = over_time([2.0, 1.0, 3.0], 3, 3, Look())
    assert [[(text, style) for text, style in row if text.strip()] for row in rows] == [
        [("  █", "bar")],
        [("█ ", "bar"), ("█", "frame")],
        [("█", "frame"), ("█", "bar"), ("█", "frame")],
    ]
