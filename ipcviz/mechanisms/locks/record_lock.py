"""Record locks of POSIX, fcntl_locking(2) with F_SETLKW: they belong to a process.

They go when it closes any descriptor of the file, even one that it never locked through.
"""

from __future__ import annotations

import fcntl

from ipcviz.mechanisms.locks.file_lock import FileLock, FileLockMechanism, HeldFileLock
from ipcviz.traits import LockTraits


class HeldRecordLock(HeldFileLock):
    """A `Lock` over fcntl(2)."""

    def ask(self, shared: bool, wait: bool) -> None:
        """Lock all of the file, from its first byte on."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.lockf(self._file, kind if wait else kind | fcntl.LOCK_NB)

    def give_back(self) -> None:
        """Unlock it."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)


class RecordLock(FileLock):
    """One file whose bytes are locked, all of them."""

    held = HeldRecordLock
    word = "POSIX"


class RecordLocks(FileLockMechanism):
    """The registry's entry."""

    name = "fcntl"
    about = "A process locks bytes of a file; the kernel refuses a wait that would close a circle."
    depth_source = "/proc/locks, where the kernel lists holders and waiters"
    manual = ("fcntl_locking(2)", "lockf(3)", "proc_locks(5)")
    good = "The only one whose deadlock the kernel sees: one process of the circle gets EDEADLK."
    bad = "It is lost when its process closes any descriptor of the file, also one of a library's."
    traits = LockTraits(shared=True, owner=True, after_death="released", detects_deadlock=True)
    made = RecordLock
