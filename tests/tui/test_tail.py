"""The tail: every message that passes is found, whatever has been forgotten, in bounded pieces."""

from __future__ import annotations

import pytest
from helpers import sessions
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.tui import tail
from ipcviz.tui.message_filter import parse
from ipcviz.tui.tail import Tail
from ipcviz.world import World


def grown(world: World, count: int, start: int) -> None:
    for number in range(start, start + count):
        world.apply(sessions.message(number, b"needle" if number % 3 == 0 else b"straw"))


def all_numbers(world: World) -> list[int]:
    view = world.view()
    first = view.messages_seen - view.messages.end
    return [
        first + n for n, m in enumerate(view.messages.items[: view.messages.end]) if b"needle" in m.payload
    ]


@given(st.lists(st.integers(0, 60), max_size=8))
def test_it_finds_what_a_search_of_all_finds(steps):
    world = World()
    world.apply(sessions.started())
    found, wanted, start = Tail(), parse("needle"), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ipcviz.world.MESSAGES_KEPT", 100)
        for count in steps:
            grown(world, count, start)
            start += count
            assert list(found.numbers(world.view(), wanted)) == all_numbers(world)


def test_a_search_of_many_goes_back_piece_by_piece(monkeypatch):
    monkeypatch.setattr(tail, "CHUNK", 10)
    world = World()
    world.apply(sessions.started())
    grown(world, 95, 0)
    found, wanted, view = Tail(), parse("needle"), world.view()
    looks = 0
    while True:
        numbers = list(found.numbers(view, wanted))
        looks += 1
        assert numbers == all_numbers(world)[-len(numbers) :]
        if found.is_done(view):
            break
    assert numbers == all_numbers(world)
    assert looks == 10


def test_another_filter_begins_anew_and_none_shows_all():
    world = World()
    world.apply(sessions.started())
    grown(world, 30, 0)
    found, view = Tail(), world.view()
    assert len(found.numbers(view, parse("needle"))) == 10
    assert len(found.numbers(view, parse("straw"))) == 20
    assert list(found.numbers(view, parse(""))) == list(range(30))
    assert found.is_done(view)


def test_a_view_of_earlier_is_shown_as_it_was():
    world = World()
    world.apply(sessions.started())
    grown(world, 30, 0)
    early = world.view()
    grown(world, 30, 30)
    found, wanted = Tail(), parse("needle")
    assert len(found.numbers(world.view(), wanted)) == 20
    assert len(found.numbers(early, wanted)) == 10
