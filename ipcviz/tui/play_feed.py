"""The feed of a recording's screen: a player that can be sought in, and the world at its position."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from ipcviz import events as ev
from ipcviz.chapters import ChapterFinder, chapter_at
from ipcviz.lanes import Mark
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.player import PlayerSource
from ipcviz.recording.reader import Recording, timed
from ipcviz.recording.skimming import skimmed
from ipcviz.tui.crossing import Crossings
from ipcviz.tui.feed import Feed
from ipcviz.view import View

LONGEST_LOOK_S = 0.004
"""How long the screen waits while a recording is looked through; what is left comes with the next time."""


def opened(path: Path) -> PlayFeed:
    """A recording, ready to play from its beginning; raises `RecordingError` and `OSError`."""
    return PlayFeed(PlayerSource(Recording(path)))


class PlayFeed(Feed):
    """A feed that goes both ways; a recording cannot fail, so its exit status is 0."""

    def __init__(self, player: PlayerSource) -> None:
        super().__init__(player)
        self.player = player
        self.recording = player.recording
        self.crossings = Crossings(self.recording)
        self.finder = ChapterFinder(self.recording.title, self.recording.automatic)
        self._looked_at = 0
        self._pictures: dict[int, int] = {}
        self.read: int | None = self.start
        """How far it was looked through for chapters and marks; None when that is done."""
        self._chapters: tuple[ev.Chapter, ...] | None = None
        if self.start > player.start:
            self.seek(self.start)

    @property
    def start(self) -> int:
        """When the recording begins, in ns of the session."""
        return max(self.player.start, self.recording.header.begins)

    @property
    def end_t(self) -> int:
        """When it ends."""
        return max(self.start, self.player.end)

    @property
    def position(self) -> int:
        """Where one is in it."""
        return max(self.start, self.player.position)

    @property
    def is_at_end(self) -> bool:
        """Nothing comes any more."""
        return self.position >= self.end_t

    @property
    def is_empty(self) -> bool:
        """Nothing but what runs in it was ever written."""
        return not self.recording.chunks

    @property
    def chapters(self) -> tuple[ev.Chapter, ...]:
        """All that are known so far."""
        if self._chapters is None:
            complete = self.read is None
            found = self.finder.chapters(self.start, self.end_t, self.recording.cut, complete)
            self._chapters = tuple(found)
        return self._chapters

    @property
    def marks(self) -> list[Mark]:
        """Findings, acts and failures, as far as is known."""
        return self.finder.marks

    def take(self) -> None:
        """Apply what has been played; what is missing at the end is missing, and nobody sums it up."""
        try:
            leapt = self.player.leap()
            if leapt is not None:
                self.world = leapt  # what came meanwhile is for the next time
            else:
                for event in self.player.take():
                    self.world.apply(event)
        except (RecordingError, ev.StreamError) as error:
            self._refuse(error)
        if self.is_at_end and not self.player.paused:
            self.player.paused = True

    def view(self) -> View:
        """The world now; its clock is the player's, which goes on between events."""
        view = self.world.view()
        return msgspec.structs.replace(view, t=max(view.t, self.position)) if view.session else view

    def seek(self, t: int) -> None:
        """Go there, and know what was known then."""
        try:
            self.world = self.player.seek(max(self.start, min(t, self.end_t)))
        except RecordingError as error:
            self._refuse(error)

    def show_chapter(self, t: int) -> None:
        """Go to a chapter that begins at `t`: where its session has only begun, to the first frame of it."""
        self.seek(self.picture_at(t))

    def picture_at(self, t: int) -> int:
        """When there is first something to see of a chapter that begins at `t`: before the first frame of a
        session, nothing has been measured.
        """
        if t not in self._pictures:
            self._pictures[t] = self._framed(max(self.start, min(t, self.end_t)))
        return self._pictures[t]

    def chapter_before(self, t: int) -> ev.Chapter:
        """The last one whose picture comes before `t`, or the first of all."""
        at = chapter_at(self.chapters, t - 1)
        while at > 0 and self.picture_at(self.chapters[at].t) >= t:
            at -= 1
        return self.chapters[max(0, at)]

    def _framed(self, t: int) -> int:
        try:
            view = self.player.world_at(t).view()
            if view.framed or view.status != "live":
                return t
            for time_of_it, event in timed(self.recording.events(t), t):
                if isinstance(event, ev.Frame):
                    return time_of_it
        except (RecordingError, ValueError):  # whoever seeks there comes upon the same
            return t
        return t

    def step(self, events: int) -> None:
        """One event on or back, and paused there."""
        try:
            self.world = self.player.step(events)
        except RecordingError as error:
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        self.player.paused = True
        self.world.apply(ev.Refused(t=0, sentence=str(error)))

    def look_through(self, chunks: int) -> None:
        """Look so many chunks further for chapters and marks, or less if that takes long."""
        known = self._known()
        until = time.monotonic() + LONGEST_LOOK_S
        for _ in range(chunks):
            if self.read is not None:
                self._look_further()
            if time.monotonic() >= until:
                break
        if self.read is None or self._known() != known:
            self._chapters = None

    def _known(self) -> tuple[int, int]:
        return len(self.finder.made), len(self.finder.told)

    def _look_further(self) -> None:
        number = self._looked_at
        if number >= len(self.recording.chunks):
            self.read = None
            return
        self._looked_at += 1
        try:
            events = skimmed(self.recording.text(number), self.finder.wants_frames)
        except (RecordingError, ValueError):  # it has changed, or was closed meanwhile
            self.read = None
            return
        for event in events:
            self.finder.apply(event)
        self.read = self.recording.chunks[number].end
