"""Who holds and waits for each lock, made from lock events and put right by frames. Pure.

Lock events tell every turn to the nanosecond, or where they come too often one in so many; a frame tells
what is so now. What a frame says against the events is believed if the next frame says so, too: events of
the same tick may come just after it.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from ipcviz import events as ev
from ipcviz.lanes import LockLane, Release, Span, Spans
from ipcviz.late import Late, without_first

SPANS_KEPT = 2_048
"""Of each list; a process that waits adds about ten a second from frames, so this is minutes of them."""
SLACK = 2_000_000
"""Nanoseconds by which a frame's counters may be older than its time."""
_end_of = attrgetter("end")


class Kept:
    """A bounded list of spans, in the order of their ends, that Views may go on reading."""

    def __init__(self) -> None:
        self.items: list[Span] | Late[Span] = []
        self.since = 0
        self.gone = 0
        """Spans that were dropped at its begin."""

    def add(self, span: Span) -> None:
        """One more; a new list where the old one would change for those who read it."""
        items = self.items
        if items and items[-1].end > span.end:
            self.items = items = items.copy()
            items.insert(bisect_right(items, span.end, key=_end_of), span)
        else:
            items.append(span)
        if len(items) > SPANS_KEPT:
            self.since = items[SPANS_KEPT // 4 - 1].end
            self.items = without_first(items, SPANS_KEPT // 4)
            self.gone += SPANS_KEPT // 4

    def cut_from(self, t: int) -> None:
        """Take back what was said of the time after t."""
        if self.items and self.items[-1].end > t:
            items = self.items.copy()
            while items and items[-1].start >= t:
                items.pop()
            if items and items[-1].end > t:
                last = items[-1]
                items[-1] = Span(last.start, t, last.process, last.what, last.name, last.share)
            self.items = items

    def spans(self, *last: Span) -> Spans:
        """What is known now, with those that last."""
        return Spans(self.items, len(self.items), last)


class _Lock:
    """What is known of one lock: when who began to hold it, or to wait for it."""

    def __init__(self, info: ev.LockInfo) -> None:
        self.info = info
        self.holds, self.waits = Kept(), Kept()
        self.now: dict[str, tuple[str, int]] = {}
        self.shared: set[str] = set()
        self.doubts: dict[str, tuple[str, int]] = {}
        self.agreed: dict[str, int] = {}
        self.released: Release | None = None
        self.taken = self.told = 0


class Holdings:
    """All locks of a session, and what each process has held."""

    def __init__(self, session: ev.SessionStarted) -> None:
        self._locks = {info.name: _Lock(info) for info in session.locks}
        self.held = {name: Kept() for name in session.processes}

    def event(self, event: ev.LockEvent) -> Span | None:
        """Take a lock event in; the wait that it ended, if it ended one."""
        lock = self._locks.get(event.lock)
        if lock is None or event.process not in self.held:
            return None
        lock.doubts.pop(event.process, None)
        if event.action == "waited":
            lock.now[event.process] = ("waiting", event.t)
            return None
        if event.action == "released":
            self._release(lock, event.process, event.t)
            lock.released = Release("released", event.process, event.t)
            return None
        lock.now[event.process] = ("holding", event.t)
        lock.told += 1
        return self._waited(lock, event) if event.waited else None

    def frame(self, t: int, states: list[ev.LockState]) -> None:
        """Compare with what a frame says."""
        for lock, state in zip(self._locks.values(), states, strict=False):
            lock.taken = sum(use.acquisitions for use in state.uses)
            for process, use in zip(lock.info.users, state.uses, strict=False):
                if use.state or process in lock.now:
                    self._compare(lock, process, use, t)

    def death(self, process: str, t: int) -> None:
        """A process has ended: it waits for nothing, and holds what nobody gives back for it."""
        for lock in self._locks.values():
            state = lock.now.get(process, ("", 0))[0]
            if state == "waiting":
                del lock.now[process]
            elif state == "holding" and lock.info.after_death != "stuck":
                self._release(lock, process, t, exact=False)
                lock.released = Release("died", process, t)

    def holding(self, process: str, until: int) -> Spans:
        """What the process has held and holds."""
        last = [
            self._hold(lock, process, lock.now[process][1], until)
            for lock in self._locks.values()
            if lock.now.get(process, ("", 0))[0] == "holding"
        ]
        return self.held[process].spans(*last)

    def lanes(self, until: int) -> tuple[LockLane, ...]:
        """The lanes of all locks."""
        return tuple(self._lane(lock, until) for lock in self._locks.values())

    def _lane(self, lock: _Lock, until: int) -> LockLane:
        holds, waits = [], []
        for process, (state, since) in lock.now.items():
            if state == "holding":
                holds.append(self._hold(lock, process, since, until))
            else:
                waits.append(Span(since, max(since, until), process, "locking", lock.info.name))
        since = max(lock.holds.since, lock.waits.since)
        return LockLane(
            lock.info.name, since, lock.holds.spans(*holds), lock.waits.spans(*waits), lock.taken, lock.told
        )

    @staticmethod
    def _hold(lock: _Lock, process: str, since: int, until: int) -> Span:
        shared = process in lock.shared
        return Span(since, max(since, until), process, "holding", lock.info.name, shared=shared)

    def _waited(self, lock: _Lock, event: ev.LockEvent) -> Span:
        start = event.t - event.waited
        by = lock.released
        if by is not None and not start - SLACK <= by.t <= event.t:
            by = None
        span = Span(start, event.t, event.process, "locking", event.lock, by=by)
        lock.waits.add(span)
        return span

    def _release(self, lock: _Lock, process: str, t: int, exact: bool = True) -> None:
        state, since = lock.now.pop(process, ("", 0))
        if state == "holding" and t > since:
            shared = process in lock.shared
            span = Span(since, t, process, "holding", lock.info.name, exact=exact, shared=shared)
            lock.holds.add(span)
            self.held[process].add(span)

    def _compare(self, lock: _Lock, process: str, use: ev.LockUse, t: int) -> None:
        ours = lock.now.get(process)
        theirs = (use.state, use.since) if use.state else None
        if ours == theirs:
            lock.agreed[process] = t
            lock.doubts.pop(process, None)
        elif ours is not None and lock.doubts.get(process) != ours:
            lock.doubts[process] = ours
            return
        else:
            if ours is not None:  # the events that would have told were not sampled, or are lost
                self._release(lock, process, max(ours[1], lock.agreed.get(process, 0)), exact=False)
                lock.doubts.pop(process, None)
            lock.now.pop(process, None)
            if theirs is not None and process in self.held:
                lock.now[process] = theirs
        (lock.shared.add if use.shared else lock.shared.discard)(process)
