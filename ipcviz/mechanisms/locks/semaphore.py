"""POSIX named semaphore, sem_overview(7): a counter in shared memory; waiters sleep in the kernel.

It does not know who holds it, and when a holder is killed nobody gives it back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import (
    CannotCreate,
    Inspection,
    KernelLock,
    Limits,
    LockMechanism,
    LockPlan,
    LockWatch,
)
from ipcviz.mechanisms.locks.held import HeldLock
from ipcviz.mechanisms.waiting import interruptible
from ipcviz.probes.locks import semaphore_words
from ipcviz.traits import LockTraits

_FOLDER = "/dev/shm"
_SEM_VALUE_MAX = 2147483647  # sem_overview(7), limits


class HeldSemaphore(HeldLock):
    """A `Lock` over a named semaphore."""

    def __init__(self, name: str, watch: LockWatch) -> None:
        super().__init__(watch)
        self._semaphore = libc.NamedSemaphore(name)

    def try_take(self, shared: bool) -> bool:
        """Take it if its value allows."""
        return self._semaphore.try_wait()

    @interruptible
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it."""
        return self._semaphore.wait(timeout)

    def give_back(self) -> None:
        """Add one to its value."""
        self._semaphore.post()


class SemaphoreLock(KernelLock):
    """One named semaphore."""

    counts_the_dead = True

    def __init__(self, plan: LockPlan) -> None:
        self._name = f"/{plan.kernel_name}"
        self._file = f"{_FOLDER}/sem.{plan.kernel_name}"
        try:
            libc.NamedSemaphore(self._name, create=plan.count).close()
        except OSError as error:
            raise CannotCreate(_why_not(plan.lock, error)) from None

    def open(self, watch: LockWatch) -> HeldSemaphore:
        """Open it by its name."""
        return HeldSemaphore(self._name, watch)

    def inspect(self) -> Inspection:
        """Read its two words where glibc keeps them; who holds it is written nowhere."""
        value, waiters, reason = semaphore_words(self._file)
        return Inspection(value, waiters, None, "unknown" if value is None else "exact", reason)

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
    depth_source = "the two words of glibc's semaphore, read from its file"
    manual = ("sem_overview(7)", "sem_wait(3)")
    good = "Counts, wakes a waiter at once, and works between any processes that know its name."
    bad = "It does not know who holds it: a holder that dies leaves the others waiting for ever."
    traits = LockTraits(most=None)

    def unavailable(self) -> str | None:
        """It needs a writable /dev/shm."""
        if os.access(_FOLDER, os.W_OK | os.X_OK):
            return None
        return f"{_FOLDER} cannot be written; mount a tmpfs there (mount -t tmpfs tmpfs {_FOLDER})"

    def limits(self) -> Limits:
        """The largest value."""
        return {"largest_value": _SEM_VALUE_MAX}

    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """The semaphore's name."""
        return (("posix-sem", plan.kernel_name),)

    def create(self, plan: LockPlan) -> SemaphoreLock:
        """Make it."""
        return SemaphoreLock(plan)


def _why_not(lock: str, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"lock {lock!r}: there is no room in {_FOLDER} for a semaphore; free some"
    return f"lock {lock!r}: a POSIX semaphore could not be made ({error.strerror})"
