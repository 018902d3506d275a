"""A terminal that shows no keys (termios(3)) while it is taken, and is given back however that ends.

For what writes to one without being a screen of Textual: the speaker's page, and the wait before a run.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable
from errno import EIO
from types import FrameType
from typing import Any

OBEYED = (signal.SIGTSTP, signal.SIGQUIT)
"""What a shell's user may ask for at any time; the terminal is theirs meanwhile."""


class QuietTerminal:
    """Standard input, if it is a terminal; `enter` and `leave` write what begins and ends the picture."""

    def __init__(self, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._enter, self._leave = enter, leave
        self.keys: tuple[int, ...] = ()
        """What can be read when a key was pressed: one descriptor or none."""
        self._before: list[Any] = []
        self._handlers: dict[int, Any] = {}
        if sys.stdin is not None and sys.stdin.isatty():
            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(0)
                self.keys = (0,)

    def take(self) -> None:
        """From now on keys are not shown, and the shell is obeyed."""
        for number in OBEYED:
            self._handlers[number] = signal.signal(number, self._obey)
        self._begin()

    def give_back(self) -> None:
        """As it was; raises `OSError` or `termios.error` where it is gone."""
        self._end()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def typed(self) -> bytes:
        """The keys that were pressed; raises `OSError` (EIO) where the terminal is gone."""
        if not self.keys or not select.select(self.keys, [], [], 0)[0]:
            return b""
        typed = os.read(0, 64)
        if not typed:
            raise OSError(EIO, "the terminal is gone")
        return typed

    def _begin(self) -> None:
        if self.keys:
            tty.setcbreak(0, termios.TCSADRAIN)
        self._enter()

    def _end(self) -> None:
        self._leave()
        if self.keys:
            termios.tcsetattr(0, termios.TCSADRAIN, self._before)

    def _obey(self, number: int, frame: FrameType | None) -> None:
        """Stop or end as the shell means it; a stop may come to an end."""
        self._end()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._obey)
        self._begin()
