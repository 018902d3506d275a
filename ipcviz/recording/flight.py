"""The flight recorder: the last minute of a session in memory, to be saved when something has happened.

It holds the stream packed, a second to a piece. The oldest piece is given up when the others are a minute
long, or when there are too many bytes; what stood when the first of the kept pieces begins is known, so that
what is saved is a recording of its own.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import NamedTuple

from ipcviz import events as ev
from ipcviz.recording.chunks import MOST_CELLS, ChunkLines, events_of
from ipcviz.recording.layout import MOST_EVENTS, RecordingError
from ipcviz.recording.maker import CHUNK_NS, CHUNK_SIZE, LARGEST_LINE, Maker
from ipcviz.recording.opening import Opening, tells
from ipcviz.recording.packed import Packer, Unpacker
from ipcviz.recording.tidying import tidied
from ipcviz.recording.writer import created
from ipcviz.units import SECOND

KEPT_NS = 60 * SECOND
KEPT_BYTES = 16 << 20
QUICK = 1
"""The level of what is packed while the session goes on; it is packed better when it is saved."""


class _Piece(NamedTuple):
    """About a second: when it begins, its lines packed, their length, and what of it changes what stands."""

    start: int
    data: bytes
    length: int
    telling: list[ev.AnyEvent]


class FlightRecorder:
    """Takes all events of a session, and keeps those of the last minute."""

    def __init__(self, kept_ns: int = KEPT_NS, kept_bytes: int = KEPT_BYTES) -> None:
        self.bytes = 0
        """Held in memory."""
        self._kept_ns, self._kept_bytes = kept_ns, kept_bytes
        self._pieces: deque[_Piece] = deque()
        self._lines = ChunkLines()
        self._telling: list[ev.AnyEvent] = []
        self._opening = Opening()
        self._packer, self._unpacker = Packer(QUICK), Unpacker()
        self._t = self._start = 0

    def put(self, event: ev.AnyEvent) -> None:
        """One more event."""
        event = tidied(event)
        self._t = max(self._t, event.t) if isinstance(event, ev.Event) else self._t
        if self._lines.events and (self._t - self._start >= CHUNK_NS or self._is_full()):
            self._pack()
        if not self._lines.events:
            self._start = self._t
        if self._lines.add(event, LARGEST_LINE) and tells(event):
            self._telling.append(event)

    def events(self) -> list[ev.AnyEvent]:
        """What stood a minute ago, and all since: a session of its own."""
        kept = [
            event
            for piece in self._pieces
            for event in events_of(self._unpacker.unpack(piece.data, piece.length))
        ]
        now = events_of(self._lines.text()) if self._lines.events else []
        return [*self._opening.events(), *kept, *now]

    @property
    def begins(self) -> int:
        """When what is kept does, in ns of the session."""
        return self._opening.t

    def save(self, path: Path, redact: bool = False) -> int:
        """A recording of what is kept, in a new file, and its bytes; raises `RecordingError`, `OSError`."""
        maker = Maker(redact, begins=self.begins)
        whole = b"".join([*(maker.add(event) for event in self.events()), maker.close()])
        if not whole:
            raise RecordingError("There is nothing to save before the session has begun.")
        with open(created(path), "wb") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        return len(whole)

    def _pack(self) -> None:
        text = self._lines.text()
        data = self._packer.pack(text)
        self._pieces.append(_Piece(self._start, data, len(text), self._telling))
        self.bytes += len(data)
        self._lines, self._telling = ChunkLines(), []
        while len(self._pieces) > 1 and (
            self._pieces[1].start <= self._t - self._kept_ns or self.bytes > self._kept_bytes
        ):
            first = self._pieces.popleft()
            self.bytes -= len(first.data)
            self._opening.pass_by(first.telling, self._pieces[0].start)

    def _is_full(self) -> bool:
        lines = self._lines
        return lines.size >= CHUNK_SIZE or lines.events >= MOST_EVENTS or lines.cells >= MOST_CELLS // 2
