"""POSIX named semaphore, sem_overview(7): a counter in shared memory; waiters sleep in the kernel.

It does not know who holds it, and when a holder is killed nobody gives it back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from types import TracebackType

from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import (
    CannotCreate,
    KernelLock,
    Limits,
    LockMechanism,
    LockWatch,
    interruptible,
)
from ipcviz.probes.locks import semaphore_words

_FOLDER = "/dev/shm"
_SEM_VALUE_MAX = 2147483647  # sem_overview(7), limits


class HeldSemaphore:
    """A `Lock` over a named semaphore."""

    def __init__(self, name: str, watch: LockWatch) -> None:
        self._semaphore = libc.NamedSemaphore(name)
        self._watch = watch

    def acquire(self, timeout: float | None = None) -> bool:
        """Take it; see `ipcviz.ends.Lock`."""
        if self._semaphore.try_wait():
            self._watch.acquired(False)
            return True
        self._watch.waiting(timeout is not None)
        taken = False
        try:
            taken = self._wait(timeout)
        finally:
            if taken:
                self._watch.acquired(True)
            else:
                self._watch.gave_up()
        return taken

    @interruptible
    def _wait(self, timeout: float | None) -> bool:
        return self._semaphore.wait(timeout)

    def release(self) -> None:
        """Give it back."""
        self._watch.released()
        self._semaphore.post()

    def __enter__(self) -> HeldSemaphore:
        """Take it."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.release()


class SemaphoreLock(KernelLock):
    """One named semaphore."""

    def __init__(self, lock: str, count: int, kernel_name: str) -> None:
        self._name = f"/{kernel_name}"
        self._file = f"{_FOLDER}/sem.{kernel_name}"
        try:
            libc.NamedSemaphore(self._name, create=count).close()
        except OSError as error:
            raise CannotCreate(_why_not(lock, error)) from None

    def open(self, watch: LockWatch) -> HeldSemaphore:
        """Open it by its name."""
        return HeldSemaphore(self._name, watch)

    def inspect(self) -> tuple[int | None, int | None, str]:
        """Read its two words where glibc keeps them."""
        return semaphore_words(self._file)

    def destroy(self) -> None:
        """Remove its name."""
        try:
            libc.sem_unlink(self._name)
        except FileNotFoundError:
            return


class PosixSemaphore(LockMechanism):
    """The registry's entry."""

    name = "posix-sem"
    about = "A named counter; who finds it at zero sleeps. Nobody gives it back for a holder that died."

    def unavailable(self) -> str | None:
        """It needs a writable /dev/shm."""
        if os.access(_FOLDER, os.W_OK | os.X_OK):
            return None
        return f"{_FOLDER} cannot be written; mount a tmpfs there (mount -t tmpfs tmpfs {_FOLDER})"

    def limits(self) -> Limits:
        """The largest value."""
        return {"largest_value": _SEM_VALUE_MAX}

    def names(self, kernel_name: str) -> Sequence[tuple[str, str]]:
        """The semaphore's name."""
        return (("posix-sem", kernel_name),)

    def create(self, lock: str, count: int, kernel_name: str) -> SemaphoreLock:
        """Make it."""
        return SemaphoreLock(lock, count, kernel_name)


def _why_not(lock: str, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"lock {lock!r}: there is no room in {_FOLDER} for a semaphore; free some"
    return f"lock {lock!r}: a POSIX semaphore could not be made ({error.strerror})"
