"""Waking a process that sleeps in a system call which knows neither descriptors nor deadlines.

The lifeline's hang-up comes as a signal (O_ASYNC, fcntl(2)), a deadline as another (setitimer(2)): either
interrupts the call (EINTR, signal(7)). A signal that comes just before the call begins is lost, so the
timer goes on every `AGAIN_S`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.waiting import interruptible

AGAIN_S = 1.0
_SOONEST_S = 0.0001
_BREATH_MS = 2
"""Long enough for a stop that is tried again every millisecond (runtime/worker.py)."""


class Alarm:
    """Wakes this process when its lifeline hangs up, when a deadline has come, and to be stopped."""

    def __init__(self, lifeline: int, access: int) -> None:
        """Take the lifeline over; `access` is O_RDONLY or O_WRONLY, as it was opened."""
        # Whom it wakes is a property of the open file description: this process needs one of its own.
        self._lifeline = os.open(
            f"/proc/self/fd/{lifeline}", access | os.O_NONBLOCK | os.O_CLOEXEC | os.O_ASYNC
        )
        close_quietly(lifeline)
        self._poll = select.poll()
        self._poll.register(self._lifeline, 0)
        if signal.getsignal(signal.SIGIO) in (signal.SIG_DFL, signal.SIG_IGN):
            signal.signal(signal.SIGIO, _nothing)
        fcntl.fcntl(self._lifeline, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(self._lifeline, fcntl.F_GETFL)
        fcntl.fcntl(self._lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)

    def hung_up(self) -> bool:
        """Nobody holds the other end any more."""
        return bool(self._poll.poll(0))

    @contextlib.contextmanager
    def set(self, deadline: float | None) -> Iterator[None]:
        """While a call sleeps: wake it at the deadline (monotonic seconds), and now and then.

        The timer may be somebody else's, too: a stop that is tried again, or the demo's own. It goes off
        afterwards as it would have.
        """
        now = time.monotonic()
        theirs, interval = signal.getitimer(signal.ITIMER_REAL)
        handler = signal.signal(signal.SIGALRM, _nothing)
        due = [AGAIN_S, *([] if deadline is None else [deadline - now]), *([theirs] if theirs else [])]
        signal.setitimer(signal.ITIMER_REAL, max(_SOONEST_S, min(due)), AGAIN_S)
        try:
            yield
        finally:
            # A stop that came meanwhile has taken the timer over, to be tried again; then it stays so.
            if signal.getsignal(signal.SIGALRM) is _nothing:
                _restore(handler, theirs - (time.monotonic() - now) if theirs else None, interval)

    def breathe(self, deadline: float | None) -> None:
        """After an interruption: raises `TimeoutError` after the deadline, and lets a stop come through."""
        self._pause()
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError

    @interruptible
    def _pause(self) -> None:
        self._poll.poll(_BREATH_MS)

    def close(self) -> None:
        """Let go of the lifeline; idempotent."""
        descriptor, self._lifeline = self._lifeline, -1
        close_quietly(descriptor)


def _restore(handler: Any, left: float | None, interval: float) -> None:
    """Give the timer back to whoever had it; `left` is in seconds, None for no timer."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    if (
        signal.getsignal(signal.SIGALRM) is not _nothing
    ):  # a stop came just now: its timer is gone, its turn not
        signal.setitimer(signal.ITIMER_REAL, _SOONEST_S)
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
    if left is not None:
        signal.setitimer(signal.ITIMER_REAL, max(_SOONEST_S, left), interval)


def _nothing(number: int, frame: FrameType | None) -> None:
    """To interrupt is all that is wanted."""
