"""A race of real runs: one live source a lane, all at once or one after the other.

Whoever drives it calls `take` when a source has something, and `close` at the end, whichever way that comes:
then nothing is left running.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ipcviz import catalog
from ipcviz.catalog import CatalogError
from ipcviz.events import AnyEvent, StreamError
from ipcviz.offering import Asking, Question
from ipcviz.parameters import value_of
from ipcviz.race import Lane
from ipcviz.race_result import WARM_UP, How, Result, result_of
from ipcviz.runtime import ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource, Source

SECONDS_IN_TURN = 10.0
"""How long each lane runs in turn where nobody says it, and the work does not end by itself."""
RUNNING = ("starting", "running")


@dataclass(frozen=True, slots=True)
class Entry:
    """One lane before it runs: the name it is called by, and what is asked of its supervisor."""

    label: str
    request: SessionRequest


def refusal_of(entries: Sequence[Entry]) -> tuple[str, str]:
    """Why one of them cannot run, and the author's traceback; empty if all can. Nothing is started."""
    asked = [Asking(Question(entry.request)) for entry in entries]
    offers = [asking.answer() for asking in asked]
    return next(((offer.sentence, offer.detail) for offer in offers if offer.sentence), ("", ""))


def may_be_zero(demo: str) -> frozenset[str]:
    """The parameters that take 0 of a demo that comes with ipcviz; of somebody's own, none is known.

    A file of somebody's own is not run here: it may do anything (see `offering`).
    """
    if demo not in catalog.names():
        return frozenset()
    try:
        known = catalog.load(catalog.find(demo)).parameters
    except CatalogError:
        return frozenset()
    return frozenset(item.name for item in known if value_of("0", item.annotation) is not None)


class RunningSource(Source, Protocol):
    """What a lane needs of its source: that of `LiveSource`."""

    @property
    def was_killed(self) -> bool:
        """After `close`: it could not tidy up."""

    def how_it_died(self) -> str:
        """After `close`: a sentence, for one that did not say the last word."""


class Racer:
    """Starts the runs, takes their events, and knows when it is over."""

    def __init__(
        self,
        entries: Sequence[Entry],
        how: How = "at once",
        by_locks: bool = False,
        warm_up: int = WARM_UP,
        begin: Callable[[SessionRequest], RunningSource] = LiveSource,
        now: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`by_locks`: the lanes differ in their locks; `begin` and `now` are for tests."""
        self.entries = tuple(entries)
        self.how = how
        self.by_locks = by_locks
        self.warm_up = warm_up
        self.lanes = [Lane(entry.label, by_locks) for entry in entries]
        self.starts: dict[int, int] = {}
        """At which time of the race each lane began, by its number."""
        self.stopped = False
        self.may_be_zero = may_be_zero(entries[0].request.demo) if entries else frozenset()
        """Parameters that are known to take 0."""
        self._begin, self._now = begin, now
        self._sources: dict[int, RunningSource] = {}
        self._origin = now()
        self._ended_at: int | None = None

    @property
    def seconds(self) -> float | None:
        """The limit of each lane."""
        return self.entries[0].request.seconds if self.entries else None

    @property
    def over(self) -> bool:
        """Every lane has ended, or will never begin."""
        return all(lane.state not in ("waiting", *RUNNING) for lane in self.lanes)

    @property
    def failed(self) -> bool:
        """A process, or a supervisor, ended as it should not have."""
        return any(lane.state == "failed" or lane.failed_processes for lane in self.lanes)

    @property
    def refusal(self) -> str:
        """Why a lane could not start, "" if none was refused."""
        return next((lane.sentence for lane in self.lanes if lane.state == "refused"), "")

    def failures(self) -> list[str]:
        """A sentence for each lane that failed."""
        return [
            f"{lane.label}: {lane.sentence}"
            for lane in self.lanes
            if lane.failed_processes or lane.state == "failed"
        ]

    @property
    def clock(self) -> int:
        """Nanoseconds since the race began; it stands still when that is over."""
        return (self._now() if self._ended_at is None else self._ended_at) - self._origin

    def start(self) -> None:
        """Begin: all lanes, or the first of them."""
        self._origin = self._now()
        for number in range(len(self.lanes) if self.how == "at once" else 1):
            self._start_lane(number)

    def descriptors(self) -> dict[int, int]:
        """The descriptors that are readable when a lane has something, with the lane's number."""
        return {source.fileno(): number for number, source in self._sources.items()}

    def take(self) -> None:
        """Take what has come in all lanes; never waits but for a supervisor that has said its last word."""
        for number, source in list(self._sources.items()):
            self._take_from(number, source)
        if not self._sources and not self.over and not self.stopped:
            self._next_lane()
        if self.over and self._ended_at is None:
            self._ended_at = self._now()

    def result(self) -> Result:
        """The race as it stands."""
        return result_of(
            self.lanes, self.how, self.clock, self.starts, self.seconds, self.warm_up, self.may_be_zero
        )

    def skip(self) -> None:
        """In turn: end the lane that runs, so that the next one begins."""
        for source in self._sources.values():
            source.stop()

    def stop(self) -> None:
        """Ask every run to end; lanes that have not begun will not."""
        self.stopped = True
        for source in self._sources.values():
            source.stop()
        for lane in self.lanes:
            if lane.state == "waiting":
                lane.state = "left out"

    def close(self) -> None:
        """End everything, whatever it takes: all are asked first, so that they tidy up together."""
        self.stop()
        with contextlib.ExitStack() as closing:  # one that cannot be closed does not keep the others
            for number in list(self._sources):
                closing.callback(self._close_lane, number)
        if self._ended_at is None:
            self._ended_at = self._now()

    def again(self) -> Racer:
        """The same race, not yet begun; this one must be closed."""
        return Racer(self.entries, self.how, self.by_locks, self.warm_up, self._begin, self._now)

    def _start_lane(self, number: int) -> None:
        lane = self.lanes[number]
        lane.state = "starting"
        try:
            self._sources[number] = self._begin(self.entries[number].request)
        except OSError as error:
            lane.break_off(f"its supervisor could not be started: {error.strerror}.")

    def _next_lane(self) -> None:
        waiting = [number for number, lane in enumerate(self.lanes) if lane.state == "waiting"]
        if waiting:
            self._start_lane(waiting[0])

    def _take_from(self, number: int, source: RunningSource) -> None:
        lane = self.lanes[number]
        try:
            events: list[AnyEvent] = source.take()
        except StreamError as error:
            self._close_lane(number)
            lane.break_off(f"{error}.")
            return
        for event in events:
            lane.apply(event)
        if lane.state != "starting":
            self.starts.setdefault(number, self.clock - lane.age)
        if lane.state == "refused":
            self.stop()
        if source.over:
            self._close_lane(number)

    def _close_lane(self, number: int) -> None:
        source = self._sources.pop(number)
        source.close()
        lane = self.lanes[number]
        if lane.state in RUNNING:  # it did not say the last word
            if self.stopped:
                lane.state = "cut" if lane.state == "running" else "left out"
            else:
                lane.break_off(source.how_it_died())
        if source.was_killed:
            for dead in ledger.dead_runs():
                ledger.clean(dead)
