"""The responder's side of remote calls over streams: it accepts connections and takes requests in turn.

Who shows no envelope is a guest, a program outside of the topology. Guests are not counted, the end of
requests does not wait for them, and whatever they do or leave undone stops nobody else.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable, Sequence

from ipcviz.mechanisms.contract import RECEIVING, Unwatched, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import GUEST, Ended, SenderEnd, Take
from ipcviz.mechanisms.rpc_dialect import Asked, Dialect, Said
from ipcviz.mechanisms.rpc_link import Link
from ipcviz.mechanisms.rpc_reply import Client, ReplyPut
from ipcviz.mechanisms.waiting import Waiter

MOST_GUESTS = 64
LAST_WORDS_S = 0.5
"""How long after the last caller is gone the end of a silent connection is waited for."""

_envelope = struct.Struct("<QII")


class Replies(dict[int, SenderEnd]):
    """Where replies go, by the caller's endpoint or a guest's number."""

    def __init__(self, channel: str, endpoint: int, largest: int, watch: Watch) -> None:
        super().__init__()
        self._channel, self._endpoint, self._largest, self._watch = channel, endpoint, largest, watch

    def welcome(self, number: int, client: Client) -> None:
        """One more, who has just asked for the first time."""
        watch = Unwatched() if client.is_guest else self._watch
        put = ReplyPut(client, watch)
        self[number] = SenderEnd(self._channel, self._endpoint, self._largest, put, watch)


class RequestsTake(Take):
    """Takes requests out of all connections in turn, and accepts new ones meanwhile."""

    def __init__(
        self,
        listener: socket.socket,
        lifeline: int,
        dialect: Callable[[], Dialect],
        callers: Sequence[int],
        replies: Replies,
        watch: Watch,
    ) -> None:
        self._listener, self._lifeline, self._dialect = listener, lifeline, dialect
        self._callers = frozenset(callers)
        self._replies = replies
        self._clients: dict[int, Client] = {}
        self._callers_gone: float | None = None
        self._guests = 0
        self._waiter = Waiter(watch, RECEIVING, {listener.fileno(): select.POLLIN, lifeline: 0})

    def take(self, deadline: float | None) -> bytes:
        """One request, from whoever has one."""
        while True:
            for client in tuple(self._clients.values()):
                message = self._request_of(client)
                if message is not None:
                    self._to_the_end_of_the_turn(client)
                    return message
            for descriptor, _ in self._waiter.ready() or self._wait(deadline):
                self._look_at(descriptor)

    def _wait(self, deadline: float | None) -> list[tuple[int, int]]:
        """Block until something comes; raises `Ended` when it is certain that nothing will."""
        if self._callers_gone is None:
            return self._waiter.wait(deadline)
        last = self._callers_gone + LAST_WORDS_S
        if not self._is_expected() or time.monotonic() >= last:
            raise Ended
        try:
            return self._waiter.wait(last if deadline is None else min(last, deadline))
        except TimeoutError:
            if time.monotonic() < last:
                raise
            raise Ended from None

    def _is_expected(self) -> bool:
        """Somebody who may be a caller has not ended: what it sent may be on its way."""
        return any(
            not (client.is_guest or client.is_deaf or client.link.ended) for client in self._clients.values()
        )

    def _look_at(self, descriptor: int) -> None:
        if descriptor == self._lifeline:
            self._waiter.forget(descriptor)
            self._callers_gone = time.monotonic()
            self._accept()
        elif descriptor == self._listener.fileno():
            self._accept()
        elif descriptor in self._clients:
            self._clients[descriptor].link.fill()

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self._listener.accept()
            except OSError:
                return
            if len(self._clients) >= MOST_GUESTS + len(self._callers):
                made.close()
                continue
            client = Client(Link(made, self._dialect()), self._waiter, self._leave)
            self._clients[client.link.descriptor] = client

    def _request_of(self, client: Client) -> bytes | None:
        """Its next request; what the protocol answers by itself is answered, and who has ended leaves."""
        link = client.link
        while not client.is_answering:
            if client.is_deaf:
                link.have.clear()
            asked = None if client.is_deaf else link.dialect.asked(link.have)
            if isinstance(asked, Asked):
                return self._admitted(client, asked)
            if asked is None:
                if link.ended:
                    client.leave()
                return None
            self._say(client, asked)
        return None

    def _say(self, client: Client, said: Said) -> None:
        client.say(said.data, time.monotonic())  # one who does not read it need not know
        if said.last:
            client.become_deaf()

    def _admitted(self, client: Client, asked: Asked) -> bytes:
        """The request with an envelope by which its reply finds the way back."""
        stamp, caller, sequence = _envelope.unpack_from(asked.message)
        if client.number is None:
            mine = asked.has_envelope and caller in self._callers and caller not in self._replies
            client.number = caller if mine else self._number_of_guest()
            self._replies.welcome(client.number, client)
        if client.is_guest:
            stamp, sequence = 0, client.count
        client.ask(sequence, asked)
        return _envelope.pack(stamp, client.number, sequence) + asked.message[_envelope.size :]

    def _number_of_guest(self) -> int:
        self._guests += 1
        return GUEST + self._guests

    def _to_the_end_of_the_turn(self, client: Client) -> None:
        if client.link.descriptor in self._clients:
            self._clients[client.link.descriptor] = self._clients.pop(client.link.descriptor)

    def _leave(self, client: Client) -> None:
        self._clients.pop(client.link.descriptor, None)
        if client.is_guest and client.number is not None:
            self._replies.pop(client.number, None)

    def close(self) -> None:
        """Close every connection, and accept no more; idempotent."""
        for client in tuple(self._clients.values()):
            client.close()
        self._listener.close()
        lifeline, self._lifeline = self._lifeline, -1
        close_quietly(lifeline)
