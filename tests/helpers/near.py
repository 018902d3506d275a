"""The terminal in front of a person: what programs write there is counted and drawn, keys are typed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

from ipcviz.bench.tty import Tty

PATIENCE = 20.0
"""Seconds after which what is not shown is not going to be."""
TAKE_THE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)
"""So that it has a /dev/tty, as under a shell."""


class Near(Tty):
    """One terminal of 80 by 24 cells or as many as are wanted, with one command in it."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.written = b""
        self._drawn = 0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._before: list[Any] = []
        take = [sys.executable, "-c", TAKE_THE_TERMINAL]
        super().__init__([*take, *command], columns, rows, {"TERM": "xterm-256color", **environment})
        self._before = termios.tcgetattr(self.main)

    def took(self, piece: bytes) -> None:
        """Keep it, and answer."""
        self.written += piece
        super().took(piece)

    def text(self) -> str:
        """What stands there now."""
        # The emulator takes these two for letters: a question, and the end of kitty's keys.
        piece = re.sub(rb"\x1b\[(\?[\d;]*\$p|<u)", b"", self.written[self._drawn :])
        self._drawn = len(self.written)
        self._stream.feed(piece)
        return "\n".join(row.rstrip() for row in self._screen.display)

    def until_shows(self, *words: str) -> None:
        """Read until all of these are there at once."""
        self.until(lambda: all(word in self.text() for word in words), " and ".join(words))

    def until(self, condition: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> float:
        """Read until that holds; how many seconds it took."""
        begun = time.monotonic()
        while not condition():
            took = time.monotonic() - begun
            assert took < seconds, f"{what} has not come in {took:.1f} s:\n{self.text()}"
            if not self.read_for(0.02):
                time.sleep(0.02)
        return time.monotonic() - begun

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size, as dragging a window does."""
        self.text()
        self._screen.resize(rows, columns)
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self) -> int:
        """Read until the command has ended; its status."""
        self.until(lambda: self.process.poll() is not None, "the end")
        self.read_for(0.1)
        return self.process.returncode

    def pid_of(self, name: str) -> int:
        """The process of that name in this terminal."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                beside = os.getsid(int(process.name)) == self.process.pid
                if beside and (process / "comm").read_text().strip() == name:
                    return int(process.name)
        raise AssertionError(f"there is no {name} here:\n{self.text()}")

    def has_its_modes(self) -> bool:
        """Echo, lines and all else of termios(3) are as before."""
        return termios.tcgetattr(self.main) == self._before

    def check_restored(self) -> None:
        """The terminal is as it was: its modes, the main screen, the cursor, no reports."""
        modes = {}
        for numbers, state in re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.written):
            modes |= {int(number): state.decode() for number in numbers.split(b";")}
        assert modes.pop(1049) == "l", "the alternate screen"
        assert modes.pop(25) == "h", "the cursor"
        assert modes.pop(7, "h") == "h", "wrapping"
        assert {number: state for number, state in modes.items() if state == "h"} == {}
        assert self.has_its_modes()

    def after_the_screen(self) -> str:
        """What was written since the main screen is back."""
        return self.written[self.written.rindex(b"\x1b[?1049l") :].decode()
