"""Lanes: what each process was doing when, and who held each lock when; read by the timeline. Pure.

A `Span` tells from when to when a process waited, held a lock, or was paused; while none says otherwise it
was running, or asleep by its own choice. Spans come from stamps where there are any, and else from frames:
`share` is then the part of the span for which it is so, counted exactly, without knowing when within it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Literal

import msgspec

from ipcviz import events as ev

What = Literal["running", "receiving", "sending", "locking", "holding", "paused"]
MarkKind = Literal["finding", "cleared", "fault", "ended", "failed"]
_end_of = attrgetter("end")


class Release(msgspec.Struct, frozen=True, gc=False):
    """What ended a wait at `t`: `process` sent a message, took one out, released the lock, or died with it.

    With "time" nobody did: the wait had a limit. `message` is the one that was sent or taken.
    """

    how: Literal["sent", "took", "released", "died", "time"]
    process: str
    t: int
    message: ev.Message | None = None


class Span(msgspec.Struct, frozen=True, gc=False):
    """From `start` to `end` (ns since the session began) a process did `what` with a channel or lock, `name`.

    Below 1, `share` is the part of it for which it did. `by` ended a wait, if that can be told; `exact` if
    the end was stamped or counted, and not only seen to have passed.
    """

    start: int
    end: int
    process: str
    what: What
    name: str = ""
    share: float = 1.0
    by: Release | None = None
    exact: bool = True
    shared: bool = False


class Mark(msgspec.Struct, frozen=True):
    """Something on the time axis: a finding that began or went, an act on the run, the end of a process."""

    t: int
    kind: MarkKind
    text: str
    members: tuple[str, ...] = ()


class Spans(msgspec.Struct, frozen=True):
    """The first `count` spans of a list that only grows, in the order of their ends, and those that last."""

    items: Sequence[Span]
    count: int
    open: tuple[Span, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare what is shown."""
        return isinstance(other, Spans) and self.open == other.open and self.shown() == other.shown()

    def shown(self) -> list[Span]:
        """The spans that have ended."""
        return list(self.items[: self.count])

    def between(self, start: int, end: int) -> Iterator[Span]:
        """Those of which a part lies after `start` and before `end`."""
        items = self.items
        for number in range(bisect_right(items, start, 0, self.count, key=_end_of), self.count):
            span = items[number]
            if span.start < end:
                yield span
        for span in self.open:
            if span.start < end and span.end > start:
                yield span

    def last_before(self, t: int) -> Span | None:
        """The last that ended at or before t."""
        at = bisect_right(self.items, t, 0, self.count, key=_end_of)
        return self.items[at - 1] if at else None


class ProcessLane(msgspec.Struct, frozen=True):
    """What a process was doing; known from `since` on, it ran from `started` to `ended` (None: not yet)."""

    name: str
    since: int
    started: int | None
    ended: int | None
    failed: bool
    waits: Spans
    holds: Spans
    pauses: Spans


class LockLane(msgspec.Struct, frozen=True):
    """Who held a lock and who waited for it; known from `since` on.

    `told` of its last `taken` acquisitions came as events of their own; the others are only counted.
    """

    name: str
    since: int
    holds: Spans
    waits: Spans
    taken: int = 0
    told: int = 0


class Lanes(msgspec.Struct, frozen=True):
    """All lanes; what processes do is known up to `until`, the last frame."""

    until: int = 0
    processes: tuple[ProcessLane, ...] = ()
    locks: tuple[LockLane, ...] = ()
    marks: tuple[Mark, ...] = ()
