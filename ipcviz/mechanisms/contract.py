"""The contract of a mechanism, on about a page, and what all ends have in common.

A mechanism is one file with one `Mechanism`. The supervisor calls `create` before the workers exist;
a worker calls `KernelChannel.open` for each endpoint that is its own; the supervisor then lets go of
the descriptors (`release`) so that end of file and broken pipes reach the workers as the kernel means
them, asks for depths, and calls `destroy`, whoever died how.
"""

from __future__ import annotations

import errno
import os
import select
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, Protocol, TypeVar

from ipcviz.events import Depth
from ipcviz.traits import Kind, Traits

ENVELOPE = 16
"""Bytes that ipcviz puts before each payload: u64 time stamp (0: not stamped), u32 endpoint, u32 sequence."""

Limits = dict[str, int | str]


class CannotCreate(Exception):
    """A kernel object could not be made; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a mechanism is asked to make: one channel of one run.

    `senders` and `receivers` are endpoint numbers; for a call, callers and the one responder.
    """

    channel: str
    kind: Kind
    senders: tuple[int, ...]
    receivers: tuple[int, ...]
    kernel_name: str
    """Unique on this machine, only letters, digits, '-': for what needs a name in the system."""


class Watch(Protocol):
    """What an end tells about itself; the worker's telemetry, or `Unwatched`."""

    def stamp(self) -> int:
        """The time to write into the next message, in ns; 0 if this one is not sampled."""

    def sent(self, size: int) -> None:
        """A message of `size` payload bytes is in the channel."""

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        """A message was taken out."""

    def blocked(self, activity: int) -> None:
        """This end waits from now on: SENDING or RECEIVING, and TIMED if it will give up by itself."""

    def unblocked(self) -> None:
        """The wait is over."""

    def closed(self) -> None:
        """This end was closed, or saw the end of messages."""


class Unwatched:
    """A `Watch` that notes nothing: for tests, and for measuring what watching costs."""

    def stamp(self) -> int:
        """Never samples."""
        return 0

    def sent(self, size: int) -> None:
        """Notes nothing."""

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        """Notes nothing."""

    def blocked(self, activity: int) -> None:
        """Notes nothing."""

    def unblocked(self) -> None:
        """Notes nothing."""

    def closed(self) -> None:
        """Notes nothing."""


class Reach(Protocol):
    """How the supervisor looks at descriptors that only workers hold."""

    def borrow(self, endpoint: int, descriptor: int) -> int | None:
        """A duplicate of that worker's descriptor, to be closed at once; None if the worker is gone.

        Raises `PermissionError` where the kernel does not allow it.
        """


class KernelChannel(ABC):
    """One channel's kernel objects. Everything but `open` is called by the supervisor."""

    plan: Plan

    @abstractmethod
    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The inherited descriptors that this endpoint's worker keeps; it closes all others."""

    @abstractmethod
    def open(self, endpoint: int, watch: Watch) -> Any:
        """In the worker: the end itself (see `ipcviz.ends`)."""

    @abstractmethod
    def release(self) -> None:
        """Close the supervisor's own descriptors of ends; idempotent."""

    @abstractmethod
    def depth(self, reach: Reach) -> Depth:
        """What waits in the channel now; `max` is left to the caller. Never disturbs, never raises."""

    @abstractmethod
    def hold(self, reach: Reach) -> None:
        """Keep what is needed to count what is left after the workers ended. For the end of a run only."""

    @abstractmethod
    def in_flight(self) -> int:
        """Whole messages still in the channel, after `hold` and the end of all workers."""

    @abstractmethod
    def destroy(self) -> None:
        """Close and remove everything; idempotent."""


class Mechanism(ABC):
    """A way to carry messages."""

    name: str
    family: str
    about: str
    traits: Traits

    def unavailable(self) -> str | None:
        """Why this machine cannot have it, as a sentence with the remedy; None if it can."""
        return None

    @abstractmethod
    def limits(self) -> Limits:
        """This machine's limits, read now; each key carries its unit."""

    @abstractmethod
    def largest(self, senders: int) -> int:
        """The largest payload in bytes when a channel has so many senders."""

    @abstractmethod
    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """What the ledger must list before `create`: pairs of a kind that the ledger knows, and a name."""

    @abstractmethod
    def create(self, plan: Plan) -> KernelChannel:
        """Make the kernel objects; raises `CannotCreate` and leaves nothing behind then."""


class KernelLock(ABC):
    """One lock's kernel object."""

    @abstractmethod
    def open(self, watch: LockWatch) -> Any:
        """In the worker: the lock itself (see `ipcviz.ends.Lock`)."""

    @abstractmethod
    def inspect(self) -> tuple[int | None, int | None, str]:
        """Value, number of waiters, and why they are unknown (empty if they are known)."""

    @abstractmethod
    def destroy(self) -> None:
        """Remove it; idempotent."""


class LockMechanism(ABC):
    """A kind of lock."""

    name: str
    family: str = "semaphore"
    about: str

    def unavailable(self) -> str | None:
        """Why this machine cannot have it; None if it can."""
        return None

    @abstractmethod
    def limits(self) -> Limits:
        """This machine's limits, read now."""

    @abstractmethod
    def names(self, kernel_name: str) -> Sequence[tuple[str, str]]:
        """What the ledger must list before `create`."""

    @abstractmethod
    def create(self, lock: str, count: int, kernel_name: str) -> KernelLock:
        """Make it; raises `CannotCreate`."""


class LockWatch(Protocol):
    """What a lock tells about its use in one process."""

    def waiting(self, timed: bool) -> None:
        """It was taken; this process waits from now on."""

    def acquired(self, contended: bool) -> None:
        """This process holds it."""

    def gave_up(self) -> None:
        """The wait ended without it."""

    def released(self) -> None:
        """This process gave it back."""


SENDING, RECEIVING, TIMED = 1, 2, 4

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

    @interruptible
    def _wait(self, deadline: float | None) -> list[tuple[int, int]]:
        return _poll_until(self._poll, deadline)


def _poll_until(poll: select.poll, deadline: float | None) -> list[tuple[int, int]]:
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        ready = poll.poll(None if left is None else max(0, round(left * 1000 + 0.5)))
        if ready:
            return ready
        if left is not None and left <= 0:
            raise TimeoutError


def deadline_after(timeout: float | None) -> float | None:
    """The monotonic second at which a timeout ends; None for none."""
    return None if timeout is None else time.monotonic() + timeout


class Own:
    """Descriptors to close once, and not again when their numbers may mean something else."""

    def __init__(self, *descriptors: int) -> None:
        self._open = list(descriptors)

    def take(self, pair: tuple[int, int]) -> tuple[int, int]:
        """Add two, and give them on."""
        self._open.extend(pair)
        return pair

    def close(self) -> None:
        """Close all of them; idempotent."""
        descriptors, self._open = self._open, []
        close_quietly(*descriptors)


class Held:
    """What the supervisor keeps of the workers' descriptors, to count what they leave behind."""

    def __init__(self) -> None:
        self._descriptors: list[int] = []

    def keep(self, reach: Reach, endpoint: int, descriptor: int) -> bool:
        """Keep a duplicate; False if that worker, or its end, is gone."""
        duplicate = reach.borrow(endpoint, descriptor)
        if duplicate is None:
            return False
        self._descriptors.append(duplicate)
        return True

    def keep_any(self, reach: Reach, endpoints: Sequence[int], descriptor: int) -> None:
        """Keep one duplicate of what all these endpoints share."""
        if not self._descriptors:
            any(self.keep(reach, endpoint, descriptor) for endpoint in endpoints)

    def count(self, counted: Callable[[int], int]) -> int:
        """The sum over all that is kept."""
        return sum(counted(descriptor) for descriptor in self._descriptors)

    def close(self) -> None:
        """Let go of everything; idempotent."""
        descriptors, self._descriptors = self._descriptors, []
        close_quietly(*descriptors)


def reason_of(error: OSError) -> str:
    """Why the kernel refused, as the end of a sentence, with what to do where that is known."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"{error.strerror}; raise the limit with ulimit -n, or declare fewer channels"
    return str(error.strerror)


def close_quietly(*descriptors: int | None) -> None:
    """Close what is still open."""
    for descriptor in descriptors:
        if descriptor is not None and descriptor >= 0:
            try:
                os.close(descriptor)
            except OSError:
                continue
