"""The world: what is known after so many events. Pure: the same events in, the same View out.

`World.apply` takes one event, `World.view` gives a snapshot that later events do not change. A live run,
a saved stream and (later) a recording are told apart by nothing in here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ipcviz import events as ev
from ipcviz.activities import waits_of
from ipcviz.chronicle import Chronicle
from ipcviz.late import Late, without_first
from ipcviz.lock_tracks import LockTrack, add_frame, lock_view
from ipcviz.pauses import Pauses
from ipcviz.process_views import Processes
from ipcviz.standing import Standing
from ipcviz.tracks import Track, Window, channel_view, is_left_alone
from ipcviz.view import ChannelView, LockView, Order, Over, Slice, View, Wait

MESSAGES_KEPT = 100_000
NOTES_KEPT = 1_000
CLEARED_KEPT = 50
FAULTS_KEPT = 1_000


class World:
    """Applies events, gives Views."""

    def __init__(self, lanes: bool = True) -> None:
        """Without `lanes`, Views have none: for those who draw no timeline."""
        self._has_lanes = lanes
        self.events = 0
        self._status: Literal["waiting", "live", "ended", "refused"] = "waiting"
        self._t = 0
        self._session: ev.SessionStarted | None = None
        self._frame: ev.Frame | None = None
        self._tracks: list[Track] = []
        self._window = Window(0)
        self._is_settled = True
        self._waits: dict[str, Wait] = {}
        self._frame_faults: dict[str, tuple[ev.FaultInjected, ...]] = {}
        self._frame_orders: list[tuple[Order, ...]] = []
        self._channels: tuple[ChannelView, ...] = ()
        self._locks: tuple[LockView, ...] = ()
        self._lock_tracks: list[LockTrack] = []
        self._processes = Processes()
        self._orders: dict[str, Track] = {}
        self._messages: list[ev.Message] | Late[ev.Message] = []
        self._seen = 0
        self._notes: deque[ev.Note] = deque(maxlen=NOTES_KEPT)
        self._findings: dict[str, ev.FindingRaised] = {}
        self._cleared: deque[Over] = deque(maxlen=CLEARED_KEPT)
        self._faults: deque[ev.FaultInjected] = deque(maxlen=FAULTS_KEPT)
        self._standing = Standing()
        self._pauses = Pauses()
        self._watching = ev.Watching(0.0, 0.0)
        self._lost = 0
        self._refusal = ""
        self._summary: ev.Summary | None = None
        self._chapters: dict[int, ev.Chapter] = {}  # by when they begin
        self._chronicle = Chronicle()

    def apply(self, event: ev.AnyEvent) -> None:
        """Take one event in."""
        self.events += 1
        if isinstance(event, ev.Event):
            self._t = max(self._t, event.t)
        _APPLY[type(event)](self, event)

    def note_order(self, message: ev.Message) -> None:
        """Take in only what a message's number says, where none are kept; `apply` does it, too."""
        track = self._orders.get(message.channel)
        if track is not None:
            track.order.note(message)

    @property
    def kept_messages(self) -> Sequence[ev.Message]:
        """The last messages, the newest last."""
        return self._messages

    @property
    def messages_seen(self) -> int:
        """All messages so far."""
        return self._seen

    def look_up_frames(self, load: Callable[[int], ev.Frame]) -> None:
        """Of a copy, find earlier frames so: 1 is the newest frame, 2 the one before it."""
        count = self._window.count
        self._window.look_up(lambda number: load(count - number).channels)

        def lock(place: int) -> Callable[[int], ev.LockState]:
            return lambda number: load(count - number).locks[place]

        for place, track in enumerate(self._lock_tracks):
            track.look_up(lock(place))

    def view(self) -> View:
        """The world now; what is applied later does not change it."""
        self._settle()
        return View(
            status=self._status,
            t=self._t,
            framed=self._frame.t if self._frame else 0,
            session=self._session,
            channels=self._channels,
            locks=self._locks,
            processes=self._processes.views(),
            messages=Slice(self._messages, 0, len(self._messages)),
            messages_seen=self._seen,
            notes=tuple(self._notes),
            findings=tuple(self._findings.values()),
            faults=tuple(self._faults),
            watching=self._watching,
            lost=self._lost,
            refusal=self._refusal,
            summary=self._summary,
            lanes=self._chronicle.lanes(),
            cleared=tuple(self._cleared),
            chapters=tuple(self._chapters.values()),
        )

    def _session_started(self, event: ev.SessionStarted) -> None:
        if self._session is not None:  # another one follows it: recordings were joined
            kept = {"events": self.events, "_t": self._t, "_chapters": self._chapters}
            vars(self).update(vars(World(self._has_lanes)) | kept)
        self._session = event
        self._status = "live"
        self._chronicle = Chronicle(event if self._has_lanes else None)
        self._tracks = [Track() for _ in event.channels]
        self._window = Window(len(event.channels))
        self._orders = {info.name: track for info, track in zip(event.channels, self._tracks, strict=True)}
        self._lock_tracks = [LockTrack() for _ in event.locks]
        self._processes = Processes(event.processes)
        self._pauses = Pauses(event)
        empty = [ev.EndState() for _ in range(max((len(c.endpoints) for c in event.channels), default=0))]
        states = [
            ev.ChannelState(empty[: len(channel.endpoints)], ev.Depth(), ev.Latency())
            for channel in event.channels
        ]
        unused = [
            ev.LockState([ev.LockUse() for _ in lock.users], None, None, "unknown", "", ev.Latency())
            for lock in event.locks
        ]
        self._see(event.t, states, unused, made=True)

    def _refused(self, event: ev.Refused) -> None:
        self._status = "refused"
        self._refusal = event.sentence

    def _process_started(self, event: ev.ProcessStarted) -> None:
        self._settle()
        self._processes.started(event)
        self._chronicle.started(event)

    def _process_signalled(self, event: ev.ProcessSignalled) -> None:
        """What comes of it is told when it has."""

    def _process_exited(self, event: ev.ProcessExited) -> None:
        self._settle()
        self._chronicle.exited(event)
        self._processes.exited(event)
        self._pauses.ended(event.process, event.t)
        self._standing.ended(event.process)
        self._processes.acted_on(self._standing)

    def _reported(self, event: ev.Reported) -> None:
        self._processes.reported(event)

    def _frame_seen(self, event: ev.Frame) -> None:
        self._frame = event
        self._watching = event.watching
        self._see(event.t, event.channels, event.locks)
        self._processes.see(event)
        self._chronicle.frame(event, self._waits, self._pauses.frame(event))

    def _see(
        self,
        t: int,
        channels: Sequence[ev.ChannelState],
        locks: Sequence[ev.LockState],
        made: bool = False,
    ) -> None:
        """What every frame changes; the rest is worked out when somebody looks (see `_settle`)."""
        if self._session is None:
            return
        infos, lacking = self._session.channels, len(self._tracks) - len(channels)
        if lacking > 0:
            channels = [*channels, *self._window.states(len(self._window.times) - 1)[-lacking:]]
        over = self._processes.over()
        self._pauses.see(channels, locks)
        restarts = self._window.add(t, channels, made or lacking > 0, self._pauses.stopped_ends())
        for info, state, track in zip(infos, channels, self._tracks, strict=False):
            track.add(t, state, restarts)
            track.left_alone(is_left_alone(info, state, over), t, state)
        add_frame(self._lock_tracks, t, locks, made, self._pauses)
        stopped = self._pauses.stopped_processes
        self._waits = waits_of(self._session, channels, locks, self._standing.resumed, stopped)
        self._frame_faults = self._standing.on_channels()
        self._frame_orders = [track.order.seen() for track in self._tracks]
        self._is_settled = False

    def _settle(self) -> None:
        """Make views of what the last frame has changed."""
        if self._is_settled or self._session is None:
            return
        self._is_settled = True
        self._channels = tuple(
            channel_view(
                info, place, self._window, track, self._frame_faults.get(info.name, ()), orders, self._pauses
            )
            for place, (info, track, orders) in enumerate(
                zip(self._session.channels, self._tracks, self._frame_orders, strict=True)
            )
        )
        self._locks = tuple(
            lock_view(info, place, track, self._pauses)
            for place, (info, track) in enumerate(zip(self._session.locks, self._lock_tracks, strict=True))
        )
        if self._frame is not None:
            self._processes.settle(self._frame, self._channels, self._waits, self._pauses)

    def _message(self, event: ev.Message) -> None:
        self._seen += 1
        self._chronicle.message(event)
        self.note_order(event)
        self._messages.append(event)
        if len(self._messages) > MESSAGES_KEPT:
            # A new list: the old one belongs to the Views that were taken of it.
            self._messages = without_first(self._messages, MESSAGES_KEPT // 5)

    def _note(self, event: ev.Note) -> None:
        self._notes.append(event)

    def _finding_raised(self, event: ev.FindingRaised) -> None:
        self._findings[event.key] = event
        self._chronicle.finding(event)

    def _finding_cleared(self, event: ev.FindingCleared) -> None:
        self._chronicle.cleared(event)
        finding = self._findings.pop(event.key, None)
        if finding is not None:
            self._cleared.append(Over(finding, event.t))

    def _fault_injected(self, event: ev.FaultInjected) -> None:
        self._faults.append(event)
        self._chronicle.fault(event)
        if not event.done:
            return
        self._settle()
        self._standing.take(event)
        self._pauses.take(event)
        if event.fault in ("pause", "resume"):
            self._processes.paused(event.process, event.fault == "pause")
            return
        self._processes.acted_on(self._standing)

    def _chapter_begun(self, event: ev.Chapter) -> None:
        self._chapters[event.t] = event

    def _gap(self, event: ev.Gap) -> None:
        self._settle()
        self._pauses.gap(event)
        self._window.restart()
        for lock in self._lock_tracks:
            lock.restart()
        self._processes.restart()
        self._chronicle.gap()

    def _lost_seen(self, event: ev.Lost) -> None:
        self._lost = event.events

    def _summed_up(self, event: ev.Summary) -> None:
        self._summary = event
        self._status = "ended"
        self._lost = event.stream.lost

    def _lock_event(self, event: ev.LockEvent) -> None:
        """For the lanes; the frames already hold the counts."""
        self._chronicle.lock_event(event)


_APPLY: dict[type, Callable[[World, Any], None]] = {
    ev.SessionStarted: World._session_started,
    ev.Refused: World._refused,
    ev.ProcessStarted: World._process_started,
    ev.ProcessSignalled: World._process_signalled,
    ev.ProcessExited: World._process_exited,
    ev.Frame: World._frame_seen,
    ev.Message: World._message,
    ev.LockEvent: World._lock_event,
    ev.Reported: World._reported,
    ev.Note: World._note,
    ev.FindingRaised: World._finding_raised,
    ev.FindingCleared: World._finding_cleared,
    ev.FaultInjected: World._fault_injected,
    ev.Chapter: World._chapter_begun,
    ev.Gap: World._gap,
    ev.Lost: World._lost_seen,
    ev.Summary: World._summed_up,
}
