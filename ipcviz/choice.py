"""Which mechanism carries which channel: what was asked for, checked against the traits, or a default.

A call over a mechanism that goes one way only is made of one channel for the requests and one for the
replies to each caller, a broadcast over one that does not fan out of one channel to each receiver, and
both are drawn like that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.mechanisms.contract import NO_OPTIONS, LockMechanism, Mechanism, Options
from ipcviz.options import OptionError, options_of, split
from ipcviz.topology import ChannelDeclaration, Endpoint, LockDeclaration, Topology
from ipcviz.traits import Kind, gives, lock_objection, objection
from ipcviz.units import listed

ALL = ""
"""The key of a choice for everything that is not named."""


class ChoiceError(Exception):
    """A choice cannot be; the message is a sentence that says why and names those that can."""


@dataclass(frozen=True, slots=True)
class CarriedChannel:
    """A channel as it will be made; `part_of` names the call or broadcast it was made for."""

    name: str
    kind: Kind
    mechanism: Mechanism
    endpoints: tuple[Endpoint, ...]
    part_of: str | None = None
    options: Options = NO_OPTIONS
    size: int = 0


@dataclass(frozen=True, slots=True)
class ChosenLock:
    """A lock as it will be made."""

    declaration: LockDeclaration
    mechanism: LockMechanism
    options: Options = NO_OPTIONS


def able(channel: ChannelDeclaration, available_only: bool = False) -> list[str]:
    """The mechanisms whose traits allow this channel."""
    return [
        name
        for name, mechanism in MECHANISMS.items()
        if objection(channel.wish(), mechanism.traits, name) is None
        and not (available_only and mechanism.unavailable())
    ]


def able_for_all(topology: Topology) -> list[str]:
    """The mechanisms that can carry every channel of the topology; regions choose for themselves."""
    lists = [able(channel) for channel in _messages(topology) or topology.channels.values()]
    return [name for name in MECHANISMS if lists and all(name in names for names in lists)]


def able_lock(lock: LockDeclaration, available_only: bool = False) -> list[str]:
    """The kinds of lock that can be this lock."""
    return [
        name
        for name, mechanism in LOCKS.items()
        if lock_objection(lock.wish(), mechanism.traits, name) is None
        and not (available_only and mechanism.unavailable())
    ]


def able_for_all_locks(topology: Topology) -> list[str]:
    """The kinds that every lock of the topology can be."""
    lists = [able_lock(lock) for lock in topology.locks.values()]
    return [name for name in LOCKS if lists and all(name in names for names in lists)]


def choose_channels(topology: Topology, asked: Mapping[str, str]) -> list[CarriedChannel]:
    """Each channel with its mechanism; `asked` maps a channel's name, or `ALL`, to a mechanism's.

    What is asked for all goes to regions only where there are no other channels, or none of those could
    have it and the regions can.
    """
    _check_known(asked.values(), MECHANISMS, "mechanism")
    _check_names(asked, topology.channels, "channel", topology.name)
    carried: list[CarriedChannel] = []
    for channel in topology.channels.values():
        wanted = asked.get(channel.name, asked.get(ALL) if _meant(channel, topology, asked) else None)
        if wanted is None:
            carried.extend(_carry(channel, *_default(channel)))
        else:
            carried.extend(_carry(channel, *_wanted(topology, channel, wanted)))
    _check_exec(carried)
    return carried


def choose_locks(
    topology: Topology, asked: Mapping[str, str], carried: Iterable[CarriedChannel] = ()
) -> list[ChosenLock]:
    """Each lock with its mechanism; `carried` are the channels that its users also have."""
    _check_known(asked.values(), LOCKS, "lock")
    _check_names(asked, topology.locks, "lock", topology.name)
    strangers = exec_processes(carried)
    chosen = []
    for lock in topology.locks.values():
        wanted = asked.get(lock.name, asked.get(ALL))
        name, mechanism, options = _default_lock(lock) if wanted is None else _lock(topology, lock, wanted)
        if not mechanism.survives_exec and strangers.intersection(lock.users):
            raise ChoiceError(_not_inherited(name, lock.name, strangers))
        chosen.append(ChosenLock(lock, mechanism, options))
    return chosen


def exec_processes(carried: Iterable[CarriedChannel]) -> frozenset[str]:
    """The processes whose workers are exec'd anew, because a mechanism of theirs joins unrelated ones."""
    return frozenset(
        end.process for channel in carried if channel.mechanism.unrelated for end in channel.endpoints
    )


def near(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that helps with a wrong name."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=2)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."


def _messages(topology: Topology) -> list[ChannelDeclaration]:
    return [channel for channel in topology.channels.values() if channel.kind != "region"]


def _meant(channel: ChannelDeclaration, topology: Topology, asked: Mapping[str, str]) -> bool:
    """Whether what is asked for all is also for this channel."""
    messages = _messages(topology)
    if channel.kind != "region" or not messages:
        return True
    name, _ = split(asked.get(ALL, ""))
    return name in able(channel) and not any(name in able(other) for other in messages)


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
    for choice in wanted:
        name, _ = split(choice)
        if name not in known:
            raise ChoiceError(f"There is no {what} {name!r}; {near(name, known)}")


def _check_exec(carried: list[CarriedChannel]) -> None:
    strangers = exec_processes(carried)
    for channel in carried:
        if not channel.mechanism.survives_exec and any(end.process in strangers for end in channel.endpoints):
            raise ChoiceError(_not_inherited(channel.mechanism.name, channel.name, strangers))


def _not_inherited(mechanism: str, name: str, strangers: frozenset[str]) -> str:
    return (
        f"{name} cannot be a {mechanism}: that is inherited at fork, and {listed(sorted(strangers))} "
        "find the fifo by its name alone, in programs of their own."
    )


def _options(known: Mechanism | LockMechanism, text: str) -> Options:
    try:
        return options_of(known.options, known.name, text)
    except OptionError as error:
        raise ChoiceError(str(error)) from None


def _default(channel: ChannelDeclaration) -> tuple[Mechanism, Options]:
    names = able(channel, available_only=True)
    if not names:
        raise ChoiceError(
            f"No mechanism of this machine can carry {channel.name!r}; `ipcviz doctor` says what is missing."
        )
    preferred, options = split(channel.prefer)
    if preferred not in names:
        return MECHANISMS[names[0]], MECHANISMS[names[0]].options()
    return MECHANISMS[preferred], _options(MECHANISMS[preferred], options)


def _wanted(topology: Topology, channel: ChannelDeclaration, choice: str) -> tuple[Mechanism, Options]:
    name, options = split(choice)
    mechanism = MECHANISMS[name]
    against = objection(channel.wish(), mechanism.traits, name)
    if against is not None:
        can = listed(able(channel)) or "no mechanism"
        raise ChoiceError(f"{topology.name} cannot run on {name}: {against}; {can} can carry {channel.name}.")
    reason = mechanism.unavailable()
    if reason is not None:
        can = listed(able(channel, available_only=True)) or "no mechanism"
        raise ChoiceError(f"{name} is not available here: {reason}; {can} can carry {channel.name} here.")
    return mechanism, _options(mechanism, options)


def _default_lock(lock: LockDeclaration) -> tuple[str, LockMechanism, Options]:
    names = able_lock(lock, available_only=True)
    if not names:
        raise ChoiceError(
            f"No kind of lock of this machine can be {lock.name!r}; `ipcviz doctor` says what is missing."
        )
    preferred, options = split(lock.prefer)
    if preferred not in names:
        return names[0], LOCKS[names[0]], LOCKS[names[0]].options()
    return preferred, LOCKS[preferred], _options(LOCKS[preferred], options)


def _lock(topology: Topology, lock: LockDeclaration, choice: str) -> tuple[str, LockMechanism, Options]:
    name, options = split(choice)
    mechanism = LOCKS[name]
    against = lock_objection(lock.wish(), mechanism.traits, name)
    if against is not None:
        can = listed(able_lock(lock)) or "no lock"
        raise ChoiceError(f"{topology.name} cannot run with {name}: {against}; {can} can be {lock.name}.")
    reason = mechanism.unavailable()
    if reason is not None:
        raise ChoiceError(f"The lock {name} is not available here: {reason}.")
    return name, mechanism, _options(mechanism, options)


def _carry(channel: ChannelDeclaration, mechanism: Mechanism, options: Options) -> list[CarriedChannel]:
    ends = tuple(channel.endpoints)
    if channel.kind == "call" and not mechanism.traits.two_way:
        return _call_of_channels(channel, mechanism, options)
    if channel.kind == "broadcast" and not mechanism.traits.fans_out:
        return _broadcast_of_channels(channel, mechanism, options)
    return [CarriedChannel(channel.name, channel.kind, mechanism, ends, None, options, channel.size)]


def _call_of_channels(
    channel: ChannelDeclaration, mechanism: Mechanism, options: Options
) -> list[CarriedChannel]:
    callers = [end.process for end in channel.endpoints if end.role == "caller"]
    (responder,) = [end.process for end in channel.endpoints if end.role == "responder"]
    requests = [Endpoint(caller, "sender") for caller in callers] + [Endpoint(responder, "receiver")]
    made = [CarriedChannel(channel.name, "channel", mechanism, tuple(requests), channel.name, options)]
    for caller in callers:
        ends = (Endpoint(responder, "sender"), Endpoint(caller, "receiver"))
        name = f"{channel.name} to {caller}"
        made.append(CarriedChannel(name, "channel", mechanism, ends, channel.name, options))
    return made


def _broadcast_of_channels(
    channel: ChannelDeclaration, mechanism: Mechanism, options: Options
) -> list[CarriedChannel]:
    senders = [end for end in channel.endpoints if gives(end.role)]
    return [
        CarriedChannel(
            f"{channel.name} to {end.process}", "channel", mechanism, (*senders, end), channel.name, options
        )
        for end in channel.endpoints
        if not gives(end.role)
    ]
