"""The ends of a call, made of senders and receivers: a caller, a responder, and a request that waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ipcviz.ends import EndOfMessages, ReaderGone
from ipcviz.mechanisms.ends import GUEST, ReceiverEnd, SenderEnd


class CallerEnd:
    """A `Caller`: requests go into one sender, replies come out of one receiver."""

    def __init__(self, requests: SenderEnd, replies: ReceiverEnd) -> None:
        self._requests = requests
        self._replies = replies

    def call(self, payload: bytes, timeout: float | None = None) -> bytes:
        """Send a request and wait for its reply; a late reply to an earlier request is dropped."""
        self._requests.begin()
        number = self._requests.next_number()
        self._requests.send_numbered(payload, number, timeout)
        while True:
            try:
                _, sequence, reply = self._replies.receive_numbered(timeout)
            except EndOfMessages:
                raise ReaderGone(f"the responder of {self._requests.channel!r} is gone") from None
            if sequence == number:
                return reply

    def close(self) -> None:
        """Close both directions."""
        self._requests.close()
        self._replies.close()


class RequestEnd:
    """A `Request` that remembers which caller sent it."""

    def __init__(self, payload: bytes, sequence: int, reply: SenderEnd, guest: bool = False) -> None:
        self.payload = payload
        self.guest = guest
        self._sequence = sequence
        self._reply = reply

    def reply(self, payload: bytes, timeout: float | None = None) -> None:
        """Answer the caller."""
        self._reply.send_numbered(payload, self._sequence, timeout)


class ResponderEnd:
    """A `Responder`: requests come out of one receiver, replies go to the caller they came from."""

    def __init__(self, requests: ReceiverEnd, replies: Mapping[int, SenderEnd]) -> None:
        self._requests = requests
        self._replies = replies

    def receive(self, timeout: float | None = None) -> RequestEnd:
        """Take one request."""
        caller, sequence, payload = self._requests.receive_numbered(timeout)
        return RequestEnd(payload, sequence, self._replies[caller], caller >= GUEST)

    def __iter__(self) -> Iterator[RequestEnd]:
        """Receive requests until the last caller has closed."""
        while True:
            try:
                request = self.receive()
            except EndOfMessages:
                return
            yield request

    def close(self) -> None:
        """Close every direction."""
        for reply in self._replies.values():
            reply.close()
        self._requests.close()
