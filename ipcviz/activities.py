"""What each process does at its ends, all channels and locks together. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from ipcviz import events as ev
from ipcviz.view import ChannelView, Wait


def waits_of(
    session: ev.SessionStarted,
    channels: Iterable[ev.ChannelState],
    locks: Iterable[ev.LockState],
    resumed: Mapping[str, int],
    stopped: Container[str] = (),
) -> dict[str, Wait]:
    """What each process waits in; one that was paused, since it was `resumed` at the earliest.

    What it waited for may have come while it was paused. Those that are `stopped` wait for nothing.
    """
    waits: dict[str, Wait] = {}
    for info, channel in zip(session.channels, channels, strict=False):
        for place, end in zip(info.endpoints, channel.ends, strict=False):
            if end.activity and place.process not in stopped:
                since = max(end.since, resumed.get(place.process, 0))
                waits[place.process] = Wait(end.activity, info.name, since, end.timed)
    for lock_info, lock in zip(session.locks, locks, strict=False):
        for name, use in zip(lock_info.users, lock.uses, strict=False):
            if use.state == "waiting" and name not in stopped:
                since = max(use.since, resumed.get(name, 0))
                waits[name] = Wait("locking", lock_info.name, since, use.timed)
    return waits


def process_rates(channels: Iterable[ChannelView]) -> dict[str, tuple[float, float]]:
    """Messages a second that each process sends and receives."""
    rates: dict[str, tuple[float, float]] = {}
    for channel in channels:
        for end in channel.ends:
            sent, received = rates.get(end.process, (0.0, 0.0))
            rates[end.process] = (sent + end.sent_rate, received + end.received_rate)
    return rates
