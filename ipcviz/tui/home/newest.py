"""Work off the screen's loop, of which only the newest matters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Newest:
    """Does each piece of work in a thread that does not outlive the program; older results are dropped."""

    def __init__(self) -> None:
        self._number = 0
        self._done_number = 0

    @property
    def is_working(self) -> bool:
        """The newest is not done yet."""
        return self._done_number != self._number

    def start(self, work: Callable[[], Result], done: Callable[[Result], object], delay: float = 0) -> None:
        """Do this and hand on what comes of it, unless something else is started meanwhile.

        `done` is called in the thread. After `delay` seconds, in which a newer one may make it needless.
        """
        self._number += 1
        arguments = (self._number, work, done, delay)
        threading.Thread(target=self._do, args=arguments, daemon=True, name="home").start()

    def forget(self) -> None:
        """Nobody wants what is still being done."""
        self._number += 1
        self._done_number = self._number

    def _do(
        self, number: int, work: Callable[[], Result], done: Callable[[Result], object], delay: float
    ) -> None:
        if delay:
            time.sleep(delay)
        if number == self._number:
            result = work()
            if number == self._number:
                done(result)
                self._done_number = max(self._done_number, number)
