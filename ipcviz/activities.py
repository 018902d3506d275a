"""What each process does at its ends, all channels and locks together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ipcviz.view import ChannelView, LockView, Wait


def waits_of(
    channels: Iterable[ChannelView], locks: Iterable[LockView], resumed: Mapping[str, int]
) -> dict[str, Wait]:
    """What each process waits in; one that was paused, since it was `resumed` at the earliest.

    What it waited for may have come while it was paused.
    """
    waits: dict[str, Wait] = {}
    for channel in channels:
        for end in channel.ends:
            if end.state.activity:
                since = max(end.state.since, resumed.get(end.process, 0))
                waits[end.process] = Wait(end.state.activity, channel.info.name, since, end.state.timed)
    for lock in locks:
        for user in lock.waiters:
            since = max(user.since, resumed.get(user.process, 0))
            waits[user.process] = Wait("locking", lock.info.name, since, user.timed)
    return waits


def process_rates(channels: Iterable[ChannelView]) -> dict[str, tuple[float, float]]:
    """Messages a second that each process sends and receives."""
    rates: dict[str, tuple[float, float]] = {}
    for channel in channels:
        for end in channel.ends:
            sent, received = rates.get(end.process, (0.0, 0.0))
            rates[end.process] = (sent + end.sent_rate, received + end.received_rate)
    return rates
