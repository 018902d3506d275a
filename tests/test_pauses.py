"""Pauses: for how long somebody was stopped by hand, which is no part of any wait."""

from __future__ import annotations

import pickle

import pytest
from helpers import events as made
from helpers.events import SECOND

from ipcviz import events as ev
from ipcviz.pauses import KEPT, Stretches
from ipcviz.tui.panels.process_facts import time_shares
from ipcviz.view import ChannelView, LockView, ProcessView, View
from ipcviz.world import World

SESSION = made.session(
    ["giver", "taker", "other"],
    [made.channel("goods", "giver>", ">taker")],
    [made.lock("door", "giver", "taker", "other")],
)


def act(t: float, fault: ev.FaultKind, process: str = "giver") -> ev.FaultInjected:
    return ev.FaultInjected(t=round(t * SECOND), fault=fault, process=process, sentence=f"{fault} {process}")


def looked(t: float, end: ev.EndState | None = None, use: ev.LockUse | None = None) -> ev.Frame:
    """A frame in which the giver does that at its end, and with the lock."""
    others = ev.LockUse("holding", 0, acquisitions=round(50 * t))
    channel = made.state(end or ev.EndState(), ev.EndState(), depth=ev.Depth(1, 1, 10, "messages", "exact"))
    return made.frame(round(t * SECOND), [channel], [made.uses(use or ev.LockUse(), others, ev.LockUse())])


def sending(t: float, since: float, before: float = 0.0) -> ev.EndState:
    """As the sampler tells it: the lasting wait is counted, and so is whatever time it was stopped."""
    waited = round((before + t - since) * SECOND)
    return ev.EndState(activity="sending", since=round(since * SECOND), blocked_send=waited)


def giver(view: View) -> ProcessView:
    return next(process for process in view.processes if process.name == "giver")


def goods(view: View) -> ChannelView:
    return view.channels[0]


def door(view: View) -> LockView:
    return view.locks[0]


def stopped_while_sending(until: float, resumed: float | None = None) -> World:
    """It begins to wait at 1 s, and is stopped at 2 s; frames every second."""
    world = made.started(World(), SESSION)
    acts = [act(2, "pause"), *([act(resumed, "resume")] if resumed else [])]
    for t in range(1, int(until) + 1):
        for done in acts:
            if t - 1 <= done.t / SECOND < t:
                world.apply(done)
        world.apply(looked(t, sending(t, 1)))
    return world


def test_who_is_stopped_in_a_wait_does_not_wait() -> None:
    view = stopped_while_sending(8).view()
    end = goods(view).ends[0]
    assert (end.state.blocked_send, end.state.activity) == (1 * SECOND, "")
    assert (giver(view).wait, giver(view).paused_for) == (None, 6 * SECOND)
    assert end.waited == pytest.approx(1 / 8)
    assert goods(view).blocked_send == pytest.approx(1 / 8)
    assert goods(view).full == pytest.approx(2 / 8), "only what it waited for room says that there was none"


def test_after_a_pause_the_wait_goes_on() -> None:
    view = stopped_while_sending(10, resumed=8).view()
    end = goods(view).ends[0]
    assert end.state.blocked_send == 3 * SECOND
    assert (end.state.activity, end.state.since) == ("sending", 8 * SECOND)
    assert giver(view).wait is not None
    assert giver(view).wait.since == 8 * SECOND  # type: ignore[union-attr]
    assert (giver(view).paused_for, giver(view).paused_of_late) == (6 * SECOND, 6 * SECOND)


def test_what_was_paused_is_forgotten_by_the_last_ten_seconds_only() -> None:
    world = stopped_while_sending(8, resumed=7)
    for t in range(9, 21):
        world.apply(looked(t, ev.EndState(blocked_send=7 * SECOND)))
    view = world.view()
    assert goods(view).ends[0].state.blocked_send == 2 * SECOND
    assert (giver(view).paused_for, giver(view).paused_of_late) == (5 * SECOND, 0)
    assert goods(view).blocked_send == 0


def test_shares_of_a_process_have_a_row_for_its_pauses() -> None:
    view = stopped_while_sending(8).view()
    shares, lived = time_shares(giver(view), view)
    assert lived == 8 * SECOND
    assert shares == [
        ("paused by hand", 6 / 8, 6 * SECOND),
        ("sending on goods", 1 / 8, SECOND),
        ("everything else", 1 / 8, None),
    ]


def test_who_was_not_waiting_when_it_was_stopped_has_waited_for_nothing() -> None:
    world = made.started(World(), SESSION)
    world.apply(looked(1, ev.EndState(blocked_send=SECOND // 2)))
    world.apply(act(2, "pause"))
    world.apply(looked(3, ev.EndState(blocked_send=SECOND // 2)))
    world.apply(act(4, "resume"))
    world.apply(looked(6, sending(6, 5, before=0.5)))
    view = world.view()
    assert goods(view).ends[0].state.blocked_send == SECOND * 3 // 2
    assert giver(view).paused_for == 2 * SECOND


def test_a_lock_that_is_waited_for_in_a_pause() -> None:
    """The place in the queue stays, and gets no older; what was waited before counts, and after it."""
    world = made.started(World(), SESSION)
    world.apply(looked(1, use=ev.LockUse("waiting", SECOND)))
    world.apply(act(3, "pause"))
    for t in range(4, 9):
        world.apply(looked(t, use=ev.LockUse("waiting", SECOND)))
    view = world.view()
    (waiter,) = door(view).waiters
    assert (waiter.process, view.framed - waiter.since) == ("giver", 2 * SECOND)
    assert (door(view).usages[0].waited, door(view).usages[0].passed) == (2 * SECOND, 0)
    assert {words: waited for words, _, waited in time_shares(giver(view), view)[0]} == {
        "paused by hand": 5 * SECOND,
        "waiting for door": 2 * SECOND,
        "everything else": None,
    }
    world.apply(act(8, "resume"))
    world.apply(looked(9, use=ev.LockUse("waiting", SECOND)))
    view = world.view()
    assert door(view).waiters[0].since == 8 * SECOND
    assert door(view).usages[0].waited == 3 * SECOND
    world.apply(looked(11, use=ev.LockUse("holding", 10 * SECOND, 1, 1, waited=9 * SECOND)))
    assert door(world.view()).uses[0].waited == 4 * SECOND


def test_a_process_that_ends_in_a_pause_is_paused_no_more() -> None:
    world = stopped_while_sending(4)
    world.apply(ev.ProcessExited(t=5 * SECOND, process="giver", pid=1, exit=None, signal=9, failed=False))
    world.apply(looked(9, ev.EndState(blocked_send=4 * SECOND)))
    view = world.view()
    assert giver(view).paused_for == 3 * SECOND
    assert goods(view).ends[0].state.blocked_send == SECOND


def test_a_part_that_was_cut_out_of_a_pause_counts_as_paused() -> None:
    world = stopped_while_sending(4)
    world.apply(ev.Gap(t=4 * SECOND, left_out=20 * SECOND))
    world.apply(looked(6, ev.EndState(activity="sending", since=-19 * SECOND, blocked_send=25 * SECOND)))
    assert goods(world.view()).ends[0].state.blocked_send == SECOND


def test_an_act_that_could_not_be_done_stops_nobody() -> None:
    world = made.started(World(), SESSION)
    failed = ev.FaultInjected(t=0, fault="pause", process="giver", sentence="no", done=False)
    world.apply(failed)
    world.apply(looked(4, sending(4, 1)))
    assert goods(world.view()).ends[0].state.blocked_send == 3 * SECOND


def test_a_copy_of_the_world_goes_on_as_the_world() -> None:
    world = stopped_while_sending(5)
    copy: World = pickle.loads(pickle.dumps(world))
    frames = [looked(t, sending(t, 1)) for t in range(1, 6)]
    copy.look_up_frames(lambda before: frames[-before])
    for one in (world, copy):
        one.apply(act(6, "resume"))
        one.apply(looked(7, sending(7, 1)))
    assert copy.view().processes == world.view().processes
    assert goods(copy.view()).ends == goods(world.view()).ends
    assert goods(world.view()).ends[0].state.blocked_send == 2 * SECOND


def test_when_somebody_looks_makes_no_difference() -> None:
    seen, unseen = (made.started(World(), SESSION) for _ in range(2))
    for event in (looked(1, sending(1, 1)), act(2, "pause"), looked(3, sending(3, 1)), act(3.5, "resume")):
        seen.apply(event)
        seen.view()
        unseen.apply(event)
    assert seen.view() == unseen.view()


def test_the_timeline_tells_no_wait_in_a_pause() -> None:
    world = stopped_while_sending(10, resumed=8)
    world.apply(looked(11, ev.EndState(blocked_send=round(9.5 * SECOND))))
    (lane, *_) = world.view().lanes.processes
    (pause,) = lane.pauses.shown()
    assert (pause.start, pause.end) == (2 * SECOND, 8 * SECOND)
    assert list(lane.waits.between(pause.start, pause.end)) == []
    assert sum(round((s.end - s.start) * s.share) for s in lane.waits.shown()) == pytest.approx(3.5 * SECOND)


def test_a_lock_event_tells_only_what_was_waited_after_the_pause() -> None:
    world = made.started(World(), SESSION)
    world.apply(looked(1, use=ev.LockUse("waiting", SECOND)))
    world.apply(act(2, "pause"))
    world.apply(looked(3, use=ev.LockUse("waiting", SECOND)))
    world.apply(act(4, "resume"))
    world.apply(
        ev.LockEvent(t=5 * SECOND, lock="door", process="giver", action="acquired", waited=4 * SECOND)
    )
    world.apply(looked(6, use=ev.LockUse("holding", 5 * SECOND, 1, 1, waited=4 * SECOND)))
    (lane, *_) = world.view().lanes.processes
    assert [(span.start, span.end) for span in lane.waits.shown()] == [
        (SECOND, 2 * SECOND),
        (4 * SECOND, 5 * SECOND),
    ]


def test_stretches_of_long_ago_are_still_counted() -> None:
    stretches = Stretches()
    for number in range(KEPT * 2):
        stretches.add(number * 10, number * 10 + 4)
    last = (KEPT * 2 - 1) * 10
    assert stretches.until(last) == (KEPT * 2 - 1) * 4
    assert stretches.until(last + 3) == (KEPT * 2 - 1) * 4 + 3
    assert stretches.until(last + 100) == KEPT * 2 * 4
