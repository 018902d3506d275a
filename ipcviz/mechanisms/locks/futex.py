"""The robust mutex's calls: pthread_mutex_lock(3p) and its kin, and futex(2) for who waits.

glibc's own wait cannot be broken off by a signal. So who waits sleeps in futex(2) on the mutex's first
word, whose meaning the kernel prescribes for robust ones: the thread that owns it, WAITERS, OWNER_DIED.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import sys
from functools import cache
from typing import Any

SIZE = 64
"""Bytes that a pthread_mutex_t takes at most on any 64-bit machine."""
WAITERS = 0x80000000
OWNER_DIED = 0x40000000
THREAD = 0x3FFFFFFF
_PROCESS_SHARED, _ERRORCHECK, _ROBUST = 1, 2, 1
_WAIT, _REQUEUE = 0, 3
_SYS_FUTEX = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221, "s390x": 238}
_LOST = {errno.ENOTRECOVERABLE: "it was given back in the state in which a dead process left it"}


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


@cache
def _library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def missing() -> str | None:
    """Why there are no robust mutexes whose word is known here; None if there are."""
    if not hasattr(_library(), "gnu_get_libc_version"):
        return "the layout of its mutex is only known of glibc, and this is another C library"
    if sys.maxsize < 2**32 or platform.machine() not in _SYS_FUTEX:
        return f"the layout of its mutex is only known on {', '.join(_SYS_FUTEX)}"
    return None


class Mutex:
    """A robust mutex in memory that several processes map."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._bytes = (ctypes.c_char * SIZE).from_buffer(memory)
        self._address = ctypes.c_void_p(ctypes.addressof(self._bytes))
        self._word = ctypes.c_uint32.from_buffer(self._bytes)

    def initialise(self) -> None:
        """Make it one, before anybody else maps it; raises `OSError`."""
        attributes = ctypes.create_string_buffer(SIZE)
        library = _library()
        _check(library.pthread_mutexattr_init(attributes))
        _check(library.pthread_mutexattr_setpshared(attributes, _PROCESS_SHARED))
        _check(library.pthread_mutexattr_setrobust(attributes, _ROBUST))
        _check(library.pthread_mutexattr_settype(attributes, _ERRORCHECK))
        _check(library.pthread_mutex_init(self._address, attributes))

    @property
    def word(self) -> int:
        """The first word, now."""
        return int(self._word.value)

    def try_lock(self) -> bool | None:
        """Take it if nobody has it: whether its last holder died with it; None if somebody has it."""
        return self._outcome(_library().pthread_mutex_trylock(self._address))

    def try_lock_or_mark(self) -> bool | None:
        """The same; if somebody has it, its holder will wake whoever sleeps in `wait` when it lets go."""
        past = ctypes.byref(_Timespec(0, 0))  # glibc sets WAITERS before it looks at the clock
        return self._outcome(_library().pthread_mutex_timedlock(self._address, past))

    def mark(self) -> None:
        """As its holder: wake somebody who sleeps in `wait` when it is let go."""
        # While it is held, others only ever set this same bit, so nothing of theirs is written over.
        self._word.value = self.word | WAITERS

    def wait(self, seconds: float) -> None:
        """Sleep while it is held and marked; returns early at any time, also for a signal."""
        word = self.word
        if word & THREAD and word & WAITERS:
            limit = _Timespec(*divmod(round(seconds * 1e9), 1_000_000_000))
            _futex(self._address, _WAIT, word, ctypes.byref(limit), None)

    def unlock(self) -> None:
        """Let go of it; raises `OSError` if this thread does not have it."""
        _check(_library().pthread_mutex_unlock(self._address))

    def waiters(self) -> int | None:
        """How many sleep on its word, as the kernel has them in its queue; None if it cannot tell.

        They are moved from this queue to this queue, which wakes nobody and tells their number.
        """
        all_of_them = ctypes.c_long(2**31 - 1)
        count = _futex(self._address, _REQUEUE, 0, all_of_them, self._address)
        return None if count < 0 else count

    def _outcome(self, result: int) -> bool | None:
        if result == errno.EOWNERDEAD:
            _check(_library().pthread_mutex_consistent(self._address))
            return True
        if result in (errno.EBUSY, errno.ETIMEDOUT):
            return None
        _check(result)
        return False


def _futex(address: Any, operation: int, value: int, limit: Any, second: Any) -> int:
    number = ctypes.c_long(_SYS_FUTEX[platform.machine()])
    return int(_library().syscall(number, address, operation, ctypes.c_uint(value), limit, second, 0))


def _check(result: int) -> None:
    """These functions return their errno."""
    if result:
        raise OSError(result, _LOST.get(result, os.strerror(result)))
