"""Kinds of lock, each one file, in the order in which they are preferred."""

from __future__ import annotations

from ipcviz.mechanisms.contract import LockMechanism
from ipcviz.mechanisms.locks.description_lock import DescriptionLocks
from ipcviz.mechanisms.locks.flock import Flock
from ipcviz.mechanisms.locks.mp_lock import InheritedLocks
from ipcviz.mechanisms.locks.record_lock import RecordLocks
from ipcviz.mechanisms.locks.robust_mutex import RobustMutex
from ipcviz.mechanisms.locks.semaphore import PosixSemaphore
from ipcviz.mechanisms.locks.sysv_semaphore import SysvSemaphore

KINDS_OF_LOCK: tuple[LockMechanism, ...] = (
    PosixSemaphore(),
    SysvSemaphore(),
    Flock(),
    RecordLocks(),
    DescriptionLocks(),
    RobustMutex(),
    InheritedLocks(),
)
