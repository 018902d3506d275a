"""Screens of real runs as SVG, drawn without a terminal: for READMEs, slides and bug reports."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from errno import EEXIST
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot
from textual.screen import Screen

from ipcviz import headless, units
from ipcviz.events import Refused
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.units import SECOND
from ipcviz.view import View

Opener = Callable[[IpcvizApp], Screen[Any]]
LOOKS_AGAIN_S = 0.05


def draw(
    first: Opener,
    size: tuple[int, int],
    ready: Callable[[IpcvizApp], bool],
    keys: Sequence[str] = (),
    profile: Profile | None = None,
) -> str:
    """The SVG of that screen, `size` in cells, once it is `ready` and these keys were pressed.

    Whatever runs it began are over afterwards.
    """
    # What a person would see with colours, whatever the terminal that this was typed in.
    os.environ.pop("NO_COLOR", None)
    app = IpcvizApp(profile or Profile(), first)
    drawn: list[str] = []

    async def drive(pilot: Pilot[Any]) -> None:
        while not ready(app):
            await pilot.pause(LOOKS_AGAIN_S)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(LOOKS_AGAIN_S)
        await pilot.pause(0.3)  # one more tick, so that the last key is seen
        drawn.append(app.export_screenshot(title="ipcviz"))
        app.exit(0)

    try:
        asyncio.run(app.run_async(headless=True, size=size, auto_pilot=drive))
    finally:
        for closing in [feed.end() for feed in app.feeds]:
            closing.join()
    return drawn[0]


def save_snapshot(
    request: SessionRequest, path: Path, size: tuple[int, int], profile: Profile | None = None
) -> int:
    """Run for `request.seconds` and save the last picture, `size` in cells, in a file that is new; the exit
    status, which is 2 where there is a file of that name.
    """
    try:
        path.open("x").close()  # before the run: nobody waits for what cannot be saved
        path.unlink()  # whatever ends the run, no empty file is left
    except OSError as error:
        return _unsaved(path, error)
    return _run_and_save(request, path, size, profile)


def _save(path: Path, svg: str) -> None:
    """Write a file that is new, whole or not at all; raises `OSError`."""
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(svg)
            file.flush()
        except OSError:
            path.unlink()
            raise


def _unsaved(path: Path, error: OSError) -> int:
    why = "it exists, and pictures never replace a file" if error.errno == EEXIST else error.strerror
    print(f"ipcviz: {units.printable(str(path))} cannot be written: {why}.", file=sys.stderr)
    return 2


def _run_and_save(request: SessionRequest, path: Path, size: tuple[int, int], profile: Profile | None) -> int:
    until = round((request.seconds or 5) * SECOND)
    source = LiveSource(msgspec.structs.replace(request, seconds=None))
    feed = Feed(source)

    def ready(app: IpcvizApp) -> bool:
        view: View = feed.view()
        return view.t >= until or view.status in ("ended", "refused") or feed.source.over

    svg = draw(lambda app: app.run_screen(feed, None), size, ready, profile=profile)
    view = feed.view()
    if view.status == "refused":
        return headless.refuse(Refused(t=0, sentence=view.refusal))
    if view.session is None:
        print(f"ipcviz: {source.how_it_died()}", file=sys.stderr)
        return 1
    try:
        _save(path, svg)
    except OSError as error:
        return _unsaved(path, error)
    return 1 if feed.failed else 0
