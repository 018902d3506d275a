"""Calls that sleep in the kernel and take no timeout, broken off by a timer: setitimer(2), signal(7).

The timer may be somebody else's as well: a stop that was put off, or the demo's own. Whoever was there
before is still called when its time comes, and finds the timer as it was afterwards.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

_SOONEST_S = 1e-6
"""A timer of 0 would be none."""
_LONGEST_S = 1e6
"""Longer ones are begun again; the kernel does not take any number."""
_AGAIN_S = 0.01
"""How often the timer goes on: a signal that comes just before the call begins is lost. And how often
another thread than the first looks: signals are not for it.
"""


class _TimeUp(Exception):
    pass


def done_within(timeout: float, call: Callable[[], None], attempt: Callable[[], bool]) -> bool:
    """Whether `call` was done in so many seconds; `attempt` does the same if it can be done at once.

    It must not matter that both were done: when the time is up, only another attempt tells for sure.
    """
    if timeout <= 0:
        return attempt()
    if threading.current_thread() is not threading.main_thread():
        return _tried_until(time.monotonic() + timeout, attempt)
    alarm = _Alarm(time.monotonic() + timeout)
    try:
        try:
            alarm.set()
            alarm.guarded(call)
        finally:
            alarm.clear()
    except _TimeUp:
        alarm.clear()
        return attempt()
    return True


def _tried_until(deadline: float, attempt: Callable[[], bool]) -> bool:
    while not attempt():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, _AGAIN_S))
    return True


class _Alarm:
    """The timer of this process, lent for one call."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._before: Any = signal.getsignal(signal.SIGALRM)
        left, self._interval = signal.getitimer(signal.ITIMER_REAL)
        self._theirs = time.monotonic() + left if left else None

    def set(self) -> None:
        """Ring at the deadline, or when the timer that was set before does."""
        signal.signal(signal.SIGALRM, self._ring)
        due = self._deadline if self._theirs is None else min(self._deadline, self._theirs)
        self._start(due, _AGAIN_S)

    def guarded(self, call: Callable[[], None]) -> None:
        """Call it; only in here the time is told to be up."""
        call()

    def clear(self) -> None:
        """As it was before; idempotent."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self._before is None else self._before)
        if self._theirs is not None:
            self._start(self._theirs, self._interval)

    def _start(self, due: float, interval: float) -> None:
        left = min(max(due - time.monotonic(), _SOONEST_S), _LONGEST_S)
        signal.setitimer(signal.ITIMER_REAL, left, interval)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self._theirs is not None and time.monotonic() >= self._theirs:
            self._theirs = self._theirs + self._interval if self._interval else None
            if callable(self._before):
                self._before(number, frame)
        if time.monotonic() < self._deadline:
            self.set()
        elif _inside(frame):
            raise _TimeUp


def _inside(frame: FrameType | None) -> bool:
    """Whether the call still goes on: a signal is handled a little later than it comes."""
    while frame is not None:
        if frame.f_code is _Alarm.guarded.__code__:
            return True
        frame = frame.f_back
    return False
