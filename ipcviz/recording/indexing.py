"""Plays a recording from begin to end and makes the parts of its index: here, or in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import msgspec
import zstandard

from ipcviz import events as ev
from ipcviz.recording.copies import Copier
from ipcviz.recording.index import Part
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
from ipcviz.world import World

LEVEL = 1
LENGTH = 4
"""Bytes that tell how long a part is, little-endian, where parts come through a pipe."""

Told = tuple[Part, list[tuple[int, int]]]
"""A part, and which lists of spans are other in it, from which place on."""


def parts_of(recording: Recording) -> Iterator[Told]:
    """One of each chunk, in their order; raises `RecordingError`."""
    world = World()
    copier = Copier(world)
    packer = zstandard.ZstdCompressor(LEVEL)
    for number in range(len(recording.chunks)):
        events = recording.chunk(number)
        for event in events:
            world.apply(event)
        messages = [event for event in events if isinstance(event, ev.Message)]
        frames = [event for event in events if isinstance(event, ev.Frame)]
        copy, spans = copier.copy()
        part = Part(
            packer.compress(copy),
            packer.compress(msgspec.msgpack.encode(spans)),
            packer.compress(msgspec.msgpack.encode(messages)),
            packer.compress(msgspec.msgpack.encode(frames)),
            len(messages),
            len(frames),
        )
        yield part, [(kept, place) for kept, (place, _) in spans.items()]


def main() -> None:
    """Tell the parts of the recording that the first argument names on standard output."""
    if hasattr(os, "nice"):
        os.nice(5)
    try:
        with Recording(sys.argv[1]) as recording:
            for told in parts_of(recording):
                packed = msgspec.msgpack.encode(told)
                sys.stdout.buffer.write(len(packed).to_bytes(LENGTH, "little") + packed)
                sys.stdout.buffer.flush()
    except (RecordingError, OSError):
        sys.exit(1)  # who plays it comes upon the same


if __name__ == "__main__":
    main()
