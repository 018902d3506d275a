"""Lanes: what each process did when, from stamps where there are any, else as exact shares between frames."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers import streams
from helpers.runs import run
from hypothesis import given, settings
from msgspec.structs import replace

from ipcviz import events as ev
from ipcviz import holdings
from ipcviz.lanes import Lanes, ProcessLane, Release, Span
from ipcviz.world import World

MS = 1_000_000


def pair() -> World:
    """a sends to b on c."""
    return made.started(World(), made.session(["a", "b"], [made.channel("c", "a>", ">b")]))


def message(t: int, sent: int, number: int = 1) -> ev.Message:
    return replace(made.message(number, t * MS), sent=sent * MS)


def frame(t: int, receiver: ev.EndState, sender: ev.EndState | None = None) -> ev.Frame:
    return made.frame(t * MS, [made.state(sender or ev.EndState(), receiver)])


def receiving(since: int, t: int, waited: int = 0, received: int = 0, **more: Any) -> ev.EndState:
    """At t it has received since then; `waited` ms were over before."""
    total = (waited + t - since) * MS
    return ev.EndState(
        activity="receiving", since=since * MS, blocked_receive=total, received=received, **more
    )


def lane(world: World, name: str) -> ProcessLane:
    return next(lane for lane in world.view().lanes.processes if lane.name == name)


def waits(world: World, name: str) -> list[tuple[int, int, float, bool]]:
    """Start and end in ms, share, exact."""
    return [
        (span.start // MS, span.end // MS, round(span.share, 3), span.exact)
        for span in lane(world, name).waits.shown()
    ]


def test_a_wait_ends_with_the_message_that_came() -> None:
    world = pair()
    world.apply(frame(100, receiving(40, 100)))
    (lasting,) = lane(world, "b").waits.open
    assert (lasting.start, lasting.end, lasting.what, lasting.name) == (40 * MS, 100 * MS, "receiving", "c")
    sent = message(130, 120)
    world.apply(sent)
    world.apply(frame(200, ev.EndState(received=1, blocked_receive=90 * MS)))
    assert waits(world, "b") == [(40, 130, 1.0, True)]
    assert lane(world, "b").waits.shown()[0].by == Release("sent", "a", 120 * MS, sent)
    assert lane(world, "b").waits.open == ()


def test_a_wait_that_no_frame_saw_is_told_by_its_message_and_the_counter() -> None:
    world = pair()
    world.apply(frame(100, ev.EndState()))
    world.apply(message(160, 150))
    world.apply(frame(200, ev.EndState(received=1, blocked_receive=30 * MS)))
    assert waits(world, "b") == [(130, 160, 1.0, True)]


@pytest.mark.parametrize(
    "end",
    [
        ev.EndState(received=2, blocked_receive=30 * MS),  # one of two was not told
        ev.EndState(received=1, blocked_receive=30 * MS, stride=2),
        ev.EndState(received=1, blocked_receive=30 * MS, timed=True),
        ev.EndState(received=1, blocked_receive=30 * MS, closed=True),
    ],
)
def test_what_cannot_be_told_is_a_share(end: ev.EndState) -> None:
    world = pair()
    world.apply(frame(100, ev.EndState()))
    world.apply(message(160, 150))
    world.apply(frame(200, end))
    assert waits(world, "b") == [(100, 200, 0.3, False)]


def test_shares_add_up_to_the_counter() -> None:
    world = pair()
    world.apply(frame(100, receiving(90, 100)))
    for number, t in enumerate((110, 130, 150, 170), 1):
        world.apply(message(t, t - 1, number))
    world.apply(frame(200, receiving(180, 200, waited=60, received=4)))
    spans = lane(world, "b").waits.shown()
    assert spans[0].share == 1.0
    assert spans[0].end == 110 * MS
    assert sum((span.end - span.start) * span.share for span in spans) == pytest.approx(60 * MS)


def test_a_sender_is_let_go_by_the_one_message_that_was_taken_out() -> None:
    world = pair()
    blocked = ev.EndState(activity="sending", since=50 * MS, blocked_send=50 * MS)
    world.apply(frame(100, ev.EndState(), blocked))
    taken = message(140, 10)
    world.apply(taken)
    world.apply(frame(200, ev.EndState(received=1), ev.EndState(blocked_send=91 * MS)))
    first = lane(world, "a").waits.shown()[0]
    assert (first.start, first.end, first.exact) == (50 * MS, 140 * MS, False)
    assert first.by == Release("took", "b", 140 * MS, taken)


def test_a_sender_is_let_go_by_one_of_many_messages_and_nobody_says_which() -> None:
    world = pair()
    blocked = ev.EndState(activity="sending", since=50 * MS, blocked_send=50 * MS)
    world.apply(frame(100, ev.EndState(), blocked))
    world.apply(message(120, 10, 1))
    world.apply(message(140, 11, 2))
    world.apply(frame(200, ev.EndState(received=2), ev.EndState(blocked_send=110 * MS)))
    first = lane(world, "a").waits.shown()[0]
    assert first.by is not None
    assert (first.by.how, first.by.process, first.by.message) == ("took", "b", None)
    assert first.end == 100 * MS


def test_a_wait_with_a_limit_ends_by_time() -> None:
    world = pair()
    world.apply(frame(100, receiving(60, 100, timed=True)))
    world.apply(frame(200, ev.EndState(blocked_receive=80 * MS)))
    first = lane(world, "b").waits.shown()[0]
    assert first.by is not None
    assert (first.by.how, first.by.t) == ("time", 140 * MS)


# ---- locks ---------------------------------------------------------------------------------------------


def locked() -> World:
    return made.started(World(), made.session(["a", "b"], [], [made.lock("m", "a", "b")]))


def lock_event(t: float, process: str, action: Any, waited: int = 0) -> ev.LockEvent:
    return ev.LockEvent(t=round(t * MS), lock="m", process=process, action=action, waited=waited * MS)


def lock_frame(t: int, a: ev.LockUse, b: ev.LockUse | None = None) -> ev.Frame:
    return made.frame(t * MS, [], [made.uses(a, b or ev.LockUse())])


def holds(world: World) -> list[tuple[str, int, int, bool]]:
    (lock,) = world.view().lanes.locks
    return [(span.process, span.start // MS, span.end // MS, span.exact) for span in lock.holds.shown()]


def test_a_lock_is_held_and_waited_for_as_its_events_say() -> None:
    world = locked()
    world.apply(lock_event(10, "a", "acquired"))
    world.apply(lock_event(20, "b", "waited"))
    (lock,) = world.view().lanes.locks
    assert [(span.process, span.start) for span in lock.holds.open] == [("a", 10 * MS)]
    assert [(span.process, span.start) for span in lock.waits.open] == [("b", 20 * MS)]
    world.apply(lock_event(50, "a", "released"))
    world.apply(lock_event(51, "b", "acquired", waited=31))
    world.apply(lock_frame(100, ev.LockUse(acquisitions=1), ev.LockUse("holding", 51 * MS, 1, 1, 31 * MS)))
    (lock,) = world.view().lanes.locks
    assert holds(world) == [("a", 10, 50, True)]
    assert (lock.told, lock.taken) == (2, 2)
    (wait,) = lane(world, "b").waits.shown()
    assert wait == Span(
        20 * MS, 51 * MS, "b", "locking", "m", by=Release("released", "a", 50 * MS), exact=True
    )
    assert [span.name for span in lane(world, "a").holds.shown()] == ["m"]
    assert [span.start for span in lane(world, "b").holds.open] == [51 * MS]


def test_a_release_that_is_too_old_did_not_end_the_wait() -> None:
    world = locked()
    world.apply(lock_event(10, "a", "acquired"))
    world.apply(lock_event(20, "a", "released"))
    world.apply(lock_event(90, "b", "acquired", waited=30))
    world.apply(lock_frame(100, ev.LockUse(acquisitions=1), ev.LockUse("holding", 90 * MS, 1, 1, 30 * MS)))
    (wait,) = lane(world, "b").waits.shown()
    assert (wait.start, wait.by) == (60 * MS, None)


def test_an_event_that_comes_after_its_frame_puts_it_right_and_no_earlier_view_changes() -> None:
    world = locked()
    world.apply(lock_frame(100, ev.LockUse(), ev.LockUse("waiting", 60 * MS)))
    world.apply(lock_frame(200, ev.LockUse(), ev.LockUse("holding", 170 * MS, 1, 1, 110 * MS)))
    early = world.view()
    before = lane(world, "b").waits.shown()
    assert [(span.start // MS, span.end // MS, span.by) for span in before] == [(60, 170, None)]
    world.apply(lock_event(169, "a", "released"))
    world.apply(lock_event(170, "b", "acquired", waited=110))
    (after,) = lane(world, "b").waits.shown()
    assert after.by == Release("released", "a", 169 * MS)
    assert early.lanes.processes[1].waits.shown() == before


def test_events_that_were_not_sampled_leave_gaps_and_no_lies() -> None:
    world = locked()
    world.apply(lock_event(10, "a", "acquired"))
    world.apply(lock_frame(100, ev.LockUse("holding", 10 * MS, 1)))
    world.apply(lock_frame(200, ev.LockUse("holding", 180 * MS, 9)))
    assert holds(world) == []  # its release may still come: events are told after frames, too
    world.apply(lock_frame(300, ev.LockUse("holding", 180 * MS, 9)))
    assert holds(world) == [("a", 10, 100, False)]
    (lock,) = world.view().lanes.locks
    assert [span.start for span in lock.holds.open] == [180 * MS]
    assert (lock.told, lock.taken) == (1, 9)


@pytest.mark.parametrize(("after_death", "still"), [("stuck", True), ("freed", False)])
def test_a_dead_holder_holds_only_what_nobody_gives_back(after_death: str, still: bool) -> None:
    info = replace(made.lock("m", "a", "b"), after_death=after_death)
    world = made.started(World(), made.session(["a", "b"], [], [info]))
    world.apply(lock_event(10, "a", "acquired"))
    world.apply(
        ev.ProcessExited(t=90 * MS, process="a", pid=100, exit=None, signal=9, failed=True, reason="")
    )
    (lock,) = world.view().lanes.locks
    assert bool(lock.holds.open) == still
    assert holds(world) == ([] if still else [("a", 10, 90, False)])
    world.apply(lock_event(91, "b", "acquired", waited=50))
    world.apply(lock_frame(100, ev.LockUse(acquisitions=1), ev.LockUse("holding", 91 * MS, 1, 1, 50 * MS)))
    (wait,) = lane(world, "b").waits.shown()
    assert (wait.by is not None and wait.by.how == "died") != still


# ---- acts, ends, bounds --------------------------------------------------------------------------------


def test_pauses_ends_findings_and_acts_are_marks() -> None:
    world = pair()
    pause = ev.FaultInjected(t=10 * MS, fault="pause", sentence="a was paused.", process="a")
    world.apply(pause)
    assert [span.what for span in lane(world, "a").pauses.open] == ["paused"]
    world.apply(replace(pause, t=30 * MS, fault="resume", sentence="a goes on."))
    (paused,) = lane(world, "a").pauses.shown()
    assert (paused.start, paused.end) == (10 * MS, 30 * MS)
    finding = ev.FindingRaised(t=40 * MS, key="k", kind="backlog", sentence="Slow.", since=0, members=["c"])
    world.apply(finding)
    world.apply(replace(finding, t=45 * MS, sentence="Slower."))
    world.apply(ev.FindingCleared(t=50 * MS, key="k"))
    world.apply(ev.ProcessExited(t=60 * MS, process="a", pid=100, exit=0, signal=None, failed=False))
    marks = world.view().lanes.marks
    assert [(mark.kind, mark.t // MS) for mark in marks] == [
        ("fault", 10),
        ("fault", 30),
        ("finding", 40),
        ("cleared", 50),
        ("ended", 60),
    ]
    assert (lane(world, "a").ended, lane(world, "a").failed) == (60 * MS, False)


def test_lanes_are_bounded_and_say_from_when_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "SPANS_KEPT", 40)
    world = locked()
    early = None
    for number in range(200):
        world.apply(lock_event(10 * number, "a", "acquired"))
        world.apply(lock_event(10 * number + 5, "a", "released"))
        if number == 30:
            early = world.view()
            seen = early.lanes.locks[0].holds.shown()
    (lock,) = world.view().lanes.locks
    assert 30 <= len(lock.holds.shown()) <= 40
    assert lock.since <= lock.holds.shown()[0].start
    assert lock.holds.shown()[-1].end == 1995 * MS
    assert early is not None
    assert early.lanes.locks[0].holds.shown() == seen


def test_what_lies_between_two_instants() -> None:
    world = locked()
    for number in range(10):
        world.apply(lock_event(10 * number, "a", "acquired"))
        world.apply(lock_event(10 * number + 5, "a", "released"))
    spans = lane(world, "a").holds
    assert [span.start // MS for span in spans.between(15 * MS, 31 * MS)] == [20, 30]
    assert [span.start // MS for span in spans.between(14 * MS, 20 * MS)] == [10]
    last = spans.last_before(15 * MS)
    assert last is not None
    assert last.end == 15 * MS
    assert spans.last_before(4 * MS) is None


def test_who_draws_no_timeline_needs_no_lanes() -> None:
    world = made.started(World(lanes=False), made.session(["a", "b"], [made.channel("c", "a>", ">b")]))
    world.apply(message(10, 5))
    world.apply(frame(100, receiving(40, 100)))
    assert world.view().lanes == Lanes()
    assert world.view().processes[1].wait is not None


def test_no_session_no_lanes() -> None:
    assert World().view().lanes == Lanes()


@given(streams.streams())
@settings(max_examples=40)
def test_whatever_comes_spans_are_in_order_and_whole(events: list[ev.AnyEvent]) -> None:
    world = World()
    for event in events:
        world.apply(event)
    for row in world.view().lanes.processes:
        for spans in (row.waits, row.holds, row.pauses):
            ends = [span.end for span in spans.shown()]
            assert ends == sorted(ends)
            for span in [*spans.shown(), *spans.open]:
                assert span.end >= span.start >= 0
                assert 0 < span.share <= 1


@pytest.mark.slow
def test_in_a_real_run_the_time_waited_is_what_the_counters_say() -> None:
    world = World()
    last = None
    for event in run("pipeline", seconds=2):
        world.apply(event)
        last = event if isinstance(event, ev.Frame) else last
    assert last is not None
    session = world.view().session
    assert session is not None
    place = [info.name for info in session.channels].index("lines")
    receiver = last.channels[place].ends[-1]
    row = lane(world, "counter")
    told = sum((span.end - span.start) * span.share for span in row.waits.between(0, last.t))
    assert told == pytest.approx(receiver.blocked_receive, rel=0.02, abs=10 * MS)
    ended = [span for span in row.waits.shown() if span.by is not None and span.by.message is not None]
    assert len(ended) >= 5
    assert all(span.by is not None and span.by.process == "reader" for span in ended)
