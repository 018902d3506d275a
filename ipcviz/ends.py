"""The ends that a worker holds: what a demo's functions send on, receive from, call, answer and lock.

These are the shapes only. Each mechanism makes its own (see `mechanisms/contract.py`), and a worker
is handed the real one in place of the reference that the topology passed to `Topology.process`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Value = str | int | float | bool | None


class ChannelError(Exception):
    """Something went wrong on a channel; the message names the channel."""


class EndOfMessages(ChannelError):
    """Every sender has closed its end and nothing is left to receive."""


class ReaderGone(ChannelError):
    """Nobody will ever receive: every receiver has closed its end or died."""


class MessageTooLarge(ChannelError, ValueError):
    """The payload is larger than this mechanism carries in one message."""


class Sender(Protocol):
    """The end of a channel that messages go into."""

    @property
    def largest(self) -> int:
        """The largest payload in bytes that one message can carry."""

    def send(self, payload: bytes, timeout: float | None = None) -> None:
        """Send one message; blocks while the channel is full.

        `timeout` is in seconds, None waits for ever. Raises `MessageTooLarge`, `ReaderGone`, and
        `TimeoutError` when the channel was still full after `timeout`.
        """

    def close(self) -> None:
        """Close this end; the receivers see the end of messages after the last sender did so."""


class Receiver(Protocol):
    """The end of a channel that messages come out of; iterating receives until the last sender closed."""

    def receive(self, timeout: float | None = None) -> bytes:
        """Take one message; blocks while the channel is empty.

        Raises `EndOfMessages` after the last sender closed and everything was received, and
        `TimeoutError` when nothing came within `timeout` seconds.
        """

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

    def reply(self, payload: bytes, timeout: float | None = None) -> None:
        """Answer the caller; raises what `Sender.send` raises."""


class Responder(Protocol):
    """The answering end of a call channel; iterating receives requests until the last caller closed."""

    def receive(self, timeout: float | None = None) -> Request:
        """Take one request; raises what `Receiver.receive` raises."""

    def __iter__(self) -> Iterator[Request]: ...

    def close(self) -> None:
        """Close this end."""


class Lock(Protocol):
    """A lock, or a semaphore that several may hold at once; used with `with`."""

    def acquire(self, timeout: float | None = None) -> bool:
        """Take it; blocks while it is held. False when it was still held after `timeout` seconds."""

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> Lock: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def paced(items: Iterable[Item], rate: float) -> Iterator[Item]:
    """Yield the items no faster than `rate` a second on average; 0 is as fast as it goes.

    Time lost to a full channel is not made up for: the pace starts again from there.
    """
    if rate <= 0:
        yield from items
        return
    gap = 1 / rate
    due = time.monotonic()
    for item in items:
        while (ahead := due - time.monotonic()) > 0:
            time.sleep(min(ahead, 3600))  # longer sleeps than time_t holds are asked for, too
        due = max(due, time.monotonic() - gap) + gap
        yield item


def report(**values: Value) -> None:
    """Say what this process found: shown with the process, and in the summary.

    Later values replace earlier ones of the same name. Outside of a worker it does nothing.
    """
    _reporter(values)


def on_report(reporter: Callable[[dict[str, Value]], None]) -> None:
    """Let `reporter` take what `report` is given; a worker calls this once."""
    global _reporter
    _reporter = reporter


def _nowhere(values: dict[str, Value]) -> None:
    pass


_reporter: Callable[[dict[str, Value]], None] = _nowhere
