"""The chronicle: makes lanes out of events. Pure.

Frames say what each process waits in, and how long it has waited in all; messages and lock events say, to the
nanosecond, when a wait ended and through whom. What was waited between two frames and has no stamps of its
own is told as a share of the time between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from ipcviz import events as ev
from ipcviz.holdings import SLACK, Holdings, Kept
from ipcviz.lanes import Lanes, Mark, MarkKind, ProcessLane, Release, Span, What
from ipcviz.view import Wait

MARKS_KEPT = 500
MESSAGES_KEPT = 20_000
"""Since the last frame."""
NOTABLE = 0.005
"""Shares of a span below this are not told, and above the rest of 1 are all of it."""
GAPS = 8
Reason = tuple[What, str]


class _Process:
    """What is known of one process."""

    def __init__(self, name: str, session: ev.SessionStarted) -> None:
        self.name = name
        self.ends = [
            (place, number)
            for place, info in enumerate(session.channels)
            for number, end in enumerate(info.endpoints)
            if end.process == name and info.kind != "region"
        ]
        self.uses = [
            (n, info.users.index(name)) for n, info in enumerate(session.locks) if name in info.users
        ]
        named = [session.channels[place].name for place, _ in self.ends]
        self.reasons: list[Reason] = [(what, name) for name in named for what in ("sending", "receiving")]
        self.reasons += [("locking", session.locks[place].name) for place, _ in self.uses]
        self.started: int | None = None
        self.ended: int | None = None
        self.failed = False
        self.waits, self.pauses = Kept(), Kept()
        self.paused: int | None = None
        self.told_to = 0
        self.wait: Wait | None = None
        self.counters = [0] * len(self.reasons)
        self.stamped: list[Span] = []


class Chronicle:
    """Takes events, gives lanes."""

    def __init__(self, session: ev.SessionStarted | None = None) -> None:
        self._session = session
        self._rows = {name: _Process(name, session) for name in session.processes} if session else {}
        self._holdings = Holdings(session) if session else None
        self._received: dict[str, list[ev.Message]] = {}
        self._count = 0
        self._marks: deque[Mark] = deque(maxlen=MARKS_KEPT)
        self._standing: dict[str, ev.FindingRaised] = {}
        self._until = 0

    def lanes(self) -> Lanes:
        """What is known now; later events do not change it."""
        if self._holdings is None:
            return Lanes()
        rows = tuple(self._lane(row) for row in self._rows.values())
        return Lanes(self._until, rows, self._holdings.lanes(self._until), tuple(self._marks))

    def started(self, event: ev.ProcessStarted) -> None:
        """A process runs."""
        row = self._rows.get(event.process)
        if row is not None:
            row.started, row.told_to = event.t, max(row.told_to, event.t)

    def exited(self, event: ev.ProcessExited) -> None:
        """A process has ended, and its waits with it."""
        row = self._rows.get(event.process)
        if row is None or self._holdings is None:
            return
        if row.wait is not None and event.t > row.wait.since:
            row.waits.cut_from(row.wait.since)
            row.waits.add(_span(row, row.wait, event.t, None, exact=False))
        row.wait, row.ended, row.failed = None, event.t, event.failed
        self._pause(row, None, event.t)
        self._holdings.death(event.process, event.t)
        kind: MarkKind = "failed" if event.failed else "ended"
        self._marks.append(Mark(event.t, kind, event.process, (event.process,)))

    def message(self, event: ev.Message) -> None:
        """A message was received: it may have ended a wait."""
        if self._count < MESSAGES_KEPT:
            self._count += 1
            self._received.setdefault(event.channel, []).append(event)

    def lock_event(self, event: ev.LockEvent) -> None:
        """A lock has changed hands."""
        span = self._holdings.event(event) if self._holdings else None
        if span is None:
            return
        row = self._rows[event.process]
        if span.start >= row.told_to:
            row.stamped.append(span)
        else:  # a frame was quicker than the event
            row.waits.cut_from(span.start)
            row.waits.add(span)
            row.told_to = max(row.told_to, span.end)
            if row.wait is not None and row.wait.since <= span.start:
                row.wait = None

    def fault(self, event: ev.FaultInjected) -> None:
        """Somebody acted on the run."""
        members = tuple(filter(None, (event.process, event.channel)))
        self._marks.append(Mark(event.t, "fault", event.sentence, members))
        row = self._rows.get(event.process)
        if row is not None and event.done and event.fault in ("pause", "resume"):
            self._pause(row, event.t if event.fault == "pause" else None, event.t)

    def finding(self, event: ev.FindingRaised) -> None:
        """Something is wrong; the same again only changes its words."""
        if event.key not in self._standing:
            self._marks.append(Mark(event.t, "finding", event.sentence, tuple(event.members)))
        self._standing[event.key] = event

    def cleared(self, event: ev.FindingCleared) -> None:
        """It is so no longer."""
        was = self._standing.pop(event.key, None)
        if was is not None:
            self._marks.append(Mark(event.t, "cleared", was.sentence, tuple(was.members)))

    def frame(self, frame: ev.Frame, waits: Mapping[str, Wait]) -> None:
        """All counters, and what each process waits in."""
        if self._session is None or self._holdings is None or not _fits(frame, self._session):
            return
        self._holdings.frame(frame.t, frame.locks)
        for row in self._rows.values():
            if row.started is not None and row.ended is None:
                self._look_at(row, frame, waits.get(row.name))
        self._received.clear()
        self._count = 0
        self._until = max(self._until, frame.t)

    def _look_at(self, row: _Process, frame: ev.Frame, wait: Wait | None) -> None:
        counters = _counters(row, frame)
        passed = [max(0, now - then) for now, then in zip(counters, row.counters, strict=True)]
        row.counters = counters
        before = row.wait
        if before is not None and wait is not None and _same(before, wait):
            row.stamped.clear()
            return
        start = row.told_to
        end = max(start, min(wait.since, frame.t) if wait else frame.t)
        known = []
        if before is not None:
            known.append(self._ended(row, before, end, frame, dict(zip(row.reasons, passed, strict=True))))
        known += [span for span in row.stamped if before is None or span.start != before.since]
        self._tell(row, start, end, known, passed)
        row.stamped.clear()
        row.told_to, row.wait = end, wait

    def _ended(self, row: _Process, wait: Wait, end: int, frame: ev.Frame, passed: dict[Reason, int]) -> Span:
        """The wait that the last frame saw and this one does not: when and through whom it ended."""
        if wait.what == "locking":
            for span in row.stamped:
                if span.start == wait.since and span.name == wait.name:
                    return span
            lasted = passed.get(("locking", wait.name), 0)
            return _span(row, wait, min(end, wait.since + lasted), None, exact=lasted > 0)
        most = wait.since + passed.get((wait.what, wait.name), 0)
        seen = min(end, max(wait.since, self._until))
        sampled = _is_sampled(row, wait, frame, self._session)
        if wait.what == "sending":
            by = None if sampled else self._taken(wait, seen - SLACK, most + SLACK)
            until = by.t if by and by.message else min(most, seen)
            return _span(row, wait, min(end, max(until, wait.since)), by, exact=False)
        first = next((m for m in self._received.get(wait.name, ()) if _ends(m, row, wait)), None)
        if first is None or sampled or first.t > most + SLACK:
            in_time = wait.timed and first is None and not sampled
            by = Release("time", "", min(most, end)) if in_time else None
            return _span(row, wait, min(seen, max(most, wait.since)), by, exact=False)
        return _span(row, wait, min(end, first.t), Release("sent", first.sender, first.sent, first))

    def _taken(self, wait: Wait, start: int, end: int) -> Release | None:
        """Who made room in a full channel between start and end; by which message only if there was one."""
        messages = [m for m in self._received.get(wait.name, ()) if start <= m.t <= end]
        takers = {message.receiver for message in messages}
        if len(takers) != 1:
            return None
        only = messages[0] if len(messages) == 1 else None
        return Release("took", takers.pop(), only.t if only else start + SLACK, only)

    @staticmethod
    def _tell(row: _Process, start: int, end: int, known: list[Span], passed: list[int]) -> None:
        """Write down the spans that are known, and what was waited besides as shares of the rest."""
        left = dict(zip(row.reasons, passed, strict=True))
        gaps, at = [], start
        for span in known:
            reason = span.what, span.name
            left[reason] = left.get(reason, 0) - (span.end - span.start)
            if span.start > at:
                gaps.append((at, span.start))
            at = max(at, span.end)
        if end > at:
            gaps.append((at, end))
        if len(gaps) > GAPS:
            gaps = [(start, end)]
        length = sum(b - a for a, b in gaps)
        rest = [
            Span(a, b, row.name, what, name, 1.0 if share > 1 - NOTABLE else share, exact=False)
            for (what, name), waited in left.items()
            if length and (share := waited / length) >= NOTABLE
            for a, b in gaps
        ]
        for span in sorted([*known, *rest], key=lambda span: (span.end, span.start)):
            if span.end > span.start:
                row.waits.add(span)

    @staticmethod
    def _pause(row: _Process, began: int | None, t: int) -> None:
        if row.paused is not None and began is None:
            row.pauses.add(Span(row.paused, max(row.paused, t), row.name, "paused"))
        if row.paused is None or began is None:
            row.paused = began

    def _lane(self, row: _Process) -> ProcessLane:
        assert self._holdings is not None
        until = self._until
        waiting = [_span(row, row.wait, until, None)] if row.wait else []
        paused = (
            [Span(row.paused, max(row.paused, until), row.name, "paused")] if row.paused is not None else []
        )
        return ProcessLane(
            name=row.name,
            since=row.waits.since,
            started=row.started,
            ended=row.ended,
            failed=row.failed,
            waits=row.waits.spans(*waiting),
            holds=self._holdings.holding(row.name, until if row.ended is None else row.ended),
            pauses=row.pauses.spans(*paused),
        )


def _span(row: _Process, wait: Wait, end: int, by: Release | None, exact: bool = True) -> Span:
    return Span(wait.since, max(wait.since, end), row.name, wait.what, wait.name, by=by, exact=exact)


def _ends(message: ev.Message, row: _Process, wait: Wait) -> bool:
    """What the process waited for has come."""
    return message.receiver == row.name and message.t >= wait.since


def _same(before: Wait, now: Wait) -> bool:
    return (before.what, before.name, before.since) == (now.what, now.name, now.since)


def _fits(frame: ev.Frame, session: ev.SessionStarted) -> bool:
    """A frame has as many channels, ends, locks and uses as the session said."""
    ends = [len(channel.endpoints) for channel in session.channels]
    users = [len(lock.users) for lock in session.locks]
    return [len(c.ends) for c in frame.channels] == ends and [len(k.uses) for k in frame.locks] == users


def _counters(row: _Process, frame: ev.Frame) -> list[int]:
    """Nanoseconds of all waits that have ended, in the order of the row's reasons."""
    counters = []
    for place, number in row.ends:
        state = frame.channels[place].ends[number]
        lasts = max(0, frame.t - state.since) if state.activity else 0
        receiving = state.activity == "receiving"
        counters.append(state.blocked_send - (0 if receiving else lasts))
        counters.append(state.blocked_receive - (lasts if receiving else 0))
    for place, number in row.uses:
        counters.append(frame.locks[place].uses[number].waited)
    return counters


def _is_sampled(row: _Process, wait: Wait, frame: ev.Frame, session: ev.SessionStarted | None) -> bool:
    """Not every message of the channel is told."""
    for place, _ in row.ends:
        if session is not None and session.channels[place].name == wait.name:
            return any(end.stride > 1 for end in frame.channels[place].ends)
    return False
