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
from ipcviz.source import LiveSource, Source
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.look import Look
from ipcviz.units import SECOND
from ipcviz.world import World


class SnapshotApp(IpcvizApp):
    """Shows a run for so long, keeps the picture, and quits; its result is the exit status."""

    def __init__(self, source: Source, seconds: float) -> None:
        super().__init__(source, World(), Look())
        self._until = round(seconds * SECOND)
        self.svg = ""

    def tick(self) -> None:
        """As ever; when it is time, draw what was drawn."""
        super().tick()
        if not self.svg and (self.shown.t >= self._until or self.shown.status in ("ended", "refused")):
            self.svg = self.export_screenshot(title="ipcviz")
            self.exit(1 if self.failed else 0)


def save_snapshot(request: SessionRequest, path: Path, size: tuple[int, int]) -> int:
    """Run for `request.seconds` and save the last picture, `size` in cells; the exit status."""
    # What a person would see with colours, whatever the terminal that this was typed in.
    os.environ.pop("NO_COLOR", None)
    source = LiveSource(msgspec.structs.replace(request, seconds=None))
    try:
        app = SnapshotApp(source, request.seconds or 5)
        status = asyncio.run(app.run_async(headless=True, size=size))
        view = app.world.view()
        if view.status == "refused":
            return headless.refuse(Refused(t=0, sentence=view.refusal))
        path.write_text(app.svg, encoding="utf-8")
    except OSError as error:
        print(f"ipcviz: {path} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    finally:
        source.close()
    return status or 0
