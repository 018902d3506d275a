"""Findings: what is wrong, as sentences with numbers and a culprit. Pure functions of a View.

Each returns the findings that hold now, `since` when, with a key that stays the same while one lasts.
"""

from __future__ import annotations

import signal

from ipcviz.events import FindingRaised
from ipcviz.traits import gives
from ipcviz.units import SECOND, listed
from ipcviz.view import ChannelView, View
from ipcviz.waits import SETTLED, Stuck, rings, stuck_processes

BACKLOG_RAISED = 0.5
BACKLOG_CLEARED = 0.3
BACKLOG_AFTER = 3 * SECOND
"""A run younger than this is still filling its channels."""


def find(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Everything that is wrong now; `standing` are the keys of what was wrong before."""
    return [
        *deadlocks(view),
        *failures(view),
        *orphans(view),
        *losses(view),
        *backlogs(view, standing),
    ]


def deadlocks(view: View) -> list[FindingRaised]:
    """Every ring of processes that wait for each other, and for nothing else."""
    stuck = stuck_processes(view)
    return [_deadlock(view, ring, stuck) for ring in rings(stuck)]


def failures(view: View) -> list[FindingRaised]:
    """Every process that ended as it should not have."""
    found = []
    for process in view.processes:
        if process.status != "failed":
            continue
        held = [lock.info.name for lock in view.locks if any(h.process == process.name for h in lock.holders)]
        tail = f" It held {listed(held)}, and nobody gives that back." if held else ""
        sentence = f"Failed process: {process.name} {how_it_ended(process.exit, process.signal)}"
        sentence += f": {process.reason}" if process.reason else "."
        found.append(
            FindingRaised(
                t=view.t,
                key=f"failed:{process.name}",
                kind="failed process",
                sentence=sentence + tail,
                since=view.t,
                members=[process.name, *held],
            )
        )
    return found


def orphans(view: View) -> list[FindingRaised]:
    """Every lock whose holder was killed on purpose and that nobody gives back (failures tell the rest)."""
    killed = {process.name for process in view.processes if process.status == "ended" and process.signal}
    found = []
    for lock in view.locks:
        for user in lock.holders:
            if user.process not in killed:
                continue
            waiting = f"; {listed([w.process for w in lock.waiters])} waits" if lock.waiters else ""
            sentence = (
                f"Orphaned lock: {lock.info.name} is held by {user.process}, which was killed, and "
                f"{lock.info.mechanism} has nobody who gives it back{waiting}."
            )
            members = [lock.info.name, user.process]
            key = f"orphan:{lock.info.name}"
            found.append(
                FindingRaised(
                    t=view.t, key=key, kind="orphaned lock", sentence=sentence, since=view.t, members=members
                )
            )
    return found


def losses(view: View) -> list[FindingRaised]:
    """Every channel that has lost messages: the kernel has dropped them, or nobody is left to receive."""
    return [*_drops(view), *_unreceived(view)]


def _drops(view: View) -> list[FindingRaised]:
    found = []
    for channel in view.channels:
        if not channel.dropped:
            continue
        sentence = (
            f"Lost: the kernel has dropped {channel.dropped:,} of {channel.sent:,} messages sent into "
            f"{channel.info.name}, because there was no room; {listed(channel.takers)} takes "
            f"{channel.rate:,.0f}/s."
        )
        members = [channel.info.name, *channel.takers]
        key = f"dropped:{channel.info.name}"
        found.append(
            FindingRaised(t=view.t, key=key, kind="lost", sentence=sentence, since=view.t, members=members)
        )
    return found


def _unreceived(view: View) -> list[FindingRaised]:
    found = []
    ended = {process.name for process in view.processes if process.status in ("ended", "failed")}
    for channel in view.channels:
        takers = channel.takers
        missing = channel.sent - channel.received
        gone = bool(takers) and ended.issuperset(takers)
        if channel.info.kind == "region" or missing <= 0 or not gone:
            continue
        sentence = (
            f"Lost: {missing:,} of {channel.sent:,} messages sent into {channel.info.name} will not be "
            f"received; {listed(takers)} ended before."
        )
        members = [channel.info.name, *takers]
        key = f"lost:{channel.info.name}"
        found.append(
            FindingRaised(t=view.t, key=key, kind="lost", sentence=sentence, since=view.t, members=members)
        )
    return found


def backlogs(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Every channel that was full for most of the last 10 s."""
    found = []
    for channel in view.channels:
        key = f"backlog:{channel.info.name}"
        threshold = BACKLOG_CLEARED if key in standing else BACKLOG_RAISED
        if view.t >= BACKLOG_AFTER and channel.full >= threshold and _lives(view, channel):
            found.append(_backlog(view, channel, key))
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


def _lives(view: View, channel: ChannelView) -> bool:
    running = {process.name for process in view.processes if process.status == "running"}
    return any(taker in running for taker in channel.takers)


def _backlog(view: View, channel: ChannelView, key: str) -> FindingRaised:
    takers = channel.takers
    givers = [end for end in channel.ends if gives(end.role)]
    worst = max(givers, key=lambda end: end.state.blocked_send)
    lost = worst.state.blocked_send / SECOND
    window = min(10, round(view.t / SECOND))
    busy = {process.name: process.kernel.cpu for process in view.processes}
    cause = f"{listed(takers)} takes {channel.rate:,.0f}/s"
    if len(takers) == 1:
        cause += f" at {busy.get(takers[0], 0.0):.0f} % of a core"
    sentence = (
        f"Slow consumer: {channel.info.name} has been full for {channel.full * 100:.0f} % of the last "
        f"{window} s; {worst.process} has waited {lost:.1f} s in all. {cause}."
    )
    members = [channel.info.name, worst.process, *takers]
    return FindingRaised(t=view.t, key=key, kind="backlog", sentence=sentence, since=view.t, members=members)


def _deadlock(view: View, ring: list[str], stuck: dict[str, Stuck]) -> FindingRaised:
    parts, members = [], []
    for name in ring:
        held = [lock.info.name for lock in view.locks if any(h.process == name for h in lock.holders)]
        wait = stuck[name].wait
        verb = {"locking": "waits for", "sending": "waits to send on", "receiving": "waits to receive from"}
        has = f"holds {listed(held)} and " if held else ""
        parts.append(f"{name} {has}{verb[wait.what]} {wait.name}")
        members += [name, wait.name]
    since = max(stuck[name].wait.since for name in ring)
    sentence = f"Deadlock of {len(ring)}: {'; '.join(parts)}. None of them can go on."
    key = "deadlock:" + "|".join(sorted(ring))
    return FindingRaised(
        t=view.t, key=key, kind="deadlock", sentence=sentence, since=since, members=members, ring=True
    )


__all__ = ["SETTLED", "backlogs", "deadlocks", "failures", "find", "how_it_ended", "losses", "orphans"]
