"""A session as nodes and links: who stands in the picture, and what joins them. Pure, without cells.

Processes that are alike (same role on the same channels and locks, names that differ by their number only)
form a pool, which may be folded to one node; their own channels and locks are folded with them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ipcviz.events import ChannelInfo, LockInfo, SessionStarted
from ipcviz.traits import gives
from ipcviz.tui.graph.model import Link, Role


@dataclass(frozen=True, slots=True)
class Node:
    """What gets one box: a process, a channel or a lock, or several of them that are alike.

    `on_link` is a channel with one giver and one taker: it may lie on the line between these two.
    """

    key: str
    kind: Role
    name: str
    members: tuple[str, ...]
    on_link: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """What one link of the picture stands for: the uses, by the processes, of the channels or locks.

    `gives` tells whether it leads from the processes, or to them; `both` is a call, whose answer comes back.
    """

    link: Link
    kind: Role
    uses: tuple[tuple[str, str, str], ...]
    """The channel or lock, the process, and its role; "user" for a lock."""
    gives: bool = True
    both: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """All nodes, and the ties between them by the key of their link."""

    nodes: dict[str, Node]
    ties: dict[str, Tie]

    def node_of(self, kind: str, name: str) -> Node | None:
        """The node that shows this process, channel or lock."""
        return next((n for n in self.nodes.values() if n.kind == kind and name in n.members), None)


def scene_of(session: SessionStarted, folded: AbstractSet[str] = frozenset()) -> Scene:
    """The scene in which the pools named by their first member are one node each."""
    names = _node_names(session, folded)
    members: dict[str, list[str]] = {}
    for thing, key in names.items():
        members.setdefault(key, []).append(thing.partition(":")[2])
    ties = _ties(session, names)
    givers: dict[str, set[str]] = {}
    takers: dict[str, set[str]] = {}
    for tie in ties.values():
        if tie.kind == "channel":
            side = givers if tie.gives else takers
            channel, process = (
                (tie.link.target, tie.link.source) if tie.gives else (tie.link.source, tie.link.target)
            )
            side.setdefault(channel, set()).add(process)
    regions = {f"channel:{info.name}" for info in session.channels if info.kind == "region"}
    nodes = {}
    for key, inside in members.items():
        one_each = len(givers.get(key, ())) == 1 and len(takers.get(key, ())) == 1
        apart = givers.get(key) != takers.get(key)
        kind: Role = key.partition(":")[0]  # type: ignore[assignment]  # keys are made of kinds
        on_link = one_each and apart and key not in regions
        nodes[key] = Node(key, kind, _title(inside), tuple(inside), on_link)
    return Scene(nodes, ties)


def pools_of(session: SessionStarted) -> dict[str, tuple[str, ...]]:
    """The pools of processes, each by its first member; the members in the order of the session."""
    colours = _colours(session)
    found: dict[object, list[str]] = {}
    for name in session.processes:
        found.setdefault(colours[f"process:{name}"], []).append(name)
    return {members[0]: tuple(members) for members in found.values() if len(members) > 1}


def woven_pools(session: SessionStarted) -> frozenset[str]:
    """The pools whose members are joined with some of each other: folding these hides how."""
    used = [{end.process for end in info.endpoints} for info in session.channels]
    used += [set(lock.users) for lock in session.locks]
    pools = pools_of(session)
    return frozenset(
        head
        for head, members in pools.items()
        if any(1 < len(users.intersection(members)) < len(members) for users in used)
    )


def _title(members: Sequence[str]) -> str:
    """The name; of several the word they share, and how many they are: "client ×3"; else "c00 … c11"."""
    if len(members) == 1:
        return members[0]
    stem = _shared_word(members[0])
    if stem:
        return f"{stem} ×{len(members)}"
    return f"{members[0]}{',' if len(members) == 2 else ' …'} {members[-1]}"


def _shared_word(name: str) -> str:
    """What is left of a name without its number, if that is still to be read as one; else nothing.

    That is so where the only number is a word of its own, or ends a word of some letters.
    """
    if len(re.findall(r"\d+", name)) != 1:
        return ""
    apart = re.fullmatch(r"(.*?)(?:^|\s)\d+(?:$|\s)(.*)", name, re.DOTALL)
    if apart is not None:
        return " ".join(part.strip() for part in apart.groups() if part.strip())
    ends = re.fullmatch(r"(.*(?:[^\W\d_]{2}|\w[-_.#:]))\d+", name, re.DOTALL)
    return ends[1].rstrip("-_.#:") if ends is not None else ""


def _node_names(session: SessionStarted, folded: AbstractSet[str]) -> dict[str, str]:
    """The node of each process, channel and lock, by "kind:name"."""
    first = {
        member: f"process:{members[0]}"
        for head, members in pools_of(session).items()
        if head in folded
        for member in members
    }
    names = {f"process:{name}": first.get(name, f"process:{name}") for name in session.processes}
    colours = _colours(session) if first else {}
    heads: dict[object, str] = {}
    things: list[tuple[str, Iterable[str]]] = [
        (f"channel:{info.name}", [end.process for end in info.endpoints]) for info in session.channels
    ]
    things += [(f"lock:{info.name}", info.users) for info in session.locks]
    for key, users in things:
        # Alike, and used by the same folded nodes only: nothing is lost if they become one.
        around = frozenset(names[f"process:{user}"] for user in users)
        inside = first and any(user in first for user in users)
        names[key] = heads.setdefault((colours.get(key), around), key) if inside else key
    return names


def _colours(session: SessionStarted) -> dict[str, object]:
    """A colour for each thing, the same for things that are used alike by things that are used alike."""
    around = _around(session)
    colours: Mapping[str, object] = _first_colours(session)
    count = len(set(colours.values()))
    while True:
        signatures = {
            key: (colours[key], tuple(sorted((role, str(colours[other])) for role, other in around[key])))
            for key in colours
        }
        numbers = {signature: n for n, signature in enumerate(dict.fromkeys(signatures.values()))}
        colours = {key: numbers[signature] for key, signature in signatures.items()}
        if len(numbers) == count:
            return dict(colours)
        count = len(numbers)


def _around(session: SessionStarted) -> dict[str, list[tuple[str, str]]]:
    """What each thing is joined with, and in which role."""
    around: dict[str, list[tuple[str, str]]] = {f"process:{name}": [] for name in session.processes}
    for info in session.channels:
        around[f"channel:{info.name}"] = []
        for end in info.endpoints:
            around[f"channel:{info.name}"].append((end.role, f"process:{end.process}"))
            around[f"process:{end.process}"].append((end.role, f"channel:{info.name}"))
    for lock in session.locks:
        around[f"lock:{lock.name}"] = [("user", f"process:{user}") for user in lock.users]
        for user in lock.users:
            around[f"process:{user}"].append(("user", f"lock:{lock.name}"))
    return around


def _first_colours(session: SessionStarted) -> dict[str, object]:
    """By kind, by the name without its numbers, and by the mechanism."""

    def colour(info: ChannelInfo | LockInfo) -> tuple[str, ...]:
        return _stem(info.name), info.mechanism, str(sorted(info.options.items()))

    colours: dict[str, object] = {f"process:{name}": ("process", _stem(name)) for name in session.processes}
    colours |= {f"channel:{info.name}": (info.kind, *colour(info)) for info in session.channels}
    colours |= {f"lock:{info.name}": ("lock", *colour(info)) for info in session.locks}
    return colours


def _stem(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def _ties(session: SessionStarted, names: Mapping[str, str]) -> dict[str, Tie]:
    """The links in reading order, each with all endpoints that it stands for."""
    uses: dict[tuple[str, str, str, bool], list[tuple[str, str, str]]] = {}
    calls = set()
    for info in session.channels:
        for end in info.endpoints:
            channel, process = names[f"channel:{info.name}"], names[f"process:{end.process}"]
            key = (channel, process, "channel", gives(end.role))
            uses.setdefault(key, []).append((info.name, end.process, end.role))
            if info.kind == "call":
                calls.add(key)
    for lock in session.locks:
        for user in lock.users:
            key = (names[f"lock:{lock.name}"], names[f"process:{user}"], "lock", True)
            uses.setdefault(key, []).append((lock.name, user, "user"))
    beyond = _beyond(list(uses))
    ties = {}
    for number, (key, inside) in enumerate(uses.items()):
        thing, process, kind, out = key
        out = out and (thing, process) not in beyond
        source, target = (process, thing) if out else (thing, process)
        link = Link(source, target, f"link {number}")
        role: Role = "lock" if kind == "lock" else "channel"
        ties[link.key] = Tie(link, role, tuple(inside), out, key in calls)
    return ties


def _beyond(keys: Sequence[tuple[str, str, str, bool]]) -> set[tuple[str, str]]:
    """The locks and users whose link leads to the user, for users on both sides of the lock.

    That is so for the second half of its users, where all of them use nothing but this lock.
    """
    used = Counter(process for _, process, _, _ in keys)
    users: dict[str, list[str]] = {}
    for thing, process, kind, _ in keys:
        if kind == "lock":
            users.setdefault(thing, []).append(process)
    return {
        (lock, process)
        for lock, around in users.items()
        if all(used[process] == 1 for process in around)
        for process in around[(len(around) + 1) // 2 :]
    }
