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

THEN = b'["then"]'
FRAME = arrays.TWINS[ev.Frame]
PLAN = plan_of(FRAME, skip=1)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


class BadChunk(ValueError):
    """Lines that are none of ours; the message is a sentence."""


def lines_of(events: Iterable[ev.AnyEvent]) -> bytes:
    """The chunk of these events, each line with its newline."""
    told = list(events)
    lines: list[bytes] = [b""]
    shape: list[int] | None = None
    frames: list[list[Any]] = []
    for event in told:
        if not isinstance(event, ev.Frame):
            lines.append(arrays.encode(event))
            continue
        line = arrays.encode(event)
        rows = _decoder.decode(line)
        if shape is None:
            lines.append(line)
            shape, frames = shape_of(rows, PLAN), [leaves_of(rows, PLAN)]
        elif shape == shape_of(rows, PLAN):
            lines.append(THEN)
            frames.append(leaves_of(rows, PLAN))
        else:
            lines.append(line)  # a frame of another shape stands for itself
    lines[0] = _encoder.encode(["chunk", _begins(told), len(told)])
    if len(frames) > 1:
        lines.append(_encoder.encode(["columns", *columns_of(frames)]))
    return b"\n".join(lines) + b"\n"


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
    for leaves in frames_of(leaves_of(rows, PLAN), columns, count):
        yield arrays.original_of(msgspec.convert(rebuilt(rows, PLAN, iter(leaves)), FRAME))


def _begins(events: list[ev.AnyEvent]) -> int:
    return min((event.t for event in events if isinstance(event, ev.Event)), default=0)
