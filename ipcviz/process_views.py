"""The processes of a session as Views show them, made when somebody looks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ipcviz import events as ev
from ipcviz.activities import process_rates
from ipcviz.descriptor_tracks import DescriptorTrack
from ipcviz.pauses import Pauses
from ipcviz.process_tracks import ProcessTrack
from ipcviz.standing import Standing
from ipcviz.tracks import WINDOW
from ipcviz.view import ChannelView, ProcessView, Wait


class Processes:
    """Takes what concerns processes."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._views = {name: ProcessView(name) for name in names}
        self._descriptors = {name: DescriptorTrack() for name in self._views}
        self._tracks = {name: ProcessTrack() for name in self._views}

    def views(self) -> tuple[ProcessView, ...]:
        """All of them, in the session's order."""
        return tuple(self._views.values())

    def over(self) -> set[str]:
        """Those that have ended."""
        return {name for name, view in self._views.items() if view.status in ("ended", "failed")}

    def started(self, event: ev.ProcessStarted) -> None:
        """One runs."""
        self._change(event.process, pid=event.pid, status="running", started=event.t)

    def exited(self, event: ev.ProcessExited) -> None:
        """One has ended."""
        self._change(
            event.process,
            pid=event.pid,
            status="failed" if event.failed else "ended",
            wait=None,
            exit=event.exit,
            signal=event.signal,
            reason=event.reason,
            detail=event.detail,
            kernel=ev.ProcessState(state="ended"),
            ended=event.t,
            gained=0,
            paused=False,
        )

    def reported(self, event: ev.Reported) -> None:
        """One has said what it found; a newer value takes the place of the older."""
        if event.process in self._views:
            self._change(event.process, reports={**self._views[event.process].reports, **event.values})

    def paused(self, name: str, paused: bool) -> None:
        """One was paused, or let go on."""
        self._change(name, paused=paused)

    def acted_on(self, standing: Standing) -> None:
        """What was done to them has changed."""
        for name, view in self._views.items():
            held = standing.on_process(name)
            if held != view.faults:
                self._change(name, faults=held)

    def restart(self) -> None:
        """Nothing is measured from before the next frame: there was a gap."""
        for name, track in self._tracks.items():
            track.restart()
            self._descriptors[name].restart()

    def see(self, frame: ev.Frame) -> None:
        """One more frame."""
        for (name, view), kernel in zip(self._views.items(), frame.processes, strict=False):
            if view.status == "running":
                self._descriptors[name].add(frame.t, kernel.descriptors)
                self._tracks[name].add(frame.t, kernel)

    def settle(
        self,
        frame: ev.Frame,
        channels: Iterable[ChannelView],
        waits: Mapping[str, Wait],
        pauses: Pauses,
    ) -> None:
        """Make views of what that frame, the last, has changed."""
        rates = process_rates(channels)
        for name, kernel in zip(self._views, frame.processes, strict=False):
            paused, of_late = pauses.paused(name, frame.t), pauses.paused(name, frame.t, frame.t - WINDOW)
            if self._views[name].status != "running":
                self._change(
                    name, sent_rate=0.0, received_rate=0.0, paused_for=paused, paused_of_late=of_late
                )
                continue
            sent, received = rates.get(name, (0.0, 0.0))
            track = self._tracks[name]
            voluntary, involuntary = track.switches()
            self._change(
                name,
                kernel=kernel,
                wait=waits.get(name),
                sent_rate=sent,
                received_rate=received,
                gained=self._descriptors[name].gained(),
                voluntary_rate=voluntary,
                involuntary_rate=involuntary,
                steps=track.steps,
                cpu_history=track.history,
                paused_for=paused,
                paused_of_late=of_late,
            )

    def _change(self, name: str, **changes: object) -> None:
        if name in self._views:
            self._views[name] = msgspec.structs.replace(self._views[name], **changes)
