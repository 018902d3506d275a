"""Pictures of sessions: everything fits or scrolls, every link is drawn, and it is quick enough."""

from __future__ import annotations

import random
import time
from itertools import combinations

import pytest
from helpers import events as made

from ipcviz import catalog
from ipcviz.events import SessionStarted
from ipcviz.offer import offer
from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.picture import Picture, disorder, picture_of
from ipcviz.tui.plans import Wish
from ipcviz.tui.sizes import LARGE


def row(length: int) -> SessionStarted:
    names = [f"stage {number}" for number in range(length)]
    channels = [
        made.channel(f"to {number}", f"stage {number - 1}>", f">stage {number}")
        for number in range(1, length)
    ]
    return made.session(names, channels)


def workers(count: int) -> SessionStarted:
    names = [f"worker {number}" for number in range(1, count + 1)]
    files = made.channel("files", "source>", *(f">{name}" for name in names))
    results = made.channel("results", *(f"{name}>" for name in names), ">sink")
    return made.session(["source", *names, "sink"], [files, results])


def chat(*people: str) -> SessionStarted:
    """Everybody talks to the hub through one channel, and has one from it."""
    ways = [made.channel(f"to {name}", "hub>", f">{name}") for name in people]
    talk = made.channel("talk", *(f"{name}>" for name in people), ">hub")
    return made.session([*people, "hub"], [talk, *ways])


def neighbours(rows: int, columns: int) -> SessionStarted:
    """Each is joined with the one at its right and the one below."""
    names = [f"c{number:02}" for number in range(rows * columns)]
    pairs = [
        (number, number + step)
        for number in range(rows * columns)
        for step in (1, columns)
        if number + step < rows * columns and (step == columns or (number + 1) % columns)
    ]
    channels = [
        made.channel(f"{names[one]}-{names[two]}", f"{names[one]}>", f">{names[two]}") for one, two in pairs
    ]
    return made.session(names, channels)


def tree(count: int) -> SessionStarted:
    """So many processes, each but the first fed by one of the six before it; no two names are alike."""
    chance = random.Random(3)
    names = [f"{chr(97 + number % 26)}{chr(97 + number // 26)} step" for number in range(count)]
    channels = [
        made.channel(
            f"to {names[number]}",
            f"{names[chance.randrange(max(0, number - 6), number)]}>",
            f">{names[number]}",
        )
        for number in range(1, count)
    ]
    return made.session(names, channels)


def assert_sound(picture: Picture) -> None:
    spots = picture.placement.spots
    assert set(spots) == set(picture.scene.nodes)
    for one, two in combinations(spots.values(), 2):
        assert not one.overlaps(two)
    for path in picture.paths.values():
        for x, y in path.cells:
            assert 0 <= x < picture.placement.width
            assert 0 <= y < picture.placement.height
            assert not any(spot.covers((x, y)) for spot in spots.values())


@pytest.mark.parametrize("session", [row(4), workers(8), tree(12)], ids=["row", "workers", "tree"])
@pytest.mark.parametrize(("width", "height"), [(58, 10), (78, 14), (70, 19), (118, 28)])
def test_all_boxes_and_links_are_there_and_apart(session, width, height):
    picture = picture_of(session, width, height)
    assert_sound(picture)
    assert picture.missing == 0


@pytest.mark.parametrize("name", catalog.names())
@pytest.mark.parametrize(("width", "height"), [(78, 14), (70, 19), (118, 28)])
def test_every_demo_fits_with_all_its_links(name, width, height):
    session = offer(SessionRequest(demo=name)).session
    assert session is not None
    picture = picture_of(session, width, height)
    assert_sound(picture)
    assert picture.fits(width, height)
    assert picture.missing == 0


def test_it_is_the_same_every_time():
    assert picture_of(workers(5), 70, 19) == picture_of(workers(5), 70, 19)


def test_a_pool_is_folded_only_where_it_does_not_fit():
    assert picture_of(workers(3), 118, 28).folded == frozenset()
    assert picture_of(workers(24), 70, 19).folded == {"worker 1"}


def test_a_person_folds_and_unfolds_pools():
    assert picture_of(workers(24), 70, 19, Wish(unfolded=frozenset({"worker 1"}))).folded == frozenset()
    assert picture_of(workers(2), 118, 28, Wish(folded=frozenset({"worker 1"}))).folded == {"worker 1"}


def test_zooming_out_folds_and_zooming_in_is_large():
    assert picture_of(workers(3), 118, 28, Wish(-1)).folded == {"worker 1"}
    large = picture_of(workers(8), 70, 19, Wish(1))
    assert (large.sizes, large.folded) == (LARGE, frozenset())
    assert not large.fits(70, 19)


def test_nothing_at_all_has_a_picture():
    assert picture_of(made.session(["alone"]), 60, 12).missing == 0
    assert picture_of(made.session([]), 60, 12).placement.spots == {}


@pytest.mark.parametrize("session", [tree(40), tree(50)], ids=["79 nodes", "99 nodes"])
def test_many_nodes_are_placed_in_time(session):
    began = time.thread_time()
    picture = picture_of(session, 118, 28)
    assert time.thread_time() - began < 2
    assert picture.missing == 0
    assert_sound(picture)


@pytest.mark.slow
def test_a_hundred_workers_can_be_looked_at_one_by_one():
    picture = picture_of(workers(100), 118, 28, Wish(1))
    assert picture.missing == 0
    assert_sound(picture)


def test_a_table_of_philosophers_is_folded_only_as_a_last_resort():
    session = offer(SessionRequest(demo="philosophers", settings={"n": "8"})).session
    assert session is not None
    assert picture_of(session, 70, 19).folded == frozenset()


def test_a_ring_stands_around_the_room_and_goes_clockwise():
    names = [str(number) for number in range(1, 7)]
    hops = [
        made.channel(f"hop {number}", f"{name}>", f">{names[number % 6]}")
        for number, name in enumerate(names, 1)
    ]
    picture = picture_of(made.session(names, hops), 73, 21)
    assert picture.placement.flow == "free"
    assert disorder(picture) == 0
    first, second, third = (picture.placement.spots[f"process:{name}"] for name in names[:3])
    assert first.x < second.x < third.x
    assert first.y == second.y < third.y


def test_a_lock_has_room_for_the_name_of_its_holder():
    session = made.session(
        ["philosopher 1", "philosopher 2"], (), [made.lock("fork", "philosopher 1", "philosopher 2")]
    )
    picture = picture_of(session, 73, 21)
    assert picture.placement.spots["lock:fork"].width >= len("◆ philosopher 1") + 2


def test_a_long_row_is_read_to_and_fro_where_that_fits():
    picture = picture_of(row(13), 70, 19)
    assert picture.fits(70, 19)
    assert picture.missing == 0


def test_where_everything_goes_round_the_hub_comes_first():
    spots = picture_of(chat("Ada", "Bo"), 118, 28).placement.spots
    assert spots["process:hub"].right < min(spots["process:Ada"].x, spots["process:Bo"].x)


@pytest.mark.parametrize(("width", "height"), [(78, 13), (74, 20), (134, 28)])
def test_a_star_has_its_hub_in_the_middle(width, height):
    picture = picture_of(chat("Ada", "Bo", "Cleo", "Dan", "Eve"), width, height)
    spots = picture.placement.spots
    hub = spots["process:hub"]
    assert picture.fits(width, height)
    assert picture.missing == 0
    for name in ("Ada", "Cleo", "Eve"):
        assert spots[f"process:{name}"].right < spots[f"channel:to {name}"].x
        assert spots[f"channel:to {name}"].right < hub.x
    for name in ("Bo", "Dan"):
        assert hub.right < spots[f"channel:to {name}"].x
        assert spots[f"channel:to {name}"].right < spots[f"process:{name}"].x


@pytest.mark.parametrize(("width", "height"), [(78, 13), (74, 20), (74, 17), (134, 22)])
def test_neighbours_in_rows_and_columns_stand_in_rows_and_columns(width, height):
    picture = picture_of(neighbours(4, 4), width, height)
    spots = picture.placement.spots
    assert picture.fits(width, height)
    assert (picture.missing, picture.folded, disorder(picture)) == (0, frozenset(), 0)
    for row in range(4):
        assert len({spots[f"process:c{4 * row + column:02}"].y for column in range(4)}) == 1
        assert len({spots[f"process:c{row + 4 * column:02}"].x for column in range(4)}) == 1


def test_a_star_keeps_its_shape_when_it_is_drawn_large():
    picture = picture_of(chat("Ada", "Bo", "Cleo", "Dan", "Eve"), 74, 20, Wish(1))
    spots = picture.placement.spots
    assert (picture.sizes, picture.missing, picture.fits(74, 20)) == (LARGE, 0, False)
    assert spots["process:Ada"].right < spots["process:hub"].x
    assert spots["process:hub"].right < spots["process:Bo"].x


def test_a_lattice_with_no_room_is_scrolled_in_and_not_folded():
    picture = picture_of(neighbours(5, 5), 60, 13)
    assert not picture.fits(60, 13)
    assert (picture.missing, picture.folded) == (0, frozenset())
    assert picture_of(neighbours(5, 5), 60, 13, Wish(-1)).folded


def test_a_star_of_many_is_folded_where_it_has_no_room():
    names = [f"leaf {number}" for number in range(40)]
    session = made.session(
        ["hub", *names], [made.channel(f"to {name}", "hub>", f">{name}") for name in names]
    )
    picture = picture_of(session, 78, 13)
    assert picture.fits(78, 13)
    assert picture.folded == {"leaf 0"}


def test_a_picture_stays_as_it_is_when_the_order_of_the_links_changes():
    session = neighbours(3, 3)
    other = made.session(session.processes, session.channels[::-1])
    first, second = picture_of(session, 118, 28), picture_of(other, 118, 28)
    assert first.placement.spots == second.placement.spots
