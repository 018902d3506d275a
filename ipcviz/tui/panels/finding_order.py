"""In which order findings are listed: the newest first, or the gravest; below them what is over."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import get_args

from ipcviz import units
from ipcviz.events import FindingKind, FindingRaised
from ipcviz.view import View

GRAVE: tuple[FindingKind, ...] = ("deadlock", "failed process", "orphaned lock")
"""Something does not go on any more."""
AT_ONCE = units.SECOND // 10
"""Nanoseconds within which failures may be one the cause of the other, whichever was told first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding in the list; `over` is when it ended, None while it stands."""

    finding: FindingRaised
    over: int | None = None

    @property
    def key(self) -> str:
        """The same while the entry lasts."""
        return self.finding.key


def entries_of(view: View, weighed: bool = False) -> list[Entry]:
    """What stands, the newest first or `weighed`; below it what is over; of what came again only the last."""
    killed = killed_in(view)
    standing = [Entry(f) for f in (by_weight if weighed else by_time)(view.findings, killed)]
    known = {entry.key for entry in standing}
    past = []
    for gone in reversed(view.cleared):
        if gone.finding.key not in known:
            known.add(gone.finding.key)
            past.append(Entry(gone.finding, gone.since))
    return [*standing, *past]


def by_weight(
    findings: Iterable[FindingRaised], killed: AbstractSet[str] = frozenset()
) -> list[FindingRaised]:
    """Deadlocks first, then failures from the first to the last that it brought about, then the newest.

    Of failures at one time those of the `killed` come first: who is killed is told of as late as the others
    whom that ends, and has not failed because of them.
    """
    order = {kind: place for place, kind in enumerate(get_args(FindingKind))}

    def rank(found: FindingRaised) -> tuple[int, ...]:
        if found.kind == "failed process":
            after = not any(name in killed for name in found.members[:1])
            return order[found.kind], found.since // AT_ONCE, after, found.since
        return order[found.kind], found.since if found.kind == "deadlock" else -found.since

    return sorted(findings, key=rank)


def by_time(findings: Iterable[FindingRaised], killed: AbstractSet[str] = frozenset()) -> list[FindingRaised]:
    """The newest first; of what began at one time the gravest, and causes before what they brought about."""
    return sorted(by_weight(findings, killed), key=lambda found: -(found.since // AT_ONCE))


def killed_in(view: View) -> frozenset[str]:
    """The processes that a signal has ended."""
    return frozenset(process.name for process in view.processes if process.signal is not None)
