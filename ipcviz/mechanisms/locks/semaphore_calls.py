"""System V semaphores' calls that wait with a timeout and tell who waits: semtimedop(2), semctl(2).

Straight from the C library, because a wait that a signal breaks off must go on for what is left of it.
All of them raise `OSError` with the C library's errno.
"""

from __future__ import annotations

import ctypes
import errno
import os
import time
from functools import cache
from typing import Any

_IPC_NOWAIT = 0o4000
_SEM_UNDO = 0x1000
_GETNCNT = 14
_GETVAL = 12
_GETPID = 11


class _Operation(ctypes.Structure):
    _fields_ = (("number", ctypes.c_ushort), ("change", ctypes.c_short), ("flags", ctypes.c_short))


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


@cache
def _library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def missing() -> str | None:
    """Why the calls are missing here; None if they are not."""
    if hasattr(_library(), "semtimedop"):
        return None
    return "this C library has no semtimedop; glibc 2.3.3 and newer have it"


def take(identifier: int, undo: bool, timeout: float | None) -> bool:
    """Subtract one, waiting up to `timeout` seconds until that is possible; False if it was not enough."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        try:
            if timeout == 0:
                _change(identifier, -1, undo, _IPC_NOWAIT)
            else:
                _change(identifier, -1, undo, 0, _left(deadline))
        except BlockingIOError:
            return False
        except InterruptedError:
            continue
        return True


def give_back(identifier: int, undo: bool) -> None:
    """Add one."""
    _change(identifier, 1, undo, _IPC_NOWAIT)


def value_and_waiters(identifier: int) -> tuple[int, int]:
    """Its value, and how many wait until they can subtract."""
    return _asked(identifier, _GETVAL), _asked(identifier, _GETNCNT)


def last_user(identifier: int) -> int:
    """The pid of the process that last changed the first semaphore of the set; 0 for none."""
    return _asked(identifier, _GETPID)


def _asked(identifier: int, question: int) -> int:
    answer = int(_library().semctl(identifier, 0, question))
    if answer == -1:
        _fail()
    return answer


def _change(identifier: int, change: int, undo: bool, flags: int, left: _Timespec | None = None) -> None:
    operation = _Operation(0, change, flags | (_SEM_UNDO if undo else 0))
    limit = None if left is None else ctypes.byref(left)
    result = _library().semtimedop(identifier, ctypes.byref(operation), ctypes.c_size_t(1), limit)
    if result == -1:
        _fail()


def _left(deadline: float | None) -> _Timespec | None:
    if deadline is None:
        return None
    left = max(0, round((deadline - time.monotonic()) * 1e9))
    return _Timespec(*divmod(left, 1_000_000_000))


def _fail() -> None:
    number = ctypes.get_errno()
    if number in (errno.EIDRM, errno.EINVAL):
        raise OSError(number, "it was removed")
    raise OSError(number, os.strerror(number))
