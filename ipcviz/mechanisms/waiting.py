"""Waiting in a worker: for descriptors, with deadlines, known to the watch, and broken off by a stop."""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable
from types import CodeType
from typing import Any, TypeVar

from ipcviz.mechanisms.contract import TIMED, Watch

MOMENT_S = 0.001
"""How long to sleep between two looks at what no poll tells."""
_Function = TypeVar("_Function", bound=Callable[..., Any])
interruptible_code: set[CodeType] = set()


def interruptible(function: _Function) -> _Function:
    """Mark a function in which a stop may be raised: it waits, and nothing is half done in it."""
    interruptible_code.add(function.__code__)
    return function


class Waiter:
    """Waits for descriptors, and lets the watch know for how long."""

    def __init__(self, watch: Watch, activity: int, interest: dict[int, int]) -> None:
        self._poll = select.poll()
        self._watch = watch
        self._activity = activity
        for descriptor, events in interest.items():
            self._poll.register(descriptor, events)

    def add(self, descriptor: int, events: int) -> None:
        """Wait for it, too."""
        self._poll.register(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Wait for it no longer."""
        self._poll.unregister(descriptor)

    def ready(self) -> list[tuple[int, int]]:
        """What can be done right now, without waiting."""
        return self._poll.poll(0)

    def wait(self, deadline: float | None, whole: bool = False) -> list[tuple[int, int]]:
        """Block until something is ready; raises `TimeoutError` after the deadline (monotonic seconds).

        A stop is raised here, unless `whole` says that the caller has half a message in its hands.
        """
        self._watch.blocked(self._activity | (0 if deadline is None else TIMED))
        try:
            return _poll_until(self._poll, deadline) if whole else self._wait(deadline)
        finally:
            self._watch.unblocked()

    def wait_until(self, condition: Callable[[], bool], deadline: float) -> None:
        """Block until it holds, for what no poll tells; raises `TimeoutError` after the deadline."""
        self._watch.blocked(self._activity | TIMED)
        try:
            while (left := deadline - time.monotonic()) > 0:
                self._sleep(min(MOMENT_S, left))
                if condition():
                    return
            raise TimeoutError
        finally:
            self._watch.unblocked()

    @interruptible
    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @interruptible
    def _wait(self, deadline: float | None) -> list[tuple[int, int]]:
        return _poll_until(self._poll, deadline)


def _poll_until(poll: select.poll, deadline: float | None) -> list[tuple[int, int]]:
    while True:
        left = milliseconds_left(deadline)
        ready = poll.poll(left)
        if ready:
            return ready
        if left == 0:
            raise TimeoutError


def milliseconds_left(deadline: float | None) -> int | None:
    """Until the deadline, rounded up, as poll(2) takes it; None for none."""
    return None if deadline is None else max(0, math.ceil((deadline - time.monotonic()) * 1000))


def deadline_after(timeout: float | None) -> float | None:
    """The monotonic second at which a timeout ends; None for none."""
    return None if timeout is None else time.monotonic() + timeout
