"""What tests of the exports that are data share: sessions of many kinds, and the exports of them."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from helpers import runs, sessions

from ipcviz import events as ev
from ipcviz.exports import EXPORTS, Options, Readable
from ipcviz.exports.saved import SavedStream
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording
from ipcviz.units import SECOND

KINDS = ("perfetto", "pcapng", "mermaid", "csv", "json")
SECRET = "marker-7c1f"


@functools.cache
def real(demo: str) -> tuple[ev.AnyEvent, ...]:
    """All events of a real run of about a second."""
    return tuple(runs.run(demo, seconds=1.2))


def calls() -> SavedStream:
    """A real run of clients and a server."""
    return SavedStream(real("request_reply"))


def locks() -> SavedStream:
    """A real run of processes that take locks; no deadlock ends it."""
    return SavedStream(real("philosophers"))


def on_disk(events: Iterable[ev.AnyEvent], redact: bool = False) -> Recording:
    """The same as a recording."""
    return Recording(io.BytesIO(recorded(list(events), redact)))


def written(kind: str, recording: Readable, **options: Any) -> bytes:
    """The whole file."""
    out = io.BytesIO()
    EXPORTS[kind].write(recording, out, Options(**options), lambda done: None)
    return out.getvalue()


def workshop() -> SavedStream:
    """A session of twelve seconds with hostile names and payloads, a ring of locks, and chapters."""
    events = sessions.events(24, stuck=True)
    events[-1:-1] = [
        ev.Chapter(t=11 * SECOND, label="Full \x1b[31m; #1", caption="It is full.", note="for the speaker"),
        ev.FindingRaised(
            t=11 * SECOND,
            key="deadlock",
            kind="deadlock",
            sentence="Deadlock of 2: producer 1 waits for ledger; producer 2 waits for console.",
            since=9 * SECOND,
            members=["producer 1", "console", "producer 2", "ledger"],
        ),
    ]
    return SavedStream(events)


def session(
    processes: Sequence[str] = ("a", "b"),
    channels: Sequence[str] = ("lines",),
    locks: Sequence[str] = (),
    kind: str = "channel",
    t: int = 0,
) -> ev.SessionStarted:
    """The first process sends to all others on every channel; all of them use every lock."""
    ends = [ev.EndpointInfo(name, "receiver" if place else "sender") for place, name in enumerate(processes)]
    return ev.SessionStarted(
        t=t,
        topology="made",
        about="By hand.",
        parameters={},
        processes=list(processes),
        channels=[ev.ChannelInfo(name, kind, "pipe", ends, 4096) for name in channels],
        locks=[ev.LockInfo(name, "flock", 1, list(processes)) for name in locks],
        host=ev.Host("here", "Linux", 2, "3.11", "0"),
        started_at="2026-01-01T00:00:00+00:00",
        tick=100,
    )


def started(of: ev.SessionStarted) -> list[ev.AnyEvent]:
    """The session and its processes, which have pids from 101 on."""
    pids = enumerate(of.processes, 101)
    return [of, *(ev.ProcessStarted(t=of.t, process=name, pid=pid) for pid, name in pids)]


def message(
    number: int, t: int, payload: bytes = b"a line", channel: str = "lines", way: tuple[str, str] = ("a", "b")
) -> ev.Message:
    """The message of that number, received at t, 1,000 ns after it was sent."""
    size, kept = len(payload), payload[:64]
    sender, receiver = way
    return ev.Message(
        t=t,
        channel=channel,
        sender=sender,
        receiver=receiver,
        sequence=number,
        sent=t - 1000,
        size=size,
        payload=kept,
    )


def frame(of: ev.SessionStarted, t: int, counted: int = 0, wait: int = 0) -> ev.Frame:
    """Every end and every lock has counted so much; each end has waited for `wait` ns."""
    end = ev.EndState(counted, counted * 10, counted, counted * 10, blocked_receive=wait)
    channel = ev.ChannelState([end] * len(of.processes), ev.Depth(3, 5, 8, "messages", "exact"), ev.Latency())
    use = ev.LockUse(acquisitions=counted, contended=counted, waited=wait)
    lock = ev.LockState([use] * len(of.processes), 1, 0, "exact", "", ev.Latency())
    return ev.Frame(
        t=t,
        channels=[channel for _ in of.channels],
        locks=[lock for _ in of.locks],
        processes=[ev.ProcessState("running", 50.0, 1 << 20, counted, counted, 7) for _ in of.processes],
        watching=ev.Watching(0, 0),
    )


def joined() -> SavedStream:
    """Two sessions, one after the other, with other channels; the clock of the second goes on."""
    first, second = session(), session(("a", "c"), ("words", "lines"), t=3 * SECOND)
    later = started(second)
    return SavedStream(
        [
            *started(first),
            message(1, SECOND),
            frame(first, SECOND, 5),
            frame(first, 2 * SECOND + SECOND // 2, 8),
            *later,
            message(1, 4 * SECOND, channel="words", way=("a", "c")),
            frame(second, 4 * SECOND, 2),
            frame(second, 5 * SECOND, 9),
        ]
    )


def entered_late() -> SavedStream:
    """A session, then another that was trimmed before it was joined: a frame tells what stood then."""
    first, second = session(), session(t=SECOND)
    return SavedStream(
        [
            *started(first),
            frame(first, 3 * SECOND, 30),
            *started(second),
            frame(second, 5 * SECOND // 2, 100),
            message(1, 7 * SECOND // 2),
            frame(second, 4 * SECOND, 107),
        ]
    )


class Flood:
    """A `Readable` of so many seconds and messages a second that is held in no memory."""

    start = 0
    title = ""
    chapters: Sequence[ev.Chapter] = ()

    def __init__(self, seconds: int, messages: int) -> None:
        self.session = session()
        self.end = seconds * SECOND
        self._messages = messages

    def events(self, start: int = 0, end: int | None = None) -> Iterator[ev.AnyEvent]:
        """All of them."""
        yield from started(self.session)
        for number in range(self.end // SECOND * self._messages):
            t = number * SECOND // self._messages
            yield message(number + 1, t + 1, b"%d" % number)
            if number % (self._messages // 10) == 0:
                yield frame(self.session, t + 2, number)
