"""Robust mutex, pthread_mutexattr_setrobust(3): whoever gets it after a holder that died is told so.

It lies in a file that all map. The kernel knows its owner from the first word, and walks the list of what
each thread holds when the thread ends (get_robust_list(2)).
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ipcviz.ends import WouldDeadlock
from ipcviz.mechanisms.contract import (
    CannotCreate,
    Inspection,
    KernelLock,
    Limits,
    LockMechanism,
    LockPlan,
    LockWatch,
)
from ipcviz.mechanisms.files import map_file, remove
from ipcviz.mechanisms.locks import futex, lock_files
from ipcviz.mechanisms.locks.held import HeldLock
from ipcviz.mechanisms.waiting import deadline_after, interruptible
from ipcviz.traits import LockTraits

LOOK_AGAIN_S = 5.0
"""How long a waiter could miss that its holder was killed before it said that others wait."""
_HELD_BY_ONE_THREAD = 2048  # ROBUST_LIST_LIMIT of linux/futex.h


class HeldMutex(HeldLock):
    """A `Lock` over the mutex in a mapped file."""

    def __init__(self, path: str, lock: str, watch: LockWatch) -> None:
        super().__init__(watch)
        self._lock = lock
        self._mutex = futex.Mutex(map_file(path, futex.SIZE))

    def try_take(self, shared: bool) -> bool:
        """Take it if nobody has it, or who had it died."""
        return self._settled(self._explained(self._mutex.try_lock))

    @interruptible
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it in the kernel."""
        deadline = deadline_after(timeout)
        while not self._settled(self._explained(self._mutex.try_lock_or_mark)):
            left = LOOK_AGAIN_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            self._mutex.wait(min(left, LOOK_AGAIN_S))
        self._mutex.mark()  # others may sleep, and the mark that was set for them has gone
        return True

    def give_back(self) -> None:
        """Unlock it."""
        try:
            self._mutex.unlock()
        except OSError as error:
            raise OSError(
                error.errno, f"lock {self._lock!r} could not be given back: {error.strerror}"
            ) from None

    def _settled(self, outcome: bool | None) -> bool:
        if outcome is not None:
            self._recovered = outcome
        return outcome is not None

    def _explained(self, attempt: Any) -> bool | None:
        try:
            outcome: bool | None = attempt()
        except OSError as error:
            if error.errno == errno.EDEADLK:
                raise WouldDeadlock(
                    f"lock {self._lock!r}: this process holds it already and would wait for itself"
                ) from None
            raise OSError(error.errno, f"lock {self._lock!r} could not be taken: {error.strerror}") from None
        return outcome


class MutexLock(KernelLock):
    """One mutex in a file of the run's folder."""

    def __init__(self, plan: LockPlan) -> None:
        self._lock, self._path = plan.lock, plan.path
        self._mutex: futex.Mutex | None = None
        os.close(lock_files.make(plan.path, plan.lock, futex.SIZE))
        try:
            self._mutex = futex.Mutex(map_file(plan.path, futex.SIZE))
            self._mutex.initialise()
        except OSError as error:
            self.destroy()
            raise CannotCreate(
                f"lock {plan.lock!r}: a robust mutex could not be made ({error.strerror}); "
                "choose another kind"
            ) from None

    def __getstate__(self) -> dict[str, Any]:
        """Memory is not handed on: who opens it maps the file."""
        return {**vars(self), "_mutex": None}

    def open(self, watch: LockWatch) -> HeldMutex:
        """Map the file: the kernel's list of what this thread holds is kept with addresses of its own."""
        return HeldMutex(self._path, self._lock, watch)

    def inspect(self) -> Inspection:
        """Read its word, and count who sleeps on it."""
        if self._mutex is None:
            return Inspection(quality="unknown", reason="its file was removed")
        owner = self._mutex.word & futex.THREAD
        holders = (_process_of(owner),) if owner else ()
        waiters = self._mutex.waiters()
        if waiters is not None:
            return Inspection(0 if owner else 1, waiters, holders)
        return Inspection(
            0 if owner else 1,
            None,
            holders,
            "at least",
            "the kernel does not tell how many sleep on its word",
        )

    def destroy(self) -> None:
        """Remove its file and let go of the memory."""
        self._mutex = None
        remove(self._path)


class RobustMutex(LockMechanism):
    """The registry's entry."""

    name = "robust-mutex"
    family = "mutex"
    about = "A mutex in shared memory; when its holder dies, the next one gets it and is told (EOWNERDEAD)."
    depth_source = "the mutex's first word for who holds it, futex(2) for how many sleep on it"
    manual = ("pthread_mutexattr_setrobust(3)", "pthread_mutex_lock(3p)", "futex(2)", "get_robust_list(2)")
    good = "No system call while nobody waits, and a holder's death is neither hidden nor the end."
    bad = "What it protects must be put right by whoever is told, or it is lost for good."
    traits = LockTraits(owner=True, after_death="recovered")

    def unavailable(self) -> str | None:
        """It needs glibc on a 64-bit machine."""
        return futex.missing()

    def limits(self) -> Limits:
        """How many of them the kernel gives back for one dead thread."""
        return {"held_by_one_thread": _HELD_BY_ONE_THREAD}

    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """The file in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: LockPlan) -> MutexLock:
        """Make it."""
        return MutexLock(plan)


def _process_of(thread: int) -> int:
    """The pid of the process that has this thread; its first thread has the same number."""
    try:
        status = Path(f"/proc/{thread}/status").read_text()
    except OSError:
        return thread
    return next((int(line[5:]) for line in status.split("\n") if line.startswith("Tgid:")), thread)
