"""What could carry a channel, or be a lock, and why the others cannot: the verdict is the choice's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ipcviz import choice, options
from ipcviz.choice import ALL, CarriedChannel, ChoiceError
from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.mechanisms.contract import LockMechanism, Mechanism
from ipcviz.topology import Topology
from ipcviz.traits import lock_objection, objection

Asked = Mapping[str, str]
"""What is asked for: the name of a channel or lock, or `ALL`, to a mechanism with its options."""


class OptionWords(msgspec.Struct, frozen=True):
    """One option of a mechanism or lock, in words."""

    name: str
    type: str
    default: str
    about: str


class Candidate(msgspec.Struct, frozen=True):
    """A mechanism or a kind of lock; `reason` is why it cannot be chosen here, "" if it can.

    In a reason "it" is the candidate, so that those with one reason can be told together.
    """

    name: str
    about: str
    options: list[OptionWords] = []
    reason: str = ""


def mechanisms(topology: Topology, asked: Asked, locks: Asked, channel: str = ALL) -> list[Candidate]:
    """Every mechanism, for one channel or for all, beside what else is asked for; none without channels."""
    if not topology.channels:
        return []
    others = _sound(_without(asked, channel), lambda rest: choice.choose_channels(topology, rest))
    sound = _sound(locks, lambda rest: choice.choose_locks(topology, rest))
    told = []
    for mechanism in MECHANISMS.values():
        reason = ""
        try:
            carried = choice.choose_channels(topology, {**others, channel: mechanism.name})
            choice.choose_locks(topology, sound, carried)
        except ChoiceError as error:
            reason = _against(topology, channel, mechanism) or str(error)
        told.append(_candidate(mechanism, reason))
    return told


def locks(
    topology: Topology, asked: Asked, carried: list[CarriedChannel], lock: str = ALL
) -> list[Candidate]:
    """Every kind of lock, for one lock or for all; none without locks."""
    if not topology.locks:
        return []
    others = _sound(_without(asked, lock), lambda rest: choice.choose_locks(topology, rest, carried))
    told = []
    for kind in LOCKS.values():
        reason = ""
        try:
            choice.choose_locks(topology, {**others, lock: kind.name}, carried)
        except ChoiceError as error:
            reason = _against_lock(topology, lock, kind) or str(error)
        told.append(_candidate(kind, reason))
    return told


def _without(asked: Asked, name: str) -> dict[str, str]:
    return {key: text for key, text in asked.items() if key != name}


def _sound(asked: Asked, check: Callable[[Asked], object]) -> Asked:
    """What is asked for, or nothing where that is wrong by itself and would be held against everybody."""
    try:
        check(asked)
    except ChoiceError:
        return {}
    return asked


def _against(topology: Topology, channel: str, mechanism: Mechanism) -> str:
    """The traits' objection, or what is missing on this machine; "" where it is something else."""
    declared = list(topology.channels.values())
    concerned = [
        item for item in declared if item.name == channel or (channel == ALL and item.kind != "region")
    ]
    for item in concerned or declared:
        against = objection(item.wish(), mechanism.traits, "it")
        if against is not None:
            return against
    missing = mechanism.unavailable()
    return "" if missing is None else f"not here: {missing}"


def _against_lock(topology: Topology, lock: str, kind: LockMechanism) -> str:
    for declared in topology.locks.values():
        if lock in (ALL, declared.name):
            against = lock_objection(declared.wish(), kind.traits, "it")
            if against is not None:
                return against
    missing = kind.unavailable()
    return "" if missing is None else f"not here: {missing}"


def _candidate(known: Mechanism | LockMechanism, reason: str) -> Candidate:
    words = [
        OptionWords(info.name, info.type, info.default, info.about) for info in options.infos(known.options)
    ]
    return Candidate(known.name, known.about, words, reason.rstrip("."))
