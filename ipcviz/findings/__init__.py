"""Findings: what is wrong, as sentences with numbers and a culprit. Pure functions of a View.

Each returns the findings that hold now, `since` when, with a key that stays the same while one lasts. The
first of a finding's `members` is the place to look at.
"""

from __future__ import annotations

from ipcviz.events import FindingRaised
from ipcviz.findings.backlog import backlogs
from ipcviz.findings.contention import convoys, starvation
from ipcviz.findings.deadlock import deadlocks
from ipcviz.findings.deaths import deaths, failures, how_it_ended, leaks, orphans
from ipcviz.findings.delivery import disorder, losses, no_readers
from ipcviz.findings.regions import lost_updates, torn_reads
from ipcviz.view import View


def find(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Everything that is wrong now; `standing` are the keys of what was wrong before."""
    return [
        *deadlocks(view),
        *failures(view),
        *deaths(view),
        *orphans(view),
        *losses(view),
        *torn_reads(view),
        *lost_updates(view),
        *no_readers(view),
        *leaks(view),
        *backlogs(view, standing),
        *starvation(view, standing),
        *convoys(view, standing),
        *disorder(view),
    ]


__all__ = [
    "backlogs",
    "convoys",
    "deadlocks",
    "deaths",
    "disorder",
    "failures",
    "find",
    "how_it_ended",
    "leaks",
    "losses",
    "lost_updates",
    "no_readers",
    "orphans",
    "starvation",
    "torn_reads",
]
