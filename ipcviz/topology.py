"""The declaration of a topology: processes, the channels between them, and their locks.

A demo's `build` makes one `Topology`. Nothing here runs anything: ends are references that a worker
later replaces by real ones. Wrong declarations raise `TopologyError` with a sentence for the author.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

from ipcviz.ends import Caller, Lock, Receiver, Region, Responder, Sender
from ipcviz.traits import Kind, LockWish, Need, Role, Wish, gives

TextFile = Annotated[Path, "text file"]
"""A parameter that names a text file to read; checked before anything starts."""
Folder = Annotated[Path, "folder"]
"""A parameter that names a folder to walk; checked before anything starts."""
MOST = {"process": 500, "channel": 1000, "region": 1000, "lock": 1000}
"""So many of each: what a screen can show ends at about a hundred, and a machine has to go on working."""
LARGEST_REGION = 64 << 20
"""Bytes."""


class TopologyError(Exception):
    """The declaration is wrong; the message is a sentence for its author."""


@dataclass(frozen=True, slots=True, eq=False)
class EndReference:
    """Stands for one end of a channel until a worker opens the real one."""

    channel: str
    role: Role


@dataclass(frozen=True, slots=True, eq=False)
class LockReference:
    """Stands for a lock until a worker opens the real one."""

    lock: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A one-way channel: each message goes to one of its receivers, of a broadcast to every one."""

    name: str

    @property
    def sender(self) -> Sender:
        """The end to hand to a process that sends."""
        return cast(Sender, EndReference(self.name, "sender"))

    @property
    def receiver(self) -> Receiver:
        """The end to hand to a process that receives."""
        return cast(Receiver, EndReference(self.name, "receiver"))


@dataclass(frozen=True, slots=True)
class SharedRegion:
    """Bytes that several processes share; who writes may read, too."""

    name: str

    @property
    def writer(self) -> Region:
        """What to hand to a process that writes it, or reads and writes."""
        return cast(Region, EndReference(self.name, "writer"))

    @property
    def reader(self) -> Region:
        """What to hand to a process that only reads it."""
        return cast(Region, EndReference(self.name, "reader"))


@dataclass(frozen=True, slots=True)
class Call:
    """A call channel: callers send requests and one responder answers each."""

    name: str

    @property
    def caller(self) -> Caller:
        """The end to hand to a process that asks."""
        return cast(Caller, EndReference(self.name, "caller"))

    @property
    def responder(self) -> Responder:
        """The end to hand to the process that answers."""
        return cast(Responder, EndReference(self.name, "responder"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One process's end of one channel."""

    process: str
    role: Role


@dataclass(slots=True)
class ChannelDeclaration:
    """A channel with the endpoints that its processes hold, in the order of declaration."""

    name: str
    kind: Kind
    endpoints: list[Endpoint]
    prefer: str = ""
    needs: tuple[Need, ...] = ()
    size: int = 0

    def wish(self) -> Wish:
        """What this channel asks of a mechanism."""
        senders = sum(1 for end in self.endpoints if gives(end.role))
        return Wish(self.name, self.kind, senders, len(self.endpoints) - senders, self.needs)


@dataclass(slots=True)
class LockDeclaration:
    """A lock, how many may hold it at once, and the processes that use it."""

    name: str
    count: int
    users: list[str]
    shared: bool = False
    prefer: str = ""

    def wish(self) -> LockWish:
        """What this lock asks of its kind."""
        return LockWish(self.name, self.count, self.shared)


@dataclass(frozen=True, slots=True)
class ProcessDeclaration:
    """A process: the function that its worker runs, with its arguments (ends as references)."""

    name: str
    function: Callable[..., object]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]


class Topology:
    """Processes, channels and locks, declared one by one; order is the order on the screen."""

    def __init__(self, name: str, about: str = "", teaches: str = "") -> None:
        """`about` is one sentence; `teaches` the group under which `ipcviz list` tells it."""
        self.name = _checked_name(name, "topology")
        self.about = about
        self.teaches = teaches
        self.channels: dict[str, ChannelDeclaration] = {}
        self.locks: dict[str, LockDeclaration] = {}
        self.processes: dict[str, ProcessDeclaration] = {}

    def channel(self, name: str, prefer: str = "", needs: tuple[Need, ...] = ()) -> Channel:
        """Declare a one-way channel; hand its `sender` and `receiver` to processes.

        `prefer` names the mechanism that shows best what the demo is about: it is taken where nobody
        chose another and this machine has it. `needs` are traits without which the demo makes no sense.
        """
        self._declare(ChannelDeclaration(name, "channel", [], prefer, needs))
        return Channel(name)

    def broadcast(self, name: str, prefer: str = "", needs: tuple[Need, ...] = ()) -> Channel:
        """Declare a channel whose every message goes to every receiver."""
        self._declare(ChannelDeclaration(name, "broadcast", [], prefer, needs))
        return Channel(name)

    def call(self, name: str, prefer: str = "", needs: tuple[Need, ...] = ()) -> Call:
        """Declare a call channel; hand its `caller` and `responder` to processes."""
        self._declare(ChannelDeclaration(name, "call", [], prefer, needs))
        return Call(name)

    def region(self, name: str, size: int, prefer: str = "") -> SharedRegion:
        """Declare `size` bytes, all zero at first; hand the `writer` or `reader` of it to processes."""
        if not 1 <= size <= LARGEST_REGION:
            raise TopologyError(f"region {name!r} has {size} bytes; it must be 1 to {LARGEST_REGION}")
        self._declare(ChannelDeclaration(name, "region", [], prefer, (), size))
        return SharedRegion(name)

    def lock(self, name: str, count: int = 1, shared: bool = False, prefer: str = "") -> Lock:
        """Declare a lock that `count` processes may hold at once; hand it to processes.

        With `shared`, many may hold it to read (`lock.shared()`), or one alone.
        """
        self._new_name(name, "lock")
        if count < 1:
            raise TopologyError(f"lock {name!r} has a count of {count}; it must be at least 1")
        if shared and count > 1:
            raise TopologyError(f"lock {name!r} cannot be both shared and have a count of {count}")
        self.locks[name] = LockDeclaration(name, count, [], shared, prefer)
        return cast(Lock, LockReference(name))

    def process(self, name: str, function: Callable[..., object], *arguments: Any, **keywords: Any) -> None:
        """Declare a process that runs `function(*arguments, **keywords)` in a worker of its own."""
        self._new_name(name, "process")
        if not callable(function):
            raise TopologyError(f"process {name!r} was given {function!r}, which cannot be called")
        self.processes[name] = ProcessDeclaration(name, function, arguments, keywords)
        for reference in references((arguments, keywords)):
            self._attach(name, reference)

    def check(self) -> None:
        """Raise `TopologyError` if something is missing: a process, a sender, a receiver."""
        if not self.processes:
            raise TopologyError(f"topology {self.name!r} declares no process")
        for channel in self.channels.values():
            _check_ends(channel)

    def _declare(self, declaration: ChannelDeclaration) -> None:
        self._new_name(declaration.name, "region" if declaration.kind == "region" else "channel")
        self.channels[declaration.name] = declaration

    def _new_name(self, name: str, what: str) -> None:
        _checked_name(name, what)
        count = {"process": len(self.processes), "lock": len(self.locks)}.get(what, len(self.channels))
        if count >= MOST[what]:
            raise TopologyError(f"{what} {name!r} is one too many; a topology has at most {MOST[what]}")
        if name in self.channels or name in self.locks or name in self.processes:
            raise TopologyError(f"{what} {name!r}: that name is taken already")

    def _attach(self, process: str, reference: EndReference | LockReference) -> None:
        if isinstance(reference, LockReference):
            users = self._known(self.locks, reference.lock).users
            if process not in users:
                users.append(process)
            return
        channel = self._known(self.channels, reference.channel)
        endpoint = Endpoint(process, reference.role)
        if endpoint in channel.endpoints:
            raise TopologyError(
                f"process {process!r} was given the {reference.role} of {channel.name!r} twice"
            )
        channel.endpoints.append(endpoint)

    def _known(self, declared: dict[str, Any], name: str) -> Any:
        if name not in declared:
            raise TopologyError(f"{name!r} belongs to another topology")
        return declared[name]


def references(value: Any) -> Iterator[EndReference | LockReference]:
    """Every reference inside a process's arguments, through lists, tuples and dicts."""
    if isinstance(value, EndReference | LockReference):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)


def replace_references(value: Any, real: Callable[[EndReference | LockReference], Any]) -> Any:
    """The same arguments with every reference replaced by what `real` gives for it."""
    if isinstance(value, EndReference | LockReference):
        return real(value)
    if isinstance(value, list):
        return [replace_references(item, real) for item in value]
    if isinstance(value, tuple):
        return tuple(replace_references(item, real) for item in value)
    if isinstance(value, dict):
        return {key: replace_references(item, real) for key, item in value.items()}
    return value


_ROLES: dict[Kind, tuple[Role, ...]] = {
    "channel": ("sender", "receiver"),
    "broadcast": ("sender", "receiver"),
    "call": ("caller", "responder"),
    "region": ("writer",),
}
"""The ends without which a channel is none."""


def _check_ends(channel: ChannelDeclaration) -> None:
    roles = [end.role for end in channel.endpoints]
    for role in _ROLES[channel.kind]:
        if role not in roles:
            raise TopologyError(
                f"channel {channel.name!r} has no {role}: hand `{channel.name}.{role}` to a process"
            )
    if channel.kind == "call" and roles.count("responder") > 1:
        raise TopologyError(f"call {channel.name!r} has {roles.count('responder')} responders; it takes one")


def _checked_name(name: str, what: str) -> str:
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > 40:
        raise TopologyError(f"{what} name {name!r} must be 1 to 40 printable characters")
    if "=" in name:
        raise TopologyError(f"{what} name {name!r} must not contain '='")
    return name
