"""Finding lattices by their links alone, and placing them in rows and columns."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from ipcviz.tui.graph.lattice import find_lattice
from ipcviz.tui.graph.layout import place, shape_of
from ipcviz.tui.graph.model import Box, Link
from ipcviz.tui.graph.route import route

Graph = tuple[list[Box], list[Link]]


def lattice(rows: int, columns: int, both_ways: bool = False) -> Graph:
    """Processes named by their row and column, each joined with those at its right and below it."""
    names = {(row, column): f"{row} {column}" for row in range(rows) for column in range(columns)}
    pairs = [
        (names[row, column], names[place])
        for row, column in names
        for place in ((row, column + 1), (row + 1, column))
        if place in names
    ]
    return joined(list(names.values()), pairs + [pair[::-1] for pair in pairs] * both_ways)


def joined(names: list[str], pairs: list[tuple[str, str]]) -> Graph:
    boxes = [Box(name, 13, 3, "process") for name in names]
    things = [f"{one} to {two}" for one, two in pairs]
    boxes += [Box(name, 12, 3, "channel", True) for name in things]
    ends = [end for name, (one, two) in zip(things, pairs, strict=True) for end in ((one, name), (name, two))]
    return boxes, [Link(source, target, f"link {number}") for number, (source, target) in enumerate(ends)]


def rows_of(made: Graph) -> list[list[str]] | None:
    found = find_lattice(*made)
    return found and [[box.name for box in row] for row in found.rows]


@pytest.mark.parametrize(
    ("rows", "columns"), [(2, 2), (2, 3), (3, 2), (2, 7), (3, 3), (4, 4), (3, 5), (6, 8)]
)
@pytest.mark.parametrize("both_ways", [False, True])
def test_it_reads_in_the_order_of_the_boxes(rows, columns, both_ways):
    wanted = [[f"{row} {column}" for column in range(columns)] for row in range(rows)]
    assert rows_of(lattice(rows, columns, both_ways)) == wanted


@pytest.mark.parametrize("seed", range(8))
def test_it_is_found_by_its_links_whatever_the_order(seed):
    boxes, links = lattice(3, 4)
    random.Random(seed).shuffle(boxes)
    random.Random(seed).shuffle(links)
    found = rows_of((boxes, links))
    assert found is not None
    places = {name: (row, column) for row, names in enumerate(found) for column, name in enumerate(names)}
    for one, two in combinations(places, 2):
        apart = sum(abs(a - b) for a, b in zip(map(int, one.split()), map(int, two.split()), strict=True))
        assert apart == sum(abs(a - b) for a, b in zip(places[one], places[two], strict=True))


def test_what_is_no_lattice_is_none():
    boxes, links = lattice(3, 3)
    assert find_lattice([], []) is None
    assert rows_of((boxes, links[2:])) is None
    assert rows_of(joined(["a", "b", "c"], [("a", "b"), ("b", "c")])) is None
    names = [f"{row} {column}" for row in range(3) for column in range(3)]
    pairs = [(box.name.split(" to ")[0], box.name.split(" to ")[1]) for box in boxes if box.role == "channel"]
    assert rows_of(joined(names, [*pairs, ("0 0", "1 1")])) is None
    around = [(f"{row} {2}", f"{row} {0}") for row in range(3)]
    around += [(f"{2} {column}", f"{0} {column}") for column in range(3)]
    assert rows_of(joined(names, pairs + around)) is None


def test_three_things_between_the_same_two_make_no_lattice():
    pairs = [("a", "b"), ("c", "d"), ("a", "c"), ("b", "d")]
    assert rows_of(joined(list("abcd"), pairs + pairs)) is not None
    boxes, links = joined(list("abcd"), pairs)
    more = [Box(f"more {number}", 12, 3, "channel", True) for number in range(2)]
    between = [
        Link(*ends, key=f"{box.name} {ends}") for box in more for ends in (("a", box.name), (box.name, "b"))
    ]
    assert find_lattice(boxes + more, links + between) is None


@pytest.mark.parametrize("both_ways", [False, True])
def test_every_link_is_drawn_and_straight_where_there_is_one_between_two(both_ways):
    boxes, links = lattice(3, 4, both_ways)
    assert shape_of(boxes, links) == "lattice"
    placement = place(boxes, links, 190, 44)
    assert (placement.width, placement.height, placement.flow) == (190, 44, "free")
    paths = route(placement, links)
    assert len(paths) == len(links)
    if not both_ways:
        assert all(
            len({x for x, _ in path.cells}) == 1 or len({y for _, y in path.cells}) == 1 for path in paths
        )


def test_it_is_turned_where_only_so_it_fits():
    upright = place(*lattice(2, 5), 70, 40)
    assert (upright.width, upright.height) == (70, 40)
    assert upright.spots["0 0"].x == upright.spots["0 4"].x


def test_where_it_has_no_room_it_is_larger_than_the_room():
    placement = place(*lattice(4, 4), 60, 12, "lattice")
    assert placement.width > 60
    assert placement.height > 12
