"""The recent past of a channel: what its rates, shares and history are made from. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from itertools import pairwise

from ipcviz import events as ev
from ipcviz.orders import OrderTrack
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, EndView, Unread

WINDOW = 10 * SECOND
"""What shares ("of the last 10 s") are taken over."""
RATE_WINDOW = SECOND
HISTORY_STEP = SECOND // 2
HISTORY = 120


class Track:
    """The recent past of one channel, from which its rates and shares are made."""

    def __init__(self) -> None:
        self.frames: deque[tuple[int, ev.ChannelState, bool]] = deque()
        self.history: tuple[float, ...] = ()
        self.depths: tuple[int | None, ...] = ()
        self.steps = 0
        self.order = OrderTrack()
        self.unread: Unread | None = None
        self._mark = (0, 0)
        self._highest: int | None = None
        self._alone_at: tuple[int, int] | None = None
        self._restarts = False

    def restart(self) -> None:
        """Nothing is measured from before the next frame: there was a gap."""
        self._restarts = True

    def add(self, t: int, state: ev.ChannelState, full: bool) -> None:
        """One more frame; what the window has left behind is forgotten."""
        if self._restarts:
            self.frames.clear()
            self._mark = (t, _received(state))
            self._restarts = False
        self.frames.append((t, state, full))
        while len(self.frames) > 2 and self.frames[1][0] <= t - WINDOW:
            self.frames.popleft()
        if state.depth.now is not None:
            self._highest = max(self._highest or 0, state.depth.now)
        since, count = self._mark
        if t - since >= HISTORY_STEP:
            received = _received(state)
            rate = (received - count) * SECOND / (t - since)
            self.history = (*self.history[-HISTORY + 1 :], rate)
            self._mark = (t, received)
            self.depths = (*self.depths[-HISTORY + 1 :], self._highest)
            self._highest = None
            self.steps += 1

    def left_alone(self, alone: bool) -> None:
        """Whether nobody can receive any more, as of the newest frame."""
        t, state, _ = self.frames[-1]
        sent = sum(end.sent for end in state.ends)
        if not alone:
            self.unread = self._alone_at = None
            return
        if self._alone_at is None:
            self._alone_at = (t, sent)
        since, before = self._alone_at
        self.unread = Unread(since, sent - before)

    def before(self, window: int) -> tuple[int, ev.ChannelState]:
        """The frame that began the window, or the oldest."""
        newest = self.frames[-1][0]
        for t, state, _ in reversed(self.frames):
            if t <= newest - window:
                return t, state
        return self.frames[0][:2]

    def full_share(self) -> float:
        """The part of the window in which a frame found it full."""
        frames = list(self.frames)
        total = frames[-1][0] - frames[0][0]
        if total <= 0:
            return 0.0
        return sum(b[0] - a[0] for a, b in pairwise(frames) if b[2]) / total


def is_full(state: ev.ChannelState) -> bool:
    """A sender waits in it, or what it holds has reached what it can hold."""
    if any(end.activity == "sending" for end in state.ends):
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
    info: ev.ChannelInfo, state: ev.ChannelState, track: Track, faults: tuple[ev.FaultInjected, ...] = ()
) -> ChannelView:
    """The channel at the newest frame of its track."""
    t = track.frames[-1][0]
    second_ago, then = track.before(RATE_WINDOW)
    window_ago, early = track.before(WINDOW)
    elapsed = max(1, t - second_ago)
    window = max(1, t - window_ago)
    copies = copies_of(info)
    ends = tuple(
        EndView(
            endpoint.process,
            endpoint.role,
            now,
            (now.sent - old.sent) * SECOND / elapsed,
            (now.received - old.received) * SECOND / elapsed,
            _waited_share(now, older, window),
        )
        for endpoint, now, old, older in zip(info.endpoints, state.ends, then.ends, early.ends, strict=False)
    )
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
        blocked_send=_share(state, early, "blocked_send", True, info, window),
        blocked_receive=_share(state, early, "blocked_receive", False, info, window),
        full=track.full_share(),
        history=track.history,
        dropped=state.dropped,
        content=state.content,
        faults=faults,
        faulted=state.faulted,
        pending=state.pending,
        orders=track.order.seen(),
        unread=track.unread,
        steps=track.steps,
        depths=track.depths,
        histogram=tuple(state.histogram),
        histogram_before=tuple(early.histogram),
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
