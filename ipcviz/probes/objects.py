"""Kernel objects that outlive who made them, and which processes use them: /dev/shm, POSIX queues, System V.

Nothing is opened but what is in /proc; see shm_overview(7), mq_overview(7), sysvipc(7) and proc(5).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ipcviz.mechanisms import libc
from ipcviz.mechanisms.locks import semaphore_calls

SHM = "/dev/shm"
MOST = 500
"""Descriptors of one process that are looked at."""
_SYSV = Path("/proc/sysvipc")


class Thing(NamedTuple):
    """An object: of what `kind` ("file", "queue", "shm", "msg", "sem"), and its name or System V id."""

    kind: str
    name: str


class Used(NamedTuple):
    """A System V object: the pids that the kernel remembers of its users, and whether it is in use now."""

    thing: Thing
    pids: tuple[int, ...]
    attached: bool


def shared_files() -> frozenset[str]:
    """The names in /dev/shm, named semaphores ("sem.NAME") among them."""
    try:
        return frozenset(os.listdir(SHM))
    except OSError:
        return frozenset()


def descriptors_of(pid: int) -> tuple[str, ...]:
    """The numbers of what a process has open, the first `MOST`; nothing of one that is gone."""
    try:
        return tuple(os.listdir(f"/proc/{pid}/fd")[:MOST])
    except OSError:
        return ()


def opened_by(pid: int, descriptors: tuple[str, ...]) -> list[Thing]:
    """The files in /dev/shm and the POSIX queues among these descriptors of a process."""
    found = []
    for number in descriptors:
        with suppress(OSError):
            thing = _thing(os.readlink(f"/proc/{pid}/fd/{number}"))
            if thing is not None:
                found.append(thing)
    return found


def mapped_by(pid: int) -> list[Thing]:
    """The files in /dev/shm that a process has mapped."""
    found = set()
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/maps").read_text(errors="surrogateescape").splitlines():
            thing = _thing(line[line.find("/") :]) if f" {SHM}/" in line else None
            if thing is not None:
                found.add(thing)
    return sorted(found)


def _thing(path: str) -> Thing | None:
    """A queue looks like a file in the root folder: its name has one slash, the first (mq_overview(7))."""
    if path.startswith(f"{SHM}/") and "/" not in path[len(SHM) + 1 :]:
        return Thing("file", path[len(SHM) + 1 :].removesuffix(" (deleted)"))
    if path.startswith("/") and "/" not in path[1:] and path != "/" and not os.path.lexists(path):
        return Thing("queue", path)
    return None


def is_there(thing: Thing) -> bool:
    """Whether a file in /dev/shm or a POSIX queue is still there."""
    if thing.kind == "file":
        return os.path.lexists(f"{SHM}/{thing.name}")
    try:
        os.close(libc.mq_open(thing.name, os.O_RDONLY))
    except OSError:
        return False
    return True


def of_system_v() -> list[Used]:
    """All System V objects that this user has made."""
    return [used for kind in ("shm", "msg", "sem") for used in _rows(kind)]


def _rows(kind: str) -> list[Used]:
    try:
        header, *lines = (_SYSV / kind).read_text().splitlines()
    except (OSError, ValueError):
        return []
    names = header.split()
    found = []
    for line in lines:
        columns = dict(zip(names, line.split(), strict=False))
        if columns.get("cuid") == str(os.getuid()):
            identifier = columns[{"shm": "shmid", "msg": "msqid", "sem": "semid"}[kind]]
            words = {"shm": ("cpid", "lpid"), "msg": ("lspid", "lrpid")}.get(kind, ())
            pids = tuple(int(columns[word]) for word in words) or _last_user(int(identifier))
            found.append(Used(Thing(kind, identifier), pids, columns.get("nattch", "0") != "0"))
    return found


def _last_user(identifier: int) -> tuple[int, ...]:
    """Of a set of semaphores the kernel does not tell who made it, but who used it last."""
    try:
        return (semaphore_calls.last_user(identifier),)
    except (OSError, AttributeError):
        return ()
