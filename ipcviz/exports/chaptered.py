"""A recording with all of its chapters: those that were set by hand, and those that make themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

from ipcviz.chapters import ChapterFinder
from ipcviz.events import AnyEvent, Chapter, SessionStarted


class Told(Protocol):
    """A session from `start` to `end` (ns since it began)."""

    @property
    def title(self) -> str:
        """What somebody called it, or empty."""

    @property
    def automatic(self) -> bool:
        """It has chapters that make themselves."""

    @property
    def cut(self) -> str:
        """A sentence on what is missing at its end, or empty."""

    @property
    def session(self) -> SessionStarted:
        """What runs."""

    @property
    def start(self) -> int:
        """When it begins."""

    @property
    def end(self) -> int:
        """When it ends."""

    def events(self, start: int = 0, end: int | None = None) -> Iterable[AnyEvent]:
        """Its events."""


class Chaptered:
    """A `Readable`."""

    def __init__(self, told: Told) -> None:
        self.session = told.session
        self.title = told.title
        self.start = told.start
        self.end = told.end
        self.events = told.events
        self._cut = told.cut
        self._automatic = told.automatic

    @cached_property
    def chapters(self) -> Sequence[Chapter]:
        """All of them, in the order of their times; they are looked for when they are first asked for."""
        finder = ChapterFinder(self.title, self._automatic)
        for event in self.events():
            finder.apply(event)
        return finder.chapters(self.start, self.end, self._cut)
