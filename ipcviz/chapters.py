"""What a session has in it to stop at: its chapters, those that make themselves, and marks. Pure.

A chapter set by hand is always there. One makes itself at the start, when a channel first fills up, at a
finding, at an act on the run, when a process fails, and at the end, unless one by hand is near. The screen
and the exports ask the same finder, and show it the same events.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

import msgspec

from ipcviz import events as ev
from ipcviz import units
from ipcviz.lanes import Mark
from ipcviz.tracks import is_full

APART = units.SECOND // 2
"""Chapters that make themselves are at least so many ns apart; the first of them stands."""
NEAR = units.SECOND
"""One that was set by hand takes the place of those that made themselves less than so many ns away."""
MOST_FULL = 3
"""So many channels of a session get a chapter when they first fill up."""
MOST_MARKS = 10_000
MOST_CHAPTERS = 200
"""Of those that make themselves: who sets more of them by hand will want them all."""


class ChapterFinder:
    """Takes the events of a session in their order, and has the chapters and marks up to the last of them."""

    def __init__(self, title: str = "", automatic: bool = True) -> None:
        """`title` is what the recording is called, if anything; not `automatic`: none make themselves."""
        self.marks: list[Mark] = []
        """Findings, acts and failures, each when it was first told."""
        self.told: list[ev.Chapter] = []
        """Those that are in the recording, in the order of their times."""
        self.made: list[ev.Chapter] = []
        """Those that made themselves, in the order of their times."""
        self._title, self._automatic = title, automatic
        self._first: ev.SessionStarted | None = None
        self._session: ev.SessionStarted | None = None
        self._summary: ev.Summary | None = None
        self._openings: list[tuple[int, int]] = []
        """When each session began, and when its first frame came: before, there is nothing to see."""
        self._is_opening = False
        self._last = -APART
        self._told: set[str] = set()
        self._full: set[str] = set()

    @property
    def wants_frames(self) -> bool:
        """The next frames may begin a chapter, or are the first of their session."""
        if self._session is None or self._is_opening:
            return True
        return self._automatic and len(self._full) < min(MOST_FULL, len(self._session.channels))

    def apply(self, event: ev.AnyEvent) -> None:
        """One event more."""
        if isinstance(event, ev.Frame):
            self._see(event)
        elif isinstance(event, ev.Message | ev.LockEvent):
            return
        elif isinstance(event, ev.SessionStarted):
            self._begin(event)
        elif isinstance(event, ev.Chapter):
            insort(self.told, event, key=lambda chapter: chapter.t)
        elif isinstance(event, ev.FindingRaised) and event.key not in self._told:
            self._told.add(event.key)
            self._mark(event.t, "finding", event.sentence)
            self._add(event.t, *titled(event.sentence))
        elif isinstance(event, ev.FaultInjected) and event.done:
            self._mark(event.t, "fault", event.sentence)
            self._add(event.t, f"{event.fault} {event.process or event.channel}", event.sentence)
        elif isinstance(event, ev.ProcessExited) and event.failed:
            self._mark(event.t, "failed", f"{event.process} failed")
            self._add(event.t, f"{event.process} failed", event.reason)
        elif isinstance(event, ev.Summary):
            self._summary = event

    def chapters(self, start: int, end: int, cut: str = "", complete: bool = True) -> list[ev.Chapter]:
        """All chapters in the order of their times, from `start` to `end` (ns).

        `cut` is a sentence on what is missing at the end, or empty; unless all events were told
        (`complete`), nothing is said there.
        """
        by_hand = [chapter.t for chapter in self.told if not chapter.auto]
        found = {chapter.t: chapter for chapter in self._by_itself(start, end, cut, complete)}
        for chapter in self.told:  # one that began before lasts on
            t = max(start, min(chapter.t, end))
            if not chapter.auto or not _is_near(by_hand, t):
                found[t] = chapter if t == chapter.t else msgspec.structs.replace(chapter, t=t)
        return sorted(found.values(), key=lambda chapter: chapter.t)

    def _by_itself(self, start: int, end: int, cut: str, complete: bool) -> list[ev.Chapter]:
        """Those that make themselves, without what those of the recording take the place of."""
        if not self._automatic and self.told:
            return []
        first = ev.Chapter(t=start, label=self._name(), caption=self._about(), auto=True)
        if not self._automatic:
            return [first]
        words = last_words(self._summary, cut) if complete else ""
        last = ev.Chapter(t=end, label="Cut here" if cut else "The end", caption=words, auto=True)
        openings = [(max(start, began), max(start, framed)) for began, framed in self._openings]
        made = [
            chapter
            for chapter in self.made
            if start < chapter.t < end and not any(began <= chapter.t <= framed for began, framed in openings)
        ]
        by_hand = [max(start, min(chapter.t, end)) for chapter in self.told if not chapter.auto]
        return [chapter for chapter in (first, *made, last) if not _is_near(by_hand, chapter.t)]

    def _name(self) -> str:
        return self._title or (self._first.topology if self._first else "")

    def _about(self) -> str:
        return self._first.about.partition("\n")[0] if self._first else ""

    def _begin(self, session: ev.SessionStarted) -> None:
        """Where recordings were joined, each session has chapters of its own."""
        self._session = session
        self._first = self._first or session
        self._summary = None
        self._openings.append((session.t, session.t))
        self._is_opening = True
        self._last = session.t - APART
        self._told.clear()
        self._full.clear()

    def _see(self, frame: ev.Frame) -> None:
        if self._is_opening:
            self._is_opening = False
            self._openings[-1] = (self._openings[-1][0], frame.t)
        self._look_for_full(frame)

    def _look_for_full(self, frame: ev.Frame) -> None:
        if self._session is None or len(self._full) >= MOST_FULL:
            return
        for info, state in zip(self._session.channels, frame.channels, strict=False):
            if info.name not in self._full and len(self._full) < MOST_FULL and _has_filled(state):
                self._full.add(info.name)
                depth = state.depth
                holds = units.depth(depth.now, depth.capacity, depth.unit)
                unit = "" if depth.unit.startswith("bytes") else f" {depth.unit}"
                self._add(
                    frame.t,
                    f"{info.name} is full",
                    f"It holds {holds}{unit}: who sends into it has to wait.",
                )

    def _mark(self, t: int, kind: str, text: str) -> None:
        if len(self.marks) < MOST_MARKS:
            self.marks.append(Mark(t, kind, text))  # type: ignore[arg-type]  # one of those above

    def _add(self, t: int, label: str, caption: str) -> None:
        if t - self._last >= APART and len(self.made) < MOST_CHAPTERS:
            self._last = t
            self.made.append(ev.Chapter(t=t, label=label, caption=caption, auto=True))


def titled(sentence: str) -> tuple[str, str]:
    """The title that a finding's sentence begins with, and the rest, which may begin with somebody's name."""
    title, colon, rest = sentence.partition(": ")
    if not colon or len(title) > 40:
        return "Finding", sentence
    return title, rest


def chapter_at(chapters: Sequence[ev.Chapter], t: int) -> int:
    """The number of the chapter that `t` lies in, counted from 0; -1 before the first."""
    return bisect_right(chapters, t, key=lambda chapter: chapter.t) - 1


def _has_filled(state: ev.ChannelState) -> bool:
    """It has reached what it can hold: a sender that waits in it may only be about to leave."""
    depth = state.depth
    return (
        bool(depth.capacity)
        and depth.now is not None
        and is_full(state)
        and depth.now >= (depth.capacity or 0)
    )


def _is_near(times: Sequence[int], t: int) -> bool:
    """One of these times is less than `NEAR` away."""
    at = bisect_right(times, t)
    return any(abs(times[place] - t) < NEAR for place in (at - 1, at) if 0 <= place < len(times))


def last_words(summary: ev.Summary | None, cut: str) -> str:
    """What there is to say at the end: how many messages there were, or what is missing.

    Nobody sums up a recording that ends, as it was meant to, before its session: there is nothing to say.
    """
    if cut or summary is None:
        return cut
    received = sum(channel.received for channel in summary.channels)
    lost = sum(channel.lost for channel in summary.channels)
    told = []
    if summary.channels:
        told.append(f"{received:,} message{'' if received == 1 else 's'} received, {lost:,} lost.")
    told += [finding.sentence for finding in summary.findings[:1]]
    return " ".join(told) or f"{summary.seconds:.1f} s, and nothing was found wrong."
