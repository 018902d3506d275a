"""A lane of a race: one run of a topology, and what of it can be compared with other runs. Pure.

A lane keeps the past that figures are made from: counters every half second, and what the kernel said of
the processes each time it was asked. Times are nanoseconds since the lane's own run began, so that lanes
are compared at equal age.
"""

from __future__ import annotations

import signal
from bisect import bisect_left, bisect_right
from collections import deque
from operator import attrgetter
from statistics import median
from typing import Literal

import msgspec

from ipcviz import events as ev
from ipcviz.race_figures import (
    CLOCK_TICK,
    TICKS,
    Cost,
    Figures,
    Looked,
    Slice,
    Unit,
    cost_between,
    median_rate,
    rate_between,
    unit_of,
)
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World

STEP = SECOND // 2
"""Between two slices."""
KEPT = 7200
"""Slices: the last hour, at least."""
LONGEST = 600
"""Slices that figures are made from at most: the last five minutes."""
State = Literal["waiting", "starting", "running", "cut", "finished", "failed", "refused", "left out"]
"""`cut`: ended because it was asked to; `finished`: ended by itself; `left out`: it never began."""
_slice_end = attrgetter("t")


def _middle(cost: Cost) -> int:
    """What lies for the most part in a window belongs to it."""
    return (cost.since + cost.t) // 2


class Lane:
    """Takes the events of one run in."""

    def __init__(self, label: str, by_locks: bool = False) -> None:
        self.label = label
        self.by_locks = by_locks
        """The lanes differ in their locks, so that acquisitions are what is counted."""
        self.state: State = "waiting"
        self.sentence = ""
        """Why it failed, or was refused."""
        self.failed_processes: list[str] = []
        self._world = World()
        self._slices: list[Slice] = []
        self._costs: list[Cost] = []
        self._rates: deque[float] = deque(maxlen=KEPT)
        self._looked: Looked | None = None
        self._stopped = False
        self._last_exit = 0
        self._framed = 0
        """The last frame before it was asked to end: what comes after that is nobody's pace."""
        self._known: dict[tuple[int, int], tuple[tuple[object, ...], Figures]] = {}

    @property
    def view(self) -> View:
        """The run itself; without its messages."""
        return self._world.view()

    @property
    def age(self) -> int:
        """How long it has run: to the end of its last process, or until it was asked to end."""
        if self.state in ("finished", "failed") and self._last_exit:
            return self._last_exit
        return self._framed

    @property
    def count(self) -> int:
        """What it has carried so far."""
        return self._count(self.view)

    @property
    def unit(self) -> Unit:
        """What is counted."""
        return unit_of(self.view, self.by_locks)

    @property
    def lost(self) -> int:
        """Messages that never came, known at the end; before it, those the kernel says it has dropped."""
        view = self.view
        if view.summary is not None:
            return sum(channel.lost for channel in view.summary.channels)
        return sum(channel.dropped or 0 for channel in view.channels)

    @property
    def history(self) -> tuple[float, ...]:
        """The rate in every slice, the newest last."""
        return tuple(self._rates)

    def apply(self, event: ev.AnyEvent) -> None:
        """Take one event in; single messages, lock events and notes say nothing that counts here."""
        if isinstance(event, ev.Message | ev.LockEvent | ev.Note):
            return
        self._world.apply(event)
        if isinstance(event, ev.SessionStarted):
            self.state = "running"
            self._keep(0)
        elif isinstance(event, ev.Refused):
            self.state, self.sentence = "refused", event.sentence
        elif isinstance(event, ev.Frame):
            self._frame(event)
        elif isinstance(event, ev.ProcessSignalled):
            self._stopped = self._stopped or event.signal == signal.SIGTERM
        elif isinstance(event, ev.ProcessExited):
            self._exited(event)
        elif isinstance(event, ev.Summary):
            self._ended()

    def break_off(self, sentence: str) -> None:
        """Its supervisor has gone without a last word."""
        self.state, self.sentence = "failed", sentence

    def _exited(self, event: ev.ProcessExited) -> None:
        self._last_exit = max(self._last_exit, event.t)
        if event.failed:
            self.failed_processes.append(event.process)
            self.sentence = self.sentence or f"{event.process} failed: {event.reason or 'it ended too early'}"

    def _ended(self) -> None:
        if not self._stopped:
            self._keep(max(self._last_exit, self._slices[-1].t + 1))
        if self.failed_processes:
            self.state = "failed"
        elif self.state == "running":
            self.state = "cut" if self._stopped else "finished"

    def _count(self, view: View) -> int:
        unit = unit_of(view, self.by_locks)
        if unit == "acquisitions":
            return sum(lock.acquisitions for lock in view.locks)
        if unit == "writes":
            return sum(channel.sent for channel in view.channels)
        return sum(channel.received for channel in view.channels if not channel.is_region)

    def _frame(self, frame: ev.Frame) -> None:
        if self._stopped:
            return
        self._framed = frame.t
        self._look(frame, self.count)
        if frame.t >= self._slices[-1].t + STEP:
            self._keep(frame.t)

    def _keep(self, t: int) -> None:
        """One more slice: all counters as they are now."""
        view = self.view
        channels = [channel for channel in view.channels if not channel.is_region]
        ends = [end.state for channel in channels for end in channel.ends]
        carriers = view.locks if self.unit == "acquisitions" else ()
        latencies = [lock.wait for lock in carriers] or [channel.latency for channel in channels]
        new = Slice(
            t,
            self._count(view),
            sum(end.blocked_send for end in ends),
            sum(end.blocked_receive for end in ends),
            tuple(latencies),
        )
        if self._slices:
            self._rates.append(rate_between(self._slices[-1], new))
        self._slices.append(new)
        for kept in (self._slices, self._costs):
            if len(kept) > 2 * KEPT:
                del kept[:KEPT]

    def _look(self, frame: ev.Frame, count: int) -> None:
        """The kernel is asked of the processes less often than frames come: what is new is compared."""
        before = self._looked
        if before is not None and before[2] == frame.processes:
            return
        self._looked = (frame.t, count, frame.processes)
        if before is not None:
            cost = cost_between(before, self._looked)
            if cost is not None:
                self._costs.append(cost)

    def figures(self, since: int, until: int | None = None) -> Figures:
        """Over the window from `since` to `until` (now), in nanoseconds of its own age.

        It is cut to its last five minutes. One that has finished by itself is told as a whole: so long for
        so much.
        """
        key = (since, -1 if until is None else until)
        newest = self._slices[-1].t if self._slices else 0
        told = (newest, len(self._costs), self.state)
        known = self._known.get(key)
        if known is not None and known[0] == told:
            return known[1]
        whole = self.state == "finished"
        last = len(self._slices) if until is None else bisect_right(self._slices, until, key=_slice_end)
        first = max(bisect_left(self._slices, since, key=_slice_end), last - LONGEST)
        window = self._slices if whole else self._slices[first:last]
        begin, end = (window[0].t, window[-1].t) if window else (0, 0)
        before, after = (bisect_right(self._costs, t, key=_middle) for t in (begin, end))
        costs = self._costs[before:after]
        made = self._figures(window, costs)
        if whole:
            made = msgspec.structs.replace(made, **self._as_a_whole())
        if len(self._known) > 64:
            self._known.clear()
        self._known[key] = (told, made)
        return made

    def _figures(self, window: list[Slice], costs: list[Cost]) -> Figures:
        if len(window) < 2:
            return Figures()
        first, last = window[0], window[-1]
        rate, spread = median_rate(window)
        p50, p99, slowest = self._latency(window)
        givers, takers = self._ends()
        elapsed = last.t - first.t
        count = sum(cost.count for cost in costs)
        cpu = sum(cost.cpu for cost in costs)
        return Figures(
            seconds=elapsed / SECOND,
            rate=rate,
            spread=spread,
            p50=p50,
            p99=p99,
            slowest=slowest,
            send=min(1.0, (last.send - first.send) / elapsed / givers) if givers else None,
            receive=min(1.0, (last.receive - first.receive) / elapsed / takers) if takers else None,
            cpu=cpu / count / 1000
            if count and cpu >= TICKS * CLOCK_TICK * len(self.view.processes)
            else None,
            switches=sum(cost.switches for cost in costs) / count if count else None,
        )

    def _as_a_whole(self) -> dict[str, float | str | None]:
        """Of one that has finished: so much in so long, and the latency of all that was measured."""
        found: dict[str, float | str | None] = {
            "rate": self.count * SECOND / max(1, self.age),
            "spread": None,
            "seconds": self.age / SECOND,
        }
        summary = self.view.summary
        if summary is None:
            return found
        told = [(channel.latency_us, channel.name) for channel in summary.channels]
        if self.unit == "acquisitions":
            told = [(lock.wait_us, lock.name) for lock in summary.locks]
        measured = [(times.p50, times.p99, name) for times, name in told if times.p50 is not None]
        if measured:
            found["p50"], found["p99"], found["slowest"] = max(measured, key=lambda item: item[0] or 0.0)
        return found

    def _latency(self, window: list[Slice]) -> tuple[float | None, float | None, str]:
        """Of the channel (or lock) whose median is the highest."""
        view = self.view
        names = [lock.info.name for lock in view.locks]
        if self.unit != "acquisitions":
            names = [channel.info.name for channel in view.channels if not channel.is_region]
        found: tuple[float | None, float | None, str] = (None, None, "")
        for number, name in enumerate(names):
            seen = [piece.latencies[number] for piece in window]
            halves = [latency.p50 for latency in seen if latency.p50 is not None]
            highs = [latency.p99 for latency in seen if latency.p99 is not None]
            if halves and highs and (found[0] is None or median(halves) > found[0]):
                found = (median(halves), median(highs), name)
        return found

    def _ends(self) -> tuple[int, int]:
        """How many ends can wait to send, and how many to receive (a caller does, for its reply)."""
        infos = [channel.info for channel in self.view.channels if not channel.is_region]
        ends = [end for info in infos for end in info.endpoints]
        givers = sum(1 for end in ends if gives(end.role))
        callers = sum(1 for end in ends if end.role == "caller")
        return givers, len(ends) - givers + callers
