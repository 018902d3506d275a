"""How exports that are data read a recording: its events one by one, and in the order of their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Protocol, TypeVar

from ipcviz.events import AnyEvent, Event, SessionStarted
from ipcviz.exports import Progress, Readable
from ipcviz.recording.reader import timed
from ipcviz.units import SECOND

LATE = 2 * SECOND
"""By which an event may be told after others that happened later: samples are fetched tick by tick."""
STEP = 1_000
"""Events between two words about the progress."""


class HasTime(Protocol):
    """What happened at a time."""

    @property
    def t(self) -> int:
        """In nanoseconds since the session began."""


Timed = TypeVar("Timed", bound=HasTime)


def told(recording: Readable, end: int, progress: Progress) -> Iterator[AnyEvent]:
    """The session, then all events up to `end`, with the progress told now and then.

    What happened before `end` and was told a little later is there, too; the summary only after all of it.
    """
    progress(0.0)
    yield recording.session
    length = max(1, end - recording.start)
    for number, (t, event) in enumerate(timed(recording.events(0, end + LATE))):
        if number % STEP == STEP - 1:
            progress(min(1.0, max(0.0, (t - recording.start) / length)))
        if isinstance(event, SessionStarted) and not number:
            continue
        if event.t <= end if isinstance(event, Event) else end >= recording.end:
            yield event


def in_order(events: Iterable[Timed], late: int = LATE) -> Iterator[Timed]:
    """The events by their times, those of one time as they came; holds back no more than `late` of them."""
    waiting: list[tuple[int, int, Timed]] = []
    newest = 0
    for number, event in enumerate(events):
        heappush(waiting, (event.t, number, event))
        newest = max(newest, event.t)
        while waiting[0][0] <= newest - late:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]
