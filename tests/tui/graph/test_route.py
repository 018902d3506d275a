"""Properties and examples of routing links between boxes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Box, Cell, Link, Path, Placement, Spot
from ipcviz.tui.graph.route import route


def links(*pairs: tuple[str, str]) -> list[Link]:
    return [Link(source, target, f"link {index}") for index, (source, target) in enumerate(pairs)]


def beside(cell: Cell, spot: Spot) -> bool:
    x, y = cell
    return any(spot.covers(near) for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)))


def is_connected(cells: Sequence[Cell]) -> bool:
    return all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in pairwise(cells))


def runs(path: Path) -> set[tuple[Cell, bool]]:
    """Every cell of the path with whether it is left or entered along a row there."""
    steps = list(pairwise(path.cells))
    return {(cell, one[1] == two[1]) for one, two in steps for cell in (one, two)}


def bends(path: Path) -> int:
    ways = [(c - a, d - b) for (a, b), (c, d) in pairwise(path.cells)]
    return sum(one != two for one, two in pairwise(ways))


def assert_sound(placement: Placement, between: Sequence[Link], paths: Sequence[Path]) -> None:
    by_key = {link.key: link for link in between}
    for path in paths:
        link = by_key[path.key]
        assert is_connected(path.cells)
        assert beside(path.cells[0], placement.spots[link.source])
        assert beside(path.cells[-1], placement.spots[link.target])
        for x, y in path.cells:
            assert 0 <= x < placement.width
            assert 0 <= y < placement.height
            assert not any(spot.covers((x, y)) for spot in placement.spots.values())
    for one, two in combinations(paths, 2):
        first, second = by_key[one.key], by_key[two.key]
        if first.source != second.source and first.target != second.target:
            assert not runs(one) & runs(two)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Placement, list[Link]]:
    count = draw(st.integers(1, 8))
    size = st.tuples(st.integers(3, 14), st.integers(3, 5))
    boxes = [Box(f"b{index}", *draw(size), "process") for index in range(count)]
    ends = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=12))
    between = links(*((f"b{source}", f"b{target}") for source, target in pairs))
    shape = draw(st.sampled_from([None, "layers", "circle"]))
    return place(boxes, between, draw(st.integers(20, 120)), draw(st.integers(8, 40)), shape), between


@given(scenes())
@settings(max_examples=150, deadline=None)
def test_paths_are_sound_and_always_the_same(scene):
    placement, between = scene
    paths = route(placement, between)
    assert_sound(placement, between, paths)
    assert route(placement, between) == paths


def scattered(*spots: tuple[int, int]) -> Placement:
    """Boxes named a, b, c... of 8 by 4 cells at the given places in 60 by 24 cells."""
    named = {chr(97 + index): Spot(x, y, 8, 4) for index, (x, y) in enumerate(spots)}
    return Placement(named, 60, 24, "right")


def test_boxes_in_a_row_get_a_straight_path():
    (path,) = route(scattered((2, 4), (30, 4)), links(("a", "b")))
    assert bends(path) == 0
    assert (path.cells[0][0], path.cells[-1][0]) == (10, 29)
    assert path.cells[0][1] in (5, 6)


def test_path_goes_around_a_box_in_between():
    between = links(("a", "b"))
    placement = scattered((2, 6), (42, 6), (22, 6))
    paths = route(placement, between)
    assert len(paths) == 1
    assert_sound(placement, between, paths)


def test_both_directions_get_paths_of_their_own():
    forth, back = route(scattered((2, 4), (30, 4)), links(("a", "b"), ("b", "a")))
    assert not set(forth.cells) & set(back.cells)
    assert bends(forth) == bends(back) == 0


def test_links_to_one_target_share_their_end():
    paths = route(scattered((2, 2), (2, 14), (30, 8)), links(("a", "c"), ("b", "c")))
    assert paths[0].cells[-1] == paths[1].cells[-1]


def test_links_from_one_source_share_their_beginning():
    paths = route(scattered((2, 8), (30, 2), (30, 14)), links(("a", "b"), ("a", "c")))
    assert paths[0].cells[0] == paths[1].cells[0]


def test_two_links_between_the_same_boxes_do_not_share():
    one, two = route(scattered((2, 4), (30, 4)), links(("a", "b"), ("a", "b")))
    assert not set(one.cells) & set(two.cells)


@pytest.mark.parametrize("pair", [("a", "nobody"), ("a", "a")])
def test_links_that_lead_nowhere_are_left_out(pair):
    assert route(scattered((2, 4)), links(pair)) == ()


def test_link_without_a_way_is_left_out():
    walled = Placement({"a": Spot(0, 0, 3, 3), "b": Spot(3, 0, 3, 3)}, 6, 3)
    assert route(walled, links(("a", "b"))) == ()
