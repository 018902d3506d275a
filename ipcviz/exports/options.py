"""What an export may be asked for, in the units of the stream: nanoseconds since the session began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ipcviz.terminal import GlyphSet, ThemeName

CastVersion = Literal[2, 3]


class ExportError(Exception):
    """The export cannot be made; the message is a sentence that says what to do."""


class Span(Protocol):
    """What begins and ends."""

    @property
    def start(self) -> int:
        """In nanoseconds since the session began."""

    @property
    def end(self) -> int:
        """In nanoseconds since the session began."""


@dataclass(frozen=True, slots=True)
class Options:
    """Of an export; each kind heeds those that mean something to it (`Export.takes`).

    `start` and `end` bound a window (None: to the end), `at` is the moment of a still (None: the end of the
    window); `size` is columns and rows, `fps` pictures a second of the session's time.
    """

    start: int = 0
    end: int | None = None
    at: int | None = None
    size: tuple[int, int] = (120, 40)
    fps: int = 10
    theme: ThemeName = "dark"
    glyphs: GlyphSet = "unicode"
    cast_version: CastVersion = 2

    def window(self, recording: Span) -> tuple[int, int]:
        """The first and the last moment of what is told of a recording."""
        end = recording.end if self.end is None else max(recording.start, min(self.end, recording.end))
        return min(max(recording.start, self.start), end), end
