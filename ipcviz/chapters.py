"""What a session has in it to stop at: its chapters, those that make themselves, and marks. Pure.

A chapter set by hand is always there. One makes itself at the start, when a channel first fills up, at a
finding, at an act on the run, when a process fails, and at the end.
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
MOST_FULL = 3
"""So many channels get a chapter when they first fill up."""
MOST_MARKS = 10_000
MOST_CHAPTERS = 200
"""Of those that make themselves: who sets more of them by hand will want them all."""


class ChapterFinder:
    """Takes the events of a session in their order, and has the chapters and marks up to the last of them."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        """Findings, acts and failures, each when it was first told."""
        self.by_hand: list[ev.Chapter] = []
        self.made: list[ev.Chapter] = []
        """Those that made themselves, in the order of their times."""
        self._session: ev.SessionStarted | None = None
        self._last = -APART
        self._told: set[str] = set()
        self._full: set[str] = set()

    def apply(self, event: ev.AnyEvent) -> None:
        """One event more."""
        if isinstance(event, ev.Frame):
            self._look_for_full(event)
        elif isinstance(event, ev.Message | ev.LockEvent):
            return
        elif isinstance(event, ev.SessionStarted):
            self._session = event
        elif isinstance(event, ev.Chapter):
            insort(self.by_hand, event, key=lambda chapter: chapter.t)
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

    def chapters(
        self, start: int, end: int, last_words: str, last_label: str = "The end"
    ) -> list[ev.Chapter]:
        """All chapters in the order of their times, between a first at `start` and a last at `end` (ns)."""
        about = self._session.about if self._session else ""
        name = self._session.topology if self._session else ""
        near = [chapter.t for chapter in self.by_hand]
        made = [chapter for chapter in self.made if start <= chapter.t <= end]
        found = {chapter.t: chapter for chapter in made if not _is_near(near, chapter.t)}
        found[end] = ev.Chapter(t=end, label=last_label, caption=last_words, auto=True)
        found[start] = ev.Chapter(t=start, label=name, caption=about.partition("\n")[0], auto=True)
        for chapter in self.by_hand:  # one that began before lasts on
            t = max(start, min(chapter.t, end))
            found[t] = chapter if t == chapter.t else msgspec.structs.replace(chapter, t=t)
        return sorted(found.values(), key=lambda chapter: chapter.t)

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
    """One of these times is less than `APART` away."""
    at = bisect_right(times, t)
    return any(abs(times[place] - t) < APART for place in (at - 1, at) if 0 <= place < len(times))


def last_words(summary: ev.Summary | None, cut: str) -> str:
    """What there is to say at the end: how many messages there were, or what is missing."""
    if cut or summary is None:
        return cut or "It was cut before its session ended."
    received = sum(channel.received for channel in summary.channels)
    lost = sum(channel.lost for channel in summary.channels)
    told = []
    if summary.channels:
        told.append(f"{received:,} message{'' if received == 1 else 's'} received, {lost:,} lost.")
    told += [finding.sentence for finding in summary.findings[:1]]
    return " ".join(told) or f"{summary.seconds:.1f} s, and nothing was found wrong."
