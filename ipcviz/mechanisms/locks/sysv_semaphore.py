"""System V semaphore, semop(2): a counter that the kernel keeps, and may give back for who died.

With SEM_UNDO the kernel remembers what each process took and gives it back at its end, however it comes.
Who waits sleeps in semtimedop(2).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from ipcviz.mechanisms import sysv
from ipcviz.mechanisms.contract import (
    CannotCreate,
    Inspection,
    KernelLock,
    Limits,
    LockMechanism,
    LockPlan,
    LockWatch,
    Options,
)
from ipcviz.mechanisms.locks import semaphore_calls
from ipcviz.mechanisms.locks.held import HeldLock
from ipcviz.mechanisms.waiting import interruptible
from ipcviz.traits import AfterDeath, LockTraits

_LARGEST = 32767
"""SEMVMX, semget(2)."""
_SETTINGS = Path("/proc/sys/kernel/sem")


class SemaphoreOptions(Options, frozen=True):
    """What can be chosen of a System V semaphore."""

    undo: Annotated[bool, Meta(description="the kernel gives it back for a holder that ends (SEM_UNDO)")] = (
        True
    )


class HeldSysvSemaphore(HeldLock):
    """A `Lock` over a System V semaphore."""

    def __init__(self, identifier: int, undo: bool, watch: LockWatch) -> None:
        super().__init__(watch)
        self._id, self._undo = identifier, undo

    def try_take(self, shared: bool) -> bool:
        """Take it if its value allows."""
        return semaphore_calls.take(self._id, self._undo, timeout=0)

    @interruptible
    def take(self, timeout: float | None, shared: bool) -> bool:
        """Wait for it in the kernel."""
        return semaphore_calls.take(self._id, self._undo, timeout)

    def give_back(self) -> None:
        """Add one to its value."""
        semaphore_calls.give_back(self._id, self._undo)


class SysvSemaphoreLock(KernelLock):
    """One set of one semaphore."""

    def __init__(self, plan: LockPlan) -> None:
        import sysv_ipc

        self._undo = plan.options.undo
        self._key = sysv.key_of(plan.kernel_name)
        try:
            made = sysv_ipc.Semaphore(
                self._key, sysv_ipc.IPC_CREX, mode=0o600, initial_value=min(plan.count, _LARGEST)
            )
        except (sysv_ipc.Error, OSError) as error:
            raise CannotCreate(_why_not(plan.lock, error)) from None
        self._id: int | None = made.id
        if plan.count > _LARGEST:
            self.destroy()
            raise CannotCreate(
                f"lock {plan.lock!r} may be held by {plan.count} at once, and a System V semaphore counts to "
                f"{_LARGEST}; lower its count"
            )

    def open(self, watch: LockWatch) -> HeldSysvSemaphore:
        """Use it by its id; nothing is opened."""
        assert self._id is not None
        return HeldSysvSemaphore(self._id, self._undo, watch)

    def inspect(self) -> Inspection:
        """Ask semctl(2) for GETVAL and GETNCNT; it only knows who used it last, not who holds it."""
        if self._id is None:
            return Inspection(quality="unknown", reason="the semaphore was removed")
        try:
            return Inspection(*semaphore_calls.value_and_waiters(self._id))
        except OSError as error:
            return Inspection(
                quality="unknown", reason=f"the semaphore {self._id} cannot be read ({error.strerror})"
            )

    def destroy(self) -> None:
        """Remove it (IPC_RMID)."""
        import sysv_ipc

        if self._id is not None:
            number, self._id = self._id, None
            try:
                sysv_ipc.remove_semaphore(number)
            except sysv_ipc.ExistentialError:
                return


class SysvSemaphore(LockMechanism):
    """The registry's entry."""

    name = "sysv-sem"
    about = "A counter in the kernel, by key and id; with SEM_UNDO it is given back for a holder that died."
    depth_source = "semctl(2): GETVAL and GETNCNT"
    manual = ("sysvipc(7)", "semop(2)", "semctl(2)")
    good = "It counts, and what a dead process had taken the kernel gives back (SEM_UNDO)."
    bad = "It stays until somebody removes it, its key can collide, and nobody learns that a holder died."
    traits = LockTraits(most=None, after_death="released")
    options = SemaphoreOptions

    def after_death(self, options: Any) -> AfterDeath:
        """Without SEM_UNDO nobody gives it back."""
        return "released" if options.undo else "stuck"

    def unavailable(self) -> str | None:
        """Ask for the kernel's table, the library and the call with a timeout."""
        return sysv.missing() or semaphore_calls.missing()

    def limits(self) -> Limits:
        """The settings of the kernel: sets, semaphores of all sets together, and the largest value."""
        limits: Limits = {"largest_value": _LARGEST}
        try:
            _, semaphores, _, sets = map(int, _SETTINGS.read_text().split())
        except (OSError, ValueError):
            return limits
        return {**limits, "sets": sets, "semaphores": semaphores}

    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """The name from which the key is made."""
        return (("sysv-sem", plan.kernel_name),)

    def create(self, plan: LockPlan) -> SysvSemaphoreLock:
        """Make it."""
        return SysvSemaphoreLock(plan)


def _why_not(lock: str, error: Exception) -> str:
    import sysv_ipc

    if isinstance(error, sysv_ipc.ExistentialError):
        return f"lock {lock!r}: its key is taken by another System V semaphore; start again"
    if isinstance(error, OSError) and error.errno is not None:
        return f"lock {lock!r}: {os.strerror(error.errno)}; remove what ipcs -s shows as left over"
    return f"lock {lock!r}: a System V semaphore could not be made ({error}); ipcs -s shows what there is"
