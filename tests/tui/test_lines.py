from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ipcviz.tui.lines import cell, fit, line, middle_cut, strip_of, width_of, wrap
from ipcviz.tui.look import Look

texts = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Mn", "Me"]), max_size=30)
styles = st.sampled_from(["text", "dim", "bad"])


@given(st.lists(st.tuples(texts, styles), max_size=6), st.integers(2, 60))
def test_a_fitted_line_has_exactly_the_width(pieces, width):
    assert width_of(fit(pieces, width)) == width


@given(texts, st.integers(1, 40), st.booleans())
def test_a_column_has_exactly_its_width(text, width, right):
    assert cell_len(cell(text, width, right)) == width


def test_a_short_text_is_not_cut():
    assert cell("abc", 5) == "abc  "
    assert cell("abc", 5, right=True) == "  abc"
    assert cell("abcdef", 4) == "abc…"


@given(st.text(alphabet="abc한 ", max_size=80), st.integers(4, 30))
def test_wrapped_rows_fit_and_keep_every_character(text, width):
    rows = list(wrap(text, width))
    assert all(cell_len(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


@given(texts, st.integers(4, 30))
def test_a_name_without_its_middle_fits_and_keeps_its_ends(text, width):
    short = middle_cut(text, width)
    assert cell_len(short) <= width or any(cell_len(char) > 1 for char in text)
    if cell_len(text) > width and text.isascii():
        assert short[0] == text[0]
        assert short[-1] == text[-1]


def test_neighbours_of_one_style_become_one_segment():
    strip = strip_of(line("a", "b", ("c", "dim"), ("", "bad"), ("d", "dim")), Look())
    assert [segment.text for segment in strip] == ["ab", "cd"]


def test_ascii_terminals_get_ascii_only():
    strip = strip_of(line("50 µs – a → b · … ▲"), Look("ascii"))
    assert strip.text.isascii()
