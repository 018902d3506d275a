import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.tui import look as looks
from ipcviz.tui.look import Look

SETS = ["unicode", "plain", "ascii"]
shares = st.floats(0, 1)


@given(shares, st.integers(1, 60), st.sampled_from(SETS))
def test_a_gauge_has_its_width(share, width, glyphs):
    assert len(Look(glyphs).bar(share, width)) == width


@given(shares, shares, st.sampled_from(SETS))
def test_more_is_never_drawn_as_less(one, other, glyphs):
    look = Look(glyphs)
    low, high = sorted((one, other))
    empty = looks._EMPTY[glyphs]
    assert look.bar(low, 20).count(empty) >= look.bar(high, 20).count(empty)


@pytest.mark.parametrize("glyphs", SETS)
def test_a_little_shows_and_nothing_does_not(glyphs):
    look = Look(glyphs)
    assert look.bar(0.0001, 10) != look.bar(0, 10)
    assert look.bar(1, 10) != look.bar(0.9, 10)


@given(st.lists(st.floats(0, 1e6), max_size=50), st.integers(1, 40), st.sampled_from(SETS))
def test_a_sparkline_has_its_width_and_shows_what_is_above_zero(values, width, glyphs):
    drawn = Look(glyphs).sparkline(tuple(values), width)
    assert len(drawn) == width
    shown = values[-width:]
    marks = drawn[width - len(shown) :]
    assert [mark != " " for mark in marks] == [value > 0 for value in shown]


def test_every_set_has_every_glyph():
    assert looks._UNICODE.keys() == looks._PLAIN_GLYPHS.keys() == looks._ASCII.keys()
    assert all(glyph.isascii() for glyph in looks._ASCII.values())


def test_every_style_exists_with_and_without_colours():
    assert all(styles.keys() == looks.STYLES["none"].keys() for styles in looks.STYLES.values())
    assert all(style.color is None and style.bgcolor is None for style in looks.STYLES["none"].values())


def test_states_differ_without_colours():
    names = ["running", "waiting", "blocked", "ended", "failed"]
    for glyphs in SETS:
        assert len({Look(glyphs).glyph(name) for name in names}) == len(names)


def test_the_plain_set_is_what_a_text_console_has():
    shown = Look("plain").plain("– × µ ± … ‖ · ▏")
    assert all(char.encode("cp437") for char in shown)
