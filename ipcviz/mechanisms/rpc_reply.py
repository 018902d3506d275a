"""Who has connected to a responder of remote calls, and how replies find the way back."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

from ipcviz.mechanisms.contract import SENDING, Watch
from ipcviz.mechanisms.ends import GUEST, Gone, Put
from ipcviz.mechanisms.rpc_dialect import Asked
from ipcviz.mechanisms.rpc_link import Link
from ipcviz.mechanisms.waiting import Waiter

PATIENCE_S = 1.0
"""How long a reply to a guest may take to go; who does not read it loses it, and the connection."""

_envelope = struct.Struct("<QII")


class Client:
    """One connection to the responder, with the requests that are not yet answered, by their number."""

    def __init__(self, link: Link, waiter: Waiter, leaves: Callable[[Client], None]) -> None:
        self.link = link
        self.number: int | None = None
        """The caller's endpoint or the guest's number, once it has asked."""
        self.count = 0
        self.is_deaf = False
        self.has_left = False
        self._unanswered: dict[int, Asked] = {}
        self._waiter, self._leaves = waiter, leaves
        self._is_watched = True
        waiter.add(link.descriptor, select.POLLIN)

    @property
    def is_guest(self) -> bool:
        """It has asked, and is none of the topology's."""
        return self.number is not None and self.number >= GUEST

    @property
    def is_answering(self) -> bool:
        """A guest's next request must wait: replies come in order, and who asks twice expects two."""
        return self.link.dialect.in_order and self.is_guest and bool(self._unanswered)

    def ask(self, sequence: int, asked: Asked) -> None:
        """Its request is taken."""
        self.count += 1
        self._unanswered[sequence] = asked
        self._look(not self.is_answering)

    def answer(self, sequence: int, message: bytes) -> bytes:
        """The bytes of a reply; none if none is wanted any more.

        A caller that asks again has given up what it asked before.
        """
        if sequence not in self._unanswered:
            return b""
        earlier = self._earlier(sequence) if self.link.dialect.in_order else 0
        return self.link.dialect.passed_over() * earlier + self._unanswered[sequence].answer(message)

    def answered(self, sequence: int) -> None:
        """The reply has gone."""
        asked = self._unanswered.get(sequence)
        if asked is None:
            return
        if self.link.dialect.in_order:
            for passed in tuple(self._unanswered)[: self._earlier(sequence)]:
                del self._unanswered[passed]
        del self._unanswered[sequence]
        if asked.last:
            self.become_deaf()
        elif not self.has_left:
            self._look(not self.is_answering)

    def _earlier(self, sequence: int) -> int:
        return tuple(self._unanswered).index(sequence)

    def say(self, data: bytes, deadline: float) -> None:
        """Write it until the deadline; where not all of it went, the connection is closed."""
        self.link.rest = memoryview(data)
        writable = select.poll()
        writable.register(self.link.descriptor, select.POLLOUT)
        try:
            while self.link.rest:
                left = deadline - time.monotonic()
                if not self.link.flush() and (left <= 0 or not writable.poll(left * 1000)):
                    raise Gone
        except Gone:
            self.close()

    def become_deaf(self) -> None:
        """Say no more, and hear no more. Closing at once would tear what was said last out of its hands."""
        if self.has_left:
            return
        self.is_deaf = True
        with suppress(OSError):
            self.link.socket.shutdown(socket.SHUT_WR)
        self._look(True)

    @property
    def is_gone(self) -> bool:
        """Nobody reads at its other end; a guest that has only shut down its sending still may."""
        pulse = select.poll()
        pulse.register(self.link.descriptor, 0 if self.is_guest else select.POLLRDHUP)
        return self.has_left or bool(pulse.poll(0))

    def leave(self) -> None:
        """Close the connection; a guest that waits for a reply has it closed after that. Idempotent."""
        self._look(False)
        if self.is_guest and self._unanswered and not self.is_gone and not self.is_deaf:
            return
        self.close()

    def close(self) -> None:
        """Close the connection now; idempotent."""
        self._look(False)
        if not self.has_left:
            self.has_left = True
            self._leaves(self)
            self.link.close()

    def _look(self, wanted: bool) -> None:
        if wanted and not self._is_watched and not self.has_left:
            self._waiter.add(self.link.descriptor, select.POLLIN)
            self._is_watched = True
        elif not wanted and self._is_watched:
            self._waiter.forget(self.link.descriptor)
            self._is_watched = False


class ReplyPut(Put):
    """Writes replies to one client."""

    def __init__(self, client: Client, watch: Watch) -> None:
        self._client = client
        self._waiter = Waiter(watch, SENDING, {client.link.descriptor: select.POLLOUT})

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One reply, to the request whose number it has."""
        client = self._client
        _, _, sequence = _envelope.unpack_from(message)
        if client.is_guest:
            if not client.has_left:
                client.say(client.answer(sequence, message), time.monotonic() + PATIENCE_S)
                client.answered(sequence)
            return
        if client.is_gone:
            raise Gone
        self._write(client.answer(sequence, message), deadline)
        client.answered(sequence)

    def _write(self, data: bytes, deadline: float | None) -> None:
        """All of it; once it has begun, a timeout would tear the stream."""
        link = self._client.link
        link.rest = memoryview(data)
        begun = False
        while link.rest:
            if link.flush():
                begun = True
                continue
            try:
                self._waiter.wait(None if begun else deadline)
            except TimeoutError:
                link.rest = memoryview(b"")
                raise

    def close(self) -> None:
        """The connection belongs to who takes from it."""
