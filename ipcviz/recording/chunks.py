"""The lines of one chunk, about a second of a session: events in their order, frames as columns.

["chunk", t, events, lost]       when it begins, in ns, and how many events it holds
["frame", ...]                   its first frame, whole: a reader can enter here
["message", ...]                 other events, each in its place; times are those of the stream
["then"]                         here is the next frame, of which the columns tell the values
["columns", [...], ...]          the values of all frames after the first (see `columns`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ipcviz import events as ev
from ipcviz.recording import arrays
from ipcviz.recording.columns import BadColumns, columns_of, frames_of
from ipcviz.recording.layout import MOST_EVENTS
from ipcviz.recording.plans import shape_of, size_of

MOST_CELLS = 4_000_000
"""Values that all frames of one chunk may have together."""
THEN = b'["then"]'
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


class BadChunk(ValueError):
    """Lines that are none of ours; the message is a sentence."""


def lines_of(events: Iterable[ev.AnyEvent]) -> bytes:
    """The chunk of these events, each line with its newline."""
    lines = ChunkLines()
    for event in events:
        lines.add(event)
    return lines.text()


class ChunkLines:
    """The lines of one chunk, made as its events come; `size` is about how many bytes they are."""

    def __init__(self) -> None:
        self.events = 0
        self.size = 0
        self.cells = 0
        """Values of frames that a reader will hold."""
        self._begins: int | None = None
        self._lines: list[bytes] = []
        self._shape: tuple[Any, ...] | None = None
        self._size = 0
        self._frames: list[ev.Frame] = []

    def add(self, event: ev.AnyEvent, longest: int | None = None) -> bool:
        """One more event; False, and nothing happens, if its line would be longer than `longest`."""
        line = self._frame(event) if isinstance(event, ev.Frame) else arrays.encode(event)
        if longest is not None and len(line) > longest:
            return False
        self.events += 1
        if isinstance(event, ev.Event):
            self._begins = event.t if self._begins is None else min(self._begins, event.t)
        self._lines.append(line)
        self.size += len(line) + 1
        return True

    def text(self) -> bytes:
        """The chunk, each line with its newline."""
        lines = [_encoder.encode(["chunk", self._begins or 0, self.events]), *self._lines]
        if len(self._frames) > 1:
            lines.append(self._columns())
        return b"\n".join(lines) + b"\n"

    def _frame(self, frame: ev.Frame) -> bytes:
        """The line of a frame: whole if it is the first, or if its shape is another."""
        shape = shape_of(frame)
        if self._shape is None:
            self._shape, self._size = shape, size_of(frame)
        elif shape != self._shape:
            return arrays.encode(frame)
        self.cells += self._size
        self._frames.append(frame)
        if len(self._frames) == 1:
            return arrays.encode(frame)
        self.size += self._size  # what changes takes more, what does not takes nothing
        return THEN

    def _columns(self) -> bytes:
        try:
            return _encoder.encode(["columns", *columns_of(self._frames)])
        except UnicodeEncodeError:
            # What stands for bytes that are no text is written out, as in the stream.
            frames: list[Any] = [ev.decode(ev.encode(frame)) for frame in self._frames]
            return _encoder.encode(["columns", *columns_of(frames)])


def events_of(text: bytes) -> list[ev.AnyEvent]:
    """The events of a chunk's lines; raises `BadChunk`."""
    try:
        return list(_events(text.split(b"\n")))
    except (msgspec.DecodeError, msgspec.ValidationError, BadColumns, RecursionError, StopIteration) as error:
        raise BadChunk(f"a part of it cannot be read: {error}") from None


def _events(lines: list[bytes]) -> Iterator[ev.AnyEvent]:
    if len(lines) < 2 or lines[-1] or not lines[0].startswith(b'["chunk",'):
        raise BadChunk("a part of it does not begin or end as it should")
    if len(lines) > MOST_EVENTS + 3:
        raise BadChunk("a part of it has too many events")
    body = lines[1:-1]
    columns: list[Any] = []
    if body and body[-1].startswith(b'["columns"'):
        columns = _decoder.decode(body.pop())[1:]
    count = body.count(THEN)
    later: Iterator[ev.AnyEvent] = iter(())
    first: ev.Frame | None = None
    for line in body:
        if line == THEN:
            event = next(later, None)
            if event is None:
                raise BadChunk("a frame of it is not told")
            yield event
            continue
        event = arrays.decode(line)
        if first is None and isinstance(event, ev.Frame):
            first = event
            if count * size_of(event) > MOST_CELLS:
                raise BadChunk("a part of it has too many frames")
            later = iter(frames_of(event, columns, count))
        yield event
