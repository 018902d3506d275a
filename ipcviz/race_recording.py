"""Records a race: a file for each lane, since each lane is a session of its own, with its own clock.

So each of them is played, edited and exported like any other recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ipcviz import units
from ipcviz.events import AnyEvent
from ipcviz.racing import Entry, RunningSource
from ipcviz.recording import shelf
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.writer import Writer
from ipcviz.runtime.request import Command, SessionRequest
from ipcviz.source import LiveSource


class RaceRecorder:
    """Begins lanes that are recorded: NAME.ipcz is for them NAME-LANE.ipcz."""

    def __init__(self, entries: Sequence[Entry], path: Path, redact: bool = False) -> None:
        """Raises `RecordingError` if one of the files is there already."""
        self._paths = {id(entry.request): path_of(path, entry.label) for entry in entries}
        self._entries = tuple(entries)  # their requests are known by their id
        self._redact = redact
        self._writers: list[Writer] = []
        self._troubles: list[str] = []
        for lane in self._paths.values():
            if lane.exists():
                raise RecordingError(f"{lane} is there already; choose another name.")
            if not lane.parent.is_dir():
                raise RecordingError(f"{lane} cannot be written: there is no folder {lane.parent}.")

    def begin(self, request: SessionRequest) -> RunningSource:
        """The lane's source; its events are recorded. Where they cannot be, the race goes on all the same."""
        source = LiveSource(request)
        try:
            writer = Writer(shelf.free(self._paths[id(request)]), self._redact)
        except RecordingError as error:
            self._troubles.append(str(error))
            return source
        self._writers.append(writer)
        return RecordedSource(source, writer)

    @property
    def failed(self) -> bool:
        """Something is not recorded that was to be."""
        return bool(self._troubles) or any(writer.trouble for writer in self._writers)

    def sentences(self) -> list[str]:
        """After the race: what was recorded, and what was not."""
        told = [
            writer.trouble or f"Recorded: {shelf.short(writer.path)} ({units.size(writer.size)})"
            for writer in self._writers
            if writer.path is not None and (writer.trouble or writer.path.exists())
        ]
        return [*told, *self._troubles]


def path_of(path: Path, label: str) -> Path:
    """The file of one lane: of race.ipcz and tcp:nodelay=no, race-tcp-nodelay-no.ipcz."""
    lane = shelf.safe(label)
    return path.with_name(f"{path.stem}-{lane}{path.suffix or shelf.SUFFIX}")


class RecordedSource:
    """A live run whose events go into a recording, too."""

    def __init__(self, source: LiveSource, writer: Writer) -> None:
        self._source, self._writer = source, writer

    @property
    def over(self) -> bool:
        """Nothing will come any more."""
        return self._source.over

    def take(self) -> list[AnyEvent]:
        """What has come since the last time."""
        events = self._source.take()
        for event in events:
            self._writer.put(event)
        return events

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._source.fileno()

    def stop(self) -> None:
        """Ask it to end."""
        self._source.stop()

    def command(self, command: Command) -> bool:
        """Act on the run."""
        return self._source.command(command)

    def close(self) -> None:
        """End the run, then the recording."""
        self._source.close()
        self._writer.close()

    @property
    def was_killed(self) -> bool:
        """After `close`: it could not tidy up."""
        return self._source.was_killed

    def how_it_died(self) -> str:
        """After `close`, for one that did not say the last word."""
        return self._source.how_it_died()
