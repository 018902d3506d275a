"""From a request to a screen and back: nothing is shown before the run has started, and the terminal is
as it was when it is over, whichever way.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from ipcviz import headless, notes, terminal, units
from ipcviz.events import Refused, SessionStarted
from ipcviz.findings import how_it_ended
from ipcviz.recording.writer import Writer
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.terminal import Profile
from ipcviz.tui.feed import Feed
from ipcviz.tui.recorder import Recorder
from ipcviz.tui.restore import Keeper
from ipcviz.tui.waiting import first_events
from ipcviz.world import World

if TYPE_CHECKING:
    from textual.screen import Screen

    from ipcviz.racing import Racer
    from ipcviz.tui.app import IpcvizApp
    from ipcviz.tui.play_feed import PlayFeed


ANSWER_S = 0.1
"""How long a signal that ends the program at once waits for the terminal's answer to the last frame, which
the thread that reads the keys still takes, and which would else be typed into the shell."""
COLOUR_SYSTEMS = {0: "auto", 16: "standard", 256: "256", 1 << 24: "truecolor"}
"""What Textual calls so many colours."""


def run_screen(
    request: SessionRequest,
    profile: Profile,
    keys: Mapping[str, str],
    writer: Writer | None = None,
    redact: bool = False,
) -> int:
    """Run it on the screen; the exit status. With a `writer`, all of it is recorded."""
    recorder = Recorder(writer, redact)
    try:
        return _run_screen(request, profile, keys, recorder)
    finally:
        recorder.close()


def _run_screen(
    request: SessionRequest, profile: Profile, keys: Mapping[str, str], recorder: Recorder
) -> int:
    source = LiveSource(request)
    try:
        world = World()
        first = first_events(source, request.demo)
        if first is None:
            return 0
        for event in first:
            world.apply(event)
            if isinstance(event, Refused):
                return headless.refuse(event)
        if not any(isinstance(event, SessionStarted) for event in first):
            source.close()
            print(f"ipcviz: {source.how_it_died()}", file=sys.stderr)
            return 1
        feed = Feed(source, world, first, recorder)
        return _show(profile, keys, lambda opener: opener.run_screen(feed, request))
    finally:
        _tidy_up(source)


def play_screen(feed: PlayFeed, profile: Profile, keys: Mapping[str, str], presenting: bool = False) -> int:
    """Play or present a recording; the exit status."""
    try:
        return _show(profile, keys, lambda app: app.play_screen(feed, presenting=presenting))
    finally:
        feed.end().join()
        _clean()


def stream_screen(profile: Profile, keys: Mapping[str, str], descriptor: int) -> int:
    """Show the stream that comes through that descriptor, keys being read from standard input."""
    from ipcviz.recording.streamed import StreamSource
    from ipcviz.tui.screens.stream import StreamFeed

    feed = StreamFeed(StreamSource(descriptor))
    try:
        return _show(profile, keys, lambda app: app.stream_screen(feed))
    finally:
        feed.end().join()
        if feed.cut:
            print(f"ipcviz: The stream: {units.printable(feed.cut)}", file=sys.stderr)


def home_screen(profile: Profile, keys: Mapping[str, str], typed: str = "") -> int:
    """Let the user pick what to run or to play; the exit status. `typed` narrows the list down at first."""
    try:
        return _show(profile, keys, lambda opener: opener.home(typed))
    finally:
        _clean()


def race_screen(racer: Racer, about: Mapping[str, str], profile: Profile, keys: Mapping[str, str]) -> int:
    """Race on the screen; the exit status. `about` says what each mechanism is."""
    from ipcviz.tui.actions import RACE, overridden

    def first(app: IpcvizApp) -> Screen[Any]:
        from ipcviz.tui.screens.race import Race

        return Race(racer, about, app.look, profile, overridden(RACE, keys))

    try:
        return _show(profile, keys, first)
    finally:
        racer.close()
        _clean()
        for sentence in racer.failures():
            print(f"ipcviz: {units.printable(sentence)}", file=sys.stderr)


def _tidy_up(source: LiveSource) -> None:
    source.close()
    _clean()


def _clean() -> None:
    for dead in ledger.dead_runs():
        ledger.clean(dead)
    notes.clean()


def _show(profile: Profile, keys: Mapping[str, str], first: Callable[[IpcvizApp], Screen[Any]]) -> int:
    # Read by Textual when it is imported: no smooth scrolling, which asks for pixel mouse reports,
    # and no animation; the same colours that the theme was chosen for.
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", COLOUR_SYSTEMS[terminal.colour_depth()])
    from ipcviz.tui.app import IpcvizApp

    app = IpcvizApp(profile, first, keys)
    keeper = Keeper()
    app.keeper = keeper
    _end_on_signals(app, keeper)
    try:
        status = app.run(mouse=profile.mouse)
    except OSError:
        status = 128 + signal.SIGHUP  # the terminal is gone
    finally:
        keeper.forget()
        _end_all(app)
    return app.return_code or 1 if status is None else status


def _end_all(app: IpcvizApp) -> None:
    """Every run that a screen began is over before the program is."""
    for closing in [feed.end() for feed in app.feeds]:
        closing.join()
    for recorder in [feed.recorder for feed in app.feeds if feed.recorder is not None]:
        for sentence in recorder.sentences:
            print(f"ipcviz: {units.printable(sentence)}", file=sys.stderr)
    for feed in app.feeds[-1:]:
        if feed.is_live:
            _tell_failures(feed.world)


def _end_on_signals(app: IpcvizApp, keeper: Keeper) -> None:
    """Quit in order; a terminal that takes no more output would prevent that, so only for so long."""

    def end(number: int, frame: FrameType | None) -> None:
        keeper.leave_soon(128 + number)
        app.leave_by_signal(number)

    def end_at_once(number: int, frame: FrameType | None) -> None:
        """As nobody had asked for it in order: only the terminal is given back."""
        time.sleep(ANSWER_S)
        keeper.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    for number in (signal.SIGQUIT, signal.SIGABRT, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, end_at_once)


def _tell_failures(world: World) -> None:
    for process in world.view().processes:
        if process.status == "failed":
            how = how_it_ended(process.exit, process.signal)
            reason = f": {process.reason}" if process.reason else "."
            for text in (f"ipcviz: {process.name} {how}{reason}", *process.detail.splitlines()):
                print(units.printable(text), file=sys.stderr)
