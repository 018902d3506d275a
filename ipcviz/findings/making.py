"""What all findings are made with: the event itself, and words that agree with how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipcviz.events import FindingKind, FindingRaised
from ipcviz.units import SECOND, listed
from ipcviz.view import View

NAMED = 4
"""So many processes are named in a sentence at most; of more than those, one less."""


def raised(
    view: View,
    kind: FindingKind,
    key: str,
    sentence: str,
    members: Iterable[str],
    since: int | None = None,
    ring: bool = False,
) -> FindingRaised:
    """The finding, as of now; `since` is now, too, unless it is known better."""
    return FindingRaised(
        t=view.t,
        key=key,
        kind=kind,
        sentence=sentence,
        since=view.t if since is None else since,
        members=list(dict.fromkeys(members)),
        ring=ring,
    )


def named(names: Sequence[str]) -> str:
    """The names in a sentence; of many only the first: a, b, c and 5 others."""
    if len(names) <= NAMED:
        return listed(names)
    return listed([*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"])


def agree(names: Sequence[str], one: str, many: str) -> str:
    """The verb that goes with so many."""
    return one if len(names) == 1 else many


def times(count: int) -> str:
    """How often, in words: once, 412 times."""
    return "once" if count == 1 else f"{count:,} times"


def running(view: View) -> frozenset[str]:
    """The processes that live."""
    return frozenset(process.name for process in view.processes if process.status == "running")


def over(view: View) -> frozenset[str]:
    """The processes that have ended, well or not."""
    return frozenset(process.name for process in view.processes if process.status in ("ended", "failed"))


def paused(view: View) -> frozenset[str]:
    """The processes that somebody has stopped for a while: whatever comes of that is meant."""
    return frozenset(process.name for process in view.processes if process.paused)


def whole_seconds(window: int) -> int:
    """The length of a window as people say it: of the last 10 s."""
    return min(10, max(1, round(window / SECOND)))
