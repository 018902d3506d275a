"""What workers leave behind in the system: files in /dev/shm, POSIX queues, System V objects.

A worker's object is what was not there before the workers ran, and what the worker was seen to have open or
mapped, or the kernel knows it as a user of. It is left behind when all who were seen with it have ended. Who
makes a POSIX queue and is gone before the next look is not seen with it. Nothing is removed: what the run
itself has made is in the ledger, and the rest is not ours.
"""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Iterable
from contextlib import suppress

from ipcviz.events import FindingRaised
from ipcviz.findings.deaths import how_it_ended
from ipcviz.findings.making import named, raised
from ipcviz.mechanisms import libc
from ipcviz.probes import objects
from ipcviz.probes.objects import Thing
from ipcviz.units import SECOND
from ipcviz.view import View

EVERY = SECOND
"""Nanoseconds between two looks."""
AT_ONCE = SECOND // 20
"""Between two looks at those who have just made something in /dev/shm: they may not have it open for long."""
OURS = ("ipcviz-", "sem.ipcviz-", "/ipcviz-")
_KINDS = {
    "file": ("file in /dev/shm", "files in /dev/shm"),
    "queue": ("POSIX queue", "POSIX queues"),
    "shm": ("System V shared memory", "System V shared memories"),
    "msg": ("System V queue", "System V queues"),
    "sem": ("System V semaphore set", "System V semaphore sets"),
}


class Leftovers:
    """Looks at the workers while they live, and at what is there after them."""

    def __init__(self) -> None:
        """Whatever is there now was there before."""
        self._files = objects.shared_files()
        self._others = {used.thing for used in objects.of_system_v()}
        self._pids: dict[int, str] = {}
        self._living: dict[str, int] = {}
        self._open: dict[int, tuple[str, ...]] = {}
        """What each had open at the last look: only where that has changed it is looked what it is."""
        self._users: dict[Thing, list[str]] = {}
        self._left: dict[str, list[Thing]] = {}
        self._looked = self._glanced = 0
        self.descriptor: int | None = None
        """Can be read when something was made in /dev/shm; None where that cannot be known."""
        with suppress(OSError, AttributeError):
            self.descriptor = libc.inotify_created(objects.SHM)

    def watch(self, process: str, pid: int) -> None:
        """Ask about this worker from now on."""
        self._pids[pid] = process
        self._living[process] = pid

    def forget(self, process: str) -> None:
        """It has ended."""
        self._living.pop(process, None)

    def register(self, selector: selectors.BaseSelector) -> None:
        """Be woken when something is made in /dev/shm, where that can be known."""
        if self.descriptor is not None:
            selector.register(self.descriptor, selectors.EVENT_READ, self.glance)

    def glance(self) -> None:
        """Something was made in /dev/shm: see who has it open."""
        with suppress(OSError):
            while self.descriptor is not None and os.read(self.descriptor, 65536):
                pass
        now = time.monotonic_ns()
        if now - self._glanced >= AT_ONCE:
            self._glanced = now
            self._open.clear()
            self._see_living()

    def look(self, last: bool = False) -> None:
        """See who has what, and what is left behind; not more often than makes sense."""
        now = time.monotonic_ns()
        if not last and now - self._looked < EVERY:
            return
        self._looked = now
        self._see_living()
        in_use = self._see_system_v()
        self._left = {}
        for thing, users in self._users.items():
            over = not any(user in self._living for user in users)
            if over and (objects.is_there(thing) if thing.kind in ("file", "queue") else thing in in_use):
                self._left.setdefault(users[0], []).append(thing)

    def findings(self, view: View) -> list[FindingRaised]:
        """As of the last look: one for each process that has left something behind."""
        found = []
        for process in view.processes:
            left = self._left.get(process.name, [])
            if left and process.status in ("ended", "failed"):
                how = how_it_ended(process.exit, process.signal)
                count = "an object" if len(left) == 1 else f"{len(left):,} objects"
                it = "it" if len(left) == 1 else "them"
                sentence = (
                    f"Leaked object: {process.name} {how} and left {count} behind, which will stay until "
                    f"somebody removes {it}: {told(left)}."
                )
                key = f"left:{process.name}"
                found.append(raised(view, "leaked object", key, sentence, [process.name], process.ended))
        return found

    def close(self) -> None:
        """Wait for nothing any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def _see_living(self) -> None:
        for process, pid in self._living.items():
            opened = objects.descriptors_of(pid)
            if opened != self._open.get(pid):
                self._open[pid] = opened
                self._note(process, objects.opened_by(pid, opened))
        unknown = {
            name
            for name in objects.shared_files() - self._files
            if not name.startswith(OURS) and Thing("file", name) not in self._users
        }
        for process, pid in self._living.items() if unknown else ():
            self._note(process, (thing for thing in objects.mapped_by(pid) if thing.name in unknown))

    def _note(self, process: str, things: Iterable[Thing]) -> None:
        for thing in things:
            if thing.name.startswith(OURS) or (thing.kind == "file" and thing.name in self._files):
                continue
            users = self._users.setdefault(thing, [])
            if process not in users:
                users.append(process)

    def _see_system_v(self) -> set[Thing]:
        """Those that are there and that nobody has attached now."""
        free = set()
        for thing, pids, attached in objects.of_system_v():
            if thing not in self._others:
                for process in filter(None, map(self._pids.get, pids)):
                    self._note(process, [thing])
                if not attached:
                    free.add(thing)
        return free


def told(things: list[Thing]) -> str:
    """What they are, by their kinds, and the names of some."""
    parts = []
    for kind, (one, many) in _KINDS.items():
        names = sorted(thing.name for thing in things if thing.kind == kind)
        if names:
            parts.append(f"{one if len(names) == 1 else many} {named(names)}")
    return "; ".join(parts)
