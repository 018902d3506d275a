"""Writes a recording while the session goes on, on a thread of its own: who puts events is never held up.

If the disk is slower than the events, previews of messages are left out first, then messages and lock events,
never anything else; the file says how many. Each chunk is written as soon as it is whole, and at the latest a
second after its first event came; fsync(2) every five seconds and at the close.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from pathlib import Path

from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.maker import Maker

PREVIEWS_BELOW = 10_000
"""Events that may wait to be written before previews are left out."""
SAMPLES_BELOW = 20_000
"""Events that may wait before messages and lock events are left out."""
MOST_WAITING = 40_000
"""Events that may wait before the recording is given up: nothing has been written for minutes."""
PATIENCE_S = 1.0
"""How long an event may wait for its chunk to become whole."""
SYNC_S = 5.0


class Writer:
    """A recording that is being written; `trouble` is a sentence once it cannot be any more.

    `path` is where, or None for a descriptor. What was written before the trouble plays.
    """

    def __init__(self, target: Path | int, redact: bool = False, title: str = "", begins: int = 0) -> None:
        """A path must not exist yet; `begins` as for `Maker`. Raises `RecordingError`."""
        self.path = target if isinstance(target, Path) else None
        self.trouble = ""
        self.reader_gone = False
        """The trouble is that nobody reads the pipe any more."""
        self.size = 0
        """Bytes written so far."""
        self._begun = False
        """A first piece of it is whole."""
        self._descriptor = created(target) if isinstance(target, Path) else target
        self._syncs = isinstance(target, Path)
        self._maker = Maker(redact, title, begins=begins)
        self._waiting: deque[ev.AnyEvent] = deque()
        lock = threading.RLock()
        self._wake, self._written = threading.Condition(lock), threading.Condition(lock)
        self._flushing = self._closing = False
        self._left_out = self._previews_left_out = self._told = self._lost = 0
        self._thread = threading.Thread(target=self._run, name="ipcviz-recording", daemon=True)
        self._thread.start()

    @property
    def left_out(self) -> int:
        """Messages and lock events for which there was no time."""
        return self._left_out

    @property
    def previews_left_out(self) -> int:
        """Messages of which only the size was written, for want of time."""
        return self._previews_left_out

    def put(self, event: ev.AnyEvent) -> None:
        """One more event; never waits for the disk."""
        with self._wake:
            if self.trouble or self._closing:
                return
            waiting = len(self._waiting)
            if waiting >= MOST_WAITING:
                self._give_up("The disk takes nothing any more")
                return
            if waiting >= PREVIEWS_BELOW and isinstance(event, ev.Message | ev.LockEvent):
                if waiting >= SAMPLES_BELOW:
                    self._left_out += 1
                    return
                if isinstance(event, ev.Message) and event.payload:
                    self._previews_left_out += 1
                    event = structs.replace(event, payload=b"")
            self._waiting.append(event)
            self._wake.notify()

    def flush(self) -> None:
        """Ask that all that was put is written soon."""
        with self._wake:
            self._flushing = True
            self._wake.notify()

    def wait_until_written(self) -> None:
        """Until nothing waits to be written: for who makes events quicker than they come in a run."""
        with self._written:
            while self._waiting and not self.trouble:
                self._written.wait(0.05)

    def close(self, patience_s: float | None = None) -> None:
        """Write what is left and the end; idempotent. A file in which nothing has begun is removed again."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(patience_s)

    def _run(self) -> None:
        """Whatever happens in here, the run goes on and somebody is told."""
        try:
            self._work()
        except Exception as error:
            self._give_up(f"It cannot be recorded any more ({type(error).__name__}: {error})")
        self._end()

    def _work(self) -> None:
        due = synced = time.monotonic()
        while not self.trouble:
            events, flush, closing = self._next(due)
            now = time.monotonic()
            if not self._maker.pending:
                due = now + PATIENCE_S
            self._make(events)
            if flush or closing or now >= due:
                self._write(self._flushed())
                due = now + PATIENCE_S
            if closing:
                self._maker.left_out += self._left_out
                self._maker.previews_left_out += self._previews_left_out
                self._write(self._maker.close())
                break
            if self._syncs and now - synced >= SYNC_S:
                self._sync()
                synced = now

    def _next(self, due: float) -> tuple[list[ev.AnyEvent], bool, bool]:
        """What was put, and whether to flush and to close; waits until there is something to do."""
        with self._wake:
            while not (self._waiting or self._flushing or self._closing):
                left = due - time.monotonic() if self._maker.pending else None
                if left is not None and left <= 0:
                    break
                self._wake.wait(left)
            events = list(self._waiting)
            flush, self._flushing = self._flushing, False
            return events, flush, self._closing

    def _make(self, events: list[ev.AnyEvent]) -> None:
        """What waits is counted as waiting until it is made."""
        for event in events:
            try:
                self._write(self._maker.add(self._counted(event)))
            except RecordingError as error:
                self._give_up(str(error).rstrip("."))
            if self.trouble:
                return
            with self._wake:
                if self._waiting:  # empty if another thread has given up
                    self._waiting.popleft()
                if not self._waiting:
                    self._written.notify_all()

    def _flushed(self) -> bytes:
        try:
            return self._maker.flush()
        except RecordingError as error:
            self._give_up(str(error).rstrip("."))
            return b""

    def _counted(self, event: ev.AnyEvent) -> ev.AnyEvent:
        """Losses of the stream include what was left out of the recording: who plays it misses both."""
        if isinstance(event, ev.Lost):
            self._lost = event.events
            return structs.replace(
                event, events=event.events + self._left_out, previews=self._previews_left_out
            )
        if isinstance(event, ev.Summary) and self._left_out:
            return structs.replace(
                event, stream=structs.replace(event.stream, lost=event.stream.lost + self._left_out)
            )
        missing = self._left_out + self._previews_left_out
        if missing > self._told and isinstance(event, ev.Frame):
            self._told = missing
            lost = ev.Lost(t=event.t, events=self._lost + self._left_out, previews=self._previews_left_out)
            self._write(self._maker.add(lost))
        return event

    def _write(self, piece: bytes) -> None:
        left = memoryview(piece)
        while left and not self.trouble:
            try:
                written = os.write(self._descriptor, left)
            except OSError as error:
                self.reader_gone = isinstance(error, BrokenPipeError)
                self._give_up(f"{_place(self.path)} cannot be written any more: {error.strerror}")
                return
            self.size += written
            left = left[written:]
        self._begun = self._begun or (bool(piece) and not self.trouble)

    def _sync(self) -> None:
        with contextlib.suppress(OSError):
            os.fsync(self._descriptor)

    def _give_up(self, reason: str) -> None:
        """The run goes on, and what was written plays, if there is anything."""
        ends = "the recording ends here, and what was written plays" if self._begun else "nothing is recorded"
        self.trouble = f"{reason}; {ends}."
        self._waiting.clear()

    def _end(self) -> None:
        if self._syncs:
            self._sync()
        if self.path is None:
            return
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        if self._maker.header is None or not self._begun:
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def created(path: Path) -> int:
    """A new file that only its owner reads; raises `RecordingError`."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise RecordingError(f"{path} is there already; choose another name.") from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror}.") from None
    except ValueError:
        raise RecordingError(f"{str(path)!r} is no name of a file.") from None


def _place(path: Path | None) -> str:
    return str(path) if path is not None else "The output"
