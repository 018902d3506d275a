"""The recent past of a process's open descriptors: whether they only ever become more. Pure."""

from __future__ import annotations

from collections import deque

from ipcviz.units import SECOND

WINDOW = 10 * SECOND
LEAST = 5 * SECOND
"""Younger than that, a process still opens what it works with."""


class DescriptorTrack:
    """How many descriptors one process had open, look by look."""

    def __init__(self) -> None:
        self._looks: deque[tuple[int, int]] = deque()

    def restart(self) -> None:
        """Begin again with the next look: there was a gap."""
        self._looks.clear()

    def add(self, t: int, count: int | None) -> None:
        """One more look; None if nobody has counted."""
        if count is None:
            return
        self._looks.append((t, count))
        while len(self._looks) > 2 and self._looks[1][0] <= t - WINDOW:
            self._looks.popleft()

    def gained(self) -> int:
        """How many more than at the window's begin; 0 unless they grew in both halves, and never fell."""
        looks = self._looks
        if not looks or looks[-1][0] - looks[0][0] < LEAST:
            return 0
        if looks[-1][1] <= looks[0][1]:
            return 0
        half = (looks[0][0] + looks[-1][0]) // 2
        middle = before = looks[0][1]
        for t, count in looks:
            if count < before:
                return 0
            middle = count if t <= half else middle
            before = count
        return before - looks[0][1] if looks[0][1] < middle < before else 0
