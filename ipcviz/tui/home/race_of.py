"""The race of a chosen demo: the same run on several mechanisms, or with several kinds of lock. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ipcviz.candidates import Candidate
from ipcviz.offer import Offer
from ipcviz.racing import Entry
from ipcviz.runtime.request import SessionRequest

LANES = 5
"""So many at most: more would have little of the processors, and of the screen."""


def race_of(
    request: SessionRequest, offer: Offer, channel: str = "", lock: str = ""
) -> tuple[list[Entry], bool]:
    """The lanes, and whether they differ in their locks; fewer than two lanes are no race.

    The channel and the lock are those that are chosen for just now, "" for all of them.
    """
    mechanisms = _names(offer.mechanisms, request.mechanisms.get(channel) or offer.preferred)
    if len(mechanisms) > 1:
        return [
            Entry(name, msgspec.structs.replace(request, mechanisms={**request.mechanisms, channel: name}))
            for name in mechanisms
        ], False
    kinds = _names(offer.locks, request.locks.get(lock) or offer.preferred_lock)
    return [
        Entry(name, msgspec.structs.replace(request, locks={**request.locks, lock: name})) for name in kinds
    ], True


def _names(candidates: Sequence[Candidate], chosen: str) -> list[str]:
    """Those that can be, what is chosen or preferred first, with its options."""
    able = [candidate.name for candidate in candidates if not candidate.reason]
    first = chosen.partition(":")[0]
    if first in able:
        able.remove(first)
        able.insert(0, chosen)
    return able[:LANES]
