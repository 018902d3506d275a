"""Backlog: a channel that is full most of the time, because those who take are slower than those who give."""

from __future__ import annotations

from ipcviz.events import FindingRaised
from ipcviz.findings.making import agree, named, raised, running, whole_seconds
from ipcviz.tracks import WINDOW
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, ProcessView, View

RAISED = 0.5
CLEARED = 0.3
AFTER = 3 * SECOND
"""A run younger than this is still filling its channels."""


PAUSED_SHARE = 0.5
"""Of the time for which it was full: whoever was paused for that much of it was slow by somebody's hand."""


def backlogs(view: View, standing: frozenset[str] = frozenset()) -> list[FindingRaised]:
    """Every channel that was full for most of the last 10 s."""
    found = []
    alive = running(view)
    processes = {process.name: process for process in view.processes}
    for channel in view.channels:
        key = f"backlog:{channel.info.name}"
        threshold = CLEARED if key in standing else RAISED
        if view.t >= AFTER and channel.full >= threshold and any(t in alive for t in channel.takers):
            found.append(_backlog(view, channel, processes, key))
    return found


def _backlog(view: View, channel: ChannelView, processes: dict[str, ProcessView], key: str) -> FindingRaised:
    name, takers = channel.info.name, channel.takers
    givers = [end for end in channel.ends if gives(end.role)]
    worst = max(givers, key=lambda end: end.state.blocked_send)
    lost = worst.state.blocked_send / SECOND
    waited = f"{worst.process} has waited {lost:.1f} s in all"
    if lost < 0.05:
        waited = f"{named(channel.givers)} {agree(channel.givers, 'does', 'do')} not wait for room"
    sentence = (
        f"Slow consumer: {name} has been full for {channel.full * 100:.0f} % of the last "
        f"{whole_seconds(view.t)} s; {waited}. {_cause(view, channel, processes)}."
    )
    return raised(view, "backlog", key, sentence, [name, worst.process, *takers])


def _cause(view: View, channel: ChannelView, processes: dict[str, ProcessView]) -> str:
    takers = channel.takers
    stopped = [name for name in takers if name in processes and processes[name].paused]
    if stopped and len(stopped) == len(takers):
        return f"{named(takers)} {agree(takers, 'is', 'are')} paused by hand"
    held_up = max(
        (processes[name] for name in takers if name in processes), key=_paused_of_late, default=None
    )
    if held_up is not None and _paused_of_late(held_up) >= PAUSED_SHARE * channel.full * min(view.t, WINDOW):
        lasted = f"{held_up.paused_of_late / SECOND:.1f} s"
        return f"{held_up.name} {'is' if held_up.paused else 'was'} paused by hand for {lasted} of them"
    cause = f"{named(takers)} {agree(takers, 'takes', 'take')} {channel.rate:,.0f}/s"
    if len(takers) == 1 and takers[0] in processes:
        process = processes[takers[0]]
        cause += f" at {process.kernel.cpu:.0f} % of a core"
        if _slowed(process):
            cause += ", slowed by hand"
    return cause


def _paused_of_late(process: ProcessView) -> int:
    return process.paused_of_late


def _slowed(process: ProcessView) -> bool:
    return any(fault.fault == "slow" for fault in process.faults)
