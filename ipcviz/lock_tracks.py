"""The recent past of a lock: who took it of late, who waited, and who was passed over. Pure."""

from __future__ import annotations

from collections import deque

from ipcviz import events as ev
from ipcviz.units import SECOND
from ipcviz.view import LockUser, LockView, Usage

WINDOW = 10 * SECOND
"""What is counted "of late" is counted over so long."""
RATE_WINDOW = SECOND

Frame = tuple[int, ev.LockState, tuple[int, ...]]
"""An instant, the lock as it was, and how often each user had been passed over so far."""


class LockTrack:
    """The recent past of one lock."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        self._restarts = False

    def restart(self) -> None:
        """Nothing is measured from before the next frame: there was a gap."""
        self._restarts = True

    def add(self, t: int, state: ev.LockState) -> None:
        """One more frame; what the window has left behind is forgotten."""
        if self._restarts:
            self.frames.clear()
            self._restarts = False
        passed = self._passed(state) if self.frames else (0,) * len(state.uses)
        self.frames.append((t, state, passed))
        while len(self.frames) > 2 and self.frames[1][0] <= t - WINDOW:
            self.frames.popleft()

    def rate(self) -> float:
        """Acquisitions a second, over the last second."""
        t, state, _ = self.frames[-1]
        early, then, _ = self.frames[0]
        for instant, earlier, _ in reversed(self.frames):
            if instant <= t - RATE_WINDOW:
                early, then = instant, earlier
                break
        return (_acquisitions(state) - _acquisitions(then)) * SECOND / max(1, t - early)

    def _passed(self, state: ev.LockState) -> tuple[int, ...]:
        """Whoever was in the same wait at the last frame was passed over by all that took it since."""
        _, before, passed = self.frames[-1]
        taken = max(0, _acquisitions(state) - _acquisitions(before))
        return tuple(
            count + (taken if now.state == then.state == "waiting" and now.since == then.since else 0)
            for now, then, count in zip(state.uses, before.uses, passed, strict=False)
        )


def lock_view(info: ev.LockInfo, state: ev.LockState, track: LockTrack) -> LockView:
    """The lock at the newest frame of its track."""
    users = list(zip(info.users, state.uses, strict=False))
    return LockView(
        info=info,
        holders=tuple(
            LockUser(name, use.since, shared=use.shared) for name, use in users if use.state == "holding"
        ),
        waiters=tuple(LockUser(name, use.since, use.timed) for name, use in users if use.state == "waiting"),
        acquisitions=_acquisitions(state),
        contended=sum(use.contended for use in state.uses),
        rate=track.rate(),
        value=state.value,
        kernel_waiters=state.waiters,
        quality=state.quality,
        reason=state.reason,
        wait=state.wait,
        kernel_holders=None if state.holders is None else tuple(state.holders),
        usages=_usages(info, track),
        window=track.frames[-1][0] - track.frames[0][0],
        uses=tuple(state.uses),
    )


def _usages(info: ev.LockInfo, track: LockTrack) -> tuple[Usage, ...]:
    t, state, passed = track.frames[-1]
    early, then, before = track.frames[0]
    return tuple(
        Usage(
            process=name,
            state=use.state,
            taken=use.acquisitions - old.acquisitions,
            contended=use.contended - old.contended,
            waited=max(0, _waited(use, t) - _waited(old, early)),
            passed=count - earlier,
            died=use.died,
        )
        for name, use, old, count, earlier in zip(
            info.users, state.uses, then.uses, passed, before, strict=False
        )
    )


def _acquisitions(state: ev.LockState) -> int:
    return sum(use.acquisitions for use in state.uses)


def _waited(use: ev.LockUse, t: int) -> int:
    """Nanoseconds until `t`, a wait that still lasts included."""
    return use.waited + (max(0, t - use.since) if use.state == "waiting" else 0)
