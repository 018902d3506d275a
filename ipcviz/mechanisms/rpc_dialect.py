"""What a protocol of remote calls says on a stream: the bytes of requests and replies, and their meaning.

A dialect knows nothing of sockets. It is handed what has come so far, takes whole requests or replies off
its front, and makes the bytes of those that go out. Messages have their envelope before the payload, here
as everywhere; how it travels is the dialect's own matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from ipcviz.mechanisms.contract import ENVELOPE

NO_ENVELOPE = bytes(ENVELOPE)
"""Before the payload of a guest's request: not stamped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its message, and how a reply's message becomes bytes; no bytes where none is wanted.

    After the reply to the `last` one the connection is over.
    """

    message: bytes
    has_envelope: bool
    answer: Callable[[bytes], bytes]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What the protocol itself has to say, and nobody is asked; after the `last` the connection is over."""

    data: bytes
    last: bool = False


class Dialect(ABC):
    """One connection's protocol, at either side."""

    in_order = False
    """Replies must come in the order of the requests."""

    @abstractmethod
    def asked(self, have: bytearray) -> Asked | Said | None:
        """At the responder: take the next request off; None if not all of it is there."""

    @abstractmethod
    def passed_over(self) -> bytes:
        """At the responder, where replies come in order: stands for one that never came."""

    @abstractmethod
    def request(self, message: bytes) -> bytes:
        """At the caller: the bytes of a request."""

    @abstractmethod
    def replied(self, have: bytearray) -> bytes | None:
        """At the caller: take the next reply's message off; None if not all of it is there.

        Raises `ChannelError` if the responder's side says that the call was wrong.
        """


def envelope_of(text: object) -> bytes | None:
    """The envelope that travelled as hexadecimal digits; None if it is none."""
    if not isinstance(text, str) or len(text) != 2 * ENVELOPE:
        return None
    try:
        envelope = bytes.fromhex(text)
    except ValueError:
        return None
    return envelope if len(envelope) == ENVELOPE else None
