"""Figures of channels, locks and processes, second by second and as a whole: rows for tables.

A row is about one channel, lock or process (`kind`, `name`), from one frame to a later one (`from_s`,
`until_s`: seconds since the session began), in the `session` of that number where several were joined. Its
`span` is "second" or "whole"; the counts of all seconds add up to those of the whole. Names have their units.

    sent, received     messages into and out of a channel, or by a process; of a region, writes and reads;
                       what is sent into a broadcast counts once for each receiver
    depth_*            in `depth_unit`: at the end of the span, and the most that was seen in it
    latency_*          of the stamped messages in the span
    blocked_*          the time that all ends waited, or those of a process; a wait that lasts included
    lost, in_flight, found, lock_wait   only of whole sessions that were summed up, as in the summary
    *_per_s            not where a part of the session was cut out
"""

from __future__ import annotations

from collections.abc import Iterator

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import Options
from ipcviz.exports.periods import Period, fits, gained, most
from ipcviz.exports.reading import told
from ipcviz.pauses import Pauses
from ipcviz.runtime.histogram import percentile
from ipcviz.tracks import copies_of
from ipcviz.units import SECOND

Cell = str | int | float | None
Row = dict[str, Cell]

COLUMNS = (
    *("session", "span", "kind", "name", "mechanism", "from_s", "until_s"),
    *("sent_messages", "received_messages", "sent_bytes", "received_bytes"),
    *("sent_messages_per_s", "received_messages_per_s", "received_bytes_per_s"),
    *("depth_at_end", "depth_max", "depth_capacity", "depth_unit", "depth_quality"),
    *("latency_samples", "latency_p50_us", "latency_p99_us", "blocked_send_s", "blocked_receive_s"),
    *("dropped_messages", "lost_messages", "in_flight_messages", "found_messages"),
    *("acquisitions", "contended_acquisitions", "acquisitions_per_s", "lock_waited_s"),
    *("holding_processes", "waiting_processes", "lock_wait_p50_us", "lock_wait_p99_us"),
    *("cpu_percent", "memory_max_bytes", "voluntary_switches", "involuntary_switches", "open_descriptors"),
)
"""All that a row may have, in the order of a table."""


def rows_of(recording: Readable, options: Options, progress: Progress) -> Iterator[Row]:
    """All rows of the window: those of its seconds, then those of the whole."""
    start, end = options.window(recording)
    sessions: list[Statistics] = []
    whole: list[Row] = []
    now = start
    for event in told(recording, end, progress):
        if isinstance(event, ev.SessionStarted):
            for before in sessions[-1:]:  # recordings were joined
                yield from before.end()
                whole += before.whole()
            sessions.append(Statistics(event, len(sessions) + 1, now))
        else:
            now = max(now, event.t if isinstance(event, ev.Event) else 0)
            yield from sessions[-1].take(event)
    yield from sessions[-1].end()
    yield from whole
    yield from sessions[-1].whole()


class Statistics:
    """Takes the events of one session; gives rows of its seconds, and in the end those of the whole.

    `start` (ns) is where it is entered: what was counted until then counts as nothing.
    """

    def __init__(self, session: ev.SessionStarted, number: int, start: int) -> None:
        self._session, self._number = session, number
        self._start = start
        self._summary: ev.Summary | None = None
        begin = max(start, session.t)
        self._waits_for_begin = start > session.t
        self._whole = Period(session, begin, None)
        self._second = Period(session, begin, None)
        self._due = begin - begin % SECOND + SECOND
        self._gap = False
        self._pauses = Pauses(session)

    def take(self, event: ev.AnyEvent) -> Iterator[Row]:
        """The rows of the second that is over with this event."""
        if not isinstance(event, ev.Frame) or fits(event, self._session):
            self._pauses.apply(event)
        if isinstance(event, ev.Summary):
            self._summary = event
        elif isinstance(event, ev.Gap):
            self._gap = True
        elif isinstance(event, ev.Frame) and fits(event, self._session):
            yield from self._frame(self._pauses.frame(event))

    def end(self) -> Iterator[Row]:
        """The rows of the last second."""
        if self._second.grew:
            yield from self._rows(self._second, "second")

    def whole(self) -> Iterator[Row]:
        """The rows of all of it."""
        if self._whole.grew:
            yield from self._rows(self._whole, "whole")

    def _frame(self, frame: ev.Frame) -> Iterator[Row]:
        """A second ends with the last frame in it, so that its figures are of one moment."""
        if self._waits_for_begin and (frame.t <= self._start or self._whole.before is None):
            self._whole = Period(self._session, frame.t, frame)
            self._second = Period(self._session, frame.t, frame)
            self._due = frame.t - frame.t % SECOND + SECOND
            self._gap = False
            return
        if frame.t > self._due:
            if self._second.grew:
                yield from self._rows(self._second, "second")
                self._second = Period(self._session, self._second.end, self._second.last)
            self._due = frame.t + -frame.t % SECOND
        for period in (self._whole, self._second):
            period.gap |= self._gap  # it lies between the frame before and this one
            period.add(frame)
        self._gap = False

    def _rows(self, period: Period, span: str) -> Iterator[Row]:
        lead: Row = {"session": self._number, "span": span}
        times: Row = {"from_s": _seconds(period.start), "until_s": _seconds(period.end)}
        for number, info in enumerate(self._session.channels):
            named: Row = {"kind": info.kind, "name": info.name, "mechanism": info.mechanism}
            row = {**lead, **_printable(named), **times, **channel_row(period, number, info)}
            yield row | (self._summed_channel(info.name) if span == "whole" else {})
        for number, lock in enumerate(self._session.locks):
            named = {"kind": "lock", "name": lock.name, "mechanism": lock.mechanism}
            row = {**lead, **_printable(named), **times, **lock_row(period, number)}
            yield row | (self._summed_lock(lock.name) if span == "whole" else {})
        for number, process in enumerate(self._session.processes):
            named = {"kind": "process", "name": process}
            found = process_row(period, number, process, self._session)
            yield {**lead, **_printable(named), **times, **found}

    def _summed_channel(self, name: str) -> Row:
        """What only the summary knows, if it is of the same time."""
        if self._summary is None or self._whole.before is not None:
            return {}
        for channel in self._summary.channels:
            if channel.name == name:
                return {
                    "lost_messages": channel.lost,
                    "in_flight_messages": channel.in_flight,
                    "found_messages": channel.found,
                }
        return {}

    def _summed_lock(self, name: str) -> Row:
        if self._summary is None or self._whole.before is not None:
            return {}
        for lock in self._summary.locks:
            if lock.name == name:
                return {"lock_wait_p50_us": lock.wait_us.p50, "lock_wait_p99_us": lock.wait_us.p99}
        return {}


def channel_row(period: Period, number: int, info: ev.ChannelInfo) -> Row:
    """The figures of a channel."""
    assert period.last is not None
    now = period.last.channels[number]
    then = period.before.channels[number] if period.before else ev.ChannelState([], ev.Depth(), ev.Latency())
    counted = {
        word: sum(getattr(end, word) for end in now.ends) - sum(getattr(end, word) for end in then.ends)
        for word in ("sent", "received", "sent_bytes", "received_bytes", "blocked_send", "blocked_receive")
    }
    copies = copies_of(info)
    sent, received = counted["sent"] * copies, counted["received"]
    latencies = gained(now.histogram, then.histogram)
    p50, p99 = (percentile(latencies, part) for part in (0.5, 0.99))
    return {
        "sent_messages": sent,
        "received_messages": received,
        "sent_bytes": counted["sent_bytes"] * copies,
        "received_bytes": counted["received_bytes"],
        "sent_messages_per_s": _per_second(sent, period),
        "received_messages_per_s": _per_second(received, period),
        "received_bytes_per_s": _per_second(counted["received_bytes"], period),
        **({} if info.kind == "region" else _depth_row(now.depth, _most(period.depths[number], now, then))),
        "latency_samples": sum(latencies),
        "latency_p50_us": _micros(p50),
        "latency_p99_us": _micros(p99),
        "blocked_send_s": _seconds(counted["blocked_send"]),
        "blocked_receive_s": _seconds(counted["blocked_receive"]),
        "dropped_messages": None if now.dropped is None else now.dropped - (then.dropped or 0),
    }


def lock_row(period: Period, number: int) -> Row:
    """The figures of a lock."""
    assert period.last is not None
    now = period.last.locks[number].uses
    then = period.before.locks[number].uses if period.before else []
    taken = sum(use.acquisitions for use in now) - sum(use.acquisitions for use in then)
    waited = sum(_waited(use, period.end) for use in now) - sum(_waited(use, period.start) for use in then)
    return {
        "acquisitions": taken,
        "contended_acquisitions": sum(use.contended for use in now) - sum(use.contended for use in then),
        "acquisitions_per_s": _per_second(taken, period),
        "lock_waited_s": _seconds(waited),
        "holding_processes": sum(use.state == "holding" for use in now),
        "waiting_processes": sum(use.state == "waiting" for use in now),
    }


def process_row(period: Period, number: int, name: str, session: ev.SessionStarted) -> Row:
    """The figures of a process, of all its ends and locks together."""
    assert period.last is not None
    now, then = (_own(frame, name, session) for frame in (period.last, period.before))
    lasted = period.end - period.start
    voluntary, involuntary = period.switches[number]
    return {
        "sent_messages": now["sent"] - then["sent"],
        "received_messages": now["received"] - then["received"],
        "sent_messages_per_s": _per_second(now["sent"] - then["sent"], period),
        "received_messages_per_s": _per_second(now["received"] - then["received"], period),
        "blocked_send_s": _seconds(now["blocked_send"] - then["blocked_send"]),
        "blocked_receive_s": _seconds(now["blocked_receive"] - then["blocked_receive"]),
        "acquisitions": now["acquisitions"] - then["acquisitions"],
        "lock_waited_s": _seconds(now["waited"] - then["waited"]),
        "cpu_percent": round(period.cpu[number] / lasted, 3) if lasted else None,
        "memory_max_bytes": period.memory[number],
        "voluntary_switches": voluntary,
        "involuntary_switches": involuntary,
        "open_descriptors": period.last.processes[number].descriptors,
    }


def _own(frame: ev.Frame | None, name: str, session: ev.SessionStarted) -> dict[str, int]:
    """The counters of one process; messages are those of its channels, and not what it did to regions."""
    words = ("sent", "received", "blocked_send", "blocked_receive")
    counted = dict.fromkeys((*words, "acquisitions", "waited"), 0)
    if frame is None:
        return counted
    for info, channel in zip(session.channels, frame.channels, strict=True):
        for endpoint, end in zip(info.endpoints, channel.ends, strict=False):
            if endpoint.process == name and info.kind != "region":
                for word in words:
                    counted[word] += getattr(end, word)
    for lock, state in zip(session.locks, frame.locks, strict=True):
        for user, use in zip(lock.users, state.uses, strict=False):
            if user == name:
                counted["acquisitions"] += use.acquisitions
                counted["waited"] += _waited(use, frame.t)
    return counted


def _depth_row(depth: ev.Depth, highest: int | None) -> Row:
    return {
        "depth_at_end": depth.now,
        "depth_max": highest,
        "depth_capacity": depth.capacity,
        "depth_unit": units.printable(depth.unit),
        "depth_quality": depth.quality,
    }


def _most(seen: int | None, now: ev.ChannelState, then: ev.ChannelState) -> int | None:
    """The most that frames saw; or that a probe saw between them, if it was more than ever before."""
    highest = now.depth.max
    return most(seen, highest) if highest is not None and highest > (then.depth.max or 0) else seen


def _waited(use: ev.LockUse, t: int) -> int:
    """In ns, a wait that lasts at t included."""
    return use.waited + (max(0, t - use.since) if use.state == "waiting" else 0)


def _per_second(count: int, period: Period) -> float | None:
    lasted = period.end - period.start
    return round(count * SECOND / lasted, 3) if lasted > 0 and not period.gap else None


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / SECOND, 9)


def _micros(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / 1000, 3)


def _printable(row: Row) -> Row:
    return {name: units.printable(value) if isinstance(value, str) else value for name, value in row.items()}
