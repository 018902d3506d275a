"""Exports: a recording as a file that other programs read. Each kind is a module of identical shape.

A module of an export has one function, `write(recording, out, options, progress)`: it writes the whole file
to `out`, calls `progress` now and then with the part that is done (0 to 1), never reads a clock, and writes
the same bytes whenever it is given the same. It raises `ExportError` with a sentence.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ipcviz.events import AnyEvent, SessionStarted
from ipcviz.exports.options import ExportError, Options

Progress = Callable[[float], None]


class Chapter(Protocol):
    """A part of the session begins: `events.Chapter`. A speaker's note in it is for nobody else to read."""

    @property
    def t(self) -> int:
        """When, in nanoseconds since the session began."""

    @property
    def label(self) -> str:
        """Its title."""

    @property
    def caption(self) -> str:
        """What is said about it, for all to read; "" for nothing."""


class Readable(Protocol):
    """What an export reads: `ipcviz.recording.reader.Recording`, or anything that can do the same."""

    @property
    def session(self) -> SessionStarted:
        """What runs."""

    @property
    def title(self) -> str:
        """What somebody called it, or empty."""

    @property
    def start(self) -> int:
        """When it begins, in nanoseconds since the session began: later than that where it was trimmed."""

    @property
    def end(self) -> int:
        """When it ends, in nanoseconds since the session began."""

    @property
    def chapters(self) -> Sequence[Chapter]:
        """In the order of their time."""

    def events(self, start: int = 0, end: int | None = None) -> Iterable[AnyEvent]:
        """The events from `start` to `end`, both included, in their order; the summary at the end of all."""


@dataclass(frozen=True, slots=True)
class Export:
    """One kind: `suffix` of its files, `takes` the options that mean something to it.

    `extra` is what has to be installed besides, "" for nothing: that extra of ours brings the module `needs`.
    A `binary` one is nothing for a terminal.
    """

    name: str
    about: str
    suffix: str
    module: str
    takes: frozenset[str] = frozenset()
    extra: str = ""
    needs: str = ""
    binary: bool = False

    def why_not(self) -> str:
        """What is missing here and how to get it, as a sentence; "" for nothing."""
        if not self.needs or importlib.util.find_spec(self.needs) is not None:
            return ""
        return (
            f"{self.name} needs {self.needs}; install it with: python3 -m pip install 'ipcviz[{self.extra}]'."
        )

    def write(self, recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
        """Write the file; raises `ExportError`, and `OSError` where `out` cannot be written."""
        reason = self.why_not()
        if reason:
            raise ExportError(reason)
        module = importlib.import_module(f"ipcviz.exports.{self.module}")
        module.write(recording, out, options, progress)


_WINDOW = frozenset({"from", "until"})
_PICTURE = frozenset({"size", "theme", "glyphs"})

EXPORTS: dict[str, Export] = {
    export.name: export
    for export in (
        Export(
            "cast",
            "The screen as an asciicast, for asciinema and its players",
            ".cast",
            "cast",
            _WINDOW | _PICTURE | {"fps", "cast-version"},
        ),
        Export(
            "html",
            "One page with a player inside, without a network",
            ".html",
            "html",
            _WINDOW | _PICTURE | {"fps"},
        ),
        Export("svg", "The screen at one moment, as a picture", ".svg", "svg", _PICTURE | {"at"}),
        Export(
            "gif",
            "The screen as a short moving picture",
            ".gif",
            "gif",
            _WINDOW | _PICTURE | {"fps"},
            "gif",
            "PIL",
            binary=True,
        ),
        Export(
            "perfetto",
            "What each process did when, for Perfetto and chrome://tracing",
            ".trace",
            "perfetto",
            _WINDOW,
        ),
        Export(
            "pcapng",
            "Messages as packets, for Wireshark and tshark",
            ".pcapng",
            "pcapng",
            _WINDOW,
            binary=True,
        ),
        Export("mermaid", "Who sent what to whom, as a sequence diagram", ".mmd", "mermaid", _WINDOW),
        Export("csv", "Figures of every second, as a table", ".csv", "statistics_csv", _WINDOW),
        Export("json", "Figures of every second, as JSON", ".json", "statistics_json", _WINDOW),
    )
}
"""Every kind by its name."""

__all__ = ["EXPORTS", "Chapter", "Export", "ExportError", "Options", "Progress", "Readable"]
