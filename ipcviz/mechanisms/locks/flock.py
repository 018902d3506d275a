"""Whole-file locks, flock(2): they belong to an open file, and go with its last descriptor."""

from __future__ import annotations

import fcntl

from ipcviz.mechanisms.locks.file_lock import FileLock, FileLockMechanism, HeldFileLock
from ipcviz.traits import LockTraits


class HeldFlock(HeldFileLock):
    """A `Lock` over flock(2)."""

    def ask(self, shared: bool, wait: bool) -> None:
        """Lock the whole file."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(self._file, kind if wait else kind | fcntl.LOCK_NB)

    def give_back(self) -> None:
        """Unlock it."""
        fcntl.flock(self._file, fcntl.LOCK_UN)


class FlockLock(FileLock):
    """One file that is locked as a whole."""

    held = HeldFlock
    word = "FLOCK"


class Flock(FileLockMechanism):
    """The registry's entry."""

    name = "flock"
    about = "A whole file is locked, by one that writes or by many that read; what died gives it back."
    depth_source = "/proc/locks, where the kernel lists holders and waiters"
    manual = ("flock(2)", "proc_locks(5)")
    good = "The kernel frees it the moment its holder is gone, and everybody can see who that is."
    bad = "It only binds those who ask for it, and two that wait for each other wait for ever."
    traits = LockTraits(shared=True, owner=True, after_death="released")
    made = FlockLock
