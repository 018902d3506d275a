"""The recent past of a process: its switches a second, and how much of a core it took. Pure."""

from __future__ import annotations

from array import array

from ipcviz import events as ev
from ipcviz.units import SECOND

RATE_WINDOW = 2 * SECOND
"""The kernel is asked every half second: over less, a rate would jump."""
HISTORY_STEP = SECOND // 2
HISTORY = 120
MOST_LOOKS = 2_000
"""That are remembered; more than a run has in that time."""
LIMIT = 1 << 63
"""No time and no counter reaches it."""


class ProcessTrack:
    """The recent past of one process."""

    def __init__(self) -> None:
        self.history: tuple[float, ...] = ()
        """Percent of one core, every half second of the last minute."""
        self.steps = 0
        self._times = array("q")
        self._voluntary = array("q")
        self._involuntary = array("q")
        self._mark = 0

    def restart(self) -> None:
        """No switches are measured from before the next look: there was a gap."""
        del self._times[:], self._voluntary[:], self._involuntary[:]

    def add(self, t: int, state: ev.ProcessState) -> None:
        """One more look; what nobody could ask yet is left out."""
        if state.state == "unknown" or max(t, state.voluntary, state.involuntary) >= LIMIT:
            return
        self._times.append(t)
        self._voluntary.append(state.voluntary)
        self._involuntary.append(state.involuntary)
        while len(self._times) > 2 and (self._times[1] <= t - RATE_WINDOW or len(self._times) > MOST_LOOKS):
            del self._times[0], self._voluntary[0], self._involuntary[0]
        if t - self._mark >= HISTORY_STEP:
            self.history = (*self.history[-HISTORY + 1 :], state.cpu)
            self._mark = t
            self.steps += 1

    def switches(self) -> tuple[float, float]:
        """Voluntary and involuntary switches a second; 0 until two looks tell them apart."""
        if len(self._times) < 2:
            return 0.0, 0.0
        elapsed = max(1, self._times[-1] - self._times[0])
        voluntary = (self._voluntary[-1] - self._voluntary[0]) * SECOND / elapsed
        return voluntary, (self._involuntary[-1] - self._involuntary[0]) * SECOND / elapsed
