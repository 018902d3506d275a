"""The screen of a recording, drawn without a terminal, picture by picture of the session's own time.

It is the same screen as that of a live run. No clock is read: a picture is made of the events up to a moment,
so the same recording gives the same pictures on every machine.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich.segment import Segment
from textual.pilot import Pilot

from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import ExportError, Options
from ipcviz.exports.stage import StagedScreen, StagedSource
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.cells import cells_of
from ipcviz.tui.feed import Feed
from ipcviz.tui.panels.topology import Topology
from ipcviz.units import SECOND

LONGEST_S = 6 * 3600
"""Of what is played: at ten pictures a second this takes minutes."""
SETTLES_WITHIN = 50
"""Looks at a screen that was arranged anew, until it stays as it is."""

Rows = list[list[Segment]]


class Shot(NamedTuple):
    """The screen at `t` (ns since the session began): its rows, each of segments that fill its width."""

    t: int
    rows: Rows


def window_of(recording: Readable, options: Options, kind: str, longest: int) -> tuple[int, int]:
    """The window; raises `ExportError` for one of more than `longest` seconds."""
    start, end = options.window(recording)
    if end - start > longest * SECOND:
        most = f"{longest} s" if longest <= 60 else f"{longest // 3600} hours"
        raise ExportError(
            f"A {kind} of {units.span(end - start)} would be too large; choose at most {most} of it with "
            "--from and --until."
        )
    return start, end


def moments(recording: Readable, start: int, end: int, fps: int) -> Iterator[int]:
    """The moments of pictures in ns: `fps` a second from `start` on, at chapters, the last at `end`."""
    chapters = [chapter.t for chapter in recording.chapters if start < chapter.t < end]
    last = -1
    for t in heapq.merge(_even(start, end, fps), chapters):
        if t != last:
            yield t
        last = t
    yield end


def _even(start: int, end: int, fps: int) -> Iterator[int]:
    number = 0
    while (t := start + number * SECOND // fps) < end:
        yield t
        number += 1


def play(
    recording: Readable,
    options: Options,
    times: Iterator[int],
    show: Callable[[Shot], None],
    progress: Progress = lambda done: None,
) -> None:
    """Show the screen at each of these times, which do not go back; raises `ExportError`."""
    source = StagedSource(recording, options.end)
    feed = Feed(source)
    profile = Profile(glyphs=options.glyphs, theme=options.theme)
    failures: list[BaseException] = []
    start, end = options.window(recording)

    def shown(shot: Shot) -> bool:
        show(shot)
        progress((shot.t - start) / (end - start) if end > start else 1.0)
        return not interrupts

    async def guarded(pilot: Pilot[Any]) -> None:
        try:
            await _drive(pilot, source, times, shown)
        except BaseException as error:
            failures.append(error)
        pilot.app.exit(0)

    with _without_colour_switches(), _held_interrupts() as interrupts:
        chapters = recording.chapters
        app = IpcvizApp(profile, lambda app: StagedScreen(feed, app.look, profile, chapters))
        try:
            asyncio.run(app.run_async(headless=True, size=options.size, auto_pilot=guarded))
        finally:
            source.close()
    if interrupts:
        raise KeyboardInterrupt
    if failures:
        raise failures[0]


async def _drive(
    pilot: Pilot[Any], source: StagedSource, times: Iterator[int], shown: Callable[[Shot], bool]
) -> None:
    """Bring the screen to each of the times, until `shown` says that it is enough."""
    screen = await _opened(pilot)
    for t in times:
        source.now = t
        screen.tick()
        if screen.arranged_anew:
            await _settle(pilot, screen)
        if not shown(Shot(t, rows_of(pilot.app))):
            return
        await asyncio.sleep(0)


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
    return [_whole(list(strip), app.size.width) for strip in strips]


def _whole(row: list[Segment], width: int) -> list[Segment]:
    """The segments of a row that have text, with nothing in it that no cell shows, in all of its width."""
    row = [segment for segment in row if segment.text and not segment.control]
    if all(segment.text.isprintable() for segment in row):
        return row
    row = [Segment("".join(cells_of(segment.text)), segment.style) for segment in row]
    missing = width - sum(segment.cell_length for segment in row)
    return [*row, Segment(" " * missing, row[-1].style)] if missing > 0 else row


@contextmanager
def _without_colour_switches() -> Iterator[None]:
    """What the terminal of whoever exports can show is no matter of the file."""
    kept = {name: os.environ.pop(name) for name in ("NO_COLOR", "FORCE_COLOR") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


@contextmanager
def _held_interrupts() -> Iterator[list[int]]:
    """Ctrl+C ends the playing between two pictures: the app would take it for its own, and go on.

    The signals that came are in the list.
    """
    came: list[int] = []
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or not _is_main_thread():
        yield came
        return
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
