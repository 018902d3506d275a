"""From a request to a screen and back: nothing is shown before the run has started, and the terminal is
as it was when it is over, whichever way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from ipcviz import headless, units
from ipcviz.events import AnyEvent, Refused, SessionStarted
from ipcviz.findings import how_it_ended
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.terminal import Profile
from ipcviz.tui.feed import Feed
from ipcviz.world import World

if TYPE_CHECKING:
    from textual.screen import Screen

    from ipcviz.tui.app import IpcvizApp

RESTORE = (
    b"\x1b[<u\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[?1004l"
    b"\x1b[?7h\x1b[?1049l\x1b[?25h"
)
"""Kitty keys, paste, mouse, focus reports off; wrapping on; the main screen; the cursor."""
STALLED_AFTER_S = 2.0
"""How long the screen may take to end after a signal, before the terminal is restored without it."""


def run_screen(request: SessionRequest, profile: Profile, keys: Mapping[str, str]) -> int:
    """Run it on the screen; the exit status."""
    source = LiveSource(request)
    try:
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
        return _show(profile, keys, lambda opener: opener.run_screen(Feed(source, world, first), request))
    finally:
        _tidy_up(source)


def home_screen(profile: Profile, keys: Mapping[str, str]) -> int:
    """Let the user pick what to run; the exit status."""
    try:
        return _show(profile, keys, lambda opener: opener.home())
    finally:
        _clean()


def _tidy_up(source: LiveSource) -> None:
    source.close()
    _clean()


def _clean() -> None:
    for dead in ledger.dead_runs():
        ledger.clean(dead)


def _first_events(source: LiveSource) -> list[AnyEvent]:
    """Until the run has started or was refused: the screen waits for that."""
    events: list[AnyEvent] = []
    while not source.over and not any(isinstance(event, SessionStarted | Refused) for event in events):
        source.wait(None)
        events += source.take()
    return events


def _show(profile: Profile, keys: Mapping[str, str], first: Callable[[IpcvizApp], Screen[Any]]) -> int:
    # Read by Textual when it is imported: no smooth scrolling, which asks for pixel mouse reports,
    # and no animation.
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from ipcviz.tui.actions import wrong_keys
    from ipcviz.tui.app import IpcvizApp

    objection = wrong_keys(keys)
    if objection:
        print(f"ipcviz: {objection}", file=sys.stderr)
        return 2
    app = IpcvizApp(profile, first, keys)
    _end_on_signals(app)
    try:
        status = app.run(mouse=profile.mouse)
    except OSError:
        status = 128 + signal.SIGHUP  # the terminal is gone
    finally:
        _end_all(app)
    return app.return_code or 1 if status is None else status


def _end_all(app: IpcvizApp) -> None:
    """Every run that a screen began is over before the program is."""
    for closing in [feed.end() for feed in app.feeds]:
        closing.join()
    for feed in app.feeds[-1:]:
        _tell_failures(feed.world)


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
