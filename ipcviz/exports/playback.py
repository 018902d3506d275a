"""The screen of a recording, drawn without a terminal, picture by picture of the session's own time.

It is the same screen as that of a live run. No clock is read: a picture is made of the events up to a moment,
so the same recording gives the same pictures on every machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich.segment import Segment
from textual.pilot import Pilot
from textual.timer import Timer

from ipcviz.events import AnyEvent
from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import ExportError, Options
from ipcviz.recording.reader import timed
from ipcviz.runtime.request import Command
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.screens.run import RunScreen
from ipcviz.units import SECOND

SETTLES_WITHIN = 50
"""Looks at a screen that was arranged anew, until it stays as it is."""

Rows = list[list[Segment]]


class Shot(NamedTuple):
    """The screen at `t` (ns since the session began): its rows, each of segments that fill its width."""

    t: int
    rows: Rows


class StagedSource:
    """Events of a recording up to a moment that somebody else moves on; a `Source` of the screen."""

    def __init__(self, recording: Readable, end: int | None) -> None:
        self.now = 0
        """The moment, in ns since the session began: what happened until then may be taken."""
        self._events = timed(recording.events(0, end))
        self._next: tuple[int, AnyEvent] | None = next(self._events, None)
        self._null = os.open(os.devnull, os.O_RDONLY)

    @property
    def over(self) -> bool:
        """Never: a recording that was cut ends as it was, without anybody summing it up."""
        return False

    def take(self) -> list[AnyEvent]:
        """The events up to `now` that were not taken yet; the summary comes with what is last."""
        taken: list[AnyEvent] = []
        while self._next is not None and self._next[0] <= self.now:
            taken.append(self._next[1])
            self._next = next(self._events, None)
        return taken

    def fileno(self) -> int:
        """Always readable."""
        return self._null

    def stop(self) -> None:
        """There is nothing to stop."""

    def command(self, command: Command) -> bool:
        """What is recorded has happened."""
        return False

    def close(self) -> None:
        """Close what `fileno` gave."""
        if self._null >= 0:
            os.close(self._null)
            self._null = -1


class StagedScreen(RunScreen):
    """The screen of a run that is told when to tick, and says nothing that a clock would take away again."""

    arranged_anew = True
    """Its regions have got other places since this was last set to False."""

    def set_interval(self, *arguments: Any, **keywords: Any) -> Timer:
        """Nothing happens by itself: a timer that never begins."""
        return Timer(self, SECOND, pause=True)

    def notify(self, *arguments: Any, **keywords: Any) -> None:
        """A word that goes away after seconds of the clock on the wall has no place in a recording."""

    def place(self) -> None:
        """As the screen does; whoever draws has to wait for it."""
        self.arranged_anew = True
        super().place()


def moments(start: int, end: int, fps: int) -> Iterator[int]:
    """The moments of pictures in ns, `fps` a second from `start` on, the last one at `end`."""
    number = 0
    while (t := start + number * SECOND // fps) < end:
        yield t
        number += 1
    yield end


def play(
    recording: Readable,
    options: Options,
    times: Iterator[int],
    show: Callable[[Shot], None],
    progress: Progress = lambda done: None,
) -> None:
    """Show the screen at each of these times, which do not go back; raises `ExportError`."""
    width, height = options.size
    source = StagedSource(recording, options.end)
    feed = Feed(source)
    profile = Profile(glyphs=options.glyphs, theme=options.theme)
    failures: list[BaseException] = []
    start, end = options.window(recording)

    async def drive(pilot: Pilot[Any]) -> None:
        app = pilot.app
        screen = await _opened(pilot)
        for t in times:
            source.now = t
            screen.tick()
            if screen.arranged_anew:
                await _settle(pilot, screen)
            show(Shot(t, rows_of(app)))
            progress((t - start) / (end - start) if end > start else 1.0)
            await asyncio.sleep(0)
        app.exit(0)

    async def guarded(pilot: Pilot[Any]) -> None:
        try:
            await drive(pilot)
        except BaseException as error:
            failures.append(error)
            pilot.app.exit(1)

    with _without_colour_switches():
        app = IpcvizApp(profile, lambda app: StagedScreen(feed, app.look, None, profile))
        try:
            asyncio.run(app.run_async(headless=True, size=(width, height), auto_pilot=guarded))
        finally:
            source.close()
    if failures:
        raise failures[0]


async def _opened(pilot: Pilot[Any]) -> StagedScreen:
    for _ in range(SETTLES_WITHIN):
        await pilot.pause()
        if isinstance(pilot.app.screen, StagedScreen):
            return pilot.app.screen
    raise ExportError("The screen did not open.")


async def _settle(pilot: Pilot[Any], screen: StagedScreen) -> None:
    """Wait until the screen is as it was arranged: its picture is placed, and two looks see the same."""
    topology = screen.query_one(Topology)
    before: Rows = []
    looks = 0
    while looks < SETTLES_WITHIN:
        screen.arranged_anew = False
        await pilot.pause()
        screen.show_view()
        if topology._placer.is_busy:
            continue  # in a thread of its own, which a large topology keeps busy for a while
        looks += 1
        rows = rows_of(pilot.app)
        if rows == before and not screen.arranged_anew:
            return
        before = rows


def rows_of(app: Any) -> Rows:
    """What the screen of an app shows, row by row."""
    strips = app.screen._compositor.render_strips()
    return [[segment for segment in strip if segment.text and not segment.control] for strip in strips]


@contextmanager
def _without_colour_switches() -> Iterator[None]:
    """What the terminal of whoever exports can show is no matter of the file."""
    kept = {name: os.environ.pop(name) for name in ("NO_COLOR", "FORCE_COLOR") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
