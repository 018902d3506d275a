"""The screen of a real run as an SVG, drawn without a terminal: for READMEs, slides and bug reports."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from ipcviz import headless
from ipcviz.events import Refused
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.units import SECOND


class SnapshotApp(IpcvizApp):
    """Shows a run for so long, keeps the picture, and quits; its result is the exit status."""

    def __init__(self, feed: Feed, seconds: float) -> None:
        super().__init__(Profile(), lambda app: app.run_screen(feed, None))
        self._feed = feed
        self._until = round(seconds * SECOND)
        self.svg = ""

    def on_mount(self) -> None:
        """Look now and then whether it is time."""
        self.set_interval(0.05, self._look)

    def _look(self) -> None:
        view = self._feed.view()
        if not self.svg and (view.t >= self._until or view.status in ("ended", "refused")):
            self.svg = self.export_screenshot(title="ipcviz")
            self.exit(1 if self._feed.failed else 0)


def save_snapshot(request: SessionRequest, path: Path, size: tuple[int, int]) -> int:
    """Run for `request.seconds` and save the last picture, `size` in cells; the exit status."""
    # What a person would see with colours, whatever the terminal that this was typed in.
    os.environ.pop("NO_COLOR", None)
    source = LiveSource(msgspec.structs.replace(request, seconds=None))
    try:
        feed = Feed(source)
        app = SnapshotApp(feed, request.seconds or 5)
        status = asyncio.run(app.run_async(headless=True, size=size))
        view = feed.view()
        if view.status == "refused":
            return headless.refuse(Refused(t=0, sentence=view.refusal))
        path.write_text(app.svg, encoding="utf-8")
    except OSError as error:
        print(f"ipcviz: {path} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    finally:
        source.close()
    return status or 0
