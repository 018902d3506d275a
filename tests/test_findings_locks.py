"""Findings about locks: starvation, convoys, and what the dead have held."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND
from msgspec import structs

from ipcviz import events as ev
from ipcviz.findings import convoys, deaths, find, leaks, orphans, starvation
from ipcviz.view import View
from ipcviz.world import World

NAMES = ["writer", "reader 1", "reader 2"]


def pause(process: str) -> ev.FaultInjected:
    return ev.FaultInjected(t=1, fault="pause", process=process, sentence="paused")


# ---- starvation ----------------------------------------------------------------------------------------


def hungry(seconds: int = 11, per_second: int = 10, got: int = 0, since: float = 0.5, **more: Any) -> View:
    """A writer that waits since then, while both readers take the lock so often."""
    world = made.started(World(), made.session(NAMES, [], [made.lock("record", *NAMES)]))
    for process in more.get("paused", ()):
        world.apply(pause(process))
    for t in range(1, seconds + 1):
        begun = round(since * SECOND)
        waits = ev.LockUse("waiting", begun, acquisitions=got * t) if t * SECOND > begun else ev.LockUse()
        reads = [ev.LockUse("holding", 1, acquisitions=per_second * t), ev.LockUse("", 0, per_second * t)]
        world.apply(made.frame(t * SECOND, [], [made.uses(waits, *reads)]))
    return world.view()


def test_who_waits_while_the_others_take_it_again_and_again_starves() -> None:
    (found,) = find(hungry())
    assert found.sentence == (
        "Starvation: writer has waited 10.0 s of the last 10 s for record, which was taken 200 times "
        "meanwhile by reader 1 and reader 2, and never by writer."
    )
    assert (found.kind, found.key) == ("starvation", "starving:record")
    assert found.members == ["record", "writer", "reader 1", "reader 2"]


@pytest.mark.parametrize(
    "view",
    [
        hungry(seconds=3),  # 2.5 s is not long
        hungry(since=6),  # 5 s of 10 s is not most of it
        hungry(per_second=0),  # nobody gets it: that is no unfairness
        hungry(per_second=2, got=1),  # the others do not get it much oftener
        hungry(paused=["writer"]),
        hungry(paused=["reader 1"]),  # the holder was stopped by hand
    ],
)
def test_nobody_starves(view: View) -> None:
    assert starvation(view) == []


def test_starvation_is_taken_back_later_than_it_is_told() -> None:
    view = hungry(since=6)
    assert starvation(view, frozenset({"starving:record"})) != []
    assert starvation(hungry(since=9), frozenset({"starving:record"})) == []


def test_a_queue_in_which_everybody_has_a_turn_is_fair() -> None:
    """Nine of ten always wait, but nobody is passed over twice by the same."""
    names = [f"p{number}" for number in range(10)]
    world = made.started(World(), made.session(names, [], [made.lock("door", *names)]))
    for t in range(1, 120):
        uses = []
        for number in range(10):
            taken, turn = divmod(t + number, 10)
            began = (t - turn) * SECOND // 10
            state = ("holding", t * SECOND // 10) if turn == 9 else ("waiting", began)
            uses.append(
                ev.LockUse(*state, acquisitions=taken, contended=taken, waited=taken * SECOND * 9 // 10)
            )
        world.apply(made.frame(t * SECOND // 10, [], [made.uses(*uses)]))
    assert starvation(world.view()) == []
    assert sum(usage.waited for usage in world.view().locks[0].usages) > 8 * 10 * SECOND


def test_who_is_in_a_deadlock_does_not_starve() -> None:
    locks = [made.lock("one", "writer", "reader 1"), made.lock("two", "writer", "reader 1")]
    world = made.started(World(), made.session(NAMES, [], locks))
    for t in range(1, 9):
        taken = min(t, 4) * 50
        world.apply(
            made.frame(
                t * SECOND,
                [],
                [
                    made.uses(ev.LockUse("waiting", 1), ev.LockUse("holding", 1, acquisitions=taken)),
                    made.uses(ev.LockUse("holding", 1), ev.LockUse("waiting", 4 * SECOND)),
                ],
            )
        )
    assert [finding.kind for finding in find(world.view())] == ["deadlock"]


# ---- convoy --------------------------------------------------------------------------------------------


def queue(size: int, rate: int, seconds: int = 5, **lock: Any) -> View:
    """All but one of so many wait for the lock at every instant."""
    names = [f"p{number}" for number in range(size)]
    info = structs.replace(made.lock("turn", *names), **{"count": 1, **lock})
    world = made.started(World(), made.session(names, [], [info]))
    for tick in range(1, seconds * 10 + 1):
        t = tick * SECOND // 10
        taken = tick * rate // 10 // size
        waiting = [ev.LockUse("waiting", 0, taken, taken) for _ in names[1:]]
        world.apply(made.frame(t, [], [made.uses(ev.LockUse("holding", t, taken), *waiting)]))
    return world.view()


def test_a_queue_for_a_lock_that_is_held_for_moments_is_a_convoy() -> None:
    (found,) = convoys(queue(8, 800))
    assert found.sentence.startswith(
        "Convoy: 7.0 of 8 processes wait for turn on average, for 10.0 ms each time"
    )
    assert "though it is held for 1.2 ms at most on average" in found.sentence
    assert found.members[0] == "turn"
    assert (found.kind, found.key) == ("convoy", "convoy:turn")


@pytest.mark.parametrize(
    "view",
    [
        queue(3, 800),  # two wait
        queue(8, 40),  # each holds it for long: that is work, and no convoy
        queue(8, 800, seconds=2),
        queue(8, 800, count=2),
        queue(8, 800, shared=True),
    ],
)
def test_no_convoy(view: View) -> None:
    assert convoys(view) == []


def test_a_convoy_is_taken_back_later_than_it_is_told() -> None:
    assert convoys(queue(3, 800), frozenset({"convoy:turn"})) != []


# ---- the dead ------------------------------------------------------------------------------------------


def died(after_death: str, holding: bool = False, later: int = 1, **how: Any) -> View:
    """`holder` ends while it holds the lock; the View of so many seconds later."""
    info = structs.replace(made.lock("door", "holder", "waiter"), after_death=after_death)
    world = made.started(World(), made.session(["holder", "waiter"], [], [info]))
    fields: dict[str, Any] = {"exit": None, "signal": None, "failed": False, **how}
    world.apply(ev.ProcessExited(t=SECOND, process="holder", pid=1, **fields))
    use = ev.LockUse("holding" if holding else "", 1, died=True)
    world.apply(made.frame((1 + later) * SECOND, [], [made.uses(use, ev.LockUse("waiting", 5))]))
    return world.view()


def test_a_lock_that_the_kernel_released_may_protect_what_is_half_done() -> None:
    (found,) = deaths(died("released", signal=9))
    assert found.sentence == (
        "Died holding: holder was killed by signal 9 (SIGKILL) while it held door (posix-sem); "
        "it is free again, and nobody is told that what it protects may be half done."
    )
    assert (found.kind, found.members, found.since) == ("died holding", ["door", "holder"], SECOND)


def test_a_lock_that_is_recovered_warns_the_next_one() -> None:
    (found,) = deaths(died("recovered", exit=3, failed=True))
    assert "holder ended with status 3 while it held door" in found.sentence
    assert found.sentence.endswith("who takes it next is told that what it protects may be half done.")


def test_a_death_is_told_for_a_while() -> None:
    assert deaths(died("released", later=10, signal=9)) != []
    assert deaths(died("released", later=11, signal=9)) == []


def test_a_lock_that_stays_taken_is_an_orphan_and_told_once() -> None:
    view = died("stuck", holding=True, signal=9)
    assert deaths(view) == []
    (found,) = find(view)
    assert found.kind == "orphaned lock"
    assert found.sentence.endswith("posix-sem has nobody who gives it back; waiter waits for it.")
    assert (found.members, found.since) == (["door", "holder", "waiter"], SECOND)


def test_who_ends_well_with_a_lock_leaves_an_orphan_too() -> None:
    (found,) = find(died("stuck", holding=True, exit=0))
    assert found.sentence == (
        "Orphaned lock: door is held by holder, which ended with status 0, and posix-sem has nobody who "
        "gives it back; waiter waits for it."
    )
    assert (found.kind, found.members, found.since) == ("orphaned lock", ["door", "holder", "waiter"], SECOND)


def test_who_fails_with_a_lock_is_told_with_those_who_wait() -> None:
    (found,) = find(died("stuck", holding=True, exit=1, failed=True))
    assert found.sentence.endswith("It held door, and nobody gives that back; waiter waits for it.")
    assert found.kind == "failed process"


@pytest.mark.parametrize(
    ("count", "value", "told"),
    [
        (1, 0, ["holder"]),
        (2, 1, ["holder"]),
        (2, 0, ["holder"]),
        (2, 2, []),
        (1, 1, []),
        (1, None, ["holder"]),
    ],
)
def test_what_others_gave_back_for_the_dead_is_no_orphan(count: int, value: int | None, told: Any) -> None:
    """A semaphore may be given back by anybody, and the kernel tells how many places are free."""
    view = died("stuck", holding=True, exit=0)
    (lock,) = view.locks
    seen = structs.replace(lock, value=value, info=structs.replace(lock.info, count=count))
    found = orphans(structs.replace(view, locks=(seen,)))
    assert [name for finding in found for name in finding.members if name == "holder"] == told


def test_a_lock_that_two_of_the_dead_hold_is_told_once() -> None:
    info = structs.replace(made.lock("seats", "a", "b", "c"), count=2)
    world = made.started(World(), made.session(["a", "b", "c"], [], [info]))
    for t, name in enumerate("ab", 1):
        world.apply(ev.ProcessExited(t=t, process=name, pid=1, exit=None, signal=9, failed=False))
    holding = ev.LockUse("holding", 1, died=True)
    world.apply(made.frame(3, [], [made.uses(holding, holding, ev.LockUse("waiting", 2))]))
    (found,) = orphans(world.view())
    assert "seats is held by a and b, which were killed by signal 9 (SIGKILL), and" in found.sentence
    assert (found.members, found.since) == (["seats", "a", "b", "c"], 2)


def test_a_process_that_gave_everything_back_died_without() -> None:
    world = made.started(World(), made.session(["a"], [], [made.lock("door", "a")]))
    world.apply(ev.ProcessExited(t=1, process="a", pid=1, exit=None, signal=9, failed=False))
    world.apply(made.frame(2, [], [made.uses(ev.LockUse(acquisitions=5))]))
    assert find(world.view()) == []


# ---- leaked object -------------------------------------------------------------------------------------


def opened(*counts: int) -> View:
    world = made.started(World(), made.session(["keeper"]))
    for t, count in enumerate(counts, 1):
        state = ev.ProcessState("running", descriptors=count)
        world.apply(made.frame(t * SECOND, [], [], [state]))
    return world.view()


def test_descriptors_that_pile_up_are_a_leak() -> None:
    (found,) = find(opened(*range(10, 100, 10)))
    assert found.sentence == (
        "Leaked object: keeper has 90 descriptors open, 80 more than 9 s ago, and never had fewer in between."
    )
    assert (found.kind, found.members) == ("leaked object", ["keeper"])


@pytest.mark.parametrize("counts", [range(10, 28, 2), [10] * 9, [10, 90] * 5, range(10, 50, 10)])
def test_no_leak_of_few_or_of_what_is_closed(counts: Any) -> None:
    assert leaks(opened(*counts)) == []


def test_a_process_that_has_ended_leaks_nothing() -> None:
    world = made.started(World(), made.session(["keeper"]))
    for t in range(1, 9):
        world.apply(made.frame(t * SECOND, [], [], [ev.ProcessState("running", descriptors=50 * t)]))
    assert leaks(world.view()) != []
    world.apply(ev.ProcessExited(t=9 * SECOND, process="keeper", pid=1, exit=0, signal=None, failed=False))
    assert leaks(world.view()) == []
