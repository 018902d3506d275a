"""What makes seeks quick: a copy of the world after each chunk, made once, and held packed.

The copies are made by a process of its own (`python -m ipcviz.recording.indexing`), which plays the recording
from begin to end and tells each copy as it is made; until then a seek plays what is missing itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec
import zstandard

from ipcviz import events as ev
from ipcviz.lanes import Span
from ipcviz.late import Archive
from ipcviz.recording.copies import SpanBlock, world_of
from ipcviz.world import World

MOST_BYTES = 192 << 20
"""Of all copies together; then every second is given up, and seeks play twice as far."""
BLOCKS_KEPT = 160
FRAMES_KEPT = 24

T = TypeVar("T")


class Part(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one chunk when it has been played: the world after it (empty if it was given up), the
    spans that came with it, its messages and frames, all packed; and how many of the last two it has.
    """

    world: bytes
    spans: bytes
    messages: bytes
    frames: bytes
    message_count: int
    frame_count: int

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.world) + len(self.spans) + len(self.messages) + len(self.frames) + 200


class Index:
    """The parts of a recording, as far as they have come; worlds of its chunks."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._frames = [0]
        self._messages = [0]
        self._changed: dict[int, list[tuple[int, int]]] = {}
        self._bytes = 0
        self._every = 1
        self._unpacker = zstandard.ZstdDecompressor()
        self._span_blocks: _Recent[SpanBlock] = _Recent(self._load_spans)
        self._message_blocks: _Recent[list[ev.Message]] = _Recent(self._load_messages)
        self._frame_blocks: _Recent[list[msgspec.Raw]] = _Recent(self._load_frames, FRAMES_KEPT)
        self._frames_read: _Recent[ev.Frame] = _Recent(self._read_frame, FRAMES_KEPT)
        self._archive: Archive[ev.Message] | None = None

    @property
    def chunks(self) -> int:
        """How many chunks are known."""
        return len(self._parts)

    @property
    def bytes(self) -> int:
        """Held in memory."""
        return self._bytes

    def add(self, part: Part, changed: Sequence[tuple[int, int]]) -> None:
        """The next chunk; `changed` are the lists of spans that are other from some place on."""
        number = len(self._parts)
        for kept, place in changed:
            self._changed.setdefault(kept, []).append((number, place))
        if number % self._every:
            part = msgspec.structs.replace(part, world=b"")
        self._frames.append(self._frames[-1] + part.frame_count)
        self._messages.append(self._messages[-1] + part.message_count)
        self._parts.append(part)  # last: another thread may look
        self._bytes += part.size
        if self._bytes > MOST_BYTES:
            self._thin_out()

    def nearest(self, chunk: int) -> tuple[int, World]:
        """The last chunk up to that one of which there is a copy, and the world after it; -1 and an empty one
        if there is none.
        """
        for number in range(min(chunk, len(self._parts) - 1), -1, -1):
            packed = self._parts[number].world
            if packed:
                return number, world_of(self._unpacker.decompress(packed), number, self)
        return -1, World()

    # ---- what worlds look up -----------------------------------------------------------------------------

    def messages(self) -> Archive[ev.Message]:
        """All messages of the recording."""
        return Archive(self._messages[:-1], self._message_blocks.get)

    def messages_until(self, copy: int) -> int:
        """How many of them had come by the end of that chunk."""
        return self._messages[copy + 1]

    def spans(self, copy: int, number: int) -> Archive[Span]:
        """A list of spans as it was after that chunk."""
        starts: list[int] = []
        chunks: list[int] = []
        changed = self._changed.get(number, [])
        for chunk, place in changed[: bisect_right(changed, (copy, 1 << 62))]:
            while starts and starts[-1] >= place:
                starts.pop()
                chunks.pop()
            starts.append(place)
            chunks.append(chunk)
        return Archive(starts, lambda place: self._span_blocks.get(chunks[place])[number][1])

    def frame(self, copy: int, before: int) -> ev.Frame:
        """A frame before the end of that chunk: 1 is the last, 2 the one before it."""
        return self._frames_read.get(self._frames[copy + 1] - before)

    def _read_frame(self, number: int) -> ev.Frame:
        """Alone: to make all frames of a chunk anew takes longer than the rest of a seek."""
        chunk = bisect_right(self._frames, number) - 1
        return msgspec.msgpack.decode(
            self._frame_blocks.get(chunk)[number - self._frames[chunk]], type=ev.Frame
        )

    def _load_spans(self, chunk: int) -> SpanBlock:
        return msgspec.msgpack.decode(self._unpacker.decompress(self._parts[chunk].spans), type=SpanBlock)

    def _load_messages(self, chunk: int) -> list[ev.Message]:
        packed = self._unpacker.decompress(self._parts[chunk].messages)
        return msgspec.msgpack.decode(packed, type=list[ev.Message])

    def _load_frames(self, chunk: int) -> list[msgspec.Raw]:
        packed = self._unpacker.decompress(self._parts[chunk].frames)
        return msgspec.msgpack.decode(packed, type=list[msgspec.Raw])

    def _thin_out(self) -> None:
        self._every *= 2
        for number, part in enumerate(self._parts):
            if number % self._every and part.world:
                self._bytes -= len(part.world)
                self._parts[number] = msgspec.structs.replace(part, world=b"")


class _Recent(Generic[T]):
    """What was loaded last."""

    def __init__(self, load: Callable[[int], T], most: int = BLOCKS_KEPT) -> None:
        self._load, self._most = load, most
        self._kept: OrderedDict[int, T] = OrderedDict()

    def get(self, number: int) -> T:
        """The thing with that number."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        loaded = self._kept[number] = self._load(number)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return loaded
