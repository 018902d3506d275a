"""Locks: their value, who holds them and how many wait, from where the kernel and the C library keep it.

POSIX semaphores: glibc 2.21 and newer, on 64-bit machines, begins them with one 64-bit word, the value in
its lower half, the number of waiters in its upper half (struct new_sem). Locks of files: proc_locks(5)
lists holders and waiters, but an open file description lock without a pid; its holders are found in the
proc_pid_fdinfo(5) of this process's children.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

FRESH_S = 0.05
"""Seconds for which one reading of /proc/locks serves all locks: it can take 14 ms."""
LOCKS = Path("/proc/locks")
_words = struct.Struct("<II")
Answer = TypeVar("Answer")


class Seen(NamedTuple):
    """What is known of a lock; None is not known, and `reason` why."""

    value: int | None
    waiters: int | None
    holders: tuple[int, ...] | None
    reason: str


def semaphore_words(path: str) -> tuple[int | None, int | None, str]:
    """Value, waiters, and why they are unknown (empty if they are known)."""
    if not _known_layout():
        return None, None, "only known for 64-bit little-endian machines"
    try:
        with open(path, "rb") as file:
            value, waiters = _words.unpack(file.read(_words.size))
    except OSError as error:
        return None, None, f"{path} cannot be read ({error.strerror})"
    except struct.error:
        return None, None, f"{path} is shorter than a semaphore"
    return value, waiters, ""


def waiters_at(address: int) -> int | None:
    """How many wait for the semaphore at that address of this process; None where that is not known."""
    if not _known_layout() or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"):
        return None
    return int(_words.unpack(ctypes.string_at(address, _words.size))[1])


def _known_layout() -> bool:
    return sys.maxsize > 2**32 and sys.byteorder == "little"


class Row(NamedTuple):
    """One line of /proc/locks, or of a descriptor's fdinfo."""

    kind: str
    """POSIX, FLOCK or OFDLCK."""
    pid: int
    """-1 where the kernel names none."""
    place: str
    """The device of the file system and the file's number in it, as the kernel writes them."""
    waits: bool


class Recent(Generic[Answer]):
    """An answer that is good for a while."""

    def __init__(self, ask: Callable[[], Answer], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._answer: Answer | None = None
        self._asked = 0.0

    def get(self) -> Answer:
        """The answer, new if the last one is too old; raises what the question raises."""
        now = time.monotonic()
        if self._answer is None or now - self._asked > self._seconds:
            self._answer = self._ask()
            self._asked = now
        return self._answer

    def forget(self) -> None:
        """Ask anew the next time."""
        self._answer = None


def place_of(descriptor: int) -> str:
    """How the kernel calls the file in its lists of locks.

    Not by what fstat(2) says: btrfs and overlay file systems tell another device there. Raises `OSError`.
    """
    status = os.fstat(descriptor)
    about = dict(_pairs(Path(f"/proc/self/fdinfo/{descriptor}")))
    device = _device_of_mount(about.get("mnt_id", "")) or (os.major(status.st_dev), os.minor(status.st_dev))
    return f"{device[0]:02x}:{device[1]:02x}:{about.get('ino', status.st_ino)}"


def file_lock(kind: str, place: str) -> Seen:
    """What the kernel says of the locks of that kind (POSIX, FLOCK, OFDLCK) on that file."""
    try:
        rows = [row for row in table.get() if row.kind == kind and row.place == place]
    except OSError as error:
        return Seen(None, None, None, f"{LOCKS} cannot be read ({error.strerror})")
    waiters = sum(row.waits for row in rows)
    holding = [row.pid for row in rows if not row.waits]
    value = 0 if holding else 1
    if -1 not in holding:
        return Seen(value, waiters, tuple(sorted(set(holding))), "")
    holders, reason = _nameless(place, len(holding))
    return Seen(value, waiters, holders, reason)


def _nameless(place: str, most: int) -> tuple[tuple[int, ...] | None, str]:
    """Who has a descriptor with an open file description lock on that file; `most` do."""
    try:
        looked = children.get()
    except OSError as error:
        return None, f"the kernel names no holder, and not which children there are ({error.strerror})"
    found = [pid for pid, row in looked.locks if row.place == place and row.kind == "OFDLCK"]
    if len(found) >= most:
        return tuple(sorted(set(found))), ""
    if looked.denied:
        return None, f"the kernel names no holder, and {looked.denied} cannot be read"
    return None, "the kernel names no holder, and it changed hands while the workers were asked"


def _read_table() -> list[Row]:
    return list(_rows(LOCKS.read_text()))


class Children(NamedTuple):
    """The locks that descriptors of this process's children have, each with the child's pid."""

    locks: list[tuple[int, Row]]
    denied: str
    """A file that could not be read, empty if all could."""


def _read_children() -> Children:
    found: list[tuple[int, Row]] = []
    denied = ""
    for pid in _child_pids():
        try:
            found.extend((pid, row) for row in _rows_of_process(pid))
        except PermissionError:
            denied = f"/proc/{pid}/fdinfo"
    return Children(found, denied)


def _rows_of_process(pid: int) -> Iterator[Row]:
    """The locks of all its descriptors; none if it is gone."""
    try:
        names = os.listdir(f"/proc/{pid}/fdinfo")
    except (FileNotFoundError, ProcessLookupError):
        return
    for name in names:
        try:
            text = Path(f"/proc/{pid}/fdinfo/{name}").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield from _rows("\n".join(line[5:] for line in text.split("\n") if line.startswith("lock:")))


def _child_pids() -> list[int]:
    pids: list[int] = []
    for thread in os.listdir("/proc/self/task"):
        pids.extend(map(int, Path(f"/proc/self/task/{thread}/children").read_text().split()))
    return pids


def _rows(text: str) -> Iterator[Row]:
    """`1: -> FLOCK  ADVISORY  WRITE 4711 fe:00:2146321 0 EOF`; the arrow is for who waits."""
    for line in text.split("\n"):
        words = line.split()[1:]
        waits = words[:1] == ["->"]
        words = words[1:] if waits else words
        if len(words) >= 5 and words[3].lstrip("-").isdigit():
            yield Row(words[0], int(words[3]), words[4], waits)


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text().split("\n"):
        name, _, value = line.partition(":")
        yield name, value.strip()


def _device_of_mount(number: str) -> tuple[int, int] | None:
    """The device that proc_pid_mountinfo(5) tells of the mount with that number."""
    for line in Path("/proc/self/mountinfo").read_text().split("\n"):
        words = line.split()
        if words and words[0] == number:
            major, _, minor = words[2].partition(":")
            return int(major), int(minor)
    return None


table = Recent(_read_table, FRESH_S)
"""All locks of the machine that this process may see."""
children = Recent(_read_children, FRESH_S)
"""The locks of the descriptors of this process's children."""
