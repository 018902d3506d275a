"""One connection of remote calls, and its caller's side: requests go in and replies come out.

A caller that waits to send also reads, so that a reply that comes too late cannot stop its next request.
"""

from __future__ import annotations

import select
import socket

from ipcviz.mechanisms.contract import RECEIVING, SENDING, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import Ended, Gone, Put, Take
from ipcviz.mechanisms.rpc_dialect import Dialect
from ipcviz.mechanisms.waiting import Waiter

PIECE = 1 << 18
"""Bytes that are read at once."""


class Link:
    """A non-blocking stream socket, with what came and is not yet understood, and what is still to go."""

    def __init__(self, made: socket.socket, dialect: Dialect) -> None:
        made.setblocking(False)
        if made.family == socket.AF_INET:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = made
        self.descriptor = made.fileno()
        self.dialect = dialect
        self.have = bytearray()
        self.rest = memoryview(b"")
        self.ended = False

    def fill(self) -> None:
        """Read what is there, a piece at most; at the end of the stream, `ended`."""
        try:
            piece = self.socket.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self.ended = self.ended or not piece
        self.have += piece

    def flush(self) -> int:
        """Write as much as goes of what is still to go; how many bytes did. Raises `Gone`."""
        if not self.rest:
            return 0
        try:
            written = self.socket.send(self.rest)
        except BlockingIOError:
            return 0
        except OSError:
            raise Gone from None
        self.rest = self.rest[written:]
        return written

    def close(self) -> None:
        """Close the socket; idempotent."""
        self.socket.close()


class CallerPut(Put):
    """Writes requests. What does not go at once follows while the reply is waited for."""

    def __init__(self, link: Link, lifeline: int, watch: Watch) -> None:
        self._link = link
        self._lifeline = lifeline
        self._waiter = Waiter(watch, SENDING, {link.descriptor: select.POLLIN | select.POLLOUT})

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One request."""
        link = self._link
        link.fill()
        if link.ended:
            raise Gone
        data = link.dialect.request(message)
        while link.rest:
            self._go_on(deadline)
        link.rest = memoryview(data)
        try:
            while not link.flush():
                self._go_on(deadline)
                if len(link.rest) < len(data):
                    return
        except TimeoutError:
            link.rest = memoryview(b"")
            raise

    def _go_on(self, deadline: float | None) -> None:
        """Wait until bytes can go; what comes meanwhile is kept."""
        self._waiter.wait(deadline)
        self._link.fill()
        if self._link.ended:
            raise Gone
        self._link.flush()

    def close(self) -> None:
        """The connection first: the responder must not look for one whose lifeline is gone."""
        self._link.close()
        lifeline, self._lifeline = self._lifeline, -1
        close_quietly(lifeline)


class CallerTake(Take):
    """Reads replies, and writes what is still to go of the request."""

    def __init__(self, link: Link, watch: Watch) -> None:
        self._link = link
        self._reading = Waiter(watch, RECEIVING, {link.descriptor: select.POLLIN})
        self._both = Waiter(watch, RECEIVING, {link.descriptor: select.POLLIN | select.POLLOUT})

    def take(self, deadline: float | None) -> bytes:
        """One reply."""
        link = self._link
        while True:
            message = link.dialect.replied(link.have)
            if message is not None:
                return message
            if link.ended:
                raise Ended
            (self._both if link.rest else self._reading).wait(deadline)
            self._flush()
            link.fill()

    def _flush(self) -> None:
        try:
            self._link.flush()
        except Gone:
            self._link.rest = memoryview(b"")  # a reply may have come all the same

    def close(self) -> None:
        """Close the connection."""
        self._link.close()
