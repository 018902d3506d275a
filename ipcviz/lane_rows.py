"""What the chronicle knows of one process from frame to frame, and how it reads a frame. Pure."""

from __future__ import annotations

from ipcviz import events as ev
from ipcviz.holdings import Kept
from ipcviz.lanes import Release, Span, What
from ipcviz.view import Wait

Reason = tuple[What, str]
"""What for, and which channel or lock."""


class Row:
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
        self.received = [0] * len(self.ends)
        self.timed: set[int] = set()
        self.stamped: list[Span] = []


def span_of(row: Row, wait: Wait, end: int, by: Release | None, exact: bool = True) -> Span:
    """The wait, until `end`."""
    return Span(wait.since, max(wait.since, end), row.name, wait.what, wait.name, by=by, exact=exact)


def has_come(message: ev.Message, row: Row, wait: Wait) -> bool:
    """What the process waited for has come."""
    return message.receiver == row.name and message.t >= wait.since


def same(before: Wait, now: Wait) -> bool:
    """It is one wait, that goes on."""
    return (before.what, before.name, before.since) == (now.what, now.name, now.since)


def fits(frame: ev.Frame, session: ev.SessionStarted) -> bool:
    """A frame has as many channels, ends, locks and uses as the session said."""
    ends = [len(channel.endpoints) for channel in session.channels]
    users = [len(lock.users) for lock in session.locks]
    return [len(c.ends) for c in frame.channels] == ends and [len(k.uses) for k in frame.locks] == users


def counters_of(row: Row, frame: ev.Frame) -> list[int]:
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


def restart(row: Row, frame: ev.Frame) -> None:
    """After a gap: count from this frame on."""
    row.counters = counters_of(row, frame)
    row.received = [frame.channels[place].ends[number].received for place, number in row.ends]
    row.stamped.clear()


def is_sampled(row: Row, wait: Wait, frame: ev.Frame, session: ev.SessionStarted | None) -> bool:
    """Not every message of the channel is told."""
    for place, _ in row.ends:
        if session is not None and session.channels[place].name == wait.name:
            return any(end.stride > 1 for end in frame.channels[place].ends)
    return False
