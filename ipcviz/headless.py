"""A run without a screen: events or lines to standard output, until it is over or a signal ends it."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

from ipcviz import events as ev
from ipcviz.plain import PlainLines
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.runtime.summing import summary_without_supervisor
from ipcviz.source import PATIENCE_S, LiveSource
from ipcviz.world import World

Printer = Callable[[ev.AnyEvent], Iterator[str]]


class Signals:
    """Remembers the first of SIGINT, SIGTERM, SIGHUP instead of dying of it, and wakes a select."""

    def __init__(self) -> None:
        self.caught: int | None = None
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.caught = self.caught or number

    def fileno(self) -> int:
        """Readable when one was caught."""
        return self._read


def run(request: SessionRequest, printer: Printer) -> int:
    """Run it and print what the printer makes of it; the exit status."""
    signals = Signals()
    source = LiveSource(request)
    outcome = Outcome()
    try:
        _pump(source, signals, outcome, printer)
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not find that out again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    finally:
        source.close()
    if outcome.refusal is not None:
        return refuse(outcome.refusal)
    if not outcome.summed_up:
        _without_supervisor(source, outcome, printer)
    sys.stdout.flush()
    if signals.caught is not None:
        return 128 + signals.caught
    return 1 if outcome.failed else 0


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
    print(f"ipcviz: {refusal.sentence}", file=sys.stderr)
    if refusal.detail:
        print(refusal.detail, file=sys.stderr)
    return 2


def print_json(event: ev.AnyEvent) -> Iterator[str]:
    """The event as it is in the stream."""
    yield ev.encode(event).decode().rstrip("\n")


def print_plain() -> Printer:
    """A printer of readable lines."""
    return PlainLines().lines


def _pump(source: LiveSource, signals: Signals, outcome: Outcome, printer: Printer) -> None:
    stopping_since: float | None = None
    while not source.over:
        select.select([source.fileno(), signals.fileno()], [], [], 0.5 if stopping_since else None)
        if signals.caught is not None and stopping_since is None:
            source.stop()
            stopping_since = time.monotonic()
            signal.set_wakeup_fd(-1)
        for event in source.take():
            outcome.see(event)
            if not isinstance(event, ev.Refused):
                for line in printer(event):
                    print(line)
        sys.stdout.flush()
        if stopping_since is not None and time.monotonic() - stopping_since > PATIENCE_S:
            return


def _without_supervisor(source: LiveSource, outcome: Outcome, printer: Printer) -> None:
    """It was killed: sum up what is known, and remove what its ledger lists."""
    outcome.failed = True
    view = outcome.world.view()
    if view.session is not None:
        for line in printer(summary_without_supervisor(view)):
            print(line)
    for dead in ledger.dead_runs():
        ledger.clean(dead)
    print(f"ipcviz: {source.how_it_died()}", file=sys.stderr)
