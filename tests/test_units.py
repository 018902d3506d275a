"""Figures as people read them, and text that a terminal may safely show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import units

SECOND = units.SECOND


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0/s"),
        (0.4, "0.4/s"),
        (9.5, "9.5/s"),
        (12.4, "12/s"),
        (999, "999/s"),
        (999.5, "1.0 k/s"),
        (1234, "1.2 k/s"),
        (82_100, "82.1 k/s"),
        (99_960, "100 k/s"),
        (999_499, "999 k/s"),
        (999_500, "1.0 M/s"),
        (1_234_567, "1.2 M/s"),
        (5e9, "5000 M/s"),
    ],
)
def test_rates(value: float, shown: str) -> None:
    assert units.rate(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(7, "7"), (4121, "4,121"), (9999, "9,999"), (51_234, "51.2 k"), (3_400_000, "3.4 M")]
)
def test_counts(value: int, shown: str) -> None:
    assert units.count(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 B"),
        (64, "64 B"),
        (999, "999 B"),
        (1024, "1.0 KiB"),
        (5222, "5.1 KiB"),
        (65536, "64.0 KiB"),
        (1 << 20, "1.0 MiB"),
        (300 << 20, "300 MiB"),
        (3 << 40, "3072 GiB"),
    ],
)
def test_sizes(value: float, shown: str) -> None:
    assert units.size(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 µs"),
        (0.04, "0 µs"),
        (0.5, "0.5 µs"),
        (118, "118 µs"),
        (999.6, "1.0 ms"),
        (2400, "2.4 ms"),
        (99_960, "100 ms"),
        (123_456, "123 ms"),
        (999_600, "1.0 s"),
        (1_700_000, "1.7 s"),
    ],
)
def test_micros(value: float | None, shown: str) -> None:
    assert units.micros(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.0 s"),
        (12_300_000_000, "12.3 s"),
        (99 * SECOND, "99.0 s"),
        (99_960_000_000, "01:40"),
        (245 * SECOND, "04:05"),
    ],
)
def test_spans(value: int, shown: str) -> None:
    assert units.span(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "00:00"),
        (42, "00:42"),
        (59.999, "00:59"),
        (3599, "59:59"),
        (3723, "1:02:03"),
        (360_000, "100:00:00"),
    ],
)
def test_clocks(seconds: float, shown: str) -> None:
    assert units.clock(int(seconds * SECOND)) == shown


def test_stamps() -> None:
    assert units.stamp(42_118_204_999) == "42.118 204"
    assert units.stamp(0) == "0.000 000"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 %"),
        (0.0004, "0 %"),
        (0.004, "0.4 %"),
        (0.01, "1 %"),
        (0.61, "61 %"),
        (1, "100 %"),
        (1.5, "150 %"),
    ],
)
def test_shares(value: float, shown: str) -> None:
    assert units.percent(value) == shown


def test_quantities() -> None:
    assert units.quantity(None, "bytes") == "?"
    assert units.quantity(10, "messages") == "10"
    assert units.quantity(12_345, "messages") == "12,345"
    assert units.quantity(65536, "bytes") == "64.0 KiB"
    assert units.quantity(65536, "bytes of socket memory") == "64.0 KiB"


@pytest.mark.parametrize("show", [units.rate, units.size, units.micros, units.percent])
@given(value=st.floats(0, 1e13))
def test_figures_are_short_and_have_a_unit(show: object, value: float) -> None:
    shown = show(value)  # type: ignore[operator]
    assert shown[0].isdigit()
    assert len(shown) <= 20
    assert not shown[-1].isdigit()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("é 안녕 日本", "é 안녕 日本"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\tb\nc\rd\0", "a\\tb\\nc\\rd\\0"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("\u202eright to left", "\\u202eright to left"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        ("\U000e0001", "\\U000e0001"),
        ("\udce9", "\\udce9"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert units.printable(text) == shown


@given(st.text())
def test_nothing_is_left_that_a_terminal_would_obey(text: str) -> None:
    shown = units.printable(text)
    assert shown.isprintable()
    assert units.printable(shown) == shown


@given(st.binary(max_size=64))
def test_any_payload_can_be_shown(payload: bytes) -> None:
    shown = units.preview(payload)
    assert shown.isprintable()
    shown.encode()


def test_a_payload_that_is_cut_in_the_middle_of_a_letter() -> None:
    assert units.preview("안녕".encode()[:5]) == "안\\xeb\\x85"


def test_names_in_a_sentence() -> None:
    assert [units.listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_how_long_something_lasts_is_told_in_smaller_units_below_a_second() -> None:
    told = [units.lasted(ns) for ns in (-1, 0, 45_000, 999_999, 1_000_000, 999_999_999, 10**9, 10**11)]
    assert told == ["0 µs", "0 µs", "45 µs", "999 µs", "1 ms", "999 ms", "1.0 s", "01:40"]
