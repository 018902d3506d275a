"""A stream that `ipcviz run --json` printed, to be exported like a recording; all of it is held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ipcviz.events import AnyEvent, Chapter, Event, Refused, SessionStarted, StreamError
from ipcviz.exports import ExportError
from ipcviz.recording.reader import timed
from ipcviz.source import read_stream


class SavedStream:
    """The events of a session in their order, as a `Readable`."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        """Raises `ExportError` for what is no session."""
        self._events = list(events)
        first = self._events[0] if self._events else None
        if isinstance(first, Refused):
            raise ExportError(f"There is nothing to export, the run was refused: {first.sentence}")
        if not isinstance(first, SessionStarted):
            raise ExportError("There is nothing to export: no session begins there.")
        self.session = first
        self.title = ""
        self.automatic = True
        self.cut = ""  # whether the lines have an end says nothing: a part of a session has none
        self.start = 0
        self.end = max(event.t for event in self._events if isinstance(event, Event))
        # One at the same time takes the place of the one before.
        by_time = {event.t: event for event in self._events if isinstance(event, Chapter)}
        self.chapters = [by_time[t] for t in sorted(by_time)]

    @classmethod
    def open(cls, path: Path, name: str = "") -> SavedStream:
        """Of a file that errors call `name`; raises `ExportError` with the wrong line, and `OSError`."""
        try:
            return cls(read_stream(path))
        except StreamError as error:
            raise ExportError(f"{name or path}: {error}.") from None

    def events(self, start: int = 0, end: int | None = None) -> Iterator[AnyEvent]:
        """Those whose time in the stream is from `start` to `end`, both included."""
        for t, event in timed(self._events):
            if t >= start and (end is None or t <= end):
                yield event
