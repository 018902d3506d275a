"""Finds the chunks of a recording in bytes, however they come: from a file, or from a pipe. Pure.

Everything is checked as it passes; nothing is held but what belongs to the frame that is not whole yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ipcviz import units
from ipcviz.recording import layout
from ipcviz.recording.layout import Entry, Header, RecordingError, Totals

Found = tuple[Entry, bytes]
"""A chunk, and its zstd frame."""
STILL_WRITTEN = ", or is still being written"
"""What a recording without an end may also be, unless it came through a pipe that has ended."""


class Scanner:
    """Takes pieces, gives chunks; `header` is None until it has come, `totals` until the end has."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.entries: list[Entry] = []
        self.totals: Totals | None = None
        self.fault = ""
        """What is wrong with the first part that cannot be read; nothing after it is looked at."""
        self._crc = 0
        self._rest = bytearray()
        self._passed = 0
        self._entry: Entry | None = None

    @property
    def over(self) -> bool:
        """Its end has come, or a part that cannot be read."""
        return bool(self.fault) or self.totals is not None

    @property
    def cut(self) -> str:
        """When no more bytes come: a sentence on what is missing, empty if nothing is."""
        until = units.clock(self.entries[-1].end) if self.entries else ""
        left = f"everything up to {until} is there" if until else "nothing that was recorded is left"
        if self.fault and self.totals is None:
            return f"It is damaged{f' after {until}' if until else ''} ({self.fault}); {left}."
        if self.fault:
            return f"It is whole, but {self.fault}."
        if self.totals is None:
            return f"It was cut{STILL_WRITTEN}; {left}."
        return ""

    def feed(self, piece: bytes) -> list[Found]:
        """The chunks that are whole now; raises `RecordingError` for what has no header of ours."""
        self._rest += piece
        found = []
        try:
            for chunk in self._steps():
                self.entries.append(chunk[0])
                found.append(chunk)
        except RecordingError as error:
            if self.header is None:
                raise
            self.fault = str(error)
            self._rest.clear()
        return found

    def _steps(self) -> Iterator[Found]:
        while not self.fault:
            if self.header is None:
                going = self._read_header()
            elif self.totals is not None:
                if self._rest:
                    raise RecordingError("more follows after its end, and was not read")
                return
            elif self._entry is not None:
                chunk = self._read_data(self._entry)
                if chunk is not None:
                    yield chunk
                going = chunk is not None
            else:
                going = self._read_index_or_end()
            if not going:
                return

    def _read_header(self) -> bool:
        if len(self._rest) < 16:
            return False
        frame = self._take(layout.header_length(bytes(self._rest[:16])))
        if frame:
            self.header, self._crc = layout.read_header(frame)
        return bool(frame)

    def _read_index_or_end(self) -> bool:
        if len(self._rest) < 8:
            return False
        end = layout.end_length(bytes(self._rest[:8]))
        frame = self._take(end or layout.INDEX_SIZE)
        if frame and end:
            self.totals = layout.read_end(frame, self.entries, self._crc)
        elif frame:
            before = self.entries[-1] if self.entries else None
            self._entry = layout.read_index(frame, self._crc, before, self._passed)
        return bool(frame)

    def _read_data(self, entry: Entry) -> Found | None:
        data = self._take(entry.data_length)
        if not data:
            return None
        if zlib.crc32(data) != entry.data_crc:
            raise RecordingError("its content is not what it was")
        self._entry = None
        return entry, data

    def _take(self, length: int) -> bytes:
        """So many bytes, or none while they are not all here."""
        if len(self._rest) < length:
            return b""
        taken = bytes(self._rest[:length])
        del self._rest[:length]
        self._passed += length
        return taken
