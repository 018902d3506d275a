"""What the locks of files have in common: each user opens the file itself, and the kernel lists them all."""

from __future__ import annotations

import errno
import os
import resource
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from ipcviz.ends import WouldDeadlock
from ipcviz.mechanisms.contract import (
    Inspection,
    KernelLock,
    Limits,
    LockMechanism,
    LockPlan,
    LockWatch,
)
from ipcviz.mechanisms.descriptors import reason_of
from ipcviz.mechanisms.files import remove
from ipcviz.mechanisms.locks import lock_files
from ipcviz.mechanisms.locks.alarm import done_within
from ipcviz.mechanisms.locks.held import HeldLock
from ipcviz.mechanisms.waiting import interruptible
from ipcviz.probes.locks import file_lock, place_of


class HeldFileLock(HeldLock):
    """A `Lock` over a file that this process opened; taking what it holds already changes nothing."""

    def __init__(self, path: str, lock: str, watch: LockWatch) -> None:
        super().__init__(watch)
        self._lock = lock
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    @abstractmethod
    def ask(self, shared: bool, wait: bool) -> None:
        """Lock the file; raises `OSError`, `BlockingIOError` where it would have to wait and may not."""

    def try_take(self, shared: bool) -> bool:
        """Take it if nobody holds it, or only others that read."""
        try:
            self.ask(shared, wait=False)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            raise
        return True

    @interruptible
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it in the kernel."""
        try:
            if timeout is not None:
                return done_within(timeout, lambda: self.ask(shared, True), lambda: self.try_take(shared))
            self.ask(shared, wait=True)
        except OSError as error:
            raise self._explained(error) from None
        return True

    def _explained(self, error: OSError) -> Exception:
        if error.errno == errno.EDEADLK:
            return WouldDeadlock(
                f"lock {self._lock!r}: the kernel refuses this wait, because who holds it waits, directly or "
                "through others, for a lock that this process holds; release that one first"
            )
        return OSError(error.errno, f"lock {self._lock!r} could not be taken: {reason_of(error)}")


class FileLock(KernelLock):
    """A file of the run's folder. The kernel's list calls its locks by one word."""

    held: ClassVar[type[HeldFileLock]]
    word: ClassVar[str]

    def __init__(self, plan: LockPlan) -> None:
        self._lock, self._path = plan.lock, plan.path
        descriptor = lock_files.make(plan.path, plan.lock)
        try:
            self._place: str | None = place_of(descriptor)
            self._unplaced = ""
        except OSError as error:
            self._place = None
            self._unplaced = f"the kernel's name of its file cannot be read ({error.strerror})"
        finally:
            os.close(descriptor)

    def open(self, watch: LockWatch) -> HeldFileLock:
        """Open the file: the lock is this process's own from then on."""
        return self.held(self._path, self._lock, watch)

    def inspect(self) -> Inspection:
        """Look it up in the list of all locks."""
        if self._place is None:
            return Inspection(quality="unknown", reason=self._unplaced)
        value, waiters, holders, reason = file_lock(self.word, self._place)
        return Inspection(value, waiters, holders, "unknown" if value is None else "exact", reason)

    def destroy(self) -> None:
        """Remove its file."""
        remove(self._path)
        self._place, self._unplaced = None, "its file was removed"


class FileLockMechanism(LockMechanism):
    """What the entries of the registry have in common."""

    family = "file"
    made: ClassVar[type[FileLock]]

    def limits(self) -> Limits:
        """Each lock takes a descriptor in each process that uses it."""
        return {"open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}

    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """The file in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: LockPlan) -> FileLock:
        """Make the file."""
        return self.made(plan)
