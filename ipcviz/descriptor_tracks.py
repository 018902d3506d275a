"""The recent past of a process's open descriptors: whether they only ever become more. Pure."""

from __future__ import annotations

from array import array

from ipcviz.units import SECOND

WINDOW = 10 * SECOND
MOST_LOOKS = 2_000
"""That are remembered; more than a run has in that time."""
LIMIT = 1 << 63
LEAST = 5 * SECOND
"""Younger than that, a process still opens what it works with."""


class DescriptorTrack:
    """How many descriptors one process had open, look by look."""

    def __init__(self) -> None:
        self._times = array("q")
        self._counts = array("q")

    def restart(self) -> None:
        """Begin again with the next look: there was a gap."""
        del self._times[:], self._counts[:]

    def add(self, t: int, count: int | None) -> None:
        """One more look; None if nobody has counted, and what cannot be a count is none."""
        if count is None or t >= LIMIT or count >= LIMIT:
            return
        self._times.append(t)
        self._counts.append(count)
        while len(self._times) > 2 and (self._times[1] <= t - WINDOW or len(self._times) > MOST_LOOKS):
            del self._times[0], self._counts[0]

    def gained(self) -> int:
        """How many more than at the window's begin; 0 unless they grew in both halves, and never fell."""
        times, counts = self._times, self._counts
        if not times or times[-1] - times[0] < LEAST or counts[-1] <= counts[0]:
            return 0
        half = (times[0] + times[-1]) // 2
        middle = before = counts[0]
        for t, count in zip(times, counts, strict=True):
            if count < before:
                return 0
            middle = count if t <= half else middle
            before = count
        return before - counts[0] if counts[0] < middle < before else 0
