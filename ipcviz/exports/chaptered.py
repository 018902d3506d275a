"""A recording with all of its chapters: those that were set by hand, and those that make themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

from ipcviz.chapters import ChapterFinder, last_words
from ipcviz.events import AnyEvent, Chapter, SessionStarted, Summary


class Told(Protocol):
    """A session from `start` to `end` (ns since it began)."""

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
    """A `Readable`; `cut` is a sentence on what is missing at its end, or empty."""

    def __init__(self, told: Told, cut: str = "") -> None:
        self.session = told.session
        self.start = told.start
        self.end = told.end
        self.events = told.events
        self._cut = cut

    @cached_property
    def chapters(self) -> Sequence[Chapter]:
        """All of them, in the order of their times; they are looked for when they are first asked for."""
        finder = ChapterFinder()
        summary: Summary | None = None
        for event in self.events():
            finder.apply(event)
            if isinstance(event, Summary):
                summary = event
        return finder.chapters(self.start, self.end, last_words(summary, self._cut))
