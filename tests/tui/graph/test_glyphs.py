"""Examples and properties of drawing paths as characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.tui.graph.glyphs import draw
from ipcviz.tui.graph.model import Cell, Path

CORNER = Path("corner", ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2)))
ACROSS = Path("across", ((0, 1), (1, 1), (2, 1), (3, 1)))
DOWN = Path("down", ((1, 0), (1, 1), (1, 2)))


def text(paths, arrows=False, styles=None, glyph_set="unicode") -> list[str]:
    cells = draw(paths, {path.key for path in paths} if arrows else set(), styles or {}, glyph_set)
    wide, tall = max(x for x, _ in cells) + 1, max(y for _, y in cells) + 1
    return ["".join(cells.get((x, y), " ")[0] for x in range(wide)).rstrip() for y in range(tall)]


@pytest.mark.parametrize(
    ("glyph_set", "style", "lines"),
    [
        ("unicode", "plain", ["──╮", "  │", "  ▼"]),
        ("unicode", "dashed", ["╌╌╮", "  ╎", "  ▼"]),
        ("unicode", "double", ["══╗", "  ║", "  ▼"]),
        ("plain", "plain", ["──┐", "  │", "  ▼"]),
        ("plain", "dashed", ["··┐", "  ·", "  ▼"]),
        ("plain", "double", ["══╗", "  ║", "  ▼"]),
        ("ascii", "plain", ["--+", "  |", "  v"]),
        ("ascii", "dashed", ["..+", "  :", "  v"]),
        ("ascii", "double", ["==#", "  #", "  v"]),
    ],
)
def test_styles_in_every_glyph_set(glyph_set, style, lines):
    assert text([CORNER], arrows=True, styles={"corner": style}, glyph_set=glyph_set) == lines


def test_without_arrows_the_line_goes_on_to_the_box():
    assert text([ACROSS])[1] == "────"


@pytest.mark.parametrize(
    ("cells", "head"),
    [(((0, 0), (1, 0)), "▶"), (((1, 0), (0, 0)), "◀"), (((0, 0), (0, 1)), "▼"), (((0, 1), (0, 0)), "▲")],
)
def test_arrow_heads_point_into_the_target(cells: tuple[Cell, ...], head: str):
    assert draw([Path("p", cells)], {"p"}, {}, "unicode")[cells[-1]] == (head, "p")


def test_single_cell_needs_to_be_told_its_direction():
    assert draw([Path("p", ((0, 0),), "right", "right")], {"p"}, {}, "unicode") == {(0, 0): ("▶", "p")}


def test_crossing():
    assert text([ACROSS, DOWN]) == [" │", "─┼──", " │"]


def test_branch_and_merge():
    branch = Path("branch", ((0, 1), (1, 1), (1, 2), (1, 3)))
    merge = Path("merge", ((2, 3), (2, 2), (2, 1), (3, 1)))
    assert text([ACROSS, branch, merge])[1] == "─┬┬─"


def test_double_line_crossing_a_plain_one():
    assert text([ACROSS, DOWN], styles={"across": "double"})[1] == "═╪══"
    assert text([ACROSS, DOWN], styles={"down": "double"})[1] == "─╫──"


def test_cell_belongs_to_the_strongest_style_and_then_to_the_last_path():
    shared = (1, 1)
    assert draw([ACROSS, DOWN], set(), {}, "unicode")[shared][1] == "down"
    assert draw([DOWN, ACROSS], set(), {"down": "dashed"}, "unicode")[shared][1] == "down"
    styles = {"down": "dashed", "across": "double"}
    assert draw([ACROSS, DOWN], set(), styles, "unicode")[shared][1] == "across"


@given(
    st.lists(st.sampled_from([(1, 0), (0, 1), (-1, 0), (0, -1)]), max_size=20),
    st.sampled_from(["plain", "dashed", "double"]),
    st.sampled_from(["unicode", "plain", "ascii"]),
    st.booleans(),
)
def test_every_cell_gets_one_character(steps, style, glyph_set, arrows):
    cells = [(0, 0)]
    for across, down in steps:
        cells.append((cells[-1][0] + across, cells[-1][1] + down))
    drawn = draw([Path("p", tuple(cells))], {"p"} if arrows else set(), {"p": style}, glyph_set)
    assert set(drawn) == set(cells)
    assert all(len(glyph) == 1 and key == "p" for glyph, key in drawn.values())
    assert glyph_set != "ascii" or all(glyph.isascii() for glyph, _ in drawn.values())
