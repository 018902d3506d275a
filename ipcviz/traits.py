"""What a mechanism can carry, and the check of a topology's wishes against it.

One table of traits serves the check at the start of a run, `ipcviz mechanisms`, the contract tests
and the choice of a default. Pure: a mechanism states its traits, nothing here asks the kernel.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["channel", "broadcast", "call", "region"]
Role = Literal["sender", "receiver", "caller", "responder", "writer", "reader"]
Need = Literal["lossless", "backpressure", "priorities", "persistent", "descriptors"]
AfterDeath = Literal["released", "recovered", "stuck"]

GIVING: tuple[Role, ...] = ("sender", "caller", "writer")
"""The roles of those that put something in."""


def gives(role: str) -> bool:
    """Whether an end of this role puts something in; the others take out, or answer."""
    return role in GIVING


@dataclass(frozen=True, slots=True)
class Traits:
    """The properties of one mechanism, as its manual page and the kernel documents give them."""

    kinds: tuple[Kind, ...]
    """Kinds that it carries; a call over a one-way mechanism is made of two channels."""
    senders: int | None = None
    """The most senders that one channel may have; None is any number."""
    receivers: int | None = None
    """The most receivers that one channel may have; None is any number."""
    two_way: bool = False
    """Replies travel over the same kernel object as requests."""
    fans_out: bool = False
    """One send reaches every receiver; where not, a broadcast is made of a channel to each."""
    related_only: bool = False
    """Only processes with a common ancestor can share it (it has no name)."""
    boundaries: bool = False
    """The kernel keeps messages apart; where it does not, ipcviz frames them."""
    priorities: bool = False
    """Messages can overtake by priority."""
    persistent: bool = False
    """What was sent outlives the processes."""
    ordered: bool = True
    """Messages of one sender arrive in the order in which they were sent."""
    lossless: bool = True
    """A message that was sent arrives as long as a receiver lives."""
    in_kernel: bool = True
    """What was sent is with the kernel: a sender that is killed afterwards takes none of it along."""
    backpressure: bool = True
    """A sender waits while the channel is full; where not, it is never full or drops what does not fit."""
    descriptors: bool = False
    """A message can carry open descriptors (SCM_RIGHTS, unix(7))."""
    reach: Literal["local", "remote"] = "local"
    """Whether the other end may be on another machine."""

    def as_dict(self) -> dict[str, object]:
        """The traits as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LockTraits:
    """The properties of one kind of lock."""

    most: int | None = 1
    """How many may hold it at once; None is any number that the topology says."""
    shared: bool = False
    """It can be held by many readers or by one writer."""
    owner: bool = False
    """The kernel knows which process holds it."""
    after_death: AfterDeath = "stuck"
    """What becomes of it when its holder is killed; "recovered" is told to whoever gets it next."""
    detects_deadlock: bool = False
    """The kernel refuses a wait that could never end (EDEADLK)."""
    related_only: bool = False
    """Only processes with a common ancestor can share it."""

    def as_dict(self) -> dict[str, object]:
        """The traits as plain values, for JSON."""
        return {"kinds": ["lock"], **asdict(self)}


@dataclass(frozen=True, slots=True)
class Wish:
    """What one channel of a topology asks of a mechanism."""

    channel: str
    kind: Kind
    senders: int
    receivers: int
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class LockWish:
    """What one lock of a topology asks of its kind."""

    lock: str
    count: int
    shared: bool = False


_LACKING: dict[Need, str] = {
    "lossless": "may lose messages",
    "backpressure": "never makes a sender wait",
    "priorities": "does not let messages overtake by priority",
    "persistent": "does not keep what was sent when its processes end",
    "descriptors": "does not carry open descriptors",
}


def objection(wish: Wish, traits: Traits, mechanism: str) -> str | None:
    """Why this mechanism cannot carry the channel, as the end of a sentence; None if it can."""
    if wish.kind not in traits.kinds:
        return f"{mechanism} does not carry a {wish.kind}"
    if traits.senders is not None and wish.senders > traits.senders:
        return f"{wish.channel} has {wish.senders} senders and {mechanism} carries {_most(traits.senders)}"
    together = 1 if wish.kind == "broadcast" and not traits.fans_out else wish.receivers
    if wish.kind != "region" and traits.receivers is not None and together > traits.receivers:
        return f"{wish.channel} has {together} receivers and {mechanism} carries {_most(traits.receivers)}"
    for need in wish.needs:
        if not getattr(traits, need):
            return f"{wish.channel} needs more: {mechanism} {_LACKING[need]}"
    return None


def lock_objection(wish: LockWish, traits: LockTraits, mechanism: str) -> str | None:
    """Why this kind of lock cannot be this lock, as the end of a sentence; None if it can."""
    if traits.most is not None and wish.count > traits.most:
        return f"{wish.lock} may be held by {wish.count} at once and {mechanism} by {_most(traits.most)}"
    if wish.shared and not traits.shared:
        return f"{wish.lock} has readers that share it, and {mechanism} cannot be shared"
    return None


def _most(count: int) -> str:
    return "one" if count == 1 else f"at most {count}"
