"""The chronicle: makes lanes out of events. Pure.

Frames say what each process waits in, and how long it has waited in all; messages and lock events say, to the
nanosecond, when a wait ended and through whom. What was waited between two frames and has no stamps of its
own is told as a share of the time between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import msgspec

from ipcviz import events as ev
from ipcviz.holdings import SLACK, SPANS_KEPT, Holdings
from ipcviz.lane_rows import (
    Reason,
    Row,
    counters_of,
    fits,
    has_come,
    is_sampled,
    restart,
    same,
    span_of,
)
from ipcviz.lanes import Lanes, Mark, MarkKind, ProcessLane, Release, Span
from ipcviz.view import Wait

MARKS_KEPT = 500
MESSAGES_KEPT = 20_000
"""Since the last frame."""
NOTABLE = 0.005
"""Shares of a span below this are not told, and above the rest of 1 are all of it."""
GAPS = 8


class Chronicle:
    """Takes events, gives lanes."""

    def __init__(self, session: ev.SessionStarted | None = None) -> None:
        self._session = session
        self._rows = {name: Row(name, session) for name in session.processes} if session else {}
        self._holdings = Holdings(session) if session else None
        self._received: dict[str, list[ev.Message]] = {}
        self._count = 0
        self._marks: deque[Mark] = deque(maxlen=MARKS_KEPT)
        self._standing: dict[str, ev.FindingRaised] = {}
        self._until = 0
        self._restarts = False

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
            row.waits.add(span_of(row, row.wait, event.t, None, exact=False))
        row.wait, row.ended, row.failed = None, event.t, event.failed
        self._pause(row, None, event.t)
        self._holdings.death(event.process, event.t)
        kind: MarkKind = "failed" if event.failed else "ended"
        self._marks.append(Mark(event.t, kind, event.process, (event.process,)))

    def message(self, event: ev.Message) -> None:
        """A message was received: it may have ended a wait."""
        if self._session is not None and self._count < MESSAGES_KEPT:
            self._count += 1
            self._received.setdefault(event.channel, []).append(event)

    def lock_event(self, event: ev.LockEvent) -> None:
        """A lock has changed hands."""
        span = self._holdings.event(event) if self._holdings else None
        if span is None:
            return
        row = self._rows[event.process]
        span = _since_it_goes_on(row, span)
        if span.start >= row.told_to:
            row.stamped.append(span)
            del row.stamped[:-SPANS_KEPT]  # where no frame comes
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

    def gap(self) -> None:
        """What was waited before the next frame is not told: nobody knows when it was."""
        self._restarts = True

    def frame(self, frame: ev.Frame, waits: Mapping[str, Wait], counted: ev.Frame) -> None:
        """All counters, and what each process waits in; `counted` is the same without pauses in its waits."""
        if self._session is None or self._holdings is None or not fits(frame, self._session):
            return
        if self._restarts:
            self._restarts = False
            for row in self._rows.values():
                restart(row, counted)
                row.counters = _counters(row, counted)
        self._holdings.frame(frame.t, frame.locks)
        for row in self._rows.values():
            if row.started is not None and row.ended is None:
                self._look_at(row, counted, waits.get(row.name))
        self._received.clear()
        self._count = 0
        self._until = max(self._until, frame.t)

    def _look_at(self, row: Row, frame: ev.Frame, wait: Wait | None) -> None:
        counters = _counters(row, frame)
        passed = [max(0, now - then) for now, then in zip(counters, row.counters, strict=True)]
        if row.paused is not None and row.told_to >= row.paused:
            passed = [0] * len(passed)  # a frame's counters are a moment older than its time
        row.counters = counters
        before = row.wait
        if before is not None and wait is not None and same(before, wait):
            row.stamped.clear()
            for number, (place, endpoint) in enumerate(row.ends):
                self._counted(row, number, frame.channels[place].ends[endpoint])
            return
        start = row.told_to
        end = max(start, min(wait.since, frame.t) if wait else frame.t)
        known = []
        if before is not None:
            known.append(self._ended(row, before, end, frame, dict(zip(row.reasons, passed, strict=True))))
        known += [span for span in row.stamped if before is None or span.start != before.since]
        known += self._single_waits(row, frame, start if not known else known[0].end, end, passed, known)
        known.sort(key=lambda span: span.start)
        self._tell(row, start, end, known, passed)
        row.stamped.clear()
        row.told_to, row.wait = end, wait

    def _ended(self, row: Row, wait: Wait, end: int, frame: ev.Frame, passed: dict[Reason, int]) -> Span:
        """The wait that the last frame saw and this one does not: when and through whom it ended."""
        counted = wait.since + passed.get((wait.what, wait.name), 0)
        if row.paused is not None and abs(counted - row.paused) <= SLACK:
            return span_of(row, wait, min(end, row.paused), None)
        if wait.what == "locking":
            for span in row.stamped:
                if span.start == wait.since and span.name == wait.name:
                    return span
            lasted = passed.get(("locking", wait.name), 0)
            return span_of(row, wait, min(end, wait.since + lasted), None, exact=lasted > 0)
        most = wait.since + passed.get((wait.what, wait.name), 0)
        seen = min(end, max(wait.since, self._until))
        sampled = is_sampled(row, wait, frame, self._session)
        if wait.what == "sending":
            by = None if sampled else self._taken(wait, seen - SLACK, most + SLACK)
            until = by.t if by and by.message else min(most, seen)
            return span_of(row, wait, min(end, max(until, wait.since)), by, exact=False)
        first = next((m for m in self._received.get(wait.name, ()) if has_come(m, row, wait)), None)
        if first is None or sampled or first.t > most + SLACK:
            in_time = wait.timed and first is None and not sampled
            by = Release("time", "", min(most, end)) if in_time else None
            return span_of(row, wait, min(seen, max(most, wait.since)), by, exact=False)
        return span_of(row, wait, min(end, first.t), Release("sent", first.sender, first.sent, first))

    def _single_waits(
        self, row: Row, frame: ev.Frame, start: int, end: int, passed: list[int], known: list[Span]
    ) -> list[Span]:
        """Where all messages are told, and one came after the known waits: all that is left ended with it."""
        found = []
        for number, (place, endpoint) in enumerate(row.ends):
            state = frame.channels[place].ends[endpoint]
            new = self._counted(row, number, state)
            what, name = row.reasons[2 * number + 1]
            if name not in self._received:
                continue
            came = [m for m in self._received[name] if m.receiver == row.name]
            later = [message for message in came if message.t > start]
            all_told = len(came) == new and state.stride == 1 and not state.closed and number not in row.timed
            if not all_told or len(later) != 1 or later[0].t > end:
                continue
            told = sum(span.end - span.start for span in known if (span.what, span.name) == (what, name))
            (last,) = later
            waited = min(passed[2 * number + 1] - told, last.t - start)
            if waited > 0 and not any(span.end > last.t - waited for span in known):
                by = Release("sent", last.sender, last.sent, last)
                found.append(Span(last.t - waited, last.t, row.name, what, name, by=by))
        return found if len(found) == 1 else []

    @staticmethod
    def _counted(row: Row, number: int, state: ev.EndState) -> int:
        """How many messages the end has received since the frame before."""
        new, row.received[number] = state.received - row.received[number], state.received
        if state.timed:
            row.timed.add(number)  # its waits may end without a message
        return new

    def _taken(self, wait: Wait, start: int, end: int) -> Release | None:
        """Who made room in a full channel between start and end; by which message only if there was one."""
        messages = [m for m in self._received.get(wait.name, ()) if start <= m.t <= end]
        takers = {message.receiver for message in messages}
        if len(takers) != 1:
            return None
        only = messages[0] if len(messages) == 1 else None
        return Release("took", takers.pop(), only.t if only else start + SLACK, only)

    @staticmethod
    def _tell(row: Row, start: int, end: int, known: list[Span], passed: list[int]) -> None:
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
    def _pause(row: Row, began: int | None, t: int) -> None:
        if row.paused is not None and began is None:
            row.pauses.add(Span(row.paused, max(row.paused, t), row.name, "paused"))
        if row.paused is None or began is None:
            row.paused = began

    def _lane(self, row: Row) -> ProcessLane:
        assert self._holdings is not None
        until = self._until
        waiting = [span_of(row, row.wait, until, None)] if row.wait else []
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


def _counters(row: Row, frame: ev.Frame) -> list[int]:
    """As of the row's waits that have ended; the one in which it was paused has, too."""
    counters = counters_of(row, frame)
    if row.paused is not None:
        for number, (place, user) in enumerate(row.uses, 2 * len(row.ends)):
            use = frame.locks[place].uses[user]
            counters[number] += max(0, frame.t - use.since) if use.state == "waiting" else 0
    return counters


def _since_it_goes_on(row: Row, wait: Span) -> Span:
    """The wait without what of it was before the end of the process's last pause."""
    last = row.pauses.items[-1].end if row.pauses.items else 0
    return msgspec.structs.replace(wait, start=min(last, wait.end)) if wait.start < last else wait
