"""Properties and examples of placing boxes."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Box, Link, Placement

SHAPES = [None, "layers", "circle", "star", "lattice"]
SIZES = {"process": (12, 4), "channel": (14, 3), "lock": (11, 3)}


def box(name: str, role: str) -> Box:
    width, height = SIZES[role]
    return Box(name, width, height, role)  # type: ignore[arg-type]


def links(*pairs: tuple[str, str]) -> list[Link]:
    return [Link(source, target, f"link {index}") for index, (source, target) in enumerate(pairs)]


def chain(length: int) -> tuple[list[Box], list[Link]]:
    boxes = [box(f"b{index}", "channel" if index % 2 else "process") for index in range(length)]
    return boxes, links(*((f"b{index}", f"b{index + 1}") for index in range(length - 1)))


def philosophers(count: int) -> tuple[list[Box], list[Link]]:
    boxes = [box(f"p{index}", "process") for index in range(count)]
    boxes += [box(f"f{index}", "lock") for index in range(count)]
    return boxes, links(*((f"p{i}", f"f{j % count}") for i in range(count) for j in (i, i + 1)))


def pool(workers: int) -> tuple[list[Box], list[Link]]:
    names = [f"w{index}" for index in range(workers)]
    boxes = [box("source", "process"), box("jobs", "channel"), *(box(name, "process") for name in names)]
    boxes += [box("done", "channel"), box("sink", "process")]
    fan = [("jobs", name) for name in names] + [(name, "done") for name in names]
    return boxes, links(("source", "jobs"), *fan, ("done", "sink"))


def middle_row(placement: Placement, name: str) -> float:
    spot = placement.spots[name]
    return spot.y + (spot.height - 1) / 2


def assert_sound(placement: Placement) -> None:
    for one, two in combinations(placement.spots.values(), 2):
        assert not one.overlaps(two)
    for spot in placement.spots.values():
        assert 0 <= spot.x <= spot.right < placement.width
        assert 0 <= spot.y <= spot.bottom < placement.height


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    count = draw(st.integers(0, 9))
    roles = st.sampled_from(["process", "channel", "lock"])
    boxes = [
        Box(f"b{index}", draw(st.integers(1, 16)), draw(st.integers(1, 6)), draw(roles))
        for index in range(count)
    ]
    ends = st.integers(0, max(0, count - 1))
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=14)) if count else []
    return boxes, links(*((f"b{source}", f"b{target}") for source, target in pairs))


@given(graphs(), st.integers(10, 150), st.integers(5, 50), st.sampled_from(SHAPES))
@settings(max_examples=200, deadline=None)
def test_boxes_lie_apart_inside_and_always_the_same(graph, width, height, shape):
    boxes, between = graph
    placement = place(boxes, between, width, height, shape)
    assert set(placement.spots) == {item.name for item in boxes}
    assert placement.width >= width
    assert placement.height >= height
    assert_sound(placement)
    assert place(boxes, between, width, height, shape) == placement


def test_nothing_to_place():
    assert place([], [], 40, 10) == Placement({}, 40, 10)


@pytest.mark.parametrize(("length", "width", "height"), [(3, 76, 13), (5, 70, 16), (5, 76, 13), (5, 110, 34)])
def test_chain_fits(length, width, height):
    placement = place(*chain(length), width, height)
    assert (placement.width, placement.height) == (width, height)
    assert_sound(placement)


def test_chain_reads_from_left_to_right_and_is_centred():
    placement = place(*chain(3), 76, 13)
    first, second, third = (placement.spots[f"b{index}"] for index in range(3))
    assert first.right + 4 < second.x
    assert second.right + 4 < third.x
    assert abs(first.x - (75 - third.right)) <= 1


def test_chain_wraps_where_it_is_too_long():
    placement = place(*chain(5), 70, 16)
    rows = {spot.y for name, spot in placement.spots.items() if name in ("b0", "b2", "b4")}
    assert len(rows) == 2


@pytest.mark.parametrize(("width", "height"), [(76, 26), (70, 16), (110, 34), (190, 44)])
def test_philosophers_sit_in_a_circle(width, height):
    placement = place(*philosophers(5), width, height)
    assert (placement.width, placement.height, placement.flow) == (width, height, "free")
    assert_sound(placement)


def test_circle_is_the_same_on_both_sides():
    placement = place(*philosophers(5), 76, 26)
    lefts = sorted((spot.y, spot.x) for spot in placement.spots.values() if spot.right < 37)
    rights = sorted((spot.y, 74 - spot.right) for spot in placement.spots.values() if spot.x > 38)
    assert [y for y, _ in lefts] == [y for y, _ in rights]
    assert all(abs(left - right) <= 1 for (_, left), (_, right) in zip(lefts, rights, strict=True))


def test_a_ring_stands_around_a_room_that_just_fits_it():
    boxes = [
        Box(f"b{index}", 11 if index % 2 else 13, 3, "channel" if index % 2 else "process")
        for index in range(12)
    ]
    placement = place(boxes, links(*((f"b{index}", f"b{(index + 1) % 12}") for index in range(12))), 78, 13)
    assert (placement.width, placement.height, placement.flow) == (78, 13, "free")
    assert_sound(placement)


def test_circle_overflows_where_there_is_no_room():
    placement = place(*philosophers(5), 40, 10)
    assert placement.width > 40 or placement.height > 10
    assert_sound(placement)


def test_processes_sharing_one_lock_make_no_circle():
    boxes = [box("a", "process"), box("b", "process"), box("lock", "lock")]
    assert place(boxes, links(("a", "lock"), ("b", "lock")), 76, 26).flow == "right"


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_worker_pool_is_the_same_above_and_below(workers):
    placement = place(*pool(workers), 190, 44)
    axis = middle_row(placement, "jobs")
    offsets = [middle_row(placement, f"w{index}") - axis for index in range(workers)]
    assert all(abs(up + down) <= 1 for up, down in zip(offsets, reversed(offsets), strict=True))
    assert middle_row(placement, "done") == axis


def test_boxes_without_links_are_placed_below():
    boxes, between = chain(3)
    placement = place([*boxes, box("lone", "process")], between, 76, 20)
    assert placement.spots["lone"].y > max(placement.spots[item.name].bottom for item in boxes)
    assert_sound(placement)
