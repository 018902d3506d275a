"""The ends of a spool file, and the marks that tell how far it was read."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import select
from collections.abc import Iterator

from ipcviz.ends import ChannelError
from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import RECEIVING, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import Ended, Gone, Put, Take
from ipcviz.mechanisms.files import map_file
from ipcviz.mechanisms.frames import PREFIX, frame, length_of
from ipcviz.mechanisms.waiting import Waiter

HOLE_BYTES = 1 << 20
"""What was read is given back to the disk in pieces of this size (FALLOC_FL_PUNCH_HOLE, fallocate(2))."""


class Marks:
    """How far each reader has read, in bytes from the beginning: a word each, in a file beside the spool."""

    def __init__(self, path: str, readers: int) -> None:
        self._map = map_file(path, self.size(readers))
        self._words = memoryview(self._map).cast("Q")

    @staticmethod
    def size(readers: int) -> int:
        """Bytes of the file."""
        return -(-8 * max(1, readers) // mmap.PAGESIZE) * mmap.PAGESIZE

    def get(self, word: int) -> int:
        """That reader's place."""
        return self._words[word]

    def set(self, word: int, place: int) -> None:
        """Note it, in one store."""
        self._words[word] = place

    def close(self) -> None:
        """Unmap it; idempotent."""
        if not self._map.closed:
            self._words.release()
            self._map.close()


def claimed(path: str) -> int:
    """A descriptor that holds the marks for one channel alone; raises `BlockingIOError` if another does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def locked(descriptor: int, lock: str) -> Iterator[None]:
    """Hold the lock on the file; it is held for single reads and writes only."""
    if lock == "none":
        yield
        return
    take = fcntl.flock if lock == "flock" else fcntl.lockf
    take(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        take(descriptor, fcntl.LOCK_UN)


class SpoolPut(Put):
    """Appends records; each is one write at the end of the file (O_APPEND)."""

    def __init__(self, path: str, lock: str, lifeline: int, watch: Watch) -> None:
        self._path, self._lock, self._lifeline = path, lock, lifeline
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        self._pulse = select.poll()
        self._pulse.register(lifeline, 0)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One record; raises `ChannelError` when the disk is full, and takes back what was written of it."""
        if self._pulse.poll(0):
            raise Gone
        with locked(self._file, self._lock):
            before = os.fstat(self._file).st_size
            left = memoryview(frame(message))
            try:
                while left:  # a disk that is nearly full takes a part, and then says why no more
                    left = left[os.write(self._file, left) :]
            except OSError as error:
                os.ftruncate(self._file, before)
                raise ChannelError(
                    f"the spool {self._path} could not be written ({error.strerror}); free some of the disk"
                ) from None

    def close(self) -> None:
        """Close the file and let go of the lifeline."""
        close_quietly(self._file, self._lifeline)


class SpoolTake(Take):
    """Reads records from its mark on, and sleeps while there is none."""

    def __init__(
        self, path: str, lock: str, marks: Marks, word: int, alone: bool, lifeline: int, watch: Watch
    ) -> None:
        self._lock, self._marks, self._word, self._alone = lock, marks, word, alone
        self._lifeline = lifeline
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._news = libc.inotify_modified(path)
        self._waiter = Waiter(watch, RECEIVING, {self._news: select.POLLIN, lifeline: 0})
        self._hung_up = False

    def take(self, deadline: float | None) -> bytes:
        """The record at the mark; what was appended before the last sender went is still read."""
        while True:
            message = self._read_on()
            if message is None:
                self._forget_news()  # of what was read already
                message = self._read_on()
            if message is not None:
                return message
            if self._hung_up:
                raise Ended
            ready = self._waiter.wait(deadline)
            self._hung_up = any(descriptor == self._lifeline for descriptor, _ in ready)

    def _read_on(self) -> bytes | None:
        with locked(self._file, self._lock):
            return self._next()

    def _next(self) -> bytes | None:
        place = self._marks.get(self._word)
        message = record_at(self._file, place)
        if message is None:
            return None
        self._marks.set(self._word, place + PREFIX + len(message))
        if self._alone and (place + PREFIX + len(message)) // HOLE_BYTES > place // HOLE_BYTES:
            libc.punch_hole(self._file, 0, place // HOLE_BYTES * HOLE_BYTES + HOLE_BYTES)
        return message

    def _forget_news(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._news, 4096):
                continue

    def close(self) -> None:
        """Close the files and let go of the lifeline."""
        close_quietly(self._file, self._news, self._lifeline)
        self._marks.close()


def record_at(file: int, place: int) -> bytes | None:
    """The record that begins there; None if it is not there, or not yet as a whole."""
    head = os.pread(file, PREFIX, place)
    if len(head) < PREFIX:
        return None
    length = length_of(head)
    message = os.pread(file, length, place + PREFIX)
    return message if len(message) == length else None


def count_records(path: str, place: int) -> int:
    """The whole records from there on."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    count = 0
    try:
        while len(head := os.pread(file, PREFIX, place)) == PREFIX:
            place += PREFIX + length_of(head)
            count += place <= os.fstat(file).st_size
    finally:
        os.close(file)
    return count
