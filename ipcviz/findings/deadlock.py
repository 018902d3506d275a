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
        sentence = f"Deadlock of {len(ring)}: {'; '.join(parts)}. None of them can go on."
    key = "deadlock:" + "|".join(sorted(ring))
    # In waiting order, each process followed by what it waits for, even where two wait for the same.
    return FindingRaised(
        t=view.t, key=key, kind="deadlock", sentence=sentence, since=since, members=members, ring=True
    )
