"""An asciicast: the screen as asciinema and its players show it, versions 2 and 3 of the format.

https://docs.asciinema.org/manual/asciicast/v2/ and .../v3/: a header, then one event a line. In version 2 an
event tells its time, in version 3 what has passed since the one before, rounded to milliseconds so that the
errors do not add up. Only cells that changed are told; what stands still costs nothing.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, BinaryIO

from rich.color import ColorSystem

from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import Options
from ipcviz.exports.paints import BACKGROUND, FOREGROUND, PALETTE
from ipcviz.exports.playback import LONGEST_S, Shot, moments, play, window_of
from ipcviz.tui.cells import Cells
from ipcviz.tui.display import SYNC_BEGINS, SYNC_ENDS
from ipcviz.tui.renditions import Renditions
from ipcviz.units import SECOND, printable

BEGINS = "\x1b[0m\x1b[2J\x1b[H\x1b[?25l"
"""The default rendition, an empty screen, no cursor."""
ENDS = "\x1b[0m\x1b[?25h"
MILLISECOND = SECOND // 1000


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the cast of the window; chapters in it are markers."""
    start, end = window_of(recording, options, "cast", LONGEST_S)
    cast = Cast(recording, out, options, start)
    play(recording, options, moments(recording, start, end, options.fps), cast.show, progress)
    cast.finish(end)


class Cast:
    """The events of a cast, written as they come."""

    def __init__(self, recording: Readable, out: BinaryIO, options: Options, start: int) -> None:
        self._out = out
        self._version = options.cast_version
        self._start = start
        self._told = 0
        """What readers have been told has passed since `start`, in ns."""
        self._cells = Cells(*options.size, Renditions(ColorSystem.TRUECOLOR))
        self._drawn = False
        self._chapters = (chapter for chapter in recording.chapters if chapter.t >= start)
        self._next = next(self._chapters, None)
        self._line(header(recording, options))

    def show(self, shot: Shot) -> None:
        """What has changed since the shot before; a marker comes after the picture that it is of."""
        for y, row in enumerate(shot.rows):
            self._cells.put(0, y, row, self._cells.width)
        codes = self._cells.take_difference()
        if codes:
            begins = "" if self._drawn else BEGINS
            self._drawn = True
            self._event(shot.t, "o", f"{SYNC_BEGINS}{begins}{codes}{SYNC_ENDS}")
        self._markers(shot.t)

    def finish(self, end: int) -> None:
        """The last word, at the end of the window: so it lasts until then, whatever still changes."""
        self._markers(end)
        self._event(end, "o", self._cells.move(0, self._cells.height - 1) + ENDS)

    def _markers(self, until: int) -> None:
        while self._next is not None and self._next.t <= until:
            self._event(self._next.t, "m", printable(self._next.label))
            self._next = next(self._chapters, None)

    def _event(self, t: int, code: str, data: str) -> None:
        passed = t - self._start
        if self._version == 2:
            self._line([round(passed / SECOND, 6), code, data])
            return
        interval = (passed - self._told + MILLISECOND // 2) // MILLISECOND
        self._told += interval * MILLISECOND
        self._line([interval / 1000, code, data])

    def _line(self, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
        # As in a terminal: what stands for bytes that are no text cannot be told.
        self._out.write(text.encode("utf-8", "replace") + b"\n")


def header(recording: Readable, options: Options) -> dict[str, Any]:
    """The first line: the size, the title, the colours around the picture; nothing of the environment."""
    columns, rows = options.size
    theme = {
        "fg": FOREGROUND[options.theme],
        "bg": BACKGROUND[options.theme],
        "palette": ":".join(PALETTE),
    }
    told: dict[str, Any] = {"title": title_of(recording)}
    started = _timestamp(recording)
    if started is not None:
        told["timestamp"] = started
    if options.cast_version == 2:
        return {"version": 2, "width": columns, "height": rows, **told, "theme": theme}
    return {"version": 3, "term": {"cols": columns, "rows": rows, "theme": theme}, **told}


def title_of(recording: Readable) -> str:
    """What it is called, or else the topology and what carries it."""
    if recording.title:
        return printable(recording.title)
    session = recording.session
    carriers = [channel.mechanism for channel in session.channels] + [
        lock.mechanism for lock in session.locks
    ]
    return printable(" · ".join([session.topology, " + ".join(dict.fromkeys(carriers))]).rstrip(" ·"))


def _timestamp(recording: Readable) -> int | None:
    try:
        return int(datetime.fromisoformat(recording.session.started_at).timestamp())
    except (ValueError, OverflowError):
        return None
