"""What is done with the events of a run besides showing them, on a screen or without one: they are recorded.

The last minute is always kept in memory. It is saved when somebody asks for it, and by itself at the first
deadlock, crash and loss of a run. All of it is done by a thread: who shows the run hands the events over, and
never waits for a disk or a compressor.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from ipcviz import events as ev
from ipcviz import units
from ipcviz.recording import shelf
from ipcviz.recording.flight import FlightRecorder
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.opening import opening_events
from ipcviz.recording.writer import Writer
from ipcviz.units import SECOND
from ipcviz.view import View

SAVED_KINDS: dict[ev.FindingKind, str] = {
    "deadlock": "deadlock",
    "failed process": "crash",
    "lost": "loss",
}
"""The findings at which the last minute is saved by itself, and how its file is called."""
BY_HAND = "by hand:"
"""How the keys of losses begin that are somebody's act."""
LATER = 2 * SECOND
"""Of the run: so long after the finding it is saved, with what came of it."""
MOST_WAITING = 50_000
"""Events that may wait for the thread before messages and lock events are left out."""
CLOSING_S = 10.0
"""How long the end of a program waits for what is still to be written."""

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Saved:
    """The last minute was saved: where, and at which kind of finding, None if it was asked for."""

    path: Path
    kind: ev.FindingKind | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the header says of a recording that is being made; `trouble` once it has ended by itself."""

    size: int
    left_out: int
    trouble: str


class Recorder:
    """Records one run: `take` its events, `begin` and `end` a recording, `save` the last minute, `close`."""

    def __init__(self, writer: Writer | None = None, redact: bool = False) -> None:
        """`writer` is of a recording that begins with the run."""
        self.redact = redact
        self.sentences: list[str] = []
        """What was recorded and saved, for the time after the screen."""
        self._told = 0
        self.name = "session"
        """What runs."""
        self._writer = self._recording = writer
        self._told_trouble = False
        self._flight = FlightRecorder()
        self._saved: dict[ev.FindingKind, Path | None] = {}
        """By kind, where it is; None while it is still to be saved."""
        self._due: list[tuple[int, ev.FindingKind]] = []
        self._news: deque[Saved | str] = deque()
        self._jobs: deque[Job | Sequence[ev.AnyEvent]] = deque()
        self._waiting = self._left_out = self._told_left_out = self._lost = 0
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="ipcviz-recorder", daemon=True)
        self._thread.start()

    # ---- asked by who shows the run ------------------------------------------------------------------------

    def take(self, events: Sequence[ev.AnyEvent]) -> None:
        """Events of the run, in their order."""
        if not events:
            return
        if isinstance(events[0], ev.SessionStarted):
            self.name = events[0].topology
        if self._waiting > MOST_WAITING:
            kept = [event for event in events if not isinstance(event, ev.Message | ev.LockEvent)]
            self._left_out += len(events) - len(kept)
            events = kept
        self._ask(events)

    def told(self, event: ev.AnyEvent) -> ev.AnyEvent:
        """The event as the screen tells it: a finding names the file in which the minute before it is."""
        if isinstance(event, ev.FindingRaised):
            path = self._saved.get(event.kind)
            if path is not None and shelf.short(path) not in event.sentence:
                return structs.replace(event, sentence=_naming(event.sentence, path))
        return event

    @property
    def state(self) -> State | None:
        """Of the recording that is being made; None without one."""
        writer = self._writer
        if writer is None:
            return None
        left_out = self._left_out + writer.left_out + writer.previews_left_out
        return State(writer.size, left_out, writer.trouble)

    @property
    def is_recording(self) -> bool:
        """A recording is being made, and can be ended."""
        return self._writer is not None and not self._writer.trouble

    def begin(self, path: Path, view: View) -> None:
        """Record into a new file from now on, with what stands now; raises `RecordingError`."""
        self.end()
        writer = Writer(path, self.redact, begins=view.t)
        self._writer = writer
        opening = opening_events(view)
        self._ask(lambda: self._begin(writer, opening))

    def end(self) -> None:
        """End the recording, if there is one; it is told when the file is whole."""
        writer, self._writer = self._writer, None
        if writer is not None:
            self._ask(lambda: self._end(writer))

    def save(self, path: Path) -> None:
        """Save the last minute in a new file; it is told when that is done."""
        self._ask(lambda: self._save(path, None))

    def news(self) -> list[Saved | str]:
        """What has been saved, and other sentences, since the last time."""
        found = []
        with contextlib.suppress(IndexError):
            while True:
                found.append(self._news.popleft())
        return found

    def told_since(self) -> list[str]:
        """The sentences that have come since the last time."""
        begin, self._told = self._told, len(self.sentences)
        return self.sentences[begin : self._told]

    def another(self) -> Recorder:
        """One for the next run."""
        return Recorder(redact=self.redact)

    def close(self) -> None:
        """Write what is left; idempotent."""
        self.end()
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(CLOSING_S)

    # ---- done by the thread ------------------------------------------------------------------------------

    def _ask(self, job: Job | Sequence[ev.AnyEvent]) -> None:
        with self._wake:
            if self._closing:
                return
            self._waiting += 1 if callable(job) else len(job)
            self._jobs.append(job)
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._closing:
                    self._wake.wait()
                if not self._jobs:
                    break
                job = self._jobs.popleft()
            if callable(job):
                job()
            else:
                self._record(job)
            with self._wake:
                self._waiting -= 1 if callable(job) else len(job)
        self._save_due(None)

    def _record(self, events: Sequence[ev.AnyEvent]) -> None:
        for event in events:
            for told in self._counted(event):
                self._flight.put(told)
                if self._recording is not None:
                    self._recording.put(told)
            if isinstance(event, ev.FindingRaised):
                self._found(event)
            elif isinstance(event, ev.Frame) and self._due:
                self._save_due(event.t)
        if self._recording is not None and self._recording.trouble and not self._told_trouble:
            self._told_trouble = True
            self._tell(self._recording.trouble)

    def _counted(self, event: ev.AnyEvent) -> list[ev.AnyEvent]:
        """The event as it is recorded: losses of the stream include what was left out here."""
        left_out = self._left_out
        if isinstance(event, ev.Lost):
            self._lost = event.events
            return [structs.replace(event, events=event.events + left_out)]
        if isinstance(event, ev.Summary) and left_out:
            lost = event.stream.lost + left_out
            return [structs.replace(event, stream=structs.replace(event.stream, lost=lost))]
        if isinstance(event, ev.Frame) and left_out > self._told_left_out:
            self._told_left_out = left_out
            return [event, ev.Lost(t=event.t, events=self._lost + left_out)]
        return [event]

    def _begin(self, writer: Writer, opening: Sequence[ev.AnyEvent]) -> None:
        self._recording, self._told_trouble = writer, False
        for event in opening:
            writer.put(event)

    def _end(self, writer: Writer) -> None:
        self._recording = None
        writer.close()
        if not writer.trouble and writer.path is not None and writer.path.exists():
            left_out = self._left_out + writer.left_out + writer.previews_left_out
            lacking = f", without {left_out:,} messages or their payloads" if left_out else ""
            self._tell(f"Recorded: {shelf.short(writer.path)} ({units.size(writer.size)}{lacking})")

    def _found(self, finding: ev.FindingRaised) -> None:
        """The first of its kind in this run is a reason to save, unless somebody has just made it so."""
        by_hand = finding.key.startswith(BY_HAND)
        if finding.kind in SAVED_KINDS and finding.kind not in self._saved and not by_hand:
            self._saved[finding.kind] = None
            self._due.append((finding.t + LATER, finding.kind))

    def _save_due(self, t: int | None) -> None:
        """Save what is due at `t`, or all of it."""
        due = [kind for at, kind in self._due if t is None or at <= t]
        self._due = [(at, kind) for at, kind in self._due if kind not in due]
        for kind in due:
            try:
                place = shelf.made_folder() / shelf.name_for(f"{SAVED_KINDS[kind]}-{self.name}")
            except RecordingError as error:
                self._tell(str(error))
                continue
            self._save(place, kind)
            for old in shelf.clear():
                self._tell(f"Only the last {shelf.MOST} are kept; removed: {shelf.short(old)}")

    def _save(self, path: Path, kind: ev.FindingKind | None) -> None:
        path = shelf.free(path)
        try:
            size = self._flight.save(path, self.redact)
        except RecordingError as error:
            self._tell(f"The last minute could not be saved: {error}")
        except OSError as error:
            self._tell(f"The last minute could not be saved: {path}: {error.strerror}.")
        else:
            if kind is not None:
                self._saved[kind] = path
            reason = f", with the {SAVED_KINDS[kind]} in it" if kind is not None else ""
            self.sentences.append(
                f"The last minute is saved{reason}: {shelf.short(path)} ({units.size(size)})"
            )
            self._news.append(Saved(path, kind))

    def _tell(self, sentence: str) -> None:
        self._news.append(sentence)
        self.sentences.append(sentence)


def _naming(sentence: str, path: Path) -> str:
    """The sentence with the file's name where it is seen in few rows, right after what was found."""
    found, colon, rest = sentence.partition(": ")
    named = f"{found}: (saved: {path.name}) {rest}" if colon and "." not in found else sentence
    return f"{named} The last minute is saved: {shelf.short(path)}"
