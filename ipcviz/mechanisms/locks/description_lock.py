"""Open file description locks, F_OFD_SETLK(2const): byte ranges as of fcntl, owned by an open file.

The kernel's list names no process for them, because several may share the open file.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys

from ipcviz.mechanisms.locks.file_lock import FileLock, FileLockMechanism, HeldFileLock
from ipcviz.traits import LockTraits

_flock = struct.Struct("hhqqi4x")
"""struct flock of 64-bit machines: type, whence, start, length (0 is to the end), pid (must be 0)."""


class HeldDescriptionLock(HeldFileLock):
    """A `Lock` over fcntl(2) with F_OFD_SETLK."""

    def ask(self, shared: bool, wait: bool) -> None:
        """Lock all of the file."""
        self._set(fcntl.F_RDLCK if shared else fcntl.F_WRLCK, wait)

    def give_back(self) -> None:
        """Unlock it."""
        self._set(fcntl.F_UNLCK, wait=False)

    def _set(self, kind: int, wait: bool) -> None:
        command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
        fcntl.fcntl(self._file, command, _flock.pack(kind, os.SEEK_SET, 0, 0, 0))


class DescriptionLock(FileLock):
    """One file whose bytes are locked through an open file, all of them."""

    held = HeldDescriptionLock
    word = "OFDLCK"


class DescriptionLocks(FileLockMechanism):
    """The registry's entry."""

    name = "ofd"
    about = "Bytes of a file are locked by an open file, so that threads and libraries keep apart, too."
    depth_source = "/proc/locks for how many wait, the workers' /proc/PID/fdinfo for who holds it"
    manual = ("F_OFD_SETLK(2const)", "proc_locks(5)", "proc_pid_fdinfo(5)")
    good = "Nobody else's close takes it away, and two threads of one process exclude each other."
    bad = "Tools show -1 for its holder, and nobody refuses a wait that could never end."
    traits = LockTraits(shared=True, owner=True, after_death="released")
    made = DescriptionLock

    def unavailable(self) -> str | None:
        """It needs Linux and a 64-bit machine."""
        if not hasattr(fcntl, "F_OFD_SETLK"):
            return "this system has no open file description locks (Linux 3.15 has)"
        return None if sys.maxsize > 2**32 else "only known for 64-bit machines"
