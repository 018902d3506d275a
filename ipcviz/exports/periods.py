"""What happened from one frame of a session to a later one: what no two frames tell of the time between."""

from __future__ import annotations

from collections.abc import Iterable

from ipcviz import events as ev
from ipcviz.runtime.histogram import BUCKETS


class Period:
    """Begins with a frame, or with the session, when nothing had been counted; grows frame by frame."""

    def __init__(self, session: ev.SessionStarted, start: int, before: ev.Frame | None) -> None:
        self.start = start
        self.before = before
        self.last = before
        self.gap = False
        """Whether a part of it was cut out."""
        self.depths: list[int | None] = [None] * len(session.channels)
        """The most that a frame saw in each channel."""
        self.cpu = [0.0] * len(session.processes)
        """Percent of a core, times nanoseconds."""
        self.memory = [0] * len(session.processes)
        self.switches = [(0, 0)] * len(session.processes)
        """Voluntary and involuntary: a process that has ended has none any more."""

    @property
    def end(self) -> int:
        """When its last frame was made."""
        return self.last.t if self.last is not None else self.start

    @property
    def grew(self) -> bool:
        """It has a frame beside that with which it begins."""
        return self.last is not self.before

    def add(self, frame: ev.Frame) -> None:
        """One frame more."""
        passed = max(0, frame.t - self.end)
        for number, channel in enumerate(frame.channels[: len(self.depths)]):
            self.depths[number] = most(self.depths[number], channel.depth.now)
        for number, process in enumerate(frame.processes[: len(self.cpu)]):
            self.cpu[number] += process.cpu * passed
            self.memory[number] = max(self.memory[number], process.memory)
            then = self.last.processes[number] if self.last is not None else ev.ProcessState()
            voluntary, involuntary = self.switches[number]
            self.switches[number] = (
                voluntary + max(0, process.voluntary - then.voluntary),
                involuntary + max(0, process.involuntary - then.involuntary),
            )
        self.last = frame


def most(one: int | None, other: int | None) -> int | None:
    """The greater of two figures that may be unknown."""
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def gained(now: list[int], then: Iterable[int]) -> list[int]:
    """What a histogram of latencies (`ChannelState.histogram`) counted since `then`, bucket by bucket."""
    counts = [0] * BUCKETS
    for sign, told in ((1, list(now)), (-1, list(then))):
        for bucket, count in zip(told[::2], told[1::2], strict=False):
            if 0 <= bucket < BUCKETS:
                counts[bucket] += sign * count
    return [max(0, count) for count in counts]


def fits(frame: ev.Frame, session: ev.SessionStarted) -> bool:
    """A frame has as many channels, locks and processes as the session said."""
    told = (frame.channels, frame.locks, frame.processes)
    said = (session.channels, session.locks, session.processes)
    return [len(part) for part in told] == [len(part) for part in said]
