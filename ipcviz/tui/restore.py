"""The terminal as it was, whatever became of the screen: its modes (termios(3)) and what was asked of it.

Textual restores both when it ends in order. This is for when it cannot: its output is stuck because nobody
reads it, as behind a connection that is dead and does not know it yet.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import Any

RESTORE = (
    b"\x18\x1b[<u\x1b[?2026l\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[?1004l"
    b"\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"
)
"""A sequence cut off is dropped; kitty keys, held frames, paste, mouse, focus reports off; the default
rendition; wrapping on; the main screen; the cursor."""
STALLED_AFTER_S = 2.0
"""How long the screen may take to end, before the terminal is restored without it."""
TRIES = 10
"""Whoever is stuck in a write keeps others out (EAGAIN); it may come free when a slow line has taken some."""


class Keeper:
    """Knows the terminal's modes from before the screen, and can leave at once."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._timer: threading.Timer | None = None
        if sys.stdin is not None and sys.stdin.isatty():
            import termios

            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(0)

    def leave_soon(self, status: int) -> None:
        """Unless `forget` comes first, end the program with that status even if its screen is stuck."""
        if self._timer is None:
            self._timer = threading.Timer(STALLED_AFTER_S, self.leave_now, (status,))
            self._timer.daemon = True
            self._timer.start()

    def forget(self) -> None:
        """The screen has ended by itself."""
        if self._timer is not None:
            self._timer.cancel()

    def leave_now(self, status: int) -> None:
        """Restore what can be, and end the program; the supervisor sees that its reader is gone, and ends."""
        try:
            self.restore()
        finally:
            os._exit(status)

    def restore(self) -> None:
        """Bring the terminal back without ever waiting for it."""
        import termios

        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, self._before)
        with contextlib.suppress(OSError):
            # Opened anew: "do not wait" would else hold for the shell, too, which shares the description.
            terminal = os.open(os.ttyname(2), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            _write(terminal, RESTORE)


def _write(terminal: int, codes: bytes) -> None:
    for _ in range(TRIES):
        try:
            codes = codes[os.write(terminal, codes) :]
        except BlockingIOError:
            time.sleep(0.02)
        if not codes:
            return
