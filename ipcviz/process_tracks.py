"""The recent past of a process: its switches a second, and how much of a core it took. Pure."""

from __future__ import annotations

from collections import deque

from ipcviz import events as ev
from ipcviz.units import SECOND

RATE_WINDOW = 2 * SECOND
"""The kernel is asked every half second: over less, a rate would jump."""
HISTORY_STEP = SECOND // 2
HISTORY = 120


class ProcessTrack:
    """The recent past of one process."""

    def __init__(self) -> None:
        self.history: tuple[float, ...] = ()
        """Percent of one core, every half second of the last minute."""
        self.steps = 0
        self._frames: deque[tuple[int, ev.ProcessState]] = deque()
        self._mark = 0

    def restart(self) -> None:
        """No switches are measured from before the next look: there was a gap."""
        self._frames.clear()

    def add(self, t: int, state: ev.ProcessState) -> None:
        """One more look; what nobody could ask yet is left out."""
        if state.state == "unknown":
            return
        self._frames.append((t, state))
        while len(self._frames) > 2 and self._frames[1][0] <= t - RATE_WINDOW:
            self._frames.popleft()
        if t - self._mark >= HISTORY_STEP:
            self.history = (*self.history[-HISTORY + 1 :], state.cpu)
            self._mark = t
            self.steps += 1

    def switches(self) -> tuple[float, float]:
        """Voluntary and involuntary switches a second; 0 until two looks tell them apart."""
        if len(self._frames) < 2:
            return 0.0, 0.0
        (early, then), (t, now) = self._frames[0], self._frames[-1]
        elapsed = max(1, t - early)
        voluntary = (now.voluntary - then.voluntary) * SECOND / elapsed
        return voluntary, (now.involuntary - then.involuntary) * SECOND / elapsed
