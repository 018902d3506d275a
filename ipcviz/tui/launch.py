"""From a request to a screen and back: nothing is shown before the run has started, and the terminal is
as it was when it is over, whichever way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from ipcviz import headless, terminal, units
from ipcviz.events import AnyEvent, ProcessExited, Refused, SessionStarted
from ipcviz.findings import how_it_ended
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource, drain
from ipcviz.tui.look import Look
from ipcviz.world import World

if TYPE_CHECKING:
    from ipcviz.tui.app import IpcvizApp

RESTORE = (
    b"\x1b[<u\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[?1004l"
    b"\x1b[?7h\x1b[?1049l\x1b[?25h"
)
"""Kitty keys, paste, mouse, focus reports off; wrapping on; the main screen; the cursor."""
STALLED_AFTER_S = 2.0
"""How long the screen may take to end after a signal, before the terminal is restored without it."""


def run_screen(request: SessionRequest) -> int:
    """Run it on the screen; the exit status."""
    source = LiveSource(request)
    try:
        return _run(source)
    finally:
        source.close()
        for dead in ledger.dead_runs():
            ledger.clean(dead)


def _run(source: LiveSource) -> int:
    world = World()
    first = _first_events(source)
    for event in first:
        world.apply(event)
        if isinstance(event, Refused):
            return headless.refuse(event)
    if not any(isinstance(event, SessionStarted) for event in first):
        source.close()
        print(f"ipcviz: {source.how_it_died()}", file=sys.stderr)
        return 1
    status = _show(source, world, first)
    source.stop()
    for _ in drain(source):
        pass  # what comes after the screen is closed has nobody to read it
    _tell_failures(world)
    return status


def _first_events(source: LiveSource) -> list[AnyEvent]:
    """Until the run has started or was refused: the screen waits for that."""
    events: list[AnyEvent] = []
    while not source.over and not any(isinstance(event, SessionStarted | Refused) for event in events):
        source.wait(None)
        events += source.take()
    return events


def _show(source: LiveSource, world: World, first: list[AnyEvent]) -> int:
    # Read by Textual when it is imported: no smooth scrolling, which asks for pixel mouse reports,
    # and no animation.
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from ipcviz.tui.app import IpcvizApp

    look = Look(terminal.glyph_set(), not terminal.no_color())
    app = IpcvizApp(source, world, look, terminal.ticks_per_second())
    app.failed = any(isinstance(event, ProcessExited) and event.failed for event in first)
    _end_on_signals(app)
    try:
        status = app.run(mouse=not terminal.over_ssh())
    except OSError:
        return 128 + signal.SIGHUP  # the terminal is gone
    return app.return_code or 1 if status is None else status


def _end_on_signals(app: IpcvizApp) -> None:
    """Quit in order; a terminal that takes no more output would prevent that, so only for so long."""

    def end(number: int, frame: FrameType | None) -> None:
        timer = threading.Timer(STALLED_AFTER_S, _leave_now, (number,))
        timer.daemon = True
        timer.start()
        app.leave_by_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _leave_now(number: int) -> None:
    with contextlib.suppress(OSError):
        os.set_blocking(2, False)
        os.write(2, RESTORE)
    os._exit(128 + number)


def _tell_failures(world: World) -> None:
    for process in world.view().processes:
        if process.status == "failed":
            how = how_it_ended(process.exit, process.signal)
            reason = f": {process.reason}" if process.reason else "."
            for text in (f"ipcviz: {process.name} {how}{reason}", *process.detail.splitlines()):
                print(units.printable(text), file=sys.stderr)
