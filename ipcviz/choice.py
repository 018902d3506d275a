"""Which mechanism carries which channel: what was asked for, checked against the traits, or a default.

A call over a mechanism that goes one way only is made of one channel for the requests and one for the
replies to each caller, and is drawn like that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.mechanisms.contract import LockMechanism, Mechanism
from ipcviz.topology import ChannelDeclaration, Endpoint, LockDeclaration, Topology
from ipcviz.traits import Kind, objection
from ipcviz.units import listed

ALL = ""
"""The key of a choice for everything that is not named."""


class ChoiceError(Exception):
    """A choice cannot be; the message is a sentence that says why and names those that can."""


@dataclass(frozen=True, slots=True)
class CarriedChannel:
    """A channel as it will be made; `part_of` names the call it was made for."""

    name: str
    kind: Kind
    mechanism: Mechanism
    endpoints: tuple[Endpoint, ...]
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class ChosenLock:
    """A lock as it will be made."""

    declaration: LockDeclaration
    mechanism: LockMechanism


def able(channel: ChannelDeclaration, available_only: bool = False) -> list[str]:
    """The mechanisms whose traits allow this channel."""
    return [
        name
        for name, mechanism in MECHANISMS.items()
        if objection(channel.wish(), mechanism.traits, name) is None
        and not (available_only and mechanism.unavailable())
    ]


def able_for_all(topology: Topology) -> list[str]:
    """The mechanisms that can carry every channel of the topology."""
    lists = [able(channel) for channel in topology.channels.values()]
    return [name for name in MECHANISMS if lists and all(name in names for names in lists)]


def choose_channels(topology: Topology, asked: Mapping[str, str]) -> list[CarriedChannel]:
    """Each channel with its mechanism; `asked` maps a channel's name, or `ALL`, to a mechanism's."""
    _check_known(asked.values(), MECHANISMS, "mechanism")
    _check_names(asked, topology.channels, "channel", topology.name)
    carried: list[CarriedChannel] = []
    for channel in topology.channels.values():
        wanted = asked.get(channel.name, asked.get(ALL))
        mechanism = _default(channel) if wanted is None else _wanted(topology, channel, wanted)
        carried.extend(_carry(channel, mechanism))
    return carried


def choose_locks(topology: Topology, asked: Mapping[str, str]) -> list[ChosenLock]:
    """Each lock with its mechanism."""
    _check_known(asked.values(), LOCKS, "lock")
    _check_names(asked, topology.locks, "lock", topology.name)
    chosen = []
    for lock in topology.locks.values():
        name = asked.get(lock.name, asked.get(ALL, next(iter(LOCKS))))
        reason = LOCKS[name].unavailable()
        if reason is not None:
            raise ChoiceError(f"The lock {name} is not available here: {reason}.")
        chosen.append(ChosenLock(lock, LOCKS[name]))
    return chosen


def near(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that helps with a wrong name."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=2)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."


def _check_names(asked: Mapping[str, str], declared: Mapping[str, object], what: str, topology: str) -> None:
    if ALL in asked and not declared:
        raise ChoiceError(f"{topology} has no {what}s, so there is nothing that could run on {asked[ALL]}.")
    for name in asked:
        if name != ALL and name not in declared:
            if not declared:
                raise ChoiceError(f"{topology} has no {what} {name!r}; it has no {what}s.")
            raise ChoiceError(f"{topology} has no {what} {name!r}; {near(name, declared)}")


def _check_known(wanted: Iterable[str], known: Mapping[str, object], what: str) -> None:
    """Also what is asked for all, where there is nothing that it could be for."""
    for name in wanted:
        if name not in known:
            raise ChoiceError(f"There is no {what} {name!r}; {near(name, known)}")


def _default(channel: ChannelDeclaration) -> Mechanism:
    names = able(channel, available_only=True)
    if not names:
        raise ChoiceError(
            f"No mechanism of this machine can carry {channel.name!r}; `ipcviz doctor` says what is missing."
        )
    return MECHANISMS[channel.prefer if channel.prefer in names else names[0]]


def _wanted(topology: Topology, channel: ChannelDeclaration, name: str) -> Mechanism:
    mechanism = MECHANISMS[name]
    against = objection(channel.wish(), mechanism.traits, name)
    if against is not None:
        can = listed(able(channel)) or "no mechanism"
        raise ChoiceError(f"{topology.name} cannot run on {name}: {against}; {can} can carry {channel.name}.")
    reason = mechanism.unavailable()
    if reason is not None:
        can = listed(able(channel, available_only=True)) or "no mechanism"
        raise ChoiceError(f"{name} is not available here: {reason}; {can} can carry {channel.name} here.")
    return mechanism


def _carry(channel: ChannelDeclaration, mechanism: Mechanism) -> list[CarriedChannel]:
    if channel.kind != "call" or mechanism.traits.two_way:
        return [CarriedChannel(channel.name, channel.kind, mechanism, tuple(channel.endpoints))]
    callers = [end.process for end in channel.endpoints if end.role == "caller"]
    (responder,) = [end.process for end in channel.endpoints if end.role == "responder"]
    requests = [Endpoint(caller, "sender") for caller in callers] + [Endpoint(responder, "receiver")]
    made = [CarriedChannel(channel.name, "channel", mechanism, tuple(requests), channel.name)]
    for caller in callers:
        ends = (Endpoint(responder, "sender"), Endpoint(caller, "receiver"))
        made.append(CarriedChannel(f"{channel.name} to {caller}", "channel", mechanism, ends, channel.name))
    return made
