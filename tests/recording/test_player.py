"""A recording played, sought in and gone through backwards shows the same world at every event."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from helpers import events as made
from helpers import sessions, streams
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz.bench import made_session
from ipcviz.recording.indexing import parts_of
from ipcviz.recording.maker import recorded
from ipcviz.recording.past import Past
from ipcviz.recording.player import SPEEDS, PlayerSource
from ipcviz.recording.reader import Recording, timed
from ipcviz.recording.tidying import tidied
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 5_000

    def __call__(self) -> int:
        return self.now


def opened(events: list[ev.AnyEvent]) -> Recording:
    return Recording(io.BytesIO(recorded(events)))


def views(events: list[ev.AnyEvent]) -> list[View]:
    """The View after each event, and before the first."""
    world = World()
    seen = [world.view()]
    for event in events:
        world.apply(tidied(event))
        seen.append(world.view())
    return seen


def indexed(recording: Recording) -> Past:
    """With a copy of the world after each chunk."""
    past = Past(recording)
    for part, changed in parts_of(recording):
        past.index.add(part, changed)
    return past


@given(streams.streams(), st.data())
@settings(max_examples=25)
def test_played_sought_and_reversed_are_the_same(events: list[ev.AnyEvent], data: Any) -> None:
    if isinstance(events[0], ev.Refused):
        return
    recording, lived = opened(events), views(events)
    times = [t for t, _ in timed(events)]
    for past in (Past(recording), indexed(recording)):
        places = data.draw(st.permutations(range(len(events) + 1)))[:8]
        for place in [*places, *sorted(places), *sorted(places, reverse=True)]:
            assert past.world_at(place).view() == lived[place]
        t = data.draw(st.sampled_from(times)) + data.draw(st.integers(-1, 1))
        before = sum(time <= t for time in times)
        assert past.place_at(t) == before
        assert past.world_at(past.place_at(t)).view() == lived[before]


@given(streams.streams(), st.data())
@settings(max_examples=25)
def test_a_world_that_was_sought_goes_on_as_one_that_has_lived(events: list[ev.AnyEvent], data: Any) -> None:
    if isinstance(events[0], ev.Refused):
        return
    past, lived = indexed(opened(events)), views(events)
    place = data.draw(st.integers(0, len(events)))
    world = past.world_at(place)
    for number in range(place, len(events)):
        world.apply(tidied(events[number]))
        assert world.view() == lived[number + 1]


@given(streams.streams(), streams.streams())
@settings(max_examples=15)
def test_frames_of_another_session_and_sessions_in_a_row(
    one: list[ev.AnyEvent], other: list[ev.AnyEvent]
) -> None:
    """Nothing that a file can hold makes a difference, or an error."""
    if isinstance(one[0], ev.Refused):
        return
    strange = [event for event in other if not isinstance(event, ev.SessionStarted | ev.Refused)]
    for events in ([one[0], *strange], [*one, *other]):
        past, lived = indexed(opened(events)), views(events)
        for place in range(0, len(events) + 1, 2):
            assert past.world_at(place).view() == lived[place]


@pytest.mark.slow
def test_a_long_session_is_the_same_from_every_copy() -> None:
    """Longer than the windows, with more spans than are kept, whose begins are looked up."""
    events = list(made_session.events(40))
    past = indexed(opened(events))
    world = World()
    wanted = {len(events) // 7 * part: part for part in range(1, 8)}
    for number, event in enumerate(events, 1):
        world.apply(event)
        if number in wanted:
            sought = past.world_at(number)
            assert sought.view() == world.view()
            for later in events[number : number + 500]:
                sought.apply(later)
            assert sought.view() == past.world_at(min(len(events), number + 500)).view()


def test_locks_and_findings_are_the_same() -> None:
    events: list[ev.AnyEvent] = [sessions.started()]
    events += [ev.ProcessStarted(t=0, process=name, pid=n) for n, name in enumerate(sessions.PROCESSES, 101)]
    for step in range(1, 30):
        t = step * SECOND // 2
        events.append(sessions.frame(step))
        for action in ("waited", "acquired", "released"):
            events.append(
                ev.LockEvent(t=t, lock="console", process="producer 1", action=action, waited=90_000)  # type: ignore[arg-type]
            )
    past, lived = indexed(opened(events)), views(events)
    for place in range(0, len(events) + 1, 5):
        assert past.world_at(place).view() == lived[place]


# ---- the player ------------------------------------------------------------------------------------------


def ten_seconds() -> list[ev.AnyEvent]:
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    events: list[ev.AnyEvent] = [session]
    for tick in range(1, 101):
        t = tick * SECOND // 10
        events.append(made.frame(t, [made.state(ev.EndState(sent=tick), ev.EndState(received=tick))]))
        events.append(made.message(tick, t - 1))
    return events


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(clock: Clock) -> PlayerSource:
    return PlayerSource(opened(ten_seconds()), clock)


def test_events_come_by_the_players_own_clock(player: PlayerSource, clock: Clock) -> None:
    assert [type(event) for event in player.take()] == [ev.SessionStarted]
    clock.now += SECOND
    assert len(player.take()) == 20
    assert player.take() == []
    assert player.position == SECOND
    clock.now += 100 * SECOND
    assert len(player.take()) == 180
    assert player.position == player.end
    assert player.at_end
    assert not player.over, "one can go back"


def test_speed_is_on_a_scale_and_does_not_move_the_position(player: PlayerSource, clock: Clock) -> None:
    player.take()
    clock.now += SECOND
    for _ in range(40):
        player.slower()
    assert player.speed == SPEEDS[0] == pytest.approx(1e-5)
    assert player.position == SECOND
    clock.now += SECOND
    assert player.position == SECOND + 10_000, "ten microseconds in a second"
    player.faster()
    assert player.speed == pytest.approx(2e-5)
    player.speed = 1
    player.faster()
    assert player.speed == 2
    for _ in range(40):
        player.faster()
    assert player.speed == SPEEDS[-1] == 100


def test_a_pause_stops_the_clock(player: PlayerSource, clock: Clock) -> None:
    player.take()
    clock.now += SECOND
    player.paused = True
    clock.now += 5 * SECOND
    assert player.position == SECOND
    assert len(player.take()) == 20
    player.paused = False
    clock.now += SECOND
    assert player.position == 2 * SECOND


def test_a_seek_gives_the_world_and_goes_on_from_there(player: PlayerSource, clock: Clock) -> None:
    player.take()
    world = player.seek(7 * SECOND)
    assert world.view() == player.world_at(7 * SECOND).view()
    assert world.view().messages_seen == 70
    clock.now += SECOND
    taken = player.take()
    assert len(taken) == 20
    for event in taken:
        world.apply(event)
    assert world.view() == player.world_at(8 * SECOND).view()
    assert player.seek(-5).view().t == 0
    assert player.position == 0
    assert player.seek(100 * SECOND).view().messages_seen == 100


def test_event_by_event_both_ways(player: PlayerSource) -> None:
    player.seek(5 * SECOND)
    events = ten_seconds()
    assert player.last == events[100]
    lived = views(events)
    assert player.step(1).view() == lived[102]
    assert player.paused
    assert player.step(-1).view() == lived[101]
    assert player.step(-1).view() == lived[100]
    assert player.last == events[99]
    assert player.take() == [], "the next one is of the same time"
    player.step(-1_000)
    assert player.last == events[0]
    player.step(1_000)
    assert player.last == events[-1]


def test_far_behind_its_clock_it_leaps(player: PlayerSource, clock: Clock) -> None:
    player.take()
    assert player.leap() is None
    player.speed = 100
    clock.now += SECOND // 20
    world = player.leap()
    assert world is not None
    assert world.view() == player.world_at(5 * SECOND).view()
    assert player.take() == []
    assert player.leap() is None


def test_a_recording_that_begins_in_the_middle_plays_from_there(clock: Clock) -> None:
    events = ten_seconds()
    file = recorded([events[0], *events[101:]], begins=5 * SECOND)
    player = PlayerSource(Recording(io.BytesIO(file)), clock)
    assert player.position == player.start == 5 * SECOND
    assert player.duration == 5 * SECOND
    assert len(player.take()) == 1


def test_the_index_is_made_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "ten.ipcz"
    path.write_bytes(recorded(ten_seconds()))
    player = PlayerSource(Recording(path))
    try:
        assert player.wait_for_index(60)
        assert player.indexed == 1
        assert player.past.index.nearest(8)[0] == 8
        assert player.seek(8 * SECOND).view() == Past(player.recording).world_at(161).view()
    finally:
        player.close()
    assert player.over


def test_where_copies_have_no_room_seeks_play_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipcviz.recording.index.MOST_BYTES", 12_000)
    events = ten_seconds()
    past, lived = indexed(opened(events)), views(events)
    assert past.index.nearest(7)[0] < 7, "nothing was given up: this shows nothing"
    for place in range(0, len(events) + 1, 9):
        assert past.world_at(place).view() == lived[place]
