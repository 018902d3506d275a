"""The recent past of a channel: what its rates, shares and history are made from. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from typing import Any

from ipcviz import events as ev
from ipcviz.orders import OrderTrack
from ipcviz.pauses import Pauses
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, EndView, Order, Unread

WINDOW = 10 * SECOND
"""What shares ("of the last 10 s") are taken over."""
MOST_FRAMES = 2_000
"""In a window; three times what a run tells, and a bound for files in which no time passes."""
RATE_WINDOW = SECOND
HISTORY_STEP = SECOND // 2
HISTORY = 120

States = Sequence[ev.ChannelState]
"""All channels of a session, at an instant."""


class Window:
    """The channels of a session as the frames of the last ten seconds saw them, all of them together."""

    def __init__(self, channels: int) -> None:
        self.times: list[int] = []
        self.full = [0] * channels
        """Of each channel, the nanoseconds of the window that ended with a frame which found it full."""
        self._states: list[States | None] = []
        self._found_full: list[tuple[int, ...]] = []
        self._made: list[bool] = []
        self._load: Callable[[int], States] | None = None
        self._restarts = False
        self.count = 0
        """Frames that were ever added."""

    def restart(self) -> None:
        """Nothing is measured from before the next frame: there was a gap."""
        self._restarts = True

    def add(
        self, t: int, states: States, made: bool = False, stopped: Set[tuple[int, int]] = frozenset()
    ) -> bool:
        """One more frame; what the window has left behind is forgotten. True if it begins anew with this.

        `made` if the states are not those of an event; `stopped` are the places of channels and the numbers
        of their ends of those whom somebody has paused.
        """
        restarts, self._restarts = self._restarts, False
        if restarts:
            self.times.clear()
            self._states.clear()
            self._found_full.clear()
            self._made.clear()
            self.full = [0] * len(self.full)
        channels = zip(range(len(self.full)), states, strict=False)
        found_full = tuple(place for place, state in channels if is_full(state, place, stopped))
        for place in found_full if self.times else ():
            self.full[place] += t - self.times[-1]
        self.times.append(t)
        self._states.append(states)
        self._found_full.append(found_full)
        self._made.append(made)
        self.count += 1
        while len(self.times) > 2 and (self.times[1] <= t - WINDOW or len(self.times) > MOST_FRAMES):
            self._forget()
        return restarts

    def _forget(self) -> None:
        passed = self.times[1] - self.times[0]
        for place in self._found_full[1]:
            self.full[place] -= passed
        del self.times[0], self._states[0], self._found_full[0], self._made[0]

    def before(self, window: int) -> tuple[int, States]:
        """The frame that began the window, or the oldest."""
        number = max(0, bisect_right(self.times, self.times[-1] - window) - 1)
        return self.times[number], self.states(number)

    def states(self, number: int) -> States:
        """The channels in the frame with that number, the oldest being 0."""
        found = self._states[number]
        if found is None:
            assert self._load is not None
            found = self._states[number] = self._load(self.count - len(self._states) + number)
        return found

    def full_share(self, place: int) -> float:
        """The part of the window in which a frame found the channel full."""
        total = self.times[-1] - self.times[0]
        return self.full[place] / total if total > 0 else 0.0

    def look_up(self, load: Callable[[int], States]) -> None:
        """Find the states of a copy's frames so: their numbers count all that were ever added, from 0."""
        self._load = load

    def __getstate__(self) -> dict[str, Any]:
        """For a copy that finds the frames elsewhere: it has the newest, and those that no event told."""
        last = len(self._states) - 1
        kept = [
            states if made or number == last else None
            for number, (states, made) in enumerate(zip(self._states, self._made, strict=True))
        ]
        return {**vars(self), "_states": kept, "_load": None}


class Track:
    """The recent past of one channel, from which its history is made."""

    def __init__(self) -> None:
        self.history: tuple[float, ...] = ()
        self.depths: tuple[int | None, ...] = ()
        self.steps = 0
        self.order = OrderTrack()
        self.unread: Unread | None = None
        self._mark = (0, 0)
        self._highest: int | None = None
        self._alone_at: tuple[int, int] | None = None

    def add(self, t: int, state: ev.ChannelState, restarts: bool = False) -> None:
        """One more frame; with `restarts`, the first after a gap."""
        if restarts:
            self._mark = (t, _received(state))
        now = state.depth.now
        if now is not None and (self._highest is None or now > self._highest):
            self._highest = max(0, now)
        since, count = self._mark
        if t - since >= HISTORY_STEP:
            received = _received(state)
            rate = (received - count) * SECOND / (t - since)
            self.history = (*self.history[-HISTORY + 1 :], rate)
            self._mark = (t, received)
            self.depths = (*self.depths[-HISTORY + 1 :], self._highest)
            self._highest = None
            self.steps += 1

    def left_alone(self, alone: bool, t: int, state: ev.ChannelState) -> None:
        """Whether nobody can receive any more, as of the newest frame."""
        if not alone:
            self.unread = self._alone_at = None
            return
        sent = sum(end.sent for end in state.ends)
        if self._alone_at is None:
            self._alone_at = (t, sent)
        since, before = self._alone_at
        self.unread = Unread(since, sent - before)


def is_full(state: ev.ChannelState, place: int = 0, stopped: Set[tuple[int, int]] = frozenset()) -> bool:
    """A sender waits in it that is not stopped, or what it holds has reached what it can hold."""
    sending = (number for number, end in enumerate(state.ends) if end.activity == "sending")
    if any((place, number) not in stopped for number in sending):
        return True
    depth = state.depth
    return bool(depth.capacity) and depth.now is not None and depth.now >= (depth.capacity or 0)


def is_left_alone(info: ev.ChannelInfo, state: ev.ChannelState, over: Set[str]) -> bool:
    """There are receivers, and each of them is `over` (has ended), or has closed its end."""
    takers = [
        end.closed or endpoint.process in over
        for endpoint, end in zip(info.endpoints, state.ends, strict=False)
        if not gives(endpoint.role)
    ]
    return bool(takers) and all(takers)


def _received(state: ev.ChannelState) -> int:
    return sum(end.received for end in state.ends)


def channel_view(
    info: ev.ChannelInfo,
    place: int,
    window: Window,
    track: Track,
    faults: tuple[ev.FaultInjected, ...],
    orders: tuple[Order, ...],
    pauses: Pauses,
) -> ChannelView:
    """The channel at that place of the session, at the newest frame of the window."""
    t = window.times[-1]
    state = pauses.channel(place, t, window.states(len(window.times) - 1)[place])
    second_ago, second_states = window.before(RATE_WINDOW)
    window_ago, early_states = window.before(WINDOW)
    then = second_states[place]
    early = pauses.channel(place, window_ago, early_states[place], newest=False)
    elapsed = max(1, t - second_ago)
    lasted = max(1, t - window_ago)
    copies = copies_of(info)
    ends = _end_views(info, (state, then, early), elapsed, lasted)
    received_bytes = sum(end.received_bytes for end in state.ends)
    return ChannelView(
        info=info,
        ends=ends,
        sent=sum(end.sent for end in state.ends) * copies,
        received=_received(state),
        bytes=received_bytes,
        rate=sum(end.received_rate for end in ends),
        bytes_rate=(received_bytes - sum(end.received_bytes for end in then.ends)) * SECOND / elapsed,
        depth=state.depth,
        latency=state.latency,
        stride=max((end.stride for end in state.ends), default=1),
        blocked_send=_share(state, early, "blocked_send", True, info, lasted),
        blocked_receive=_share(state, early, "blocked_receive", False, info, lasted),
        full=window.full_share(place),
        history=track.history,
        dropped=state.dropped,
        content=state.content,
        faults=faults,
        faulted=state.faulted,
        pending=state.pending,
        orders=orders,
        unread=track.unread,
        steps=track.steps,
        depths=track.depths,
        histogram=tuple(state.histogram),
        histogram_before=tuple(early.histogram),
    )


def _end_views(
    info: ev.ChannelInfo,
    states: tuple[ev.ChannelState, ev.ChannelState, ev.ChannelState],
    elapsed: int,
    lasted: int,
) -> tuple[EndView, ...]:
    """Each end with its rates over `elapsed` ns and its waits over `lasted`; the `states` are those of now,
    of when the rates begin, of when the waits do.
    """
    state, then, early = states
    return tuple(
        EndView(
            endpoint.process,
            endpoint.role,
            now,
            (now.sent - old.sent) * SECOND / elapsed,
            (now.received - old.received) * SECOND / elapsed,
            _waited_share(now, older, lasted),
        )
        for endpoint, now, old, older in zip(info.endpoints, state.ends, then.ends, early.ends, strict=False)
    )


def _waited_share(now: ev.EndState, then: ev.EndState, window: int) -> float:
    """The part of the window that one end waited."""
    waited = now.blocked_send + now.blocked_receive - then.blocked_send - then.blocked_receive
    return min(1.0, max(0.0, waited / window))


def copies_of(info: ev.ChannelInfo) -> int:
    """How many receivers get each message."""
    if info.kind != "broadcast":
        return 1
    return sum(1 for end in info.endpoints if not gives(end.role))


def _share(
    now: ev.ChannelState,
    then: ev.ChannelState,
    word: str,
    giving: bool,
    info: ev.ChannelInfo,
    window: int,
) -> float:
    """Of the window, the part that the ends which give, or those which take, waited, on average."""
    waited = [
        getattr(new, word) - getattr(old, word)
        for new, old, endpoint in zip(now.ends, then.ends, info.endpoints, strict=False)
        if gives(endpoint.role) == giving
    ]
    return min(1.0, max(0.0, sum(waited) / window / len(waited))) if waited else 0.0
