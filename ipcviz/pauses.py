"""Pauses: for how long each process was stopped by hand (SIGSTOP), and in which of its waits. Pure.

A worker measures its waits by the clock, which goes on while the worker is stopped. Whoever is stopped does
not wait: that time is taken out of what frames tell of waits. While a process is stopped its rows stand
still, so the frames of that time tell exactly in what it was stopped. A pause so short that no frame saw it
stays in what it waited.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import structs

from ipcviz import events as ev

KEPT = 256
"""Pauses of one process of which it is known when they were; of those before only how long."""

Place = tuple[Literal["sending", "receiving", "locking"], int, int]
"""A wait's place: what it is for, the channel's or lock's number in the session, and the end's or user's."""


class Stretches:
    """Stretches of time, one after the other, of which only the last can still be going on."""

    def __init__(self) -> None:
        self._starts, self._ends, self._totals = array("q"), array("q"), array("q")
        self._before = 0

    def add(self, start: int, end: int, lasted: int | None = None) -> None:
        """One that has ended, and how many nanoseconds it `lasted` if its times do not tell it."""
        lasted = max(0, end - start) if lasted is None else lasted
        if lasted <= 0:
            return
        total = (self._totals[-1] if self._totals else self._before) + lasted
        self._starts.append(start)
        self._ends.append(end)
        self._totals.append(total)
        if len(self._ends) > KEPT:
            self._before = self._totals[0]
            del self._starts[0], self._ends[0], self._totals[0]

    def until(self, t: int) -> int:
        """Nanoseconds of all of them that lie before `t`."""
        number = bisect_right(self._ends, t)
        total = self._totals[number - 1] if number else self._before
        if number < len(self._ends) and self._starts[number] < t:
            total += t - self._starts[number]
        return total


class Pauses:
    """Takes acts, ends and frames of a session in their order; tells what waits would be without pauses."""

    def __init__(self, session: ev.SessionStarted | None = None) -> None:
        self._places: dict[str, list[Place]] = {}
        self._owners: dict[Place, str] = {}
        if session is not None:
            self._enter(session)
        self._stopped: dict[str, int] = {}
        self._resumed: dict[str, int] = {}
        self._whole: dict[str, Stretches] = {}
        self._in_waits: dict[Place, Stretches] = {}
        self._open: dict[Place, int] = {}
        """In what those who are stopped now were stopped, and since when."""

    def _enter(self, session: ev.SessionStarted) -> None:
        for place, info in enumerate(session.channels):
            for number, end in enumerate(info.endpoints):
                self._owners["sending", place, number] = end.process
                self._owners["receiving", place, number] = end.process
        for place, lock in enumerate(session.locks):
            for number, user in enumerate(lock.users):
                self._owners["locking", place, number] = user
        for key, process in self._owners.items():
            self._places.setdefault(process, []).append(key)

    @property
    def ever(self) -> bool:
        """Somebody was stopped, now or before."""
        return bool(self._stopped or self._whole)

    @property
    def stopped_processes(self) -> frozenset[str]:
        """Those that are stopped now."""
        return frozenset(self._stopped)

    def apply(self, event: ev.AnyEvent) -> None:
        """Any event, for those who read nothing but events."""
        if isinstance(event, ev.Frame):
            self.see(event.channels, event.locks)
        elif isinstance(event, ev.FaultInjected) and event.done:
            self.take(event)
        elif isinstance(event, ev.ProcessExited):
            self.ended(event.process, event.t)
        elif isinstance(event, ev.Gap):
            self.gap(event)

    def take(self, act: ev.FaultInjected) -> None:
        """An act that was done: those that stop a process, or let it go on."""
        if act.fault == "pause":
            self._stopped.setdefault(act.process, act.t)
        elif act.fault == "resume":
            self.ended(act.process, act.t)
            self._resumed[act.process] = act.t

    def ended(self, process: str, t: int) -> None:
        """It is stopped no longer: it goes on, or has ended."""
        since = self._stopped.pop(process, None)
        if since is None:
            return
        self._whole.setdefault(process, Stretches()).add(since, t)
        for key in self._places.get(process, ()):
            began = self._open.pop(key, None)
            if began is not None:
                self._in_waits.setdefault(key, Stretches()).add(began, t)

    def gap(self, gap: ev.Gap) -> None:
        """A part of the session was cut out, in which who is stopped was stopped, too; waits count it."""
        for key in self._open:
            self._in_waits.setdefault(key, Stretches()).add(gap.t, gap.t, gap.left_out)

    def see(self, channels: Sequence[ev.ChannelState], locks: Sequence[ev.LockState]) -> None:
        """What a frame says: in what wait each process is that is stopped now."""
        for process, since in self._stopped.items():
            for key in self._places.get(process, ()):
                began = _began(key, channels, locks)
                if began is None:
                    self._open.pop(key, None)
                else:
                    self._open[key] = max(since, began)

    def paused(self, process: str, t: int, begin: int = 0) -> int:
        """Nanoseconds between `begin` and `t` for which it was stopped."""
        stretches = self._whole.get(process)
        total = stretches.until(t) - stretches.until(begin) if stretches else 0
        since = self._stopped.get(process)
        return total + (max(0, t - max(since, begin)) if since is not None else 0)

    def stopped_ends(self) -> frozenset[tuple[int, int]]:
        """The ends of those who are stopped now: a channel's number, and the end's."""
        return frozenset((place, number) for what, place, number in self._of_stopped() if what == "sending")

    def stopped_users(self, lock: int) -> frozenset[int]:
        """The numbers of the lock's users who are stopped now."""
        return frozenset(
            number for what, place, number in self._of_stopped() if (what, place) == ("locking", lock)
        )

    def _of_stopped(self) -> Iterator[Place]:
        return (key for process in self._stopped for key in self._places.get(process, ()))

    def frame(self, frame: ev.Frame) -> ev.Frame:
        """The newest frame as it would be without pauses."""
        if not self.ever:
            return frame
        channels = [self.channel(place, frame.t, state) for place, state in enumerate(frame.channels)]
        locks = [self.lock(place, frame.t, state) for place, state in enumerate(frame.locks)]
        return structs.replace(frame, channels=channels, locks=locks)

    def channel(self, place: int, t: int, state: ev.ChannelState, newest: bool = True) -> ev.ChannelState:
        """A channel at `t`: nobody who is stopped waits in it, and no time counts for which he was.

        Of another than the `newest` frame only the counters are put right.
        """
        keys: list[Place] = []
        for number in range(len(state.ends)):
            keys += [("sending", place, number), ("receiving", place, number)]
        if not self._touches(keys):
            return state
        ends = [self._end(place, number, t, end, newest) for number, end in enumerate(state.ends)]
        return structs.replace(state, ends=ends)

    def lock(self, place: int, t: int, state: ev.LockState, newest: bool = True) -> ev.LockState:
        """A lock at `t`; who is stopped still waits in its queue, and his wait does not get any longer."""
        keys: list[Place] = [("locking", place, number) for number in range(len(state.uses))]
        if not self._touches(keys):
            return state
        uses = [self._use(key, t, use, newest) for key, use in zip(keys, state.uses, strict=True)]
        return structs.replace(state, uses=uses)

    def _touches(self, keys: Iterable[Place]) -> bool:
        """There is something to put right."""
        return any(
            key in self._in_waits or key in self._open or self._owners.get(key, "") in self._stopped
            for key in keys
        )

    def _within(self, key: Place, t: int) -> int:
        """Nanoseconds before `t` for which a wait there was no wait."""
        stretches = self._in_waits.get(key)
        began = self._open.get(key)
        return (stretches.until(t) if stretches else 0) + (max(0, t - began) if began is not None else 0)

    def _end(self, place: int, number: int, t: int, end: ev.EndState, newest: bool) -> ev.EndState:
        owner = self._owners.get(("sending", place, number), "")
        activity, since = end.activity, end.since
        if newest and activity:
            stopped = owner in self._stopped
            activity = "" if stopped else activity
            since = 0 if stopped else max(since, self._resumed.get(owner, 0))
        return structs.replace(
            end,
            blocked_send=max(0, end.blocked_send - self._within(("sending", place, number), t)),
            blocked_receive=max(0, end.blocked_receive - self._within(("receiving", place, number), t)),
            activity=activity,
            since=since,
        )

    def _use(self, key: Place, t: int, use: ev.LockUse, newest: bool) -> ev.LockUse:
        within = self._within(key, t)
        owner = self._owners.get(key, "")
        since = use.since
        if newest and use.state == "waiting":
            if owner in self._stopped:
                since += within - self._within(key, since)
            else:
                since = max(since, self._resumed.get(owner, 0))
        return structs.replace(use, waited=use.waited + since - use.since - within, since=since)


def _began(key: Place, channels: Sequence[ev.ChannelState], locks: Sequence[ev.LockState]) -> int | None:
    """Since when somebody waits there; None if nobody does."""
    what, place, number = key
    if what == "locking":
        uses = locks[place].uses if place < len(locks) else []
        return uses[number].since if number < len(uses) and uses[number].state == "waiting" else None
    ends = channels[place].ends if place < len(channels) else []
    return ends[number].since if number < len(ends) and ends[number].activity == what else None
