"""How threads of a library hand things to a worker's own thread, which waits for a descriptor: eventfd(2)."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import Generic, TypeVar

from ipcviz.mechanisms.descriptors import close_quietly

Thing = TypeVar("Thing")


class Inbox(Generic[Thing]):
    """A queue that any thread puts into and one takes from; its descriptor is readable while it holds any."""

    def __init__(self) -> None:
        self._things: deque[Thing] = deque()
        self._lock = threading.Lock()
        self.descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._open = True

    def put(self, thing: Thing) -> bool:
        """One more; False if nobody takes any more."""
        with self._lock:
            if self._open:
                self._things.append(thing)
                os.eventfd_write(self.descriptor, 1)
            return self._open

    def take(self) -> Thing | None:
        """The oldest, or None; never waits."""
        with self._lock:
            if not self._things:
                return None
            os.eventfd_read(self.descriptor)
            return self._things.popleft()

    def close(self) -> list[Thing]:
        """Close the descriptor; what was left in it. Idempotent."""
        with self._lock:
            left = list(self._things)
            self._things.clear()
            if self._open:
                self._open = False
                close_quietly(self.descriptor)
            return left
