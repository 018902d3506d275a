"""Finding stars by their links alone, and placing the hub in the middle."""

from __future__ import annotations

import random

import pytest

from ipcviz.tui.graph.layout import place, shape_of
from ipcviz.tui.graph.model import Box, Link, Placement
from ipcviz.tui.graph.route import route
from ipcviz.tui.graph.star import find_star

LEAVES = ["a", "b", "c", "d", "e", "f", "g", "h"]

Graph = tuple[list[Box], list[Link]]


def graph(processes: list[str], ways: list[tuple[str, list[str], list[str]]]) -> Graph:
    """Things, each with the processes that give to it and those that take from it."""
    boxes = [Box(name, 12, 3, "process") for name in processes]
    boxes += [Box(name, 11, 1, "channel", len(givers + takers) == 2) for name, givers, takers in ways]
    pairs = [(giver, name) for name, givers, _ in ways for giver in givers]
    pairs += [(name, taker) for name, _, takers in ways for taker in takers]
    return boxes, [Link(source, target, f"link {number}") for number, (source, target) in enumerate(pairs)]


def one_way(count: int) -> Graph:
    leaves = LEAVES[:count]
    return graph([*leaves, "hub"], [(f"to {name}", ["hub"], [name]) for name in leaves])


def both_ways(count: int) -> Graph:
    leaves = LEAVES[:count]
    ways = [(f"to {name}", ["hub"], [name]) for name in leaves]
    return graph([*leaves, "hub"], [*ways, *((f"of {name}", [name], ["hub"]) for name in leaves)])


def chat(count: int) -> Graph:
    leaves = LEAVES[:count]
    ways = [(f"to {name}", ["hub"], [name]) for name in leaves]
    return graph([*leaves, "hub"], [("talk", leaves, ["hub"]), *ways])


def middle(placement: Placement, name: str) -> tuple[int, int]:
    spot = placement.spots[name]
    return spot.x + spot.width // 2, spot.y + spot.height // 2


@pytest.mark.parametrize("made", [one_way(4), one_way(8), both_ways(3), both_ways(6), chat(3), chat(8)])
def test_a_star_is_found_whatever_the_order_and_the_names(made):
    boxes, links = made
    random.Random(5).shuffle(boxes)
    star = find_star(boxes, links)
    assert star is not None
    assert star.hub.name == "hub"
    assert [leaf.box.name for leaf in star.leaves] == [
        box.name for box in boxes if box.role == "process" and box.name != "hub"
    ]
    assert shape_of(boxes, links) == "star"


def test_what_the_hub_gives_comes_before_what_it_takes():
    boxes, links = both_ways(4)
    star = find_star(boxes[::-1], links)
    assert star is not None
    assert {tuple(box.name[:2] for box in leaf.own) for leaf in star.leaves} == {("to", "of")}


@pytest.mark.parametrize(
    "made",
    [
        one_way(3),
        both_ways(2),
        graph(["a", "b", "c", "d", "e"], [("log", ["a", "b", "c", "d"], ["e"])]),
        graph([], []),
        graph(
            ["hub", *LEAVES[:4]],
            [
                *((f"to {name}", ["hub"], [name]) for name in LEAVES[:4]),
                ("a to b", ["a"], ["b"]),
                ("c to d", ["c"], ["d"]),
            ],
        ),
    ],
    ids=["few", "pair", "fan", "nothing", "joined"],
)
def test_what_is_no_star_is_none(made):
    assert find_star(*made) is None


def test_a_few_more_links_leave_it_a_star():
    ways = [(f"to {name}", ["hub"], [name]) for name in LEAVES]
    boxes, links = graph(["hub", *LEAVES, "log"], [*ways, ("notes", ["a"], ["log"])])
    star = find_star(boxes, links)
    assert star is not None
    assert [box.name for box in star.others] == ["notes", "log"]
    placement = place(boxes, links, 134, 34, "star")
    assert (placement.width, placement.height) == (134, 34)
    assert len(route(placement, links)) == len(links)


def test_the_leaves_stand_on_all_sides_where_there_is_room():
    placement = place(*one_way(4), 100, 28)
    across, down = middle(placement, "hub")
    assert [middle(placement, name)[0] for name in ("a", "d")] == [across, across]
    assert [middle(placement, name)[1] for name in ("b", "c")] == [down, down]
    assert middle(placement, "a")[1] < down < middle(placement, "d")[1]
    assert middle(placement, "b")[0] < across < middle(placement, "c")[0]


def test_where_there_is_less_they_stand_at_two():
    placement = place(*one_way(4), 100, 9)
    assert (placement.width, placement.height) == (100, 9)
    across, _ = middle(placement, "hub")
    assert [middle(placement, name)[0] < across for name in "abcd"] == [True, False, True, False]


def test_where_there_is_none_it_is_layers():
    placement = place(*one_way(4), 50, 20)
    assert (placement.width, placement.height) == (50, 20)


@pytest.mark.parametrize("count", [3, 4, 5, 8])
def test_no_links_of_a_chat_cross(count):
    boxes, links = chat(count)
    paths = route(place(boxes, links, 100, 30, "star"), links)
    assert len(paths) == len(links)
    ways: dict[tuple[int, int], set[tuple[str, bool]]] = {}
    for link, path in zip(links, paths, strict=True):
        hubward = link.target == "talk"
        for cell, after in zip(path.cells[1:-1], path.cells[2:], strict=True):
            ways.setdefault(cell, set()).add((str(hubward), cell[1] == after[1]))
    assert not [cell for cell, found in ways.items() if len({hubward for hubward, _ in found}) > 1]


def test_two_ways_between_hub_and_leaf_do_not_cross_where_four_stand_around_it():
    boxes, links = both_ways(4)
    tall = [Box(box.name, 12, 4, "process") if box.role == "process" else box for box in boxes]
    paths = route(place(tall, links, 110, 20, "star"), links)
    assert len(paths) == len(links)
    kinds: dict[str, set[tuple[int, int]]] = {"to": set(), "of": set()}
    for link, path in zip(links, paths, strict=True):
        thing = link.target if link.target[:2] in kinds else link.source
        kinds[thing[:2]].update(path.cells)
    assert kinds["to"].isdisjoint(kinds["of"])
