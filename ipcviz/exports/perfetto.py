"""A trace for Perfetto and chrome://tracing: what each process did when, and the messages between them.

Groups of rows: the session (chapters, findings, faults), each process (its life, waits, locks, pauses and
sampled messages, with arrows from sends to receipts), each channel and each lock (counters, holders). What
had begun before the window and lasts into it is told whole. Of what is unknown nothing is said: a counter
stays where it was then. A "wait in part" is a time in which the process waited as long as its arguments say,
without anybody knowing when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports import Chapter, Progress, Readable
from ipcviz.exports.options import Options
from ipcviz.exports.reading import LATE, told
from ipcviz.exports.trace_file import Arguments, TraceFile, Track
from ipcviz.exports.trace_rows import NEVER, LockRows, ProcessRows
from ipcviz.lanes import Lanes, Span
from ipcviz.view import ChannelView, LockView, ProcessView
from ipcviz.world import World

LOOK_EVERY = 500
LOOK_FRAMES = 5
"""Events, or frames, after which the lanes are read, long before they forget anything."""


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the trace of the window."""
    start, end = options.window(recording)
    file = TraceFile(out)
    trace = Trace(file, start, end)
    session = recording.session
    events = told(recording, end, progress)
    trace.apply(next(events))
    for chapter in recording.chapters:
        trace.chapter(chapter)
    for event in events:
        trace.apply(event)
    trace.close()
    file.close(
        {
            "made by": f"ipcviz {session.host.ipcviz}",
            "topology": session.topology,
            "about": session.about,
            "started at": session.started_at,
            "from ns": start,
            "until ns": end,
            "messages": "sampled; the counters count all of them",
        }
    )
    progress(1.0)


class Trace:
    """Tells events to a file, as far as they lie between `start` and `end` (ns)."""

    def __init__(self, file: TraceFile, start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end
        self._world = World()
        self._since_look = self._frames = self._flows = 0
        self._session = self._entered = 0
        self._standing: set[str] = set()
        self._rows: dict[str, Track] = {}
        self._processes: dict[str, ProcessRows] = {}
        self._channels: list[int] = []
        self._locks: list[LockRows] = []

    def apply(self, event: ev.AnyEvent) -> None:
        """Take one event in."""
        if isinstance(event, ev.SessionStarted):
            self.close()  # what comes before, where recordings were joined
        self._world.apply(event)
        self._since_look += 1
        tell = _TELL.get(type(event))
        if tell is not None:
            tell(self, event)
        if self._since_look >= LOOK_EVERY or self._frames >= LOOK_FRAMES:
            view = self._world.view()
            self._look(view.lanes, view.t - LATE)

    def close(self) -> None:
        """Tell what still lasts."""
        view = self._world.view()
        self._look(view.lanes, NEVER)
        for process in self._processes.values():
            process.end(min(self._end, view.t))

    def begin(self, session: ev.SessionStarted) -> None:
        """A session, and rows of its own for all that is in it."""
        self._entered = self._world.view().t if self._session else 0
        self._session = self._file.group(f"session {session.topology}", "session")
        self._rows, self._processes, self._standing = {}, {}, set()
        self._channels = [
            self._file.group(f"channel {info.name} ({info.mechanism})", info.kind)
            for info in session.channels
        ]
        self._locks = [LockRows(self._file, info) for info in session.locks]

    def started(self, event: ev.ProcessStarted) -> None:
        """A process runs; from now on it has rows."""
        if event.process not in self._processes:
            since = max(event.t, self._entered)
            self._processes[event.process] = ProcessRows(self._file, event.process, event.pid, since)

    def exited(self, event: ev.ProcessExited) -> None:
        """A process has ended."""
        process = self._processes.get(event.process)
        if process is None or event.t < self._start:
            return
        process.end(event.t)
        self._file.counter(process.group, "cpu", "% of a core", event.t, 0)
        if event.failed:
            told: Arguments = {"reason": event.reason, "exit": event.exit, "signal": event.signal}
            self._file.instant(process.life, "process", "failed", event.t, told)

    def message(self, event: ev.Message) -> None:
        """A sampled message: a send, a receipt, and an arrow from one to the other."""
        sender, receiver = self._processes.get(event.sender), self._processes.get(event.receiver)
        if not self._start <= event.t <= self._end or receiver is None:
            return
        told: Arguments = {"channel": event.channel, "sequence": event.sequence, "bytes": event.size}
        told |= {"payload": units.preview(event.payload) or None}
        arrival: Arguments = {**told, "from": event.sender, "latency ns": event.t - event.sent}
        name = f"receives {event.channel}"
        self._file.slice(receiver.messages, "message", name, event.t, event.t, arrival)
        if sender is None:
            return
        key = (event.channel, event.sequence, event.sent)
        if key != sender.last_sent:  # what is broadcast is sent once
            sender.last_sent = key
            name = f"sends {event.channel}"
            self._file.slice(sender.messages, "message", name, event.sent, event.sent, told)
        self._flows += 1
        ends = (sender.messages, event.sent), (receiver.messages, event.t)
        self._file.flow(self._flows, "message", event.channel, *ends)

    def chapter(self, chapter: Chapter) -> None:
        """A part of the session begins."""
        self._happened(chapter.t, "chapters", chapter.label, {"caption": chapter.caption or None})

    def gap(self, event: ev.Gap) -> None:
        """A part of the session was cut out."""
        self._happened(event.t, "chapters", "cut out", {"left out ns": event.left_out})

    def raised(self, event: ev.FindingRaised) -> None:
        """Something is wrong; the same again only changes its words."""
        if event.key not in self._standing:
            self._standing.add(event.key)
            told: Arguments = {"sentence": event.sentence, "members": units.listed(event.members) or None}
            self._happened(event.t, "findings", event.kind, {**told, "since ns": event.since})

    def cleared(self, event: ev.FindingCleared) -> None:
        """It is so no longer."""
        if event.key in self._standing:
            self._standing.discard(event.key)
            self._happened(event.t, "findings", "cleared", {"finding": event.key})

    def fault(self, event: ev.FaultInjected) -> None:
        """Somebody acted on the run."""
        told: Arguments = {"sentence": event.sentence, "process": event.process or None}
        told |= {"channel": event.channel or None, "done": event.done}
        self._happened(event.t, "faults", event.fault, told)

    def lost(self, event: ev.Lost) -> None:
        """The stream itself has dropped events."""
        if self._start <= event.t <= self._end:
            self._file.counter(self._session, "lost", "events", event.t, event.events)

    def frame(self, frame: ev.Frame) -> None:
        """All figures at an instant."""
        self._frames += 1
        if not self._start <= frame.t <= self._end:
            return
        view = self._world.view()
        for group, channel in zip(self._channels, view.channels, strict=False):
            self._channel(group, channel, frame.t)
        for lock, state in zip(self._locks, view.locks, strict=False):
            self._lock(lock.group, state, frame.t)
        for process in view.processes:
            self._process(process, frame.t)

    def _channel(self, group: int, channel: ChannelView, t: int) -> None:
        counter = self._file.counter
        if channel.is_region:
            for name, pace in (("writes", "sent_rate"), ("reads", "received_rate")):
                total = sum(getattr(end, pace) for end in channel.ends)
                counter(group, name, "a second", t, round(total, 3))
            return
        counter(group, "received", "messages a second", t, round(channel.rate, 3))
        if channel.depth.now is not None:
            counter(group, "depth", channel.depth.unit, t, channel.depth.now)
        if channel.latency.p99 is not None:
            counter(group, "latency p99", "µs", t, channel.latency.p99)

    def _lock(self, group: int, lock: LockView, t: int) -> None:
        self._file.counter(group, "holding", "processes", t, len(lock.holders))
        self._file.counter(group, "waiting", "processes", t, len(lock.waiters))

    def _process(self, process: ProcessView, t: int) -> None:
        known = self._processes.get(process.name)
        if known is not None and process.status == "running":
            self._file.counter(known.group, "cpu", "% of a core", t, round(process.kernel.cpu, 3))
            self._file.counter(known.group, "memory", "bytes", t, process.kernel.memory)

    def _happened(self, t: int, row: str, name: str, arguments: Arguments) -> None:
        """Something happened to the session."""
        if self._start <= t <= self._end:
            if row not in self._rows:
                self._rows[row] = self._file.track(self._session, row, len(self._rows))
            self._file.instant(self._rows[row], row, name, t, arguments)

    def _look(self, lanes: Lanes, settled: int) -> None:
        """Tell the spans that nothing can change any more; at the end also those that last."""
        self._since_look = self._frames = 0
        spans: dict[str, list[Span]] = {}
        for row in lanes.processes:
            if row.name in self._processes:
                spans[row.name] = self._processes[row.name].settled(row, settled)
        for lane, lock in zip(lanes.locks, self._locks, strict=False):
            for span in filter(self._is_within, lock.settled(lane, settled)):
                lock.tell(span)
                spans.setdefault(span.process, []).append(span)
        for name, process in self._processes.items():
            process.tell(filter(self._is_within, spans.get(name, ())))

    def _is_within(self, span: Span) -> bool:
        return span.end >= self._start and span.start <= self._end


_TELL: dict[type, Callable[[Trace, Any], None]] = {
    ev.SessionStarted: Trace.begin,
    ev.ProcessStarted: Trace.started,
    ev.ProcessExited: Trace.exited,
    ev.Message: Trace.message,
    ev.Gap: Trace.gap,
    ev.FindingRaised: Trace.raised,
    ev.FindingCleared: Trace.cleared,
    ev.FaultInjected: Trace.fault,
    ev.Lost: Trace.lost,
    ev.Frame: Trace.frame,
}
