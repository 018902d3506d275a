"""Guests: whoever else connects to the responder of a call, and speaks lines, as nc(1) does.

A line is a request, and the reply is a line. Guests are none of the topology's processes: they are not
counted, and the end of requests does not wait for them.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Sequence

from ipcviz.mechanisms.contract import Unwatched, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import GUEST, Ended, Gone, Put, SenderEnd
from ipcviz.mechanisms.streams import LARGEST, StreamsTake

LONGEST_LINE = 65536
"""Bytes; a guest who sends more without an end of line is shown out."""
MOST_GUESTS = 64

_envelope = struct.Struct("<QII")


class LineReader:
    """Takes lines from a guest's non-blocking socket, each with the envelope that a request has."""

    halfway = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._have = b""
        self._count = 0
        self._ended = False

    def take(self) -> bytes | None:
        """The next line, without its end; None if not all of it is here; raises `Ended`."""
        while b"\n" not in self._have and not self._ended:
            if len(self._have) > LONGEST_LINE:
                raise Ended
            try:
                piece = os.read(self._descriptor, 4096)
            except BlockingIOError:
                return None
            except OSError:
                raise Ended from None
            self._ended = not piece
            self._have += piece
        line, _, self._have = self._have.partition(b"\n")
        if self._ended and not line and not self._have:
            raise Ended
        self._count += 1
        return _envelope.pack(0, GUEST + self._descriptor, self._count) + line.removesuffix(b"\r")


class LinePut(Put):
    """Writes replies to a guest as lines; one who does not read them loses them."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """The payload and an end of line."""
        try:
            os.write(self._descriptor, message[_envelope.size :] + b"\n")
        except BlockingIOError:
            return
        except OSError:
            raise Gone from None

    def close(self) -> None:
        """The socket belongs to who takes from it."""


class GuestReplies(dict[int, SenderEnd]):
    """Where replies go, by the caller's endpoint; guests are added as they come."""

    def __init__(self, channel: str, callers: dict[int, SenderEnd]) -> None:
        super().__init__(callers)
        self._channel = channel

    def welcome(self, descriptor: int) -> None:
        """One more guest."""
        caller = GUEST + descriptor
        self[caller] = SenderEnd(self._channel, caller, LARGEST, LinePut(descriptor), Unwatched())


class GuestsTake(StreamsTake):
    """Takes from the callers and from guests."""

    def __init__(self, callers: Sequence[int], listener: int, replies: GuestReplies, watch: Watch) -> None:
        super().__init__(callers, watch)
        self._listener = socket.socket(fileno=listener)
        self._replies = replies
        self._readers[listener] = LineReader(listener)  # never read: what it brings is guests
        self._turn.insert(0, listener)
        self._waiter.add(listener, select.POLLIN)

    def _taken(self, descriptor: int) -> bytes | None:
        if descriptor == self._listener.fileno():
            self._let_in()
            return None
        return super()._taken(descriptor)

    def _let_in(self) -> None:
        while True:
            try:
                guest, _ = self._listener.accept()
            except OSError:
                return
            if len(self._turn) > MOST_GUESTS + len(self._expected):
                guest.close()
                continue
            guest.setblocking(False)
            descriptor = guest.detach()
            self._readers[descriptor] = LineReader(descriptor)
            self._turn.append(descriptor)
            self._replies.welcome(descriptor)
            self._waiter.add(descriptor, select.POLLIN)

    def drop(self, descriptor: int) -> None:
        """A guest who leaves is forgotten at once."""
        super().drop(descriptor)
        if descriptor not in self._expected:
            del self._readers[descriptor]
            close_quietly(descriptor)

    def close(self) -> None:
        """Close every socket."""
        self._readers.pop(self._listener.fileno(), None)
        self._listener.close()
        super().close()
