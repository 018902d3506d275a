"""Makes a recording out of events, piece by piece, in the order of the file. Pure.

What is given out is whole at every moment: a header, then whole chunks, at the close an end.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable

from ipcviz import __version__
from ipcviz import events as ev
from ipcviz.recording import layout
from ipcviz.recording.chunks import MOST_CELLS, ChunkLines
from ipcviz.recording.layout import Entry, Header, RecordingError, Totals
from ipcviz.recording.packed import Packer
from ipcviz.recording.tidying import tidied
from ipcviz.units import SECOND

CHUNK_NS = SECOND
CHUNK_SIZE = 1 << 18
"""Bytes of lines after which a chunk is closed, however young it is."""
LARGEST_LINE = 4 << 20
"""An event whose line is longer is left out, and counted."""


class Maker:
    """Takes events with `add`, gives bytes; nothing before the session has begun belongs to a recording."""

    def __init__(
        self,
        redact: bool = False,
        title: str = "",
        created: str = "",
        begins: int = 0,
        automatic: bool = True,
    ) -> None:
        """`begins` is when it does, in ns of the session, if its first events only tell what stood then;
        `automatic` as in its header.
        """
        self.header: Header | None = None
        self._chapters: dict[int, ev.Chapter] = {}
        self.left_out = self.previews_left_out = 0
        self._redact, self._title, self._begins, self._automatic = redact, title, begins, automatic
        self._created = created or datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
        self._packer = Packer()
        self._crc = 0
        self._size = 0
        self._entries: list[Entry] = []
        self._events = self._messages = 0
        self._t = self._start = 0
        self._lines = ChunkLines()

    @property
    def pending(self) -> int:
        """Events that are in no chunk yet."""
        return self._lines.events

    def add(self, event: ev.AnyEvent) -> bytes:
        """One more event; what is whole because of it, or nothing. Raises `RecordingError`."""
        event = tidied(event, self._redact)
        made = b""
        if self.header is None:
            if not isinstance(event, ev.SessionStarted):
                return b""
            made = self._begin(event)
        t = max(self._t, event.t) if isinstance(event, ev.Event) else self._t
        if self._lines.events and (t - self._start >= CHUNK_NS or self._is_full()):
            made += self.flush()
        if not self._lines.events:
            self._start = t
        if not self._lines.add(event, LARGEST_LINE):
            self.left_out += 1
            return made
        self._t = t
        self._messages += isinstance(event, ev.Message)
        if isinstance(event, ev.Chapter) and len(self._chapters) < layout.MOST_CHAPTERS:
            self._chapters[event.t] = event
        return made

    def flush(self) -> bytes:
        """The chunk of what is pending, however little; raises `RecordingError`."""
        if not self._lines.events:
            return b""
        if len(self._entries) >= layout.MOST_CHUNKS:
            raise RecordingError("The recording is full: no more chunks have room in it.")
        text = self._lines.text()
        if len(text) > layout.LARGEST_TEXT:  # nobody would read it
            self.left_out += self._lines.events
            self._messages = self._entries[-1].messages if self._entries else 0
            self._lines = ChunkLines()
            return b""
        data = self._packer.pack(text)
        offset = self._size + layout.INDEX_SIZE
        entry = Entry(
            number=len(self._entries),
            start=self._start,
            end=self._t,
            events=self._lines.events,
            messages=self._messages,
            offset=offset,
            data_length=len(data),
            text_length=len(text),
            data_crc=zlib.crc32(data),
        )
        self._entries.append(entry)
        self._events += self._lines.events
        self._lines = ChunkLines()
        self._size = offset + len(data)
        return layout.index_bytes(entry, self._crc) + data

    def close(self) -> bytes:
        """What is pending, and the end; nothing if the session has never begun."""
        if self.header is None:
            return b""
        made = self.flush()
        chapters = sorted(self._chapters.values(), key=lambda chapter: chapter.t)
        totals = Totals(self._events, self._messages, chapters, self.left_out, self.previews_left_out)
        return made + layout.end_bytes(self._entries, totals, self._crc)

    def _begin(self, session: ev.SessionStarted) -> bytes:
        self.header = Header(
            format=layout.FORMAT,
            schema=session.schema,
            ipcviz=__version__,
            created=self._created,
            session=session,
            redacted=self._redact,
            title=self._title,
            begins=self._begins,
            automatic=self._automatic,
        )
        made = layout.header_bytes(self.header)
        _, self._crc = layout.read_header(made)
        self._size = len(made)
        return made

    def _is_full(self) -> bool:
        lines = self._lines
        return (
            lines.size >= CHUNK_SIZE or lines.events >= layout.MOST_EVENTS or lines.cells >= MOST_CELLS // 2
        )


def recorded(events: Iterable[ev.AnyEvent], redact: bool = False, begins: int = 0) -> bytes:
    """A whole recording of these events."""
    maker = Maker(redact, begins=begins)
    return b"".join([*(maker.add(event) for event in events), maker.close()])
