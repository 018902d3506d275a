"""multiprocessing's Lock and Semaphore: a POSIX semaphore without a name, sem_overview(7), inherited at fork.

Its name is removed as soon as it is made, so only forks of the process that made it can use it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.synchronize import Lock, Semaphore
from typing import Any

from ipcviz.mechanisms.contract import (
    CannotCreate,
    Inspection,
    KernelLock,
    Limits,
    LockMechanism,
    LockPlan,
    LockWatch,
)
from ipcviz.mechanisms.descriptors import reason_of
from ipcviz.mechanisms.locks.held import HeldLock
from ipcviz.mechanisms.waiting import interruptible
from ipcviz.probes.locks import waiters_at
from ipcviz.traits import LockTraits

_FOLDER = "/dev/shm"
_SEM_VALUE_MAX = 2147483647  # sem_overview(7), limits


class HeldInheritedLock(HeldLock):
    """A `Lock` over multiprocessing's own."""

    def __init__(self, inherited: Lock | Semaphore, watch: LockWatch) -> None:
        super().__init__(watch)
        self._inherited = inherited

    def try_take(self, shared: bool) -> bool:
        """Take it if its value allows."""
        return self._inherited.acquire(block=False)

    @interruptible
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it."""
        return self._inherited.acquire(timeout=timeout)

    def give_back(self) -> None:
        """Add one to its value."""
        self._inherited.release()


class InheritedLock(KernelLock):
    """One semaphore in memory that the workers inherit."""

    counts_the_dead = True

    def __init__(self, plan: LockPlan) -> None:
        context = multiprocessing.get_context("fork")
        if plan.count > _SEM_VALUE_MAX:
            raise CannotCreate(
                f"lock {plan.lock!r} may be held by {plan.count} at once, and a semaphore counts to "
                f"{_SEM_VALUE_MAX}; lower its count"
            )
        try:
            self._made: Lock | Semaphore | None = (
                context.Lock() if plan.count == 1 else context.Semaphore(plan.count)
            )
        except OSError as error:
            raise CannotCreate(
                f"lock {plan.lock!r}: a multiprocessing lock could not be made in {_FOLDER} "
                f"({reason_of(error)}); free some there, or choose another kind"
            ) from None

    def open(self, watch: LockWatch) -> HeldInheritedLock:
        """It is in this process already."""
        assert self._made is not None
        return HeldInheritedLock(self._made, watch)

    def inspect(self) -> Inspection:
        """Read its two words in this process's own memory; who holds it is written nowhere."""
        if self._made is None:
            return Inspection(quality="unknown", reason="the lock was given up")
        inner: Any = vars(self._made)["_semlock"]
        value, waiters = inner._get_value(), waiters_at(inner.handle)
        reason = "how many wait is only known of glibc on 64-bit machines" if waiters is None else ""
        return Inspection(value, waiters, reason=reason)

    def destroy(self) -> None:
        """Let go of the memory; nothing else is left of it."""
        self._made = None


class InheritedLocks(LockMechanism):
    """The registry's entry."""

    name = "mp-lock"
    about = "The lock of Python's multiprocessing, a semaphore that forks inherit; it has no name to find."
    depth_source = "the two words of glibc's semaphore, in memory that is shared with the workers"
    manual = ("https://docs.python.org/3/library/multiprocessing.html", "sem_overview(7)")
    good = "It comes with Python, counts, and leaves nothing in the system, whoever dies."
    bad = (
        "A worker that is killed while it holds it stops all others for ever, and nobody can tell who it was."
    )
    traits = LockTraits(most=None, related_only=True)
    survives_exec = False

    def unavailable(self) -> str | None:
        """It is made in /dev/shm."""
        if os.access(_FOLDER, os.W_OK | os.X_OK):
            return None
        return f"{_FOLDER} cannot be written; mount a tmpfs there (mount -t tmpfs tmpfs {_FOLDER})"

    def limits(self) -> Limits:
        """The largest value."""
        return {"largest_value": _SEM_VALUE_MAX}

    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """None: the name is gone before anybody could use it."""
        return ()

    def create(self, plan: LockPlan) -> InheritedLock:
        """Make it."""
        return InheritedLock(plan)
