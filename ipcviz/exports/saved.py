"""A stream that `ipcviz run --json` printed, to be exported like a recording; all of it is held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ipcviz.events import AnyEvent, Event, Refused, SessionStarted, StreamError
from ipcviz.exports import Chapter, ExportError
from ipcviz.source import read_stream


class SavedStream:
    """The events of a session in their order, as a `Readable`; it has no chapters."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        """Raises `ExportError` for what is no session."""
        self._events = list(events)
        first = self._events[0] if self._events else None
        if isinstance(first, Refused):
            raise ExportError(f"There is nothing to export, the run was refused: {first.sentence}")
        if not isinstance(first, SessionStarted):
            raise ExportError("There is nothing to export: no session begins there.")
        self.session = first
        self.duration = max(event.t for event in self._events if isinstance(event, Event))
        self.chapters: Sequence[Chapter] = ()

    @classmethod
    def open(cls, path: Path) -> SavedStream:
        """Of a file; raises `ExportError` with the line that cannot be read, and `OSError`."""
        try:
            return cls(read_stream(path))
        except StreamError as error:
            raise ExportError(f"{path}: {error}.") from None

    def events(self, start: int = 0, end: int | None = None) -> Iterator[AnyEvent]:
        """Those from `start` to `end`; the summary comes when nothing is left out at the end."""
        for event in self._events:
            if not isinstance(event, Event):
                if end is None or end >= self.duration:
                    yield event
            elif start <= event.t and (end is None or event.t <= end):
                yield event
