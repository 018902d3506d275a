"""The ends that a worker holds: what a demo's functions send on, receive from, call, answer and lock.

These are the shapes only. Each mechanism makes its own (see `mechanisms/contract.py`), and a worker
is handed the real one in place of the reference that the topology passed to `Topology.process`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Value = str | int | float | bool | None
_LOOK_S = 0.25
"""How soon a slow pace takes notice of a change. Longer sleeps than time_t holds are asked for, too."""


class ChannelError(Exception):
    """Something went wrong on a channel; the message names the channel."""


class EndOfMessages(ChannelError):
    """Every sender has closed its end and nothing is left to receive."""


class ReaderGone(ChannelError):
    """Nobody will ever receive: every receiver has closed its end or died."""


class MessageTooLarge(ChannelError, ValueError):
    """The payload is larger than this mechanism carries in one message."""


class WouldDeadlock(Exception):
    """The kernel refused to let this process wait for a lock: it could never have gone on (EDEADLK)."""


class Sender(Protocol):
    """The end of a channel that messages go into; of a broadcast, each reaches every receiver."""

    @property
    def largest(self) -> int:
        """The largest payload in bytes that one message can carry."""

    def send(self, payload: bytes, timeout: float | None = None, priority: int = 0) -> None:
        """Send one message; blocks while the channel is full.

        `timeout` is in seconds, None waits for ever. A message of higher `priority` (0 to 32767) overtakes
        where the mechanism lets it. Raises `MessageTooLarge`, `ReaderGone`, and `TimeoutError` when the
        channel was still full after `timeout`.
        """

    def send_descriptors(
        self, payload: bytes, descriptors: Iterable[int], timeout: float | None = None
    ) -> None:
        """Send a message and duplicates of open descriptors with it, where the mechanism carries those."""

    def close(self) -> None:
        """Close this end; the receivers see the end of messages after the last sender did so."""


class Receiver(Protocol):
    """The end of a channel that messages come out of; iterating receives until the last sender closed."""

    def receive(self, timeout: float | None = None) -> bytes:
        """Take one message; blocks while the channel is empty.

        Raises `EndOfMessages` after the last sender closed and everything was received, and
        `TimeoutError` when nothing came within `timeout` seconds.
        """

    def receive_descriptors(self, timeout: float | None = None) -> tuple[bytes, list[int]]:
        """Take one message and the descriptors that came with it, which are this process's own now."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Close this end; senders get `ReaderGone` after the last receiver did so."""


class Caller(Protocol):
    """The asking end of a call channel."""

    def call(self, payload: bytes, timeout: float | None = None) -> bytes:
        """Send a request and wait for its reply.

        Raises `MessageTooLarge`, `ReaderGone` when the server is gone, `TimeoutError`.
        """

    def close(self) -> None:
        """Close this end; the responder sees the end of requests after the last caller did so."""


class Request(Protocol):
    """One request that waits for its reply."""

    @property
    def payload(self) -> bytes:
        """What the caller sent."""

    @property
    def guest(self) -> bool:
        """It came from a program outside of the topology."""

    def reply(self, payload: bytes, timeout: float | None = None) -> None:
        """Answer the caller; raises what `Sender.send` raises."""


class Responder(Protocol):
    """The answering end of a call channel; iterating receives requests until the last caller closed."""

    def receive(self, timeout: float | None = None) -> Request:
        """Take one request; raises what `Receiver.receive` raises."""

    def __iter__(self) -> Iterator[Request]: ...

    def close(self) -> None:
        """Close this end."""


class Region(Protocol):
    """Bytes that several processes share, with nothing to keep them apart but a lock of your own."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """A copy of `size` bytes from `offset` on, None for all to the end; not in one step."""

    def write(self, data: bytes, offset: int = 0) -> None:
        """Put bytes there, not in one step; raises `ValueError` where they do not fit."""

    def load(self, word: int = 0) -> int:
        """The unsigned 64-bit number at 8 * `word`, in one step."""

    def store(self, value: int, word: int = 0) -> None:
        """Put an unsigned 64-bit number at 8 * `word`, in one step."""

    def close(self) -> None:
        """Let go of it."""


class Lock(Protocol):
    """A lock, or a semaphore that several may hold at once; used with `with`."""

    @property
    def recovered(self) -> bool:
        """The last holder died with it: what it protects may be half done. Only where the kind can tell."""

    def acquire(self, timeout: float | None = None, shared: bool = False) -> bool:
        """Take it; blocks while it is held. False when it was still held after `timeout` seconds.

        `shared` takes it together with others that read, where the topology declared it so. Raises
        `WouldDeadlock` where the kernel sees that the wait could never end.
        """

    def release(self) -> None:
        """Give it back."""

    def shared(self) -> AbstractContextManager[None]:
        """Hold it together with others that read."""

    def __enter__(self) -> Lock: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Pace:
    """How fast this process goes, beside what it asked for itself; acts on the run change it."""

    def __init__(self) -> None:
        self.factor = 1.0
        """How many times as fast."""
        self.tell: Callable[[], None] = _unpaced
        """Called when a pace is kept that the factor can change."""


def paced(items: Iterable[Item], rate: float) -> Iterator[Item]:
    """Yield the items no faster than `rate` a second on average; 0 is as fast as it goes.

    Time lost to a full channel is not made up for: the pace starts again from there.
    """
    if rate <= 0:
        yield from items
        return
    pace.tell()
    last: float | None = None
    for item in items:
        while last is not None and (ahead := last + 1 / rate / pace.factor - time.monotonic()) > 0:
            time.sleep(min(ahead, _LOOK_S))
        now, gap = time.monotonic(), 1 / rate / pace.factor
        last = now if last is None else max(last + gap, now - gap)
        yield item


def report(**values: Value) -> None:
    """Say what this process found: shown with the process, and in the summary.

    Later values replace earlier ones of the same name. Whoever uses a region and reports a number `torn`,
    `lost` or `lost_updates` above 0 has counted copies that are half old and half new, or additions that are
    gone: that raises a finding. Outside of a worker it does nothing.
    """
    _reporter(values)


def die(reason: str) -> None:
    """End this process as if it were killed, which is part of the demo: no failure, but everything that
    a killed process leaves behind. `reason` is shown with it.
    """
    _undertaker(reason)
    os.kill(os.getpid(), signal.SIGKILL)


def on_death(undertaker: Callable[[str], None]) -> None:
    """Let `undertaker` know why this process is about to kill itself; a worker calls this once."""
    global _undertaker
    _undertaker = undertaker


def on_report(reporter: Callable[[dict[str, Value]], None]) -> None:
    """Let `reporter` take what `report` is given; a worker calls this once."""
    global _reporter
    _reporter = reporter


def _unpaced() -> None:
    pass


def _nowhere(values: dict[str, Value]) -> None:
    pass


def _unheard(reason: str) -> None:
    pass


_reporter: Callable[[dict[str, Value]], None] = _nowhere
_undertaker: Callable[[str], None] = _unheard
pace = Pace()
