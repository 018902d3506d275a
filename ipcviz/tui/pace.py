"""Whether the terminal keeps up: frames that it has not yet shown, by its own word.

After each frame it is asked where its cursor is (DSR 6, ECMA-48 8.3.35), which it answers once it has got
that far: the answer measures the whole way, with all the buffers of a connection in between. A terminal that
never answers is not waited for.
"""

from __future__ import annotations

ASK = "\x1b[6n"
MOST_UNSHOWN = 2
"""Frames that may be on their way: with one alone, a long way would be idle half of the time."""
PATIENCE_S = 5.0
"""After so long without an answer, answers are taken to be lost."""


class Pace:
    """Counts the frames on their way; times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self.unshown = 0
        """Frames that were sent and not yet answered."""
        self._answers = False
        self._last = 0.0

    def sent(self, now: float) -> None:
        """A frame was sent, with `ASK` at its end."""
        if not self.unshown:
            self._last = now
        self.unshown += 1

    def shown(self, now: float) -> None:
        """An answer has come."""
        self._answers = True
        self._last = now
        self.unshown = max(0, self.unshown - 1)

    def is_behind(self, now: float) -> bool:
        """The next frame had better wait."""
        if self.unshown and now - self._last > PATIENCE_S:
            self.forget()
        return self._answers and self.unshown >= MOST_UNSHOWN

    def expects(self, now: float) -> bool:
        """An answer is likely still to come."""
        return self._answers and self.unshown > 0 and now - self._last <= PATIENCE_S

    def forget(self) -> None:
        """Whatever was sent, nothing is expected any more."""
        self.unshown = 0
        self._answers = False
