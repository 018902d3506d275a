"""The way out: events as lines into a pipe that may be slow, without ever waiting for it.

What cannot be written at once is kept, up to a bound. Then samples (messages, lock events) are dropped
first, then frames and reports that a newer one replaces; dropped samples are counted, and the stream says so.
What tells how a run went (processes, reports, findings, the summary) is always kept.
"""

from __future__ import annotations

import os
import select
from collections import deque

from ipcviz.events import AnyEvent, Frame, LockEvent, Lost, Message, Note, Reported, encode

NOTES_BELOW = 1 << 18
"""Bytes that may wait before printed lines are dropped: a flood of them must leave room for samples."""
SAMPLES_BELOW = 1 << 20
"""Bytes that may wait before samples are dropped."""
FRAMES_BELOW = 1 << 21
"""Bytes that may wait before frames and reports are dropped."""


class Stream:
    """Writes events to a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.events = 0
        self.lost = 0
        self.broken = False
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._said = 0
        os.set_blocking(descriptor, False)

    def put(self, event: AnyEvent, always: bool = False) -> bool:
        """One more event; False if there was no room for it, which `always` does not ask."""
        limit = _limit(event)
        if not always and limit is not None and self._bytes > limit:
            if not isinstance(event, Frame | Reported):
                self.lost += 1
            return False
        line = encode(event)
        self._waiting.append(line)
        self._bytes += len(line)
        self.events += 1
        return True

    def count_lost(self, events: int, t: int) -> None:
        """Say how many samples never came to be events, if that has changed."""
        total = self.lost + events
        if total > self._said:
            self._said = total
            self.put(Lost(t=t, events=total))

    @property
    def waiting(self) -> bool:
        """Something is left to write."""
        return bool(self._waiting) and not self.broken

    def fileno(self) -> int:
        """For select."""
        return self._descriptor

    def flush(self) -> None:
        """Write what can be written now."""
        while self.waiting:
            piece = b"".join(self._take_piece())
            try:
                written = os.write(self._descriptor, piece)
            except BlockingIOError:
                written = 0
            except OSError:
                self.broken = True
                return
            self._bytes -= written
            if written < len(piece):
                self._waiting.appendleft(piece[written:])
                return

    def finish(self) -> None:
        """Write all that is left, until it is written or nobody reads any more."""
        self.flush()
        while self.waiting:
            select.select([], [self._descriptor], [])
            self.flush()

    def _take_piece(self) -> list[bytes]:
        piece, size = [], 0
        while self._waiting and size < 65536:
            piece.append(self._waiting.popleft())
            size += len(piece[-1])
        return piece


def _limit(event: AnyEvent) -> int | None:
    if isinstance(event, Note):
        return NOTES_BELOW
    if isinstance(event, Message | LockEvent):
        return SAMPLES_BELOW
    return FRAMES_BELOW if isinstance(event, Frame | Reported) else None
