"""A recording to be read: what it is, its chunks, its events from any time on.

The time of an event in its stream is the greatest `t` told up to it: messages come a little later than
the frame that saw them, and the last event has none.
"""

from __future__ import annotations

import os
import zlib
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ipcviz import events as ev
from ipcviz.recording import chunks
from ipcviz.recording.layout import MOST_CHAPTERS, Entry, Header, RecordingError, Totals
from ipcviz.recording.packed import Unpacker
from ipcviz.recording.scanner import Scanner

PIECE = 1 << 18
CHUNKS_KEPT = 16
"""Chunks that are kept decoded: a seek takes the ten seconds before it."""


class Recording:
    """An open recording, whose every byte has been checked; raises `RecordingError` and `OSError`.

    `cut` is a sentence on what is missing at its end, or empty; `damaged` if something was changed.
    """

    def __init__(self, source: Path | str | BinaryIO) -> None:
        self.name = (
            str(source) if isinstance(source, Path | str) else getattr(source, "name", "the recording")
        )
        self.path = os.path.abspath(source) if isinstance(source, Path | str) else None
        """Of its file; None if it was opened by somebody else."""
        self._file: BinaryIO = open(source, "rb") if isinstance(source, Path | str) else source  # noqa: SIM115
        self._unpacker = Unpacker()
        self._kept: OrderedDict[int, list[ev.AnyEvent]] = OrderedDict()
        try:
            self._scan()
        except BaseException:
            self.close()
            raise

    def _scan(self) -> None:
        scanner = Scanner()
        self.size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        while not scanner.fault and (piece := self._file.read(PIECE)):
            scanner.feed(piece)
        if scanner.header is None:
            raise RecordingError(
                "It was cut within its header, so that nothing of it can be read."
                if self.size
                else "It is empty."
            )
        self.header: Header = scanner.header
        self.chunks: list[Entry] = scanner.entries
        self.totals: Totals | None = scanner.totals
        self.cut = scanner.cut
        self.damaged = bool(scanner.fault)

    @property
    def session(self) -> ev.SessionStarted:
        """What runs in it."""
        return self.header.session

    @property
    def title(self) -> str:
        """What somebody called it, or empty."""
        return self.header.title

    @property
    def automatic(self) -> bool:
        """It has chapters that make themselves."""
        return self.header.automatic

    @cached_property
    def chapters(self) -> list[ev.Chapter]:
        """Its chapters, in the order of their times; without an end, all chunks are looked through."""
        if self.totals is not None:
            return self.totals.chapters
        found = {chapter.t: chapter for entry in self.chunks for chapter in self._chapters_in(entry)}
        return [found[t] for t in sorted(found)][:MOST_CHAPTERS]

    def _chapters_in(self, entry: Entry) -> Iterator[ev.Chapter]:
        text = self._unpacker.unpack(self._data(entry), entry.text_length)
        if b'\n["chapter",' in text:
            yield from (event for event in self.chunk(entry.number) if isinstance(event, ev.Chapter))

    @property
    def start(self) -> int:
        """When it begins, in ns of the session."""
        return max(self.chunks[0].start, self.header.begins) if self.chunks else self.header.begins

    @property
    def end(self) -> int:
        """When it ends, in ns of the session."""
        return self.chunks[-1].end if self.chunks else self.header.begins

    @property
    def duration_ns(self) -> int:
        """From its first event to its last."""
        return self.end - self.start

    def chunk_at(self, t: int) -> int:
        """The number of the first chunk that has events of `t` or later; as many as there are if none has."""
        return bisect_left(self.chunks, t, key=lambda entry: entry.end)

    def chunk(self, number: int) -> list[ev.AnyEvent]:
        """The events of one chunk; raises `RecordingError`."""
        events = self._kept.get(number)
        if events is None:
            entry = self.chunks[number]
            events = read_chunk(entry, self._data(entry), self._unpacker)
            self._kept[number] = events
            if len(self._kept) > CHUNKS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return events

    def text(self, number: int) -> bytes:
        """The lines of one chunk, as they are; raises `RecordingError`."""
        entry = self.chunks[number]
        return self._unpacker.unpack(self._data(entry), entry.text_length)

    def events(self, start: int = 0, end: int | None = None) -> Iterator[ev.AnyEvent]:
        """Those whose time in the stream is from `start` to `end`, both included; raises `RecordingError`."""
        for number in range(self.chunk_at(start), len(self.chunks)):
            entry = self.chunks[number]
            if end is not None and entry.start > end:
                return
            for t, event in timed(self.chunk(number), entry.start):
                if t >= start and (end is None or t <= end):
                    yield event

    def close(self) -> None:
        """Close its file; idempotent."""
        self._file.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _data(self, entry: Entry) -> bytes:
        self._file.seek(entry.offset)
        data = self._file.read(entry.data_length)
        if zlib.crc32(data) != entry.data_crc:
            raise RecordingError("It has changed since it was opened.")
        return data


def read_chunk(entry: Entry, data: bytes, unpacker: Unpacker) -> list[ev.AnyEvent]:
    """The events of a chunk, which must be as its index says; raises `RecordingError`."""
    text = unpacker.unpack(data, entry.text_length)
    try:
        events = chunks.events_of(text)
    except chunks.BadChunk as error:
        raise RecordingError(str(error)) from None
    times = [t for t, _ in timed(events, entry.start)]
    if len(events) != entry.events or times[0] != entry.start or times[-1] != entry.end:
        raise RecordingError("a part of it is not what its index says")
    return events


def timed(events: Iterable[ev.AnyEvent], t: int = 0) -> Iterator[tuple[int, ev.AnyEvent]]:
    """Each with its time in the stream, in which `t` has been told already."""
    for event in events:
        if isinstance(event, ev.Event) and event.t > t:
            t = event.t
        yield t, event


def is_recording(path: Path) -> bool:
    """Whether the file begins as a recording does."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size >= 16 and file.read(16)[8:15] == b"IPCVIZ1"
