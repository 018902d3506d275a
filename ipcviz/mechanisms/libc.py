"""The POSIX calls that Python's standard library leaves out, straight from the C library.

Message queues (mq_overview(7)), named semaphores (sem_overview(7)), prctl(2), pidfd_getfd(2), inotify(7),
fallocate(2). All of them raise `OSError` with the C library's errno. Interrupted calls are begun again, so
that Python's own signal handlers run in between (PEP 475).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, cast

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36
_IN_MODIFY, _IN_CREATE = 0x2, 0x100  # inotify(7)
_FALLOC_FL_KEEP_SIZE, _FALLOC_FL_PUNCH_HOLE = 1, 2  # linux/falloc.h
_SYS_PIDFD_GETFD = 438  # the same number on every architecture since Linux 5.6


class QueueAttributes(NamedTuple):
    """What mq_getattr(3) tells: limits in messages and bytes, and how many messages wait."""

    most_messages: int
    largest: int
    waiting: int


class _MqAttr(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_long),
        ("maxmsg", ctypes.c_long),
        ("msgsize", ctypes.c_long),
        ("curmsgs", ctypes.c_long),
        ("reserved", ctypes.c_long * 4),
    )


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


@cache
def _library(name: str | None) -> ctypes.CDLL:
    return ctypes.CDLL(name, use_errno=True)


@cache
def _function(name: str) -> Any:
    """A C function; glibc before 2.34 keeps these in librt and libpthread."""
    for library in (None, "librt.so.1", "libpthread.so.0"):
        try:
            return getattr(_library(library), name)
        except (AttributeError, OSError):
            continue
    raise OSError(errno.ENOSYS, f"this C library has no {name}")


def _call(name: str, *arguments: Any) -> int:
    """Call it, again when interrupted; raises `OSError` where it returns -1."""
    function: Callable[..., int] = _function(name)
    while True:
        result = function(*arguments)
        if result != -1:
            return result
        number = ctypes.get_errno()
        if number != errno.EINTR:
            raise OSError(number, os.strerror(number))


def _attribute_block(most_messages: int, largest: int) -> Any:
    return ctypes.byref(_MqAttr(0, most_messages, largest, 0))


def mq_create(name: str, most_messages: int, largest: int) -> int:
    """Make a queue `/name` that must not exist, mode 0600, non-blocking; its descriptor."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC
    mode = ctypes.c_uint(0o600)
    return _call("mq_open", name.encode(), flags, mode, _attribute_block(most_messages, largest))


def mq_open(name: str, flags: int) -> int:
    """Open the queue; `flags` as for open(2)."""
    return _call("mq_open", name.encode(), flags | os.O_CLOEXEC)


def mq_send(descriptor: int, message: bytes, priority: int = 0) -> None:
    """Put one message; `BlockingIOError` when it is full and the descriptor non-blocking."""
    _call("mq_send", descriptor, message, ctypes.c_size_t(len(message)), ctypes.c_uint(priority))


def mq_receive(descriptor: int, buffer: ctypes.Array[ctypes.c_char]) -> bytes:
    """Take the oldest message; the buffer must be as large as the queue's largest message."""
    function = _function("mq_receive")
    function.restype = ctypes.c_ssize_t
    size = _call("mq_receive", descriptor, buffer, ctypes.c_size_t(len(buffer)), None)
    return cast(bytes, buffer[:size])


def mq_attributes(descriptor: int) -> QueueAttributes:
    """The queue's limits, and how many messages wait in it now."""
    attributes = _MqAttr()
    _call("mq_getattr", descriptor, ctypes.byref(attributes))
    return QueueAttributes(attributes.maxmsg, attributes.msgsize, attributes.curmsgs)


def mq_unlink(name: str) -> None:
    """Remove the queue's name."""
    _call("mq_unlink", name.encode())


class NamedSemaphore:
    """A POSIX named semaphore, open in this process."""

    def __init__(self, name: str, create: int | None = None) -> None:
        """Open `/name`; with `create`, make it with that value, where it must not exist."""
        opener = _function("sem_open")
        opener.restype = ctypes.c_void_p
        if create is None:
            handle = opener(name.encode(), 0)
        else:
            mode = ctypes.c_uint(0o600)
            handle = opener(name.encode(), os.O_CREAT | os.O_EXCL, mode, ctypes.c_uint(create))
        if not handle:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), name)
        self._handle = ctypes.c_void_p(handle)

    def try_wait(self) -> bool:
        """Take it if that is possible at once."""
        try:
            _call("sem_trywait", self._handle)
        except BlockingIOError:
            return False
        return True

    def wait(self, timeout: float | None) -> bool:
        """Take it, waiting up to `timeout` seconds; False if that was not enough."""
        if timeout is None:
            _call("sem_wait", self._handle)
            return True
        until = time.clock_gettime_ns(time.CLOCK_REALTIME) + round(max(0.0, timeout) * 1e9)
        try:
            _call("sem_timedwait", self._handle, ctypes.byref(_Timespec(*divmod(until, 1_000_000_000))))
        except TimeoutError:
            return False
        return True

    def post(self) -> None:
        """Give it back."""
        _call("sem_post", self._handle)

    def close(self) -> None:
        """Close it in this process."""
        _call("sem_close", self._handle)


def sem_unlink(name: str) -> None:
    """Remove the semaphore's name."""
    _call("sem_unlink", name.encode())


def set_process_name(name: str) -> None:
    """The name that ps(1) and top(1) show, cut to 15 bytes and no letter in two (PR_SET_NAME)."""
    cut = name.encode()[:15].decode(errors="ignore").encode()
    _call("prctl", PR_SET_NAME, ctypes.c_char_p(cut), 0, 0, 0)


def die_with_parent(signal: int) -> None:
    """Ask the kernel for that signal when the parent dies (PR_SET_PDEATHSIG)."""
    _call("prctl", PR_SET_PDEATHSIG, ctypes.c_ulong(signal), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent died (PR_SET_CHILD_SUBREAPER)."""
    _call("prctl", PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0)


def pidfd_getfd(pidfd: int, descriptor: int) -> int:
    """A duplicate of another process's descriptor (pidfd_getfd(2), Linux 5.6)."""
    return _call(
        "syscall",
        ctypes.c_long(_SYS_PIDFD_GETFD),
        ctypes.c_int(pidfd),
        ctypes.c_int(descriptor),
        ctypes.c_uint(0),
    )


def inotify_modified(path: str) -> int:
    """A non-blocking descriptor that can be read when the file was written to (inotify(7))."""
    return _inotify(path, _IN_MODIFY)


def inotify_created(folder: str) -> int:
    """A non-blocking descriptor that can be read when something was made in the folder (inotify(7))."""
    return _inotify(folder, _IN_CREATE)


def _inotify(path: str, events: int) -> int:
    descriptor = _call("inotify_init1", os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _call("inotify_add_watch", descriptor, os.fsencode(path), ctypes.c_uint(events))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def punch_hole(descriptor: int, start: int, size: int) -> None:
    """Give bytes of a file back to the disk, where its file system can (fallocate(2)); they read as zero."""
    with contextlib.suppress(OSError):
        _call(
            "fallocate",
            descriptor,
            _FALLOC_FL_KEEP_SIZE | _FALLOC_FL_PUNCH_HOLE,
            ctypes.c_long(start),
            ctypes.c_long(size),
        )
