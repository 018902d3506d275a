"""Pipes: how much waits in one, and how much it can hold (pipe(7), ioctl_fionread)."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Callable, Iterable
from typing import Protocol

from ipcviz.events import Depth

_int = struct.Struct("i")


class Borrower(Protocol):
    """Gives a short-lived duplicate of a worker's descriptor; see the contract's `Reach`."""

    def borrow(self, endpoint: int, descriptor: int) -> int | None:
        """A duplicate, None if that worker is gone; raises `OSError` where it is not allowed."""


def unread(descriptor: int) -> int:
    """Bytes that wait to be read (FIONREAD), at either end of a pipe or the reading end of a socket."""
    (count,) = _int.unpack(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(_int.size)))
    return int(count)


def pipe_capacity(descriptor: int) -> int:
    """Bytes that the pipe can hold (F_GETPIPE_SZ)."""
    return fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)


def ask_through(
    reach: Borrower, ends: Iterable[tuple[int, int]], question: Callable[[int], int]
) -> int | None:
    """Ask the first living worker's descriptor of `ends` (endpoint, descriptor); None if none lives.

    The duplicate lives only for the question: held longer it would hide an end of file or a broken pipe.
    """
    for endpoint, descriptor in ends:
        duplicate = reach.borrow(endpoint, descriptor)
        if duplicate is None:
            continue
        try:
            return question(duplicate)
        finally:
            os.close(duplicate)
    return None


def pipe_depth(reach: Borrower, ends: Iterable[tuple[int, int]], capacity: int) -> Depth:
    """The bytes in a pipe; 0 when every end is closed, because the kernel has freed it."""
    try:
        now = ask_through(reach, ends, unread)
    except OSError as error:
        reason = f"the kernel did not let ipcviz look into the workers ({error.strerror})"
        return Depth(capacity=capacity, unit="bytes", reason=reason)
    return Depth(now=now or 0, capacity=capacity, unit="bytes", quality="exact")
