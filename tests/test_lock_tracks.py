"""What a lock's users did of late."""

from __future__ import annotations

import pytest
from helpers import events as made
from helpers.events import SECOND

from ipcviz import events as ev
from ipcviz.lock_tracks import LockTrack, lock_view
from ipcviz.pauses import Pauses
from ipcviz.view import LockView

INFO = made.lock("door", "waiter", "taker")


def looked(*frames: tuple[float, ev.LockUse, ev.LockUse]) -> LockView:
    """The lock after so many frames: seconds, and what the two of them did."""
    track = LockTrack()
    for t, waiter, taker in frames:
        state = made.uses(waiter, taker)
        track.add(round(t * SECOND), state)
        view = lock_view(INFO, 0, track, Pauses())
    return view


def waits(since: float = 0.5, waited: int = 0) -> ev.LockUse:
    return ev.LockUse("waiting", round(since * SECOND), waited=waited)


def took(count: int) -> ev.LockUse:
    return ev.LockUse("holding", acquisitions=count, contended=count // 2)


def test_a_wait_that_lasts_counts_and_so_do_those_who_pass() -> None:
    view = looked((1, waits(), took(3)), (2, waits(), took(10)), (4, waits(), took(23)))
    waiter, taker = view.usages
    assert view.window == 3 * SECOND
    assert (waiter.waited, waiter.taken, waiter.passed) == (3 * SECOND, 0, 20)
    assert (taker.waited, taker.taken, taker.contended, taker.passed) == (0, 20, 10, 0)


def test_nobody_is_passed_over_between_two_waits() -> None:
    """Whether it was taken before or after it began to wait again is not known."""
    again = looked((1, waits(0.5), took(3)), (2, waits(1.5, waited=SECOND), took(10)))
    assert again.usages[0].passed == 0
    assert again.usages[0].waited == SECOND
    free = looked((1, waits(), took(3)), (2, ev.LockUse(), took(10)))
    assert free.usages[0].passed == 0


def test_only_the_last_ten_seconds_count() -> None:
    view = looked(*((t, waits(), took(2 * t)) for t in range(1, 31)))
    assert view.window == 10 * SECOND
    assert (view.usages[0].waited, view.usages[0].passed) == (10 * SECOND, 20)
    assert view.usages[1].taken == 20


@pytest.mark.parametrize(("per_second", "rate"), [(0, 0), (7, 7)])
def test_the_rate_is_that_of_the_last_second(per_second: int, rate: float) -> None:
    ticks = [(t / 10, waits(), took(5 + (per_second * (t - 50) // 10 if t > 50 else 0))) for t in range(71)]
    assert looked(*ticks).rate == rate


def test_who_died_with_it_is_told() -> None:
    view = looked((1, ev.LockUse(died=True), ev.LockUse()))
    assert [usage.died for usage in view.usages] == [True, False]
