"""Deadlock: processes that wait for each other, and for nothing else."""

from __future__ import annotations

from ipcviz.events import FindingRaised
from ipcviz.units import listed
from ipcviz.view import View
from ipcviz.waits import Stuck, rings, stuck_processes

_VERBS = {"locking": "waits for", "sending": "waits to send on", "receiving": "waits to receive from"}


def deadlocks(view: View) -> list[FindingRaised]:
    """Every ring of processes that wait for each other, and for nothing else."""
    stuck = stuck_processes(view)
    found = rings(stuck)
    if not found:
        return []
    held: dict[str, list[str]] = {}
    for lock in view.locks:
        for user in lock.holders:
            held.setdefault(user.process, []).append(lock.info.name)
    return [_deadlock(view, ring, stuck, held) for ring in found]


def _deadlock(
    view: View, ring: list[str], stuck: dict[str, Stuck], held: dict[str, list[str]]
) -> FindingRaised:
    parts, members = [], []
    for name in ring:
        wait = stuck[name].wait
        has = f"holds {listed(held[name])} and " if name in held else ""
        parts.append(f"{name} {has}{_VERBS[wait.what]} {wait.name}")
        members += [name, wait.name]
    since = max(stuck[name].wait.since for name in ring)
    if len(ring) == 1:
        sentence = f"Deadlock: {parts[0]}, and nobody else can let it go on."
    else:
        sentence = f"Deadlock of {len(ring)}: {'; '.join(parts)}. None of them can go on. "
        sentence += _what_breaks_it(view, ring, stuck)
    key = "deadlock:" + "|".join(sorted(ring))
    # In waiting order, each process followed by what it waits for, even where two wait for the same.
    return FindingRaised(
        t=view.t, key=key, kind="deadlock", sentence=sentence, since=since, members=members, ring=True
    )


def _what_breaks_it(view: View, ring: list[str], stuck: dict[str, Stuck]) -> str:
    helpful = [name for name in ring if name in _helpful(view, ring, stuck)]
    if len(helpful) == len(ring):
        return "Killing any of them lets another go on."
    if helpful:
        return f"Killing {' or '.join(helpful)} lets another go on."
    waited = {stuck[name].wait.name for name in ring}
    kinds = list(dict.fromkeys(lock.info.mechanism for lock in view.locks if lock.info.name in waited))
    if not kinds:
        return "Killing one of them does not help."
    return f"Killing one of them does not help: with {listed(kinds)}, what the dead hold is not given back."


def whose_end_helps(view: View, ring: list[str]) -> set[str]:
    """The processes of the ring, in waiting order, of which any other would go on if they were killed."""
    stuck = stuck_processes(view)
    return _helpful(view, ring, stuck) if stuck.keys() >= set(ring) else set()


def _helpful(view: View, ring: list[str], stuck: dict[str, Stuck]) -> set[str]:
    """A lock may be given back by the kernel; a channel whose last other end is gone says that it is."""
    locks = {lock.info.name: lock for lock in view.locks}
    found = set()
    for before, name in zip([ring[-1], *ring], ring, strict=False):
        wait = stuck[before].wait
        lock = locks.get(wait.name) if wait.what == "locking" else None
        given_back = lock is not None and lock.info.after_death != "stuck"
        if before != name and (given_back or (lock is None and stuck[before].by == {name})):
            found.add(name)
    return found
