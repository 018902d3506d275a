"""Finds the stretches of a session in which nothing happens. Pure.

Something happens when a message, a lock, a process, an act, a report, a printed line or a new finding is
told, and when a frame counts something that the one before it did not. That waits grow longer is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from ipcviz import events as ev
from ipcviz.recording.holes import Hole, Timed

LEAST = 100_000_000
"""Nanoseconds: nobody misses less."""


def idle_holes(events: Iterable[Timed], kept: int) -> list[Hole]:
    """What is left out so that each stretch lasts `kept` ns, from its begin on."""
    watch = _Watch()
    found: list[Hole] = []
    since = framed = None
    for t, event in events:
        if not watch.happens(event):
            framed = t if isinstance(event, ev.Frame) else framed
            continue
        if since is not None and framed is not None and framed - (since + kept) >= LEAST:
            found.append(Hole(since + kept, framed))
        since, framed = t, None
    if since is not None and framed is not None and framed - (since + kept) >= LEAST:
        found.append(Hole(since + kept, framed))
    return found


class _Watch:
    """Knows what stood and what had been counted."""

    def __init__(self) -> None:
        self._counted: tuple[int, ...] = ()
        self._standing: set[str] = set()

    def happens(self, event: ev.AnyEvent) -> bool:
        """Whether something does with this event."""
        if isinstance(event, ev.Frame):
            counted, before = _counted(event), self._counted
            self._counted = counted
            return counted != before
        if isinstance(event, ev.FindingRaised):
            known = event.key in self._standing
            self._standing.add(event.key)
            return not known
        if isinstance(event, ev.FindingCleared):
            self._standing.discard(event.key)
        return not isinstance(event, ev.Lost | ev.Gap | ev.Summary)


def _counted(frame: ev.Frame) -> tuple[int, ...]:
    ends = [(end.sent, end.received) for channel in frame.channels for end in channel.ends]
    uses = [(use.acquisitions, bool(use.state)) for lock in frame.locks for use in lock.uses]
    return tuple(number for pair in (*ends, *uses) for number in pair)
