"""What becomes of processes and of what they hold: failures, locks of the dead, descriptors that pile up."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ipcviz.events import FindingRaised
from ipcviz.findings.making import agree, named, raised, whole_seconds
from ipcviz.units import SECOND, listed
from ipcviz.view import LockView, ProcessView, View

REMEMBERED = 10 * SECOND
"""So long after a death it is told what became of locks that were given back."""
GAINED = 20
"""Fewer open descriptors than that, more than 10 s ago, are not yet a leak."""

_AFTERWARDS = {
    "released": "it is free again, and nobody is told that what it protects may be half done",
    "recovered": "who takes it next is told that what it protects may be half done",
}


def failures(view: View) -> list[FindingRaised]:
    """Every process that ended as it should not have."""
    found = []
    for process in view.processes:
        if process.status != "failed":
            continue
        kept = [lock for lock in view.locks if process.name in _dead_holders(lock, {process.name})]
        held = [lock.info.name for lock in kept]
        tail = f" It held {listed(held)}, and nobody gives that back{_who_waits(kept)}." if held else ""
        sentence = f"Failed process: {process.name} {how_it_ended(process.exit, process.signal)}"
        sentence += f": {process.reason}" if process.reason else "."
        key = f"failed:{process.name}"
        members = [process.name, *held]
        found.append(raised(view, "failed process", key, sentence + tail, members, process.ended))
    return found


def deaths(view: View) -> list[FindingRaised]:
    """Every process that ended of late while it held a lock, where the lock goes on to others.

    A lock that does not is an orphan, and told as one.
    """
    processes = {process.name: process for process in view.processes}
    found = []
    for lock in view.locks:
        if lock.info.after_death not in _AFTERWARDS:
            continue
        for usage in lock.usages:
            process = processes.get(usage.process)
            if usage.died and process is not None and _of_late(view, process):
                found.append(_death(view, lock, process))
    return found


def _of_late(view: View, process: ProcessView) -> bool:
    return process.ended is not None and view.t - process.ended <= REMEMBERED


def _death(view: View, lock: LockView, process: ProcessView) -> FindingRaised:
    name = lock.info.name
    how = how_it_ended(process.exit, process.signal)
    sentence = (
        f"Died holding: {process.name} {how} while it held {name} ({lock.info.mechanism}); "
        f"{_AFTERWARDS[lock.info.after_death]}."
    )
    key = f"died:{process.name}:{name}"
    return raised(view, "died holding", key, sentence, [name, process.name], process.ended)


def orphans(view: View) -> list[FindingRaised]:
    """Every lock that somebody held when he ended, and that nobody gives back (failures tell the rest)."""
    ended = {process.name: process for process in view.processes if process.status == "ended"}
    found = []
    for lock in view.locks:
        holders = _dead_holders(lock, ended.keys())
        if holders:
            found.append(_orphan(view, lock, [ended[name] for name in holders]))
    return found


def _dead_holders(lock: LockView, dead: AbstractSet[str]) -> list[str]:
    """Those of the dead who hold it; nobody, where the kernel says that others gave it back for them."""
    holders = [user.process for user in lock.holders if user.process in dead]
    if lock.value is not None and not lock.info.shared and lock.info.count - lock.value < len(holders):
        return []
    return holders


def _orphan(view: View, lock: LockView, holders: list[ProcessView]) -> FindingRaised:
    name, names = lock.info.name, [process.name for process in holders]
    ends = {how_it_ended(process.exit, process.signal) for process in holders}
    how = ends.pop() if len(ends) == 1 else "ended"
    how = how if len(holders) == 1 else how.replace("was ", "were ", 1)
    sentence = (
        f"Orphaned lock: {name} is held by {named(names)}, which {how}, and "
        f"{lock.info.mechanism} has nobody who gives it back{_who_waits([lock])}."
    )
    members = [name, *names, *(waiter.process for waiter in lock.waiters)]
    since = max((process.ended for process in holders if process.ended is not None), default=None)
    return raised(view, "orphaned lock", f"orphan:{name}", sentence, members, since)


def _who_waits(locks: Sequence[LockView]) -> str:
    """The last part of a sentence about these locks; "" where nobody waits."""
    waiting = list(dict.fromkeys(waiter.process for lock in locks for waiter in lock.waiters))
    what = "it" if len(locks) == 1 else "one of them"
    return f"; {named(waiting)} {agree(waiting, 'waits', 'wait')} for {what}" if waiting else ""


def leaks(view: View) -> list[FindingRaised]:
    """Every process whose open descriptors only become more."""
    found = []
    for process in view.processes:
        if process.status != "running" or process.gained < GAINED:
            continue
        sentence = (
            f"Leaked object: {process.name} has {process.kernel.descriptors or 0:,} descriptors open, "
            f"{process.gained:,} more than {whole_seconds(view.t)} s ago, and never had fewer in between."
        )
        key = f"leak:{process.name}"
        found.append(raised(view, "leaked object", key, sentence, [process.name]))
    return found


def how_it_ended(status: int | None, number: int | None) -> str:
    """The end of a process in words."""
    if number is not None:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = "unknown"
        return f"was killed by signal {number} ({name})"
    return f"ended with status {status}"
