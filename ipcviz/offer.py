"""What can be chosen of a demo before it runs: its parameters, what can carry its channels, its locks.

Nothing here starts anything: a request is looked at as the supervisor will look at it, with the catalog's
own errors and the traits' own objections, and told as plain values that another process can hand over.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from ipcviz import candidates, catalog, choice, options
from ipcviz.candidates import Candidate
from ipcviz.catalog import CatalogError, Demo, Parameter
from ipcviz.choice import ALL, CarriedChannel, ChoiceError, ChosenLock
from ipcviz.events import ChannelInfo, EndpointInfo, Host, LockInfo, SessionStarted
from ipcviz.mechanisms.contract import LockMechanism, Mechanism
from ipcviz.parameters import words_of
from ipcviz.runtime.request import SessionRequest, plain
from ipcviz.topology import Topology

Wrong = Literal["", "demo", "parameters", "mechanisms", "locks"]


class ParameterOffer(msgspec.Struct, frozen=True):
    """One parameter: its type in words, its default as it is typed, `values` where there are only a few.

    `whole`: it is a whole number, from `lowest` to `highest` where those are told. `error` is the catalog's
    sentence on what was asked for, "" if that can be.
    """

    name: str
    type: str
    default: str
    values: list[str] = []
    whole: bool = False
    lowest: int | None = None
    highest: int | None = None
    error: str = ""


class Offer(msgspec.Struct, frozen=True):
    """A demo as it stands: what it is, what can be chosen, and the topology that it would be.

    `sentence` says why it cannot run as asked ("" if it can), `wrong` which part of the request that is
    about, `detail` is the author's traceback. `session` is None where no topology could be made.
    `mechanisms` are the candidates for the channel that was asked about and `preferred` what it is carried
    by if nobody chooses; `locks` and `preferred_lock` are the same for the lock. `meaning` is what `build`
    says of its parameters; `channels` and `lock_names` are those that can be named on the command line.
    """

    about: str = ""
    look: str = ""
    meaning: str = ""
    parameters: list[ParameterOffer] = []
    session: SessionStarted | None = None
    channels: list[str] = []
    lock_names: list[str] = []
    mechanisms: list[Candidate] = []
    locks: list[Candidate] = []
    preferred: str = ""
    preferred_lock: str = ""
    sentence: str = ""
    detail: str = ""
    wrong: Wrong = ""


def offer(request: SessionRequest, channel: str = ALL, lock: str = ALL) -> Offer:
    """What can be chosen, given what is chosen so far, for this channel and this lock, or for all.

    Runs the author's file and `build`; whatever is wrong with them or with the request is told, not raised.
    """
    try:
        demo = catalog.load(catalog.find(request.demo))
    except CatalogError as error:
        return Offer(sentence=str(error), detail=error.detail, wrong="demo")
    known = Offer(
        about=demo.about,
        look=demo.look,
        meaning=" ".join((inspect.getdoc(demo.build) or "").split()),
        parameters=[_parameter(demo, parameter, request.settings) for parameter in demo.parameters],
    )
    try:
        topology = catalog.build(demo, catalog.values(demo, request.settings))
    except CatalogError as error:
        wrong: Wrong = "parameters" if any(parameter.error for parameter in known.parameters) else "demo"
        return msgspec.structs.replace(known, sentence=str(error), detail=error.detail, wrong=wrong)
    return _with_choices(known, topology, request, channel, lock)


def preview(
    topology: Topology, carried: Iterable[CarriedChannel], locks: Iterable[ChosenLock]
) -> SessionStarted:
    """The topology as its first event would tell it, before anything exists: no host, no limits."""
    return SessionStarted(
        t=0,
        topology=topology.name,
        about=str(plain(topology.about)),
        parameters={},
        processes=list(topology.processes),
        channels=[_channel_info(channel) for channel in carried],
        locks=[_lock_info(lock) for lock in locks],
        host=Host("", "", 0, "", ""),
        started_at="",
        tick=0,
    )


def _with_choices(
    known: Offer, topology: Topology, request: SessionRequest, channel: str, lock: str
) -> Offer:
    """The picture is of what was asked for, or of what the demo prefers while that cannot be."""
    carried: list[CarriedChannel] = []
    chosen: list[ChosenLock] = []
    wrong: Wrong = "demo"
    sentence = preferred = preferred_lock = ""
    try:
        carried, chosen = choice.choose_channels(topology, {}), choice.choose_locks(topology, {})
        preferred, preferred_lock = _carriers(carried, channel), _kinds(chosen, lock)
        wrong = "mechanisms"
        carried = choice.choose_channels(topology, request.mechanisms)
        wrong = "locks"
        chosen = choice.choose_locks(topology, request.locks, carried)
        wrong = ""
    except ChoiceError as error:
        sentence = str(error)
    return msgspec.structs.replace(
        known,
        session=preview(topology, carried, chosen),
        channels=[name for name in topology.channels if ":" not in name],
        lock_names=[name for name in topology.locks if ":" not in name],
        mechanisms=candidates.mechanisms(topology, request.mechanisms, request.locks, channel),
        locks=candidates.locks(topology, request.locks, carried, lock),
        preferred=preferred,
        preferred_lock=preferred_lock,
        sentence=sentence,
        wrong=wrong,
    )


def _parameter(demo: Demo, parameter: Parameter, settings: Mapping[str, str]) -> ParameterOffer:
    error = ""
    asked = {name: text for name, text in settings.items() if name == parameter.name}
    try:
        catalog.values(dataclasses.replace(demo, parameters=(parameter,)), asked)
    except CatalogError as wrong:
        error = str(wrong)
    kind = parameter.annotation
    inner = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    values = [str(value) for value in typing.get_args(inner)] if typing.get_origin(inner) is Literal else []
    lowest, highest = _bounds(kind) if inner is int else (None, None)
    return ParameterOffer(
        name=parameter.name,
        type=parameter.type,
        default=str(plain(words_of(parameter.default))),
        values=["yes", "no"] if inner is bool else values,
        whole=inner is int,
        lowest=lowest,
        highest=highest,
        error=error,
    )


def _bounds(annotation: Any) -> tuple[int | None, int | None]:
    """Of a whole number, as its annotation tells them."""
    lowest: list[float] = []
    highest: list[float] = []
    for meta in (extra for extra in typing.get_args(annotation)[1:] if isinstance(extra, msgspec.Meta)):
        lowest += [] if meta.ge is None else [meta.ge]
        lowest += [] if meta.gt is None else [meta.gt + 1]
        highest += [] if meta.le is None else [meta.le]
        highest += [] if meta.lt is None else [meta.lt - 1]
    return (int(max(lowest)) if lowest else None), (int(min(highest)) if highest else None)


def _carriers(carried: list[CarriedChannel], channel: str) -> str:
    """The mechanisms of that channel, or of all that messages go through, each once and as it is typed."""
    parts = [item for item in carried if channel in (ALL, item.name, item.part_of)]
    messages = [item for item in parts if item.kind != "region"]
    return ", ".join(dict.fromkeys(_typed(item.mechanism, item.options) for item in messages or parts))


def _kinds(chosen: list[ChosenLock], lock: str) -> str:
    parts = [item for item in chosen if lock in (ALL, item.declaration.name)]
    return ", ".join(dict.fromkeys(_typed(item.mechanism, item.options) for item in parts))


def _typed(known: Mechanism | LockMechanism, chosen: Any) -> str:
    words = ",".join(f"{name}={value}" for name, value in options.chosen_words(chosen).items())
    return f"{known.name}:{words}" if words else known.name


def _channel_info(channel: CarriedChannel) -> ChannelInfo:
    mechanism = channel.mechanism
    return ChannelInfo(
        name=channel.name,
        kind=channel.kind,
        mechanism=mechanism.name,
        endpoints=[EndpointInfo(end.process, end.role) for end in channel.endpoints],
        largest=0,
        part_of=channel.part_of,
        options=options.chosen_words(channel.options),
        source=mechanism.depth_source,
        size=channel.size,
        lossless=mechanism.traits.lossless,
        backpressure=mechanism.traits.backpressure,
    )


def _lock_info(lock: ChosenLock) -> LockInfo:
    declaration, mechanism = lock.declaration, lock.mechanism
    return LockInfo(
        name=declaration.name,
        mechanism=mechanism.name,
        count=declaration.count,
        users=list(declaration.users),
        shared=declaration.shared,
        options=options.chosen_words(lock.options),
        after_death=mechanism.after_death(lock.options),
        source=mechanism.depth_source,
    )
