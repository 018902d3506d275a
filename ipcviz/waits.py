"""Who waits for whom, and who can never go on: the wait-for graph of a View.

A process that waits for a lock can be let go by any of its holders; one that receives, by any living
sender; one that sends, by any living receiver. It is stuck if all who could let it go are stuck, too:
the largest set of processes for which that holds is what a deadlock is made of. Waits that end by
themselves (with a timeout) are never stuck, nor is a process that somebody has paused.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, LockView, View, Wait

SETTLED = 3 * SECOND // 10
"""Only waits of at least this age count: then one look at all rows sees them all at once."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A process that waits, and those who could let it go."""

    wait: Wait
    by: frozenset[str]


def waiting_processes(view: View) -> dict[str, Stuck]:
    """Every process whose wait is settled, with those who could let it go, the dead left out."""
    alive = {process.name for process in view.processes if process.status == "running"}
    things = _Things(
        {channel.info.name: channel for channel in view.channels},
        {lock.info.name: lock for lock in view.locks},
    )
    found = {}
    for process in view.processes:
        wait = process.wait
        settled = wait is not None and not wait.timed and view.framed - wait.since >= SETTLED
        if wait is not None and settled and process.name in alive and not process.paused:
            found[process.name] = Stuck(wait, frozenset(_releasers(things, process.name, wait) & alive))
    return found


def stuck_processes(view: View) -> dict[str, Stuck]:
    """Those of them that can never go on."""
    stuck = waiting_processes(view)
    while True:
        free = [name for name, wait in stuck.items() if not wait.by or not wait.by <= stuck.keys()]
        if not free:
            return stuck
        for name in free:
            del stuck[name]


def rings(stuck: dict[str, Stuck]) -> list[list[str]]:
    """One shortest ring for each knot of processes that wait for each other, in waiting order."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for name in sorted(stuck):
        if name in seen:
            continue
        ring = _shortest_ring(name, stuck)
        if ring and not seen.intersection(ring):
            first = ring.index(min(ring))
            found.append(ring[first:] + ring[:first])
            seen.update(ring)
    return found


class _Things(NamedTuple):
    """What can be waited for, by name."""

    channels: dict[str, ChannelView]
    locks: dict[str, LockView]


def _releasers(things: _Things, process: str, wait: Wait) -> set[str]:
    if wait.what == "locking":
        lock = things.locks.get(wait.name)
        return {user.process for user in lock.holders} if lock else set()
    channel = things.channels.get(wait.name)
    if channel is None:
        return set()
    waiting = [end for end in channel.ends if (end.process, end.state.activity) == (process, wait.what)]
    given = any(gives(end.role) for end in waiting)
    return {end.process for end in channel.ends if gives(end.role) != given and not end.state.closed}


def _shortest_ring(start: str, stuck: dict[str, Stuck]) -> list[str]:
    """Breadth first from `start` back to it; empty if it only waits for a ring."""
    previous: dict[str, str] = {}
    queue = deque([start])
    while queue:
        name = queue.popleft()
        for other in sorted(stuck[name].by):
            if other == start:
                return _path_to(name, start, previous)
            if other in stuck and other not in previous:
                previous[other] = name
                queue.append(other)
    return []


def _path_to(name: str, start: str, previous: dict[str, str]) -> list[str]:
    path = [name]
    while path[-1] != start:
        path.append(previous[path[-1]])
    return path[::-1]
