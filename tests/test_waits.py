"""Who waits for whom, and who can never go on."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND

from ipcviz import events as ev
from ipcviz.waits import SETTLED, rings, stuck_processes, waiting_processes
from ipcviz.world import View, World

NOW = 10 * SECOND
LONG_AGO = NOW - SECOND


def holding() -> ev.LockUse:
    return ev.LockUse("holding", LONG_AGO, acquisitions=1)


def waiting(since: int = LONG_AGO, timed: bool = False) -> ev.LockUse:
    return ev.LockUse("waiting", since, timed=timed)


def table(locks: dict[str, dict[str, ev.LockUse]], counts: dict[str, int] | None = None) -> View:
    """What each process does with each lock; nobody does anything else."""
    users = sorted({user for uses in locks.values() for user in uses})
    infos = [made.lock(name, *uses, count=(counts or {}).get(name, 1)) for name, uses in locks.items()]
    world = made.started(World(), made.session(users, [], infos))
    states = [made.uses(*uses.values()) for uses in locks.values()]
    world.apply(made.frame(NOW, [], states))
    return world.view()


def ring_of(size: int, **first: Any) -> dict[str, dict[str, ev.LockUse]]:
    """Philosopher n holds fork n and waits for fork n + 1."""
    locks: dict[str, dict[str, ev.LockUse]] = {}
    for n in range(size):
        before = (n - 1) % size
        wait = waiting(**first) if before == 0 else waiting()
        locks[f"fork {n}"] = {f"p{n}": holding(), f"p{before}": wait}
    return locks


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_ring_of_locks(size: int) -> None:
    stuck = stuck_processes(table(ring_of(size)))
    assert sorted(stuck) == [f"p{n}" for n in range(size)]
    assert rings(stuck) == [[f"p{n}" for n in range(size)]]
    assert stuck["p0"].by == {f"p{1 % size}"}


def test_a_tail_that_leads_into_a_ring_is_stuck_but_no_part_of_it() -> None:
    locks = ring_of(2)
    locks["fork 0"]["tail 1"] = waiting()
    locks["spoon"] = {"tail 1": holding(), "a tail": waiting()}
    stuck = stuck_processes(table(locks))
    assert sorted(stuck) == ["a tail", "p0", "p1", "tail 1"]
    assert rings(stuck) == [["p0", "p1"]]


def test_two_rings_are_two() -> None:
    locks = ring_of(2)
    for name, uses in ring_of(3).items():
        locks[f"other {name}"] = {f"q{user}": use for user, use in uses.items()}
    assert rings(stuck_processes(table(locks))) == [["p0", "p1"], ["qp0", "qp1", "qp2"]]


def test_a_wait_that_ends_by_itself_is_not_stuck() -> None:
    assert stuck_processes(table(ring_of(3, timed=True))) == {}


@pytest.mark.parametrize(("age", "stuck"), [(SETTLED, ["p0", "p1"]), (SETTLED - 1, []), (0, [])])
def test_young_waits_are_not_stuck(age: int, stuck: list[str]) -> None:
    assert sorted(stuck_processes(table(ring_of(2, since=NOW - age)))) == stuck


def test_who_waits_for_a_running_holder_is_not_stuck() -> None:
    view = table({"fork": {"holder": holding(), "a": waiting(), "b": waiting()}})
    assert sorted(waiting_processes(view)) == ["a", "b"]
    assert stuck_processes(view) == {}


def test_a_semaphore_with_one_running_holder_is_not_stuck() -> None:
    locks = {
        "seats": {"a": holding(), "b": holding(), "c": waiting()},
        "fork": {"c": holding(), "a": waiting()},
    }
    assert stuck_processes(table(locks, {"seats": 2})) == {}
    locks["fork"]["b"] = waiting()
    stuck = stuck_processes(table(locks, {"seats": 2}))
    assert sorted(stuck) == ["a", "b", "c"]
    assert rings(stuck) == [["a", "c"]]


def test_a_lock_whose_holder_has_died_is_no_ring() -> None:
    world = made.started(World(), made.session(["a", "b"], [], [made.lock("fork", "a", "b")]))
    world.apply(ev.ProcessExited(t=1, process="a", pid=100, exit=None, signal=9, failed=True))
    world.apply(made.frame(NOW, [], [made.uses(holding(), waiting())]))
    assert stuck_processes(world.view()) == {}


# ---- channels ------------------------------------------------------------------------------------------


def end(activity: Any = "", since: int = LONG_AGO, **more: Any) -> ev.EndState:
    return ev.EndState(activity=activity, since=since if activity else 0, **more)


def talking(
    *channels: tuple[ev.ChannelInfo, list[ev.EndState]], locks: dict[str, dict[str, ev.LockUse]] | None = None
) -> View:
    locks = locks or {}
    processes = sorted({e.process for info, _ in channels for e in info.endpoints} | set(*locks.values()))
    infos = [made.lock(name, *uses) for name, uses in locks.items()]
    world = made.started(World(), made.session(processes, [info for info, _ in channels], infos))
    states = [made.state(*ends) for _, ends in channels]
    world.apply(made.frame(NOW, states, [made.uses(*uses.values()) for uses in locks.values()]))
    return world.view()


TO_B = made.channel("to b", "a>", ">b")
TO_A = made.channel("to a", "b>", ">a")


def test_two_that_receive_from_each_other() -> None:
    view = talking((TO_B, [end(), end("receiving")]), (TO_A, [end(), end("receiving")]))
    assert rings(stuck_processes(view)) == [["a", "b"]]


def test_two_that_send_to_each_other() -> None:
    view = talking((TO_B, [end("sending"), end()]), (TO_A, [end("sending"), end()]))
    assert rings(stuck_processes(view)) == [["a", "b"]]


def test_one_that_receives_from_one_that_works() -> None:
    assert stuck_processes(talking((TO_B, [end(), end("receiving")]))) == {}


def test_one_that_sends_and_one_that_receives_on_the_same_channel() -> None:
    # Between two looks: the message is on its way.
    assert len(waiting_processes(talking((TO_B, [end("sending"), end("receiving")])))) == 2


def test_a_living_sender_that_is_free_lets_the_receiver_go() -> None:
    channel = made.channel("in", "a>", "other>", ">b")
    back = made.channel("back", "b>", ">a")
    view = talking((channel, [end(), end(), end("receiving")]), (back, [end(), end("receiving")]))
    assert stuck_processes(view) == {}
    closed = talking(
        (channel, [end(), end(closed=True), end("receiving")]), (back, [end(), end("receiving")])
    )
    assert rings(stuck_processes(closed)) == [["a", "b"]]


def test_a_ring_through_a_lock_and_a_channel() -> None:
    locks = {"door": {"a": holding(), "b": waiting()}}
    view = talking((TO_A, [end(), end("receiving")]), locks=locks)
    assert rings(stuck_processes(view)) == [["a", "b"]]


def test_a_process_at_both_ends_waits_for_the_other_side_only() -> None:
    # It puts work back into the channel that it takes work from.
    work = made.channel("work", "source>", "worker>", ">worker")
    assert stuck_processes(talking((work, [end(), end(), end("receiving")]))) == {}
    # With the source gone it waits for itself, for ever.
    alone = talking((work, [end(closed=True), end(), end("receiving")]))
    assert rings(stuck_processes(alone)) == [["worker"]]


def test_callers_and_a_responder_of_one_kernel_object() -> None:
    call = made.channel("call", "one>", "two>", ">server", kind="call")
    assert stuck_processes(talking((call, [end("receiving"), end(), end()]))) == {}
    # The server waits for requests, while a caller that could send one works.
    assert stuck_processes(talking((call, [end("receiving"), end(), end("receiving")]))) == {}
    # Everybody waits for an answer, and the server for a request: nobody goes on.
    stuck = stuck_processes(talking((call, [end("receiving"), end("receiving"), end("receiving")])))
    assert sorted(stuck) == ["one", "server", "two"]
    # The server cannot send its answer to a caller that is busy sending.
    assert sorted(stuck_processes(talking((call, [end("sending"), end("sending"), end("sending")])))) == [
        "one",
        "server",
        "two",
    ]


def test_who_is_paused_by_hand_is_not_stuck_and_lets_the_others_go() -> None:
    world = made.started(
        World(), made.session(["p0", "p1"], [], [made.lock("a", "p0", "p1"), made.lock("b", "p0", "p1")])
    )
    world.apply(made.frame(NOW, [], [made.uses(holding(), waiting()), made.uses(waiting(), holding())]))
    assert sorted(stuck_processes(world.view())) == ["p0", "p1"]
    for fault, stuck in (("pause", []), ("resume", ["p0", "p1"])):
        world.apply(ev.FaultInjected(t=NOW, fault=fault, process="p1", sentence=fault))  # type: ignore[arg-type]
        assert sorted(stuck_processes(world.view())) == stuck
