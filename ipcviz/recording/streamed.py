"""A recording that comes through a pipe while it is being written, be it from another host."""

from __future__ import annotations

import contextlib
import os
import select

from ipcviz.events import AnyEvent
from ipcviz.recording.layout import Header
from ipcviz.recording.packed import Unpacker
from ipcviz.recording.reader import read_chunk
from ipcviz.recording.scanner import STILL_WRITTEN, Scanner
from ipcviz.runtime.request import Command

PIECE = 1 << 18
MOST_AT_ONCE = 1 << 22
"""Bytes of one `take`: a pipe that is never empty must not hold up who draws."""


class StreamSource:
    """A recording from a descriptor, by default standard input; events come as they are written.

    `take` raises `RecordingError` for what is no recording of ours, or cannot be read.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._scanner = Scanner()
        self._unpacker = Unpacker()
        self._ended = False
        self.bytes = 0
        """That have come so far."""

    @property
    def over(self) -> bool:
        """It has ended, or was cut."""
        return self._ended

    @property
    def header(self) -> Header | None:
        """What it says of itself; None before that has come."""
        return self._scanner.header

    @property
    def cut(self) -> str:
        """Once it is over: a sentence on what is missing at its end, or empty."""
        if not self.bytes:
            return "It is empty: whoever should have written it has written nothing."
        if self._scanner.header is None:
            return "It was cut before anything was recorded."
        return self._scanner.cut.replace(STILL_WRITTEN, "")

    @property
    def damaged(self) -> bool:
        """Something in it is not what was written."""
        return bool(self._scanner.fault)

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def wait(self, seconds: float | None = None) -> bool:
        """Until something can be taken; False if nothing came within so many seconds."""
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def take(self) -> list[AnyEvent]:
        """The events that have come; never waits."""
        events: list[AnyEvent] = []
        left = MOST_AT_ONCE
        while left > 0 and not self._ended and self.wait(0):
            piece = os.read(self._descriptor, PIECE)
            self.bytes += len(piece)
            left -= len(piece)
            self._ended = not piece
            for entry, data in self._scanner.feed(piece):
                events += read_chunk(entry, data, self._unpacker)
            self._ended = self._ended or self._scanner.over
        return events

    def stop(self) -> None:
        """Whoever writes it learns that nobody reads any more when it is closed."""

    def command(self, command: Command) -> bool:
        """It runs elsewhere, out of reach."""
        return False

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        self._ended = True
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1
