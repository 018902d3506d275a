"""Locks that are not shared fairly, and locks that everybody queues for."""

from __future__ import annotations

from ipcviz.events import FindingRaised
from ipcviz.findings.making import agree, named, paused, raised, running, times, whole_seconds
from ipcviz.units import SECOND, micros
from ipcviz.view import LockView, Usage, View
from ipcviz.waits import stuck_processes

STARVED = 3 * SECOND
"""Nobody starves who has waited less than that, of the last 10 s; half of it where the finding stands."""
STARVED_SHARE = 0.6
"""Nor who has waited for a smaller part of the time."""
TURNS = 4
"""Nor whom each of the others has passed over less often than that, for each time it got the lock itself."""

QUEUE = 3.0
"""Processes that wait for a lock on average: a convoy; two less one where the finding stands."""
QUEUE_CLEARED = 2.0
OFTEN = 50.0
"""Acquisitions a second above which a lock counts as held for a short time."""
CONTENDED = 0.2
"""Part of the acquisitions that had to wait; where a releaser may take it again at once, those need not."""
CONVOY_AFTER = 3 * SECOND
"""A convoy lasts; a queue at the start of a run does not."""


def starvation(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Every lock that some go on waiting for while the others take it again and again."""
    able = running(view) - paused(view)
    starving = [(lock, hungry) for lock in view.locks if (hungry := _hungry(lock, able, standing))]
    if not starving:
        return []
    stuck = stuck_processes(view)
    found = []
    for lock, hungry in starving:
        free = [usage for usage in hungry if usage.process not in stuck]
        if free and all(holder.process in able for holder in lock.holders):
            found.append(_starved(view, lock, free))
    return found


def _hungry(lock: LockView, able: frozenset[str], standing: frozenset[str]) -> list[Usage]:
    """Those who wait too long; half of everything is too long where the finding stands."""
    if lock.window * 2 < STARVED:
        return []
    ease = 2 if _key(lock) in standing else 1
    return [usage for usage in lock.usages if usage.process in able and _starves(lock, usage, ease)]


def _key(lock: LockView) -> str:
    return f"starving:{lock.info.name}"


def _starves(lock: LockView, usage: Usage, ease: int) -> bool:
    """It waits most of the time, and is passed over again and again; `ease` divides what that takes."""
    if usage.waited * ease < max(STARVED, STARVED_SHARE * lock.window):
        return False
    rivals = sum(1 for other in lock.usages if other.taken and other.process != usage.process)
    return rivals > 0 and usage.passed * ease >= TURNS * rivals * (usage.taken + 1)


def _starved(view: View, lock: LockView, hungry: list[Usage]) -> FindingRaised:
    name, seconds = lock.info.name, whole_seconds(lock.window)
    worst = max(hungry, key=lambda usage: usage.waited)
    waited = min(worst.waited / SECOND, seconds)
    starving = [usage.process for usage in hungry]
    rivals = [usage.process for usage in lock.usages if usage.taken and usage is not worst]
    itself = "never" if not worst.taken else f"only {times(worst.taken)}"
    too = [process for process in starving if process != worst.process]
    tail = f"; {named(too)} {agree(too, 'starves', 'starve')}, too" if too else ""
    sentence = (
        f"Starvation: {worst.process} has waited {waited:.1f} s of the last {seconds} s for {name}, "
        f"which was taken {times(worst.passed)} meanwhile by {named(rivals)}, "
        f"and {itself} by {worst.process}{tail}."
    )
    return raised(view, "starvation", _key(lock), sentence, [name, worst.process, *starving, *rivals])


def convoys(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Every lock that is held only for moments, and yet has a queue that does not end.

    Blasgen, Gray, Mitchell and Price, "The Convoy Phenomenon", 1979: who takes such a lock again at once
    finds the queue before it, so that all of them go on at the pace of hand-overs.
    """
    stopped = frozenset(process.name for process in view.processes if process.paused_of_late)
    found = []
    for lock in view.locks:
        key = f"convoy:{lock.info.name}"
        least = QUEUE_CLEARED if key in standing else QUEUE
        frozen = not stopped.isdisjoint(lock.info.users)  # they may have queued for who was paused
        if lock.info.count == 1 and not lock.info.shared and not frozen and _queues(lock, least):
            found.append(_convoy(view, lock, key))
    return found


def _queues(lock: LockView, least: float) -> bool:
    if lock.window < CONVOY_AFTER or _waiting(lock) < least:
        return False
    taken = sum(usage.taken for usage in lock.usages)
    contended = sum(usage.contended for usage in lock.usages)
    return taken * SECOND >= OFTEN * lock.window and contended >= CONTENDED * taken


def _waiting(lock: LockView) -> float:
    """How many waited for it, on average."""
    return sum(usage.waited for usage in lock.usages) / max(1, lock.window)


def _convoy(view: View, lock: LockView, key: str) -> FindingRaised:
    name = lock.info.name
    contended = max(1, sum(usage.contended for usage in lock.usages))
    waited = sum(usage.waited for usage in lock.usages) / contended
    queue = [usage.process for usage in lock.usages if usage.waited or usage.taken]
    sentence = (
        f"Convoy: {_waiting(lock):.1f} of {len(queue)} processes wait for {name} on average, for "
        f"{micros(waited / 1000)} each time, though it is held for {micros(_hold(lock))} at most on average."
    )
    return raised(view, "convoy", key, sentence, [name, *queue])


def _hold(lock: LockView) -> float:
    """Microseconds that one acquisition can have lasted on average, at most."""
    taken = max(1, sum(usage.taken for usage in lock.usages))
    return lock.window / taken / 1000
