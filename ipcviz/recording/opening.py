"""The events that rebuild what stands at an instant: a recording that begins in the middle begins with them.

Who plays it sees the same processes, reports, findings and acts, and the same counters; what was before (the
minute of history, messages, printed lines) is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import structs

from ipcviz import events as ev
from ipcviz.standing import Standing
from ipcviz.view import ProcessView, View
from ipcviz.world import World


def opening_events(view: View, t: int | None = None) -> list[ev.AnyEvent]:
    """The session and what stands in it, told as of `t` or `view.t`; nothing for a view without a session."""
    if view.session is None:
        return []
    t = view.t if t is None else t
    events: list[ev.AnyEvent] = [view.session]
    for process in view.processes:
        events += _process(process, t)
    events += _standing_faults(view)
    events += [structs.replace(finding, t=t) for finding in view.findings]
    events += view.chapters[-1:]
    if view.lost:
        events.append(ev.Lost(t=t, events=view.lost))
    return events


class Opening:
    """Knows what stands after all events that have passed by, at little cost."""

    def __init__(self) -> None:
        self.t = 0
        """When the last of them was, in ns of the session."""
        self._world = World(lanes=False)

    def pass_by(self, events: Iterable[ev.AnyEvent], t: int) -> None:
        """More events, the last of which was at `t`."""
        for event in filter(tells, events):
            self._world.apply(event)
        self.t = t

    def events(self) -> list[ev.AnyEvent]:
        """Those that rebuild it; nothing while there was no session."""
        return opening_events(self._world.view(), self.t)


def tells(event: ev.AnyEvent) -> bool:
    """Whether it changes what stands, and is no sample that passes."""
    return not isinstance(event, ev.Frame | ev.Message | ev.LockEvent | ev.Note | ev.Gap)


def _process(process: ProcessView, t: int) -> Iterator[ev.AnyEvent]:
    if process.started is not None and process.pid is not None:
        yield ev.ProcessStarted(t=process.started, process=process.name, pid=process.pid)
    if process.reports:
        yield ev.Reported(t=t, process=process.name, values=process.reports)
    if process.status in ("ended", "failed"):
        yield ev.ProcessExited(
            t=process.ended or 0,
            process=process.name,
            pid=process.pid or 0,
            exit=process.exit,
            signal=process.signal,
            failed=process.status == "failed",
            reason=process.reason,
            detail=process.detail,
        )


def _standing_faults(view: View) -> list[ev.AnyEvent]:
    """Acts that still hold, in the order in which they were done."""
    shown = [fault for process in view.processes for fault in process.faults]
    shown += [fault for channel in view.channels for fault in channel.faults]
    standing = Standing()
    for fault in sorted((*shown, *view.faults), key=lambda fault: fault.t):
        if fault.done:  # some were done after the last frame, of which channels tell
            standing.take(fault)
    for process in view.processes:
        if process.ended is not None:
            standing.ended(process.name)
    paused = {process.name for process in view.processes if process.paused}
    pauses = {f.process: f for f in view.faults if f.fault == "pause" and f.done and f.process in paused}
    acts: list[ev.FaultInjected] = sorted([*standing.acts, *pauses.values()], key=lambda fault: fault.t)
    return list(acts)
