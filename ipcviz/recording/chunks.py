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
from ipcviz.recording.columns import BadColumns, columns_of, frames_of, leaves_of, plan_of, rebuilt, shape_of

MOST_CELLS = 4_000_000
"""Values that all frames of one chunk may have together."""
THEN = b'["then"]'
FRAME = arrays.TWINS[ev.Frame]
PLAN = plan_of(FRAME, skip=1)
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
        self._shape: list[int] | None = None
        self._frames: list[list[Any]] = []

    def add(self, event: ev.AnyEvent, longest: int | None = None) -> bool:
        """One more event; False, and nothing happens, if its line would be longer than `longest`."""
        line = arrays.encode(event)
        if longest is not None and len(line) > longest:
            return False
        self.events += 1
        if isinstance(event, ev.Event):
            self._begins = event.t if self._begins is None else min(self._begins, event.t)
        if isinstance(event, ev.Frame):
            line = self._frame(line)
        self._lines.append(line)
        self.size += len(line) + 1
        return True

    def text(self) -> bytes:
        """The chunk, each line with its newline."""
        lines = [_encoder.encode(["chunk", self._begins or 0, self.events]), *self._lines]
        if len(self._frames) > 1:
            lines.append(_encoder.encode(["columns", *columns_of(self._frames)]))
        return b"\n".join(lines) + b"\n"

    def _frame(self, line: bytes) -> bytes:
        rows = _decoder.decode(line)
        shape, leaves = shape_of(rows, PLAN), leaves_of(rows, PLAN)
        self.cells += len(leaves)
        if self._shape is None:
            self._shape = shape
        elif shape != self._shape:
            return line  # a frame of another shape stands for itself
        self._frames.append(leaves)
        self.size += 2 * len(leaves) if len(self._frames) > 1 else 0
        return THEN if len(self._frames) > 1 else line


def events_of(text: bytes) -> list[ev.AnyEvent]:
    """The events of a chunk's lines; raises `BadChunk`."""
    try:
        return list(_events(text.split(b"\n")))
    except (msgspec.DecodeError, msgspec.ValidationError, BadColumns, RecursionError, StopIteration) as error:
        raise BadChunk(f"a part of it cannot be read: {error}") from None


def _events(lines: list[bytes]) -> Iterator[ev.AnyEvent]:
    if len(lines) < 2 or lines[-1] or not lines[0].startswith(b'["chunk",'):
        raise BadChunk("a part of it does not begin or end as it should")
    body = lines[1:-1]
    columns: list[Any] = []
    if body and body[-1].startswith(b'["columns",'):
        columns = _decoder.decode(body.pop())[1:]
    count = body.count(THEN)
    later: Iterator[ev.AnyEvent] = iter(())
    first: bytes | None = None
    for line in body:
        if line == THEN:
            event = next(later, None)
            if event is None:
                raise BadChunk("a frame of it is not told")
            yield event
            continue
        if first is None and line.startswith(b'["frame",'):
            first = line
            later = _later_frames(line, columns, count)
        yield arrays.decode(line)


def _later_frames(first: bytes, columns: list[Any], count: int) -> Iterator[ev.AnyEvent]:
    rows = _decoder.decode(first)
    if count * len(leaves_of(rows, PLAN)) > MOST_CELLS:
        raise BadChunk("a part of it has too many frames")
    for leaves in frames_of(leaves_of(rows, PLAN), columns, count):
        yield arrays.original_of(msgspec.convert(rebuilt(rows, PLAN, iter(leaves)), FRAME))
