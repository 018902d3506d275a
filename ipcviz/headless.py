"""A run without a screen: events or lines to standard output, until it is over or a signal ends it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

from ipcviz import events as ev
from ipcviz import units
from ipcviz.plain import PlainLines
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.runtime.summing import events_without_supervisor
from ipcviz.source import PATIENCE_S, LiveSource
from ipcviz.world import World

if TYPE_CHECKING:
    from ipcviz.tui.recorder import Recorder

READER_PATIENCE_S = 1.0
"""After a signal: how long whoever reads our output may read nothing of it until we go without them."""

Printer = Callable[[ev.AnyEvent], Iterator[str]]


class Signals:
    """Remembers the first of SIGINT, SIGTERM, SIGHUP instead of dying of it, and wakes a select.

    One that was ignored from the start, as by nohup(1), stays so.
    """

    def __init__(self) -> None:
        self.caught: int | None = None
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.caught = self.caught or number

    def fileno(self) -> int:
        """Readable when one was caught."""
        return self._read


class Output:
    """Standard output in pieces small enough not to block, so that a signal is heard while nobody reads."""

    def __init__(self, encoding: str) -> None:
        self._waiting = bytearray()
        self._encoding = encoding

    def put(self, line: str) -> None:
        """One more line, to be written by `write`; what the terminal cannot show is written out."""
        self._waiting += line.encode(self._encoding, "backslashreplace") + b"\n"

    @property
    def waiting(self) -> bool:
        """There is something to write."""
        return bool(self._waiting)

    def write(self) -> None:
        """As much as there is room for, after select(2) said that there is some; raises `OSError`."""
        with contextlib.suppress(BlockingIOError):
            del self._waiting[: os.write(1, memoryview(self._waiting)[: select.PIPE_BUF].tobytes())]


def run(
    request: SessionRequest,
    printer: Printer,
    encoding: str = "utf-8",
    recorder: Callable[[], Recorder] | None = None,
) -> int:
    """Run it and print what the printer makes of it; the exit status.

    A recorder that is made here is given all events; where it has saved something is told on standard error.
    """
    signals = Signals()
    output = Output(encoding)
    outcome = Outcome()
    source: LiveSource = LiveSource(request) if recorder is None else RecordedRun(request, recorder)
    try:
        _pump(source, signals, outcome, printer, output)
        source.close()
        if outcome.refusal is None and not outcome.summed_up and not output.waiting:
            _without_supervisor(source, outcome, printer, output)
            _write_all(output, signals)
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"ipcviz: The output could not be written: {error.strerror}.", file=sys.stderr)
        return 1
    finally:
        source.close()
        if isinstance(source, RecordedRun):
            source.end_recorder()
        if source.was_killed:
            clean_after_killed()
    if signals.caught is not None:
        return 128 + signals.caught
    if outcome.refusal is not None:
        return refuse(outcome.refusal)
    return 1 if outcome.failed else 0


class RecordedRun(LiveSource):
    """A run whose events a recorder gets, too; what it says of them is told as soon as it does."""

    def __init__(self, request: SessionRequest, recorder: Callable[[], Recorder]) -> None:
        super().__init__(request)
        self._recorder = recorder()  # takes a while, in which the run begins

    def take(self) -> list[ev.AnyEvent]:
        """What has come since the last time."""
        events = super().take()
        self._recorder.take(events)
        tell_saved(self._recorder)
        return events

    def end_recorder(self) -> None:
        """Write what is left, and tell it."""
        self._recorder.close()
        tell_saved(self._recorder)


def tell_saved(recorder: Recorder) -> None:
    """Say on standard error what was saved, and what could not be, since the last time."""
    for sentence in recorder.told_since():
        with contextlib.suppress(OSError):  # nobody reads it
            print(f"ipcviz: {units.printable(sentence)}", file=sys.stderr, flush=True)


class Outcome:
    """What decides the exit status, gathered from the events."""

    def __init__(self) -> None:
        self.world = World()
        self.refusal: ev.Refused | None = None
        self.failed = False
        self.summed_up = False

    def see(self, event: ev.AnyEvent) -> None:
        """Take one event in."""
        if not isinstance(event, ev.Message | ev.LockEvent | ev.Note):
            self.world.apply(event)
        if isinstance(event, ev.Refused):
            self.refusal = event
        elif isinstance(event, ev.ProcessExited):
            self.failed = self.failed or event.failed
        elif isinstance(event, ev.Summary):
            self.summed_up = True


def refuse(refusal: ev.Refused) -> int:
    """Say why the run could not start; the exit status."""
    print(f"ipcviz: {units.printable(refusal.sentence)}", file=sys.stderr)
    for line in refusal.detail.splitlines():
        print(units.printable(line), file=sys.stderr)
    return 2


def print_json(event: ev.AnyEvent) -> Iterator[str]:
    """The event as it is in the stream."""
    yield ev.encode(event).decode().rstrip("\n")


def print_plain() -> Printer:
    """A printer of readable lines."""
    return PlainLines().lines


def _pump(source: LiveSource, signals: Signals, outcome: Outcome, printer: Printer, output: Output) -> None:
    """Until it is over and all is written; after a signal, as long as something still happens."""
    give_up: float | None = None
    while output.waiting or not source.over:
        if signals.caught is not None:
            if give_up is None:
                source.stop()
            give_up = time.monotonic() + (READER_PATIENCE_S if output.waiting else PATIENCE_S)
        reading = [signals.fileno()] if give_up is None else []
        if not output.waiting:
            reading.append(source.fileno())
        left = None if give_up is None else max(0.0, give_up - time.monotonic())
        readable, writable, _ = select.select(reading, [1] if output.waiting else [], [], left)
        if writable:
            output.write()
        elif source.fileno() in readable:
            _take(source, outcome, printer, output)
        elif give_up is not None:
            source.close(patience=READER_PATIENCE_S)
            return


def _take(source: LiveSource, outcome: Outcome, printer: Printer, output: Output) -> None:
    for event in source.take():
        outcome.see(event)
        if not isinstance(event, ev.Refused):
            for line in printer(event):
                output.put(line)


def _write_all(output: Output, signals: Signals) -> None:
    """The last lines; after a signal, as long as somebody reads them."""
    while output.waiting:
        stopped = signals.caught is not None
        watched = [] if stopped else [signals.fileno()]
        readable, writable, _ = select.select(watched, [1], [], READER_PATIENCE_S if stopped else None)
        if writable:
            output.write()
        elif not readable:
            return


def _without_supervisor(source: LiveSource, outcome: Outcome, printer: Printer, output: Output) -> None:
    """It was killed: sum up what is known, and remove what its ledger lists."""
    outcome.failed = True
    view = outcome.world.view()
    if view.session is not None:
        for event in events_without_supervisor(view):
            for line in printer(event):
                output.put(line)
    print(f"ipcviz: {source.how_it_died()}", file=sys.stderr)


def clean_after_killed() -> None:
    """What a supervisor that was killed has left behind."""
    for dead in ledger.dead_runs():
        ledger.clean(dead)
