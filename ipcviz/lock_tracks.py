"""The recent past of a lock: who took it of late, who waited, and who was passed over. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from itertools import zip_longest
from typing import Any

from ipcviz import events as ev
from ipcviz.pauses import Pauses
from ipcviz.units import SECOND
from ipcviz.view import LockUser, LockView, Usage

WINDOW = 10 * SECOND
"""What is counted "of late" is counted over so long."""
MOST_FRAMES = 2_000
"""As in the window of channels."""
RATE_WINDOW = SECOND


class LockTrack:
    """The recent past of one lock, frame by frame: when, how it was, how often each user was passed over."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._states: list[ev.LockState | None] = []
        self._passed: list[tuple[int, ...]] = []
        self._made: list[bool] = []
        self._load: Callable[[int], ev.LockState] | None = None
        self._restarts = False
        self.count = 0
        """Frames that were ever added."""

    def restart(self) -> None:
        """Nothing is measured from before the next frame: there was a gap."""
        self._restarts = True

    def add(self, t: int, state: ev.LockState, made: bool = False, stopped: Set[int] = frozenset()) -> None:
        """One more frame; what the window has left behind is forgotten. `made` if no event has told it.

        `stopped` are the numbers of users whom somebody has paused: nobody passes them over.
        """
        if self._restarts:
            self._forget(len(self._times))
            self._restarts = False
        passed = self._passed_over(state, stopped) if self._times else (0,) * len(state.uses)
        self._times.append(t)
        self._states.append(state)
        self._passed.append(passed)
        self._made.append(made)
        self.count += 1
        while len(self._times) > 2 and (self._times[1] <= t - WINDOW or len(self._times) > MOST_FRAMES):
            self._forget(1)

    def _forget(self, count: int) -> None:
        for known in (self._times, self._states, self._passed, self._made):
            del known[:count]

    @property
    def window(self) -> int:
        """Nanoseconds between the first frame and the last."""
        return self._times[-1] - self._times[0]

    def frame(self, number: int) -> tuple[int, ev.LockState, tuple[int, ...]]:
        """The frame with that number, the oldest being 0 and the newest -1."""
        number %= len(self._times)
        state = self._states[number]
        if state is None:
            assert self._load is not None
            state = self._states[number] = self._load(self.count - len(self._states) + number)
        return self._times[number], state, self._passed[number]

    def rate(self) -> float:
        """Acquisitions a second, over the last second."""
        t, state, _ = self.frame(-1)
        early, then, _ = self.frame(max(0, bisect_right(self._times, t - RATE_WINDOW) - 1))
        return (_acquisitions(state) - _acquisitions(then)) * SECOND / max(1, t - early)

    def _passed_over(self, state: ev.LockState, stopped: Set[int]) -> tuple[int, ...]:
        """Whoever was in the same wait at the last frame was passed over by all that took it since."""
        _, before, passed = self.frame(-1)
        taken = max(0, _acquisitions(state) - _acquisitions(before))
        if not taken and len(state.uses) == len(before.uses) == len(passed):
            return passed
        return tuple(
            count + (taken if _same_wait(now, then) and number not in stopped else 0)
            for number, (now, then, count) in enumerate(zip(state.uses, before.uses, passed, strict=False))
        )

    def look_up(self, load: Callable[[int], ev.LockState]) -> None:
        """Find the states of a copy's frames so: their numbers count all that were ever added, from 0."""
        self._load = load

    def __getstate__(self) -> dict[str, Any]:
        """For a copy that finds the frames elsewhere: it has the newest, and those that no event told."""
        last = len(self._states) - 1
        kept = [
            state if made or number == last else None
            for number, (state, made) in enumerate(zip(self._states, self._made, strict=True))
        ]
        return {**vars(self), "_states": kept, "_load": None}


def add_frame(
    tracks: Sequence[LockTrack], t: int, states: Sequence[ev.LockState], made: bool, pauses: Pauses
) -> None:
    """One more frame for the tracks of a session's locks; where it lacks one, that is as it was before."""
    for place, (track, state) in enumerate(zip_longest(tracks, states[: len(tracks)])):
        stopped = pauses.stopped_users(place)
        track.add(t, state or track.frame(-1)[1], made or state is None, stopped)


def lock_view(info: ev.LockInfo, place: int, track: LockTrack, pauses: Pauses) -> LockView:
    """The lock at that place of the session, at the newest frame of its track."""
    t, told, _ = track.frame(-1)
    state = pauses.lock(place, t, told)
    early, then, _ = track.frame(0)
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
        usages=_usages(info, track, state, pauses.lock(place, early, then, newest=False)),
        window=track.window,
        uses=tuple(state.uses),
    )


def _usages(
    info: ev.LockInfo, track: LockTrack, state: ev.LockState, then: ev.LockState
) -> tuple[Usage, ...]:
    """Between the track's first frame, when it was as `then`, and the newest."""
    t, _, passed = track.frame(-1)
    early, _, before = track.frame(0)
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


def _same_wait(now: ev.LockUse, then: ev.LockUse) -> bool:
    return now.state == then.state == "waiting" and now.since == then.since


def _acquisitions(state: ev.LockState) -> int:
    return sum(use.acquisitions for use in state.uses)


def _waited(use: ev.LockUse, t: int) -> int:
    """Nanoseconds until `t`, a wait that still lasts included."""
    return use.waited + (max(0, t - use.since) if use.state == "waiting" else 0)
