"""A call that is broken off by a timer, and everybody else's timer beside it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ipcviz.mechanisms.locks.alarm import done_within


@pytest.fixture(autouse=True)
def timer_as_it_was() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    yield
    signal.setitimer(signal.ITIMER_REAL, *before[1])
    signal.signal(signal.SIGALRM, before[0])


@pytest.fixture
def rung() -> list[float]:
    """When a timer of somebody else's rang, in monotonic seconds."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    times: list[float] = []
    signal.signal(signal.SIGALRM, lambda number, frame: times.append(time.monotonic()))
    return times


def sleep_for_ever() -> None:
    reading, writing = os.pipe()
    try:
        os.read(reading, 1)
    finally:
        os.close(reading)
        os.close(writing)


def never() -> bool:
    return False


def test_what_is_done_in_time(rung: list[float]) -> None:
    done: list[str] = []
    assert done_within(3600, lambda: done.append("called"), never) is True
    assert done == ["called"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_time_at_all_is_one_attempt(timeout: float, rung: list[float]) -> None:
    assert done_within(timeout, sleep_for_ever, lambda: True) is True
    assert done_within(timeout, sleep_for_ever, never) is False


def test_what_is_not_done_in_time_is_tried_once_more(rung: list[float]) -> None:
    handler = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    assert done_within(0.02, sleep_for_ever, never) is False
    assert time.monotonic() - began >= 0.02
    assert done_within(0.02, sleep_for_ever, lambda: True) is True
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert rung == []


def test_a_call_that_does_not_notice_the_first_signal(rung: list[float]) -> None:
    """As if it came just before the system call began: the next one breaks it off."""

    def deaf() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        signal.sigwait({signal.SIGALRM})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        sleep_for_ever()

    assert done_within(0.01, deaf, never) is False


def test_an_error_goes_through(rung: list[float]) -> None:
    def fail() -> None:
        raise OSError("as told")

    with pytest.raises(OSError, match="as told"):
        done_within(3600, fail, never)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def until(rung: list[float], times: int) -> None:
    while len(rung) < times:
        time.sleep(0.001)


def test_a_timer_that_was_set_before_still_rings(rung: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    assert done_within(3600, lambda: until(rung, 1), never) is True
    assert len(rung) == 1
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_timer_that_rings_later_is_as_it_was(rung: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 1000, 7)
    assert done_within(0.01, sleep_for_ever, never) is False
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    assert 900 < left < 1000
    assert interval == 7
    assert rung == []


def test_a_timer_that_rings_again_and_again(rung: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    assert done_within(3600, lambda: until(rung, 3), never) is True
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 0.01
    until(rung, 4)
    signal.setitimer(signal.ITIMER_REAL, 0)


def test_what_the_other_timer_raises_breaks_it_off(rung: list[float]) -> None:
    def stop(number: int, frame: Any) -> None:
        raise InterruptedError("somebody else's")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    with pytest.raises(InterruptedError, match="somebody else's"):
        done_within(3600, sleep_for_ever, never)
    assert signal.getsignal(signal.SIGALRM) is stop
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_in_another_thread_it_is_tried_until_it_is_time() -> None:
    outcomes: list[bool] = []
    tries = iter([False, False, True])

    def use() -> None:
        outcomes.append(done_within(0.03, sleep_for_ever, never))
        outcomes.append(done_within(3600, sleep_for_ever, lambda: next(tries)))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(30)
    assert outcomes == [False, True]
