"""What a mechanism can carry, and the check of a topology's wishes against it.

One table of traits serves the check at the start of a run, `ipcviz mechanisms`, the contract tests
and the choice of a default. Pure: a mechanism states its traits, nothing here asks the kernel.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["channel", "call"]


@dataclass(frozen=True, slots=True)
class Traits:
    """The properties of one mechanism, as its manual page and the kernel documents give them."""

    kinds: tuple[Kind, ...]
    """Kinds of channel that it carries; a call over a one-way mechanism is made of two channels."""
    senders: int | None = None
    """The most senders that one channel may have; None is any number."""
    receivers: int | None = None
    """The most receivers that one channel may have; None is any number."""
    two_way: bool = False
    """Replies travel over the same kernel object as requests."""
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
    reach: Literal["local", "remote"] = "local"
    """Whether the other end may be on another machine."""

    def as_dict(self) -> dict[str, object]:
        """The traits as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one channel of a topology asks of a mechanism."""

    channel: str
    kind: Kind
    senders: int
    receivers: int


def objection(wish: Wish, traits: Traits, mechanism: str) -> str | None:
    """Why this mechanism cannot carry the channel, as the end of a sentence; None if it can."""
    if wish.kind not in traits.kinds:
        return f"{mechanism} does not carry a {wish.kind}"
    if traits.senders is not None and wish.senders > traits.senders:
        return f"{wish.channel} has {wish.senders} senders and {mechanism} carries {_most(traits.senders)}"
    if traits.receivers is not None and wish.receivers > traits.receivers:
        return (
            f"{wish.channel} has {wish.receivers} receivers and {mechanism} carries {_most(traits.receivers)}"
        )
    return None


def _most(count: int) -> str:
    return "one" if count == 1 else f"at most {count}"
