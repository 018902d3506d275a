"""Messages sent by hand: laid on a worker's desk one at a time, until it says what became of them."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ipcviz.runtime.desk import ByHand, Desk
from ipcviz.runtime.request import Command
from ipcviz.runtime.worker_acts import POKE
from ipcviz.runtime.workers import Worker
from ipcviz.units import SECOND

MOST_WAITING = 1000
"""Of one worker; it deals with hundreds in a second."""
SOON = SECOND // 1000
EAGER = SECOND // 4
"""How long a worker is asked every `SOON` for a moment in which nothing is half done; then more seldom."""
LATER = SECOND // 10


@dataclass(slots=True)
class Asked:
    """One message, and who is to hear what became of it."""

    command: Command
    row: int
    number: int = 0
    since: int = 0


class HandQueue:
    """What one worker is still to send."""

    def __init__(self, worker: Worker, desk: Desk, told: Callable[[Command, str | None], None]) -> None:
        """`told` gets what was asked, and why it was not done; None if it was, "" if the worker is gone."""
        self._worker, self._desk, self._told = worker, desk, told
        self._waiting: deque[Asked] = deque()
        self._number = 0
        self._poked = 0

    @property
    def is_full(self) -> bool:
        """Too many wait."""
        return len(self._waiting) >= MOST_WAITING

    def add(self, command: Command, row: int, now: int) -> None:
        """One more, from the end with that row."""
        self._waiting.append(Asked(command, row))
        if len(self._waiting) == 1:
            self._lay(now)

    def heard(self, number: int, trouble: str, now: int) -> None:
        """What the worker says of the message of that number."""
        if self._waiting and self._waiting[0].number == number:
            asked = self._waiting.popleft()
            self._told(asked.command, trouble or None)
            if self._waiting:
                self._lay(now)

    def give_up(self) -> None:
        """The worker is gone."""
        while self._waiting:
            self._told(self._waiting.popleft().command, "")

    def due(self) -> int | None:
        """When the worker is to be poked again; None if nothing waits."""
        if not self._waiting:
            return None
        since = self._waiting[0].since
        return self._poked + (SOON if self._poked - since < EAGER else LATER)

    def poke(self, now: int) -> None:
        """Ask again if it is time to."""
        due = self.due()
        if due is not None and now >= due:
            self._poke(now)

    def _lay(self, now: int) -> None:
        asked = self._waiting[0]
        self._number += 1
        asked.number, asked.since = self._number, now
        self._desk.lay(ByHand(asked.number, asked.row, asked.command.payload))
        self._poke(now)

    def _poke(self, now: int) -> None:
        self._poked = now
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._worker.pidfd, POKE)
