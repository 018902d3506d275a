"""What happened in a window, one thing after the other: the steps of a sequence diagram.

Messages that follow each other on the same way are one step, if they are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports.mermaid_text import shortened
from ipcviz.exports.reading import in_order
from ipcviz.units import SECOND

Told = ev.Message | ev.LockEvent
ALONE = 3
"""Messages on the same way that are shown one by one; more are one step."""
PREVIEW = 32
"""Characters of a payload."""
PAUSE = SECOND
"""A time without anything that is worth a word."""


class Note(NamedTuple):
    """Words about the processes `members`; about all, if there are none."""

    t: int
    text: str
    members: tuple[str, ...] = ()


class Lock(NamedTuple):
    """A process and a lock."""

    t: int
    event: ev.LockEvent


class Messages(NamedTuple):
    """From the first to the last of so many `samples` on the same way; `answers` a call."""

    t: int
    first: ev.Message
    last: ev.Message
    samples: int
    answers: bool

    def text(self) -> str:
        """What is written at their arrow."""
        first, last = self.first, self.last
        if self.samples > 1:
            numbers = f"#{first.sequence} to #{last.sequence}"
            return f"{first.channel} {numbers} ({self.samples:,} messages were seen)"
        latency = units.micros(max(0, first.t - first.sent) / 1000)
        payload = units.preview(first.payload)
        if len(first.payload) < first.size:
            payload = f"{payload[: PREVIEW - 1]}…"
        shown = f" “{shortened(payload, PREVIEW)}”" if first.payload else ""
        return f"{first.channel} #{first.sequence}{shown} ({first.size:,} B, {latency})"


Step = Note | Lock | Messages


def steps(events: Iterable[ev.AnyEvent], start: int) -> Iterator[Step]:
    """The steps from `start` (ns) on."""
    run: list[Messages] = []
    count, last = 0, None
    before: int | None = None
    for step in in_order(_single(events, start)):
        if before is not None and step.t - before >= PAUSE:
            yield from _told(run, count, last)
            run, count, last = [], 0, None
            yield Note(step.t, f"{units.span(step.t - before)} later")
        before = step.t
        if isinstance(step, Messages) and last is not None and _way(step) == _way(last):
            count, last = count + 1, step
            run = [*run, step][: ALONE + 1]
            continue
        yield from _told(run, count, last)
        run, count, last = [], 0, None
        if isinstance(step, Messages):
            run, count, last = [step], 1, step
        else:
            yield step
    yield from _told(run, count, last)


def _told(run: list[Messages], count: int, last: Messages | None) -> Iterator[Messages]:
    if last is None or count <= ALONE:
        yield from run
    else:
        yield run[0]._replace(last=last.first, samples=count)


def _way(step: Messages) -> tuple[str, str, str]:
    return step.first.channel, step.first.sender, step.first.receiver


def _single(events: Iterable[ev.AnyEvent], start: int) -> Iterator[Step]:
    """Each event of the window that can be shown, as it was told."""
    standing: set[str] = set()
    answers: set[str] = set()
    ends: dict[str, tuple[str, ...]] = {}
    for event in events:
        if isinstance(event, ev.SessionStarted):
            standing.clear()
            answers = {info.name for info in event.channels if info.part_of not in (None, info.name)}
            ends = {info.name: tuple(end.process for end in info.endpoints) for info in event.channels}
        elif isinstance(event, ev.FindingRaised):
            fresh = event.key not in standing
            standing.add(event.key)
            if fresh and event.t >= start:
                yield Note(event.t, event.sentence, tuple(event.members))
        elif isinstance(event, ev.FindingCleared):
            standing.discard(event.key)
        elif isinstance(event, ev.Event) and event.t >= start:
            yield from _shown(event, answers, ends)


def _shown(event: ev.Event, answers: set[str], ends: dict[str, tuple[str, ...]]) -> Iterator[Step]:
    if isinstance(event, ev.Message):
        yield Messages(event.t, event, event, 1, event.channel in answers)
    elif isinstance(event, ev.LockEvent):
        yield Lock(event.t, event)
    elif isinstance(event, ev.FaultInjected):
        members = (event.process,) if event.process else ends.get(event.channel, ())
        yield Note(event.t, event.sentence, members)
    elif isinstance(event, ev.ProcessExited) and event.failed:
        yield Note(event.t, f"{event.process} failed: {event.reason}", (event.process,))
    elif isinstance(event, ev.Chapter):
        yield Note(event.t, ": ".join(filter(None, (event.label, event.caption))))
    elif isinstance(event, ev.Gap):
        yield Note(event.t, f"{units.span(event.left_out)} were cut out here")
