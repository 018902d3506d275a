"""Kinds of lock, each one file, in the order in which they are preferred."""

from __future__ import annotations

from ipcviz.mechanisms.contract import LockMechanism
from ipcviz.mechanisms.locks.semaphore import PosixSemaphore

KINDS_OF_LOCK: tuple[LockMechanism, ...] = (PosixSemaphore(),)
