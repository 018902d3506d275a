"""What tests of exports share: a session, the file that comes of it, a terminal to show it in."""

from __future__ import annotations

import io
import re
from typing import Any

import pyte
import pytest
from helpers import sessions

from ipcviz import events as ev
from ipcviz.exports import EXPORTS, ExportError, Options, Readable
from ipcviz.exports.brush import fonts
from ipcviz.exports.grid import Grid, Grids
from ipcviz.exports.playback import Shot, moments, play
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND


def _has_font() -> bool:
    try:
        return bool(fonts())
    except ExportError:
        return False


needs_font = pytest.mark.skipif(not _has_font(), reason="no font with letters of one width is installed")
UNKNOWN_TO_PYTE = re.compile(r"\x1b\[\?2026[hl]")
CHAPTERS = (
    ev.Chapter(
        t=3 * SECOND, label='Full </script> "&\x1b[31m', caption="It is full.", note="for the speaker"
    ),
    ev.Chapter(t=7 * SECOND + 250_000_000, label="한글 장", auto=True),
)


def workshop(stuck: bool = True, chapters: tuple[ev.Chapter, ...] = CHAPTERS) -> SavedStream:
    """A session of twelve seconds with hostile payloads and chapters in it, which nobody has summed up."""
    events = sessions.events(24, stuck)
    for chapter in chapters:
        at = next(n for n, event in enumerate(events) if isinstance(event, ev.Frame) and event.t > chapter.t)
        events.insert(at, chapter)
    return SavedStream(events)


def written(kind: str, recording: Readable, **options: Any) -> bytes:
    """The whole file."""
    out = io.BytesIO()
    EXPORTS[kind].write(recording, out, Options(**options), lambda done: None)
    return out.getvalue()


def shots(recording: Readable, **options: Any) -> list[Shot]:
    """The screen at every moment of an export."""
    asked = Options(**options)
    taken: list[Shot] = []
    play(recording, asked, moments(recording, *asked.window(recording), asked.fps), taken.append)
    return taken


def grids(recording: Readable, **options: Any) -> list[tuple[int, Grid]]:
    """The cells at every moment of an export."""
    asked = Options(**options)
    made = Grids(asked.theme, *asked.size)
    return [(shot.t, made.of(shot.rows)) for shot in shots(recording, **options)]


class Terminal:
    """An emulator of a terminal that somebody else has written."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    def feed(self, codes: str) -> None:
        """What a program writes."""
        self._stream.feed(UNKNOWN_TO_PYTE.sub("", codes))

    def cells(self) -> list[list[tuple[str, str, str, bool]]]:
        """Of each cell its character, its colours as #rrggbb, and whether it is bold."""
        return [[_told(row[x]) for x in range(self.screen.columns)] for row in self.rows()]

    def rows(self) -> list[Any]:
        """The rows of its buffer."""
        return [self.screen.buffer[y] for y in range(self.screen.lines)]


def _told(char: Any) -> tuple[str, str, str, bool]:
    return char.data, f"#{char.fg}", f"#{char.bg}", char.bold


def told(grid: Grid) -> list[list[tuple[str, str, str, bool]]]:
    """A grid in the words of a `Terminal`."""
    return [
        [(cell.text, cell.paint.colour, cell.paint.background, cell.paint.bold) for cell in row]
        for row in grid
    ]


def text_of(grid: Grid) -> str:
    """The rows of a grid as lines."""
    return "\n".join("".join(cell.text for cell in row) for row in grid)
