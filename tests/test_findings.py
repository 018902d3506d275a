"""Findings: each speaks when it should, and stays silent when it should."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND
from msgspec import structs

from ipcviz import events as ev
from ipcviz import findings
from ipcviz.findings import backlogs, deadlocks, failures, find, losses, orphans
from ipcviz.findings.deadlock import whose_end_helps
from ipcviz.world import View, World

NOW = 20 * SECOND
LONG_AGO = NOW - 2 * SECOND


def exited(process: str, **how: Any) -> ev.ProcessExited:
    fields: dict[str, Any] = {"exit": None, "signal": None, "failed": False, "reason": "", **how}
    return ev.ProcessExited(t=NOW, process=process, pid=1, **fields)


# ---- deadlock ------------------------------------------------------------------------------------------


def philosophers(
    size: int, timed: bool = False, young: bool = False, released: frozenset[int] = frozenset()
) -> View:
    names = [f"philosopher {n}" for n in range(1, size + 1)]
    infos, states = [], []
    for n in range(size):
        fork = made.lock(f"fork {n + 1}", names[n], names[n - 1])
        infos.append(structs.replace(fork, after_death="released" if n in released else "stuck"))
        since = NOW - SECOND // 10 if young else LONG_AGO + n
        states.append(
            made.uses(ev.LockUse("holding", 5, acquisitions=1), ev.LockUse("waiting", since, timed=timed))
        )
    world = made.started(World(), made.session(names, [], infos))
    world.apply(made.frame(NOW, [], states))
    return world.view()


@pytest.mark.parametrize("size", [2, 5])
def test_a_deadlock_names_its_whole_ring(size: int) -> None:
    (found,) = deadlocks(philosophers(size))
    everything = {f"{what} {n}" for n in range(1, size + 1) for what in ("philosopher", "fork")}
    assert set(found.members) == everything
    assert len(found.members) == 2 * size
    assert all(name in found.sentence for name in everything)
    assert found.sentence.startswith(f"Deadlock of {size}: philosopher 1 holds fork 1 and waits for fork 2; ")
    assert "; philosopher" in found.sentence
    assert ". None of them can go on. " in found.sentence
    assert (found.kind, found.ring) == ("deadlock", True)
    assert found.since == LONG_AGO + size - 1, "it stands since the last of them began to wait"
    # In waiting order: each member but locks is followed by what it waits for.
    pairs = list(zip(found.members[::2], found.members[1::2], strict=True))
    assert pairs == [(f"philosopher {n}", f"fork {n % size + 1}") for n in range(1, size + 1)]


@pytest.mark.parametrize(
    ("released", "words", "helpful"),
    [
        ((), "Killing one of them does not help: with posix-sem, what the dead hold is not given back.", ()),
        ((0, 1, 2), "Killing any of them lets another go on.", (1, 2, 3)),
        ((1,), "Killing philosopher 2 lets another go on.", (2,)),
        ((0, 1), "Killing philosopher 1 or philosopher 2 lets another go on.", (1, 2)),
    ],
)
def test_a_deadlock_says_whose_end_breaks_it(released: Any, words: str, helpful: Any) -> None:
    view = philosophers(3, released=released)
    (found,) = deadlocks(view)
    assert found.sentence.endswith(words)
    ring = found.members[::2]
    assert whose_end_helps(view, ring) == {f"philosopher {n}" for n in helpful}
    assert whose_end_helps(philosophers(3, timed=True), ring) == set(), "it is over"


def test_a_deadlocks_key_stays_the_same() -> None:
    assert deadlocks(philosophers(3))[0].key == deadlocks(philosophers(3))[0].key
    assert deadlocks(philosophers(3))[0].key != deadlocks(philosophers(2))[0].key


def test_no_deadlock_of_waits_that_end_by_themselves_or_are_young() -> None:
    assert deadlocks(philosophers(3, timed=True)) == []
    assert deadlocks(philosophers(3, young=True)) == []


def test_a_deadlock_of_channels() -> None:
    channels = [made.channel("to b", "a>", ">b"), made.channel("to a", "b>", ">a")]
    world = made.started(World(), made.session(["a", "b"], channels))
    waits = ev.EndState(activity="receiving", since=LONG_AGO)
    world.apply(made.frame(NOW, [made.state(ev.EndState(), waits)] * 2))
    (found,) = find(world.view())
    assert found.sentence == (
        "Deadlock of 2: a waits to receive from to a; b waits to receive from to b. "
        "None of them can go on. Killing any of them lets another go on."
    )
    assert found.members == ["a", "to a", "b", "to b"]


# ---- failed process ------------------------------------------------------------------------------------


def failed(**how: Any) -> View:
    locks = [made.lock("door", "a", "b"), made.lock("window", "a")]
    world = made.started(World(), made.session(["a", "b"], [], locks))
    world.apply(exited("a", **how))
    states = [made.uses(ev.LockUse("holding", 1), ev.LockUse()), made.uses(ev.LockUse("holding", 1))]
    world.apply(made.frame(NOW, [], states))
    return world.view()


def test_a_killed_process_names_its_signal_and_what_it_held() -> None:
    (found,) = failures(failed(signal=9, failed=True))
    assert found.sentence == (
        "Failed process: a was killed by signal 9 (SIGKILL). "
        "It held door and window, and nobody gives that back."
    )
    assert found.members == ["a", "door", "window"]
    assert (found.kind, found.key) == ("failed process", "failed:a")


def test_a_failed_process_says_why() -> None:
    (found,) = failures(failed(exit=1, failed=True, reason="ValueError: no (mine.py, line 3)."))
    assert found.sentence.startswith(
        "Failed process: a ended with status 1: ValueError: no (mine.py, line 3). It held door and window,"
    )


def test_a_process_that_ended_as_it_should_has_not_failed() -> None:
    assert failures(failed(exit=0)) == []
    assert failures(failed(signal=15)) == []


def test_a_signal_without_a_name() -> None:
    assert findings.how_it_ended(None, 63) == "was killed by signal 63 (unknown)"
    assert findings.how_it_ended(None, 11) == "was killed by signal 11 (SIGSEGV)"


# ---- lost ----------------------------------------------------------------------------------------------


def sent_and_received(sent: int, received: int, ended: tuple[str, ...]) -> View:
    info = made.channel("c", "a>", ">b", ">d")
    world = made.started(World(), made.session(["a", "b", "d"], [info]))
    state = made.state(ev.EndState(sent=sent), ev.EndState(received=received), ev.EndState())
    world.apply(made.frame(NOW, [state]))
    for number, process in enumerate(ended):
        world.apply(exited(process, exit=0, failed=number == 0))
    return world.view()


def test_messages_that_nobody_will_receive_are_lost() -> None:
    (found,) = losses(sent_and_received(12_000, 10_000, ("b", "d")))
    assert found.sentence == (
        "Lost: 2,000 of 12,000 messages sent into c will not be received; b and d ended before."
    )
    assert (found.kind, found.members) == ("lost", ["c", "b", "d"])


@pytest.mark.parametrize(
    ("sent", "received", "ended"),
    [(5, 5, ("b", "d")), (5, 3, ("b",)), (5, 3, ("a",)), (5, 3, ()), (0, 0, ("b", "d"))],
)
def test_nothing_is_lost_while_somebody_can_receive_it(sent: int, received: int, ended: Any) -> None:
    assert losses(sent_and_received(sent, received, ended)) == []


# ---- backlog -------------------------------------------------------------------------------------------


def busy(share: float, seconds: float = 11, ended: tuple[str, ...] = ()) -> View:
    """A channel that was full for that share of each second."""
    info = made.channel("lines", "a>", "b>", ">counter")
    world = made.started(World(), made.session(["a", "b", "counter"], [info]))
    for tick in range(1, round(seconds * 100) + 1):
        full = tick % 100 < share * 100
        depth = ev.Depth(10 if full else 1, 10, 10, "messages", "exact")
        ends = [
            ev.EndState(sent=tick, blocked_send=3 * SECOND),
            ev.EndState(sent=tick, blocked_send=4 * SECOND),
            ev.EndState(received=2 * tick),
        ]
        kernel = [
            ev.ProcessState("running", 1),
            ev.ProcessState("running", 2),
            ev.ProcessState("running", 97),
        ]
        world.apply(made.frame(tick * SECOND // 100, [made.state(*ends, depth=depth)], [], kernel))
    for process in ended:
        world.apply(exited(process, exit=0))
    return world.view()


def test_a_slow_consumer_is_named_with_its_figures() -> None:
    (found,) = find(busy(0.83))
    assert found.sentence == (
        "Slow consumer: lines has been full for 83 % of the last 10 s; b has waited 4.0 s in all. "
        "counter takes 200/s at 97 % of a core."
    )
    assert (found.kind, found.key) == ("backlog", "backlog:lines")
    assert found.members == ["lines", "b", "counter"]


def test_a_short_run_says_how_short() -> None:
    assert "of the last 4 s;" in backlogs(busy(0.9, seconds=4))[0].sentence


@pytest.mark.parametrize(("share", "speaks"), [(0.51, True), (0.49, False), (0, False), (1, True)])
def test_a_backlog_is_told_from_half_of_the_time_on(share: float, speaks: bool) -> None:
    assert bool(backlogs(busy(share))) is speaks


@pytest.mark.parametrize(("share", "speaks"), [(0.49, True), (0.31, True), (0.29, False)])
def test_a_backlog_that_stands_is_taken_back_later(share: float, speaks: bool) -> None:
    assert bool(find(busy(share), frozenset({"backlog:lines"}))) is speaks
    assert find(busy(share), frozenset({"backlog:others"})) == []


@pytest.mark.parametrize(("seconds", "speaks"), [(2.99, False), (3, True)])
def test_a_young_run_still_fills_its_channels(seconds: float, speaks: bool) -> None:
    assert bool(backlogs(busy(1, seconds))) is speaks


def test_no_backlog_without_a_living_receiver() -> None:
    assert backlogs(busy(1, ended=("counter",))) == []
    assert backlogs(busy(1, ended=("a", "b"))) != []


def test_nothing_is_wrong_before_the_start() -> None:
    assert find(World().view()) == []


# ---- what the kernel dropped, and locks of the dead -----------------------------------------------------


def dropping(count: int | None) -> View:
    info = made.channel("numbers", "sender>", ">receiver", mechanism="udp")
    world = made.started(World(), made.session(["sender", "receiver"], [info]))
    ends = (ev.EndState(sent=1000), ev.EndState(received=400))
    state = structs.replace(made.state(*ends), dropped=count)
    world.apply(made.frame(NOW, [state]))
    return world.view()


def test_what_the_kernel_dropped_is_told_with_its_figures() -> None:
    (found,) = losses(dropping(600))
    assert found.kind == "lost"
    assert "the kernel has dropped 600 of 1,000 messages sent into numbers" in found.sentence
    assert found.members == ["numbers", "receiver"]


@pytest.mark.parametrize("count", [None, 0])
def test_nothing_is_said_where_the_kernel_dropped_nothing(count: int | None) -> None:
    assert losses(dropping(count)) == []


def held_by_the_dead(how: str, state: str) -> View:
    world = made.started(
        World(), made.session(["holder", "waiter"], [], [made.lock("door", "holder", "waiter")])
    )
    uses = made.uses(ev.LockUse(state), ev.LockUse("waiting", 5))  # type: ignore[arg-type]
    world.apply(made.frame(NOW, [], [uses]))
    world.apply(exited("holder", **{"signal": 9} if how == "killed" else {"exit": 0}))
    world.apply(made.frame(NOW + 1, [], [uses]))
    return world.view()


def test_a_lock_that_nobody_gives_back_is_told() -> None:
    (found,) = orphans(held_by_the_dead("killed", "holding"))
    assert found.kind == "orphaned lock"
    assert found.sentence.startswith("Orphaned lock: door is held by holder, which was killed")
    assert "waiter waits" in found.sentence


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_a_lock_is_no_orphan_when_it_was_given_back(how: str) -> None:
    assert orphans(held_by_the_dead(how, "")) == []
    assert orphans(held_by_the_dead(how, "holding")) != []


def test_a_region_loses_nothing() -> None:
    info = structs.replace(made.channel("counter", "a>", ">b", mechanism="shm"), kind="region")
    world = made.started(World(), made.session(["a", "b"], [info]))
    world.apply(made.frame(NOW, [made.state(ev.EndState(sent=10), ev.EndState(received=3))]))
    for name in ("a", "b"):
        world.apply(exited(name, exit=0))
    assert losses(world.view()) == []


# ---- what somebody paused ------------------------------------------------------------------------------


def filled_meanwhile(paused: tuple[int, int]) -> View:
    """A consumer is paused for a while, and the channel full from then on until a second later."""
    info = made.channel("lines", "a>", ">counter")
    world = made.started(World(), made.session(["a", "counter"], [info]))
    begin, end = paused
    for t in range(1, 12):
        for fault, at in (("pause", begin), ("resume", end)):
            if t == at:
                act = ev.FaultInjected(t=t * SECOND - 1, fault=fault, process="counter", sentence=fault)  # type: ignore[arg-type]
                world.apply(act)
        depth = ev.Depth(10 if begin < t <= end + 1 else 0, 10, 10, "messages", "exact")
        waited = ev.EndState(blocked_send=max(0, min(t, end + 1) - begin) * SECOND)
        world.apply(made.frame(t * SECOND, [made.state(waited, ev.EndState(received=t * 30), depth=depth)]))
    return world.view()


def test_a_consumer_that_was_paused_by_hand_is_not_blamed_for_its_pace() -> None:
    (found,) = backlogs(filled_meanwhile((3, 10)))
    assert found.sentence.endswith("a has waited 8.0 s in all. counter was paused by hand for 7.0 s of them.")
    (found,) = backlogs(filled_meanwhile((3, 30)))
    assert found.sentence.endswith("counter is paused by hand.")
