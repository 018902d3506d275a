"""Leaves spans of time out of a session's events, so that what is told of the rest stays true. Pure.

What comes after a hole moves up, and a `Gap` says by how much; what still happened in the hole (processes
that ended, findings, acts, reports) is told at its place. Counters are not touched, and a wait that lasts has
lasted as long as it has: what is told of it may begin before the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from ipcviz import events as ev

Timed = tuple[int, ev.AnyEvent]
"""An event and its time in the stream, in ns."""
PASSING = (ev.Message, ev.LockEvent, ev.Note)
"""What leaves nothing that stands."""


@dataclass(frozen=True, slots=True)
class Hole:
    """From `start` to `end`, in ns of the session; `moves` if what comes after it moves up."""

    start: int
    end: int
    moves: bool = True


def merged(holes: Iterable[Hole]) -> list[Hole]:
    """In their order, and none reaching into the next; what a trimmed begin takes moves nothing."""
    found: list[Hole] = []
    for hole in sorted(holes, key=lambda hole: (hole.start, hole.moves)):
        last = found[-1] if found else None
        if last is None or hole.start > last.end:
            found.append(hole)
        elif hole.end > last.end and last.moves == hole.moves:
            found[-1] = Hole(last.start, hole.end, last.moves)
        elif hole.end > last.end:
            found.append(Hole(last.end, hole.end, hole.moves))
    return found


def left_out(events: Iterable[Timed], holes: Sequence[Hole]) -> Iterator[ev.AnyEvent]:
    """The events without what lies in the holes, which must be `merged`.

    A hole ends with the last frame in it, so that what follows is measured from there.
    """
    leaving = _Leaving()
    waiting = list(reversed(holes))
    hole: Hole | None = None
    for t, event in events:
        while hole is not None and t >= hole.end:
            yield from leaving.close(hole, hole.end)
            hole = None
            if waiting and t >= waiting[-1].start:
                hole = waiting.pop()
        if hole is None and waiting and t >= waiting[-1].start:
            hole = waiting.pop()
        if hole is None or t >= hole.end:
            yield from leaving.close(hole, hole.end) if hole is not None else ()
            hole = None
            yield leaving.told(event)
        else:
            leaving.hold(t, event)
    if hole is not None:
        yield from leaving.close(hole, None)


class _Leaving:
    """What was taken out so far, and what is held back of the hole that is passed now."""

    def __init__(self) -> None:
        self._removed = 0
        self._standing: dict[str, ev.FindingRaised] = {}
        self._before: list[Timed] = []
        """What stays of the hole, up to its last frame."""
        self._since: list[Timed] = []
        """The last frame in the hole, and all that came after it."""
        self._last = 0

    def told(self, event: ev.AnyEvent) -> ev.AnyEvent:
        """An event that is outside of all holes."""
        if isinstance(event, ev.FindingRaised):
            self._standing[event.key] = event
        elif isinstance(event, ev.FindingCleared):
            self._standing.pop(event.key, None)
        elif isinstance(event, ev.SessionStarted):
            self._standing.clear()
        return moved(event, self._removed)

    def hold(self, t: int, event: ev.AnyEvent) -> None:
        """An event in a hole."""
        self._last = t
        if isinstance(event, ev.SessionStarted):  # of the part before nothing stands
            chapters = [held for held in (*self._before, *self._since) if isinstance(held[1], ev.Chapter)]
            self._before, self._since = [], [*chapters[-1:], (t, event)]
        elif isinstance(event, ev.Frame):
            self._before += _lasting(self._since)
            self._since = [(t, event)]
        elif isinstance(event, ev.Chapter):
            for held in (self._before, self._since):  # only the part that it ends in is left
                held[:] = [timed for timed in held if not isinstance(timed[1], ev.Chapter)]
            self._since.append((t, event))
        else:
            self._since.append((t, event))

    def close(self, hole: Hole, end: int | None) -> Iterator[ev.AnyEvent]:
        """What is told in place of the hole; `end` is None where nothing comes after it."""
        framed = bool(self._since) and isinstance(self._since[0][1], ev.Frame)
        if end is None:
            before, since, until = [*self._before, *_lasting(self._since)], [], self._last
        elif framed:
            before, since, until = self._before, self._since, self._since[0][0]
        else:
            before, since, until = [*self._before, *_lasting(self._since)], [], end
        self._before, self._since = [], []
        length = until - hole.start if hole.moves else 0
        self._removed += length
        at = until - self._removed
        stood = dict(self._standing)
        yield from (self._at(event, at, hole.moves) for _, event in before)
        for key, finding in stood.items():
            if length and self._standing.get(key) is finding:
                yield structs.replace(moved(finding, self._removed), t=at)
        yield ev.Gap(t=at, left_out=length)
        yield from (self.told(event) for _, event in since)

    def _at(self, event: ev.AnyEvent, at: int, moves: bool) -> ev.AnyEvent:
        """What happened in a hole happens at its place; before a trimmed begin, it happened when it did."""
        event = self.told(event)
        if isinstance(event, ev.Chapter) or (moves and isinstance(event, ev.Event)):
            return structs.replace(event, t=at)
        return event


def _lasting(events: Sequence[Timed]) -> list[Timed]:
    """Of a hole's events, those that something stays of."""
    return [timed for timed in events if not isinstance(timed[1], (*PASSING, ev.Frame))]


def moved(event: ev.AnyEvent, by: int) -> ev.AnyEvent:
    """The event so many ns earlier, and all times that it tells."""
    if not by or not isinstance(event, ev.Event):
        return event
    changes: dict[str, Any] = {"t": event.t - by}
    if isinstance(event, ev.Message):
        changes["sent"] = event.sent - by
    elif isinstance(event, ev.FindingRaised):
        changes["since"] = event.since - by
    elif isinstance(event, ev.Frame):
        changes["channels"] = [_moved_channel(channel, by) for channel in event.channels]
        changes["locks"] = [_moved_lock(lock, by) for lock in event.locks]
    return structs.replace(event, **changes)


def _moved_channel(channel: ev.ChannelState, by: int) -> ev.ChannelState:
    if not any(end.activity for end in channel.ends):
        return channel
    ends = [structs.replace(end, since=end.since - by) if end.activity else end for end in channel.ends]
    return structs.replace(channel, ends=ends)


def _moved_lock(lock: ev.LockState, by: int) -> ev.LockState:
    if not any(use.state for use in lock.uses):
        return lock
    uses = [structs.replace(use, since=use.since - by) if use.state else use for use in lock.uses]
    return structs.replace(lock, uses=uses)
