"""Faults on the way of messages: held back, thrown away, sent twice, altered; and a taker that is slow.

They stand between an end and its mechanism only while somebody has asked for one (`SenderEnd.lead_through`),
so that a run without faults pays nothing for them. The envelope is never touched: what was done to a message
is known by its number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ipcviz.mechanisms.contract import ENVELOPE, Watch
from ipcviz.mechanisms.ends import Gone, Put, Take
from ipcviz.mechanisms.waiting import interruptible

ALTERED_EVERY = 16
"""Of so many bytes of a payload one is inverted, the first among them."""


@dataclass(slots=True)
class Verdict:
    """What is to be done to one message; `delay` in seconds."""

    delay: float = 0.0
    drop: bool = False
    duplicate: bool = False
    corrupt: bool = False


class Judge(Protocol):
    """Decides about messages, and counts what was done to them."""

    def judge(self, size: int) -> Verdict:
        """About the next message, whose payload has so many bytes."""

    def done(self, verdict: Verdict) -> None:
        """It was done, as far as the verdict still says so."""

    def withdraw(self, verdict: Verdict) -> None:
        """The message was not sent after all; the next one takes its place."""


class FaultyPut(Put):
    """Does to each message what the judge says."""

    def __init__(self, straight: Put, judge: Judge, watch: Watch) -> None:
        self._straight, self._judge, self._watch = straight, judge, watch

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message."""
        self._put(message, deadline, lambda text, until: self._straight.put(text, until, priority))

    def put_descriptors(self, message: bytes, descriptors: Sequence[int], deadline: float | None) -> None:
        """One message with descriptors."""
        self._put(
            message, deadline, lambda text, until: self._straight.put_descriptors(text, descriptors, until)
        )

    def _put(
        self, message: bytes, deadline: float | None, put: Callable[[bytes, float | None], None]
    ) -> None:
        verdict = self._judge.judge(len(message) - ENVELOPE)
        try:
            if verdict.delay:
                deadline = self._hold(verdict.delay, deadline)
            if not verdict.drop:
                put(_altered(message, verdict), deadline)
        except BaseException:
            self._judge.withdraw(verdict)
            raise
        if verdict.duplicate:
            self._again(message, verdict, deadline, put)
        self._judge.done(verdict)

    def _hold(self, seconds: float, deadline: float | None) -> float | None:
        """Keep the message back; the time does not count as waiting for room."""
        self.holding = True
        try:
            _sleep(seconds)
        finally:
            self.holding = False
        return None if deadline is None else deadline + seconds

    def _again(
        self,
        message: bytes,
        verdict: Verdict,
        deadline: float | None,
        put: Callable[[bytes, float | None], None],
    ) -> None:
        """The same once more, under the same number; the first is in the channel, whatever happens here."""
        size = len(message) - ENVELOPE
        try:
            put(_altered(message, verdict), deadline)
        except (Gone, TimeoutError):
            verdict.duplicate = False
        except BaseException:
            verdict.duplicate = False
            self._judge.done(verdict)
            self._watch.sent(size)
            raise
        else:
            self._watch.sent(size)

    def close(self) -> None:
        """Close what is behind it."""
        self._straight.close()


class SlowTake(Take):
    """Lets some time pass between a message and the next, as if the process worked longer on each."""

    def __init__(self, straight: Take, seconds: Callable[[], float]) -> None:
        self._straight, self._seconds = straight, seconds
        self._has_taken = True

    def take(self, deadline: float | None) -> bytes:
        """One message."""
        message = self._straight.take(self._rested(deadline))
        self._has_taken = True
        return message

    def take_descriptors(self, deadline: float | None) -> tuple[bytes, list[int]]:
        """One message with the descriptors that came along."""
        taken = self._straight.take_descriptors(self._rested(deadline))
        self._has_taken = True
        return taken

    def _rested(self, deadline: float | None) -> float | None:
        """After the time that the last message takes; a timeout begins only then."""
        seconds = self._seconds() if self._has_taken else 0.0
        if seconds <= 0:
            return deadline
        _sleep(seconds)
        self._has_taken = False
        return None if deadline is None else deadline + seconds

    def close(self) -> None:
        """Close what is behind it."""
        self._straight.close()


def corrupted(message: bytes) -> bytes:
    """The message with some bytes of its payload inverted; its envelope is whole."""
    altered = bytearray(message)
    for place in range(ENVELOPE, len(altered), ALTERED_EVERY):
        altered[place] ^= 0xFF
    return bytes(altered)


def _altered(message: bytes, verdict: Verdict) -> bytes:
    return corrupted(message) if verdict.corrupt else message


@interruptible
def _sleep(seconds: float) -> None:
    time.sleep(seconds)
