"""A terminal without a window: a program in a pseudo terminal (pty(7)), its output counted, not drawn."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

QUERIES = ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[?2026$p", b"\x1b[?2026;2$y"))
"""What a program may ask, and what a terminal answers: its cursor, and that it can draw a frame at once."""
PIECE = 1 << 16


class Tty:
    """A program with a terminal of `columns` by `rows` cells of its own; its session is its own, too.

    With `bytes_a_second` the terminal reads no faster than that, as at the end of a slow line.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int,
        rows: int,
        environment: Mapping[str, str],
        bytes_a_second: float | None = None,
    ) -> None:
        self.main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=side, stdout=side, stderr=side, env=dict(environment), start_new_session=True
        )
        os.close(side)
        self.bytes_read = 0
        self.last = b""
        """The end of what was read."""
        self._limit = bytes_a_second
        self._allowed = 0.0
        self._then = time.monotonic()

    def read_for(self, seconds: float) -> bool:
        """Read for so long; False if the program has closed its terminal."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            most = self._most_now()
            if most < 1:
                time.sleep(min(left, 0.01))
            elif select.select([self.main], [], [], left)[0] and not self._read(most):
                return False
        return True

    def type(self, keys: bytes) -> None:
        """As if typed."""
        os.write(self.main, keys)

    def cpu_seconds(self) -> float:
        """What the program has used so far, all its threads together, without its children (proc(5))."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self, patience: float = 10.0) -> None:
        """Ask it to end, read what it still says, and kill it if that takes too long."""
        self.process.terminate()
        until = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < until:
            self._limit = None
            if not self.read_for(0.05):
                time.sleep(0.02)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.main)

    def took(self, piece: bytes) -> None:
        """What came next; here its questions are answered."""
        seen = self.last[-16:]
        for query, answer in QUERIES:
            new = (seen + piece).count(query) - seen.count(query)
            with contextlib.suppress(OSError):
                os.write(self.main, answer * new)

    def _most_now(self) -> int:
        if self._limit is None:
            return PIECE
        now = time.monotonic()
        self._allowed = min(self._limit / 10, self._allowed + (now - self._then) * self._limit)
        self._then = now
        return int(self._allowed)

    def _read(self, most: int) -> bool:
        try:
            piece = os.read(self.main, most)
        except OSError:
            return False  # EIO: nobody has the other side open any more
        self.bytes_read += len(piece)
        self._allowed -= len(piece)
        self.took(piece)
        self.last = (self.last + piece)[-PIECE:]
        return bool(piece)
