"""What all locks have in common in the process that uses them: try first, then wait, and tell the watch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from ipcviz.mechanisms.contract import LockWatch


class HeldLock(ABC):
    """A `Lock` (see `ipcviz.ends`) over one kind's three operations."""

    def __init__(self, watch: LockWatch) -> None:
        self._watch = watch
        self._recovered = False

    @property
    def recovered(self) -> bool:
        """The last holder died with it."""
        return self._recovered

    @abstractmethod
    def try_take(self, shared: bool) -> bool:
        """Take it if that is possible at once; sets `_recovered` where the kind can tell."""

    @abstractmethod
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it, up to so many seconds; False if that was not enough.

        Each kind marks this as `interruptible`: a stop may be raised while it waits. Raises `WouldDeadlock`
        where the kernel refuses to wait.
        """

    @abstractmethod
    def give_back(self) -> None:
        """Let it go."""

    def acquire(self, timeout: float | None = None, shared: bool = False) -> bool:
        """Take it; see `ipcviz.ends.Lock`."""
        if self.try_take(shared):
            self._watch.acquired(False, shared)
            return True
        self._watch.waiting(timeout is not None)
        taken = False
        try:
            taken = self.take(timeout, shared)
        finally:
            if taken:
                self._watch.acquired(True, shared)
            else:
                self._watch.gave_up()
        return taken

    def release(self) -> None:
        """Give it back."""
        self._watch.released()
        self.give_back()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with others that read."""
        self.acquire(shared=True)
        try:
            yield
        finally:
            self.release()

    def __enter__(self) -> HeldLock:
        """Take it."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.release()
