"""What the ends of all mechanisms share: the envelope, sizes, timeouts, iteration, calls.

A mechanism brings a `put` (one whole message into the channel) or a `take` (one out of it); the rest
is here, so that every mechanism behaves alike.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from ipcviz.ends import EndOfMessages, MessageTooLarge, ReaderGone
from ipcviz.mechanisms.contract import ENVELOPE, Watch, deadline_after

_envelope = struct.Struct("<QII")


class Gone(Exception):
    """Raised by `put` when nobody will ever take the message out."""


class Ended(Exception):
    """Raised by `take` when nothing will ever come."""


class Put(ABC):
    """Puts whole messages into a channel."""

    @abstractmethod
    def put(self, message: bytes, deadline: float | None) -> None:
        """One message with its envelope; raises `Gone` or `TimeoutError`, having put nothing."""

    @abstractmethod
    def close(self) -> None:
        """Close; idempotent."""


class Take(ABC):
    """Takes whole messages out of a channel."""

    @abstractmethod
    def take(self, deadline: float | None) -> bytes:
        """One message with its envelope; raises `Ended` or `TimeoutError`, having taken nothing."""

    @abstractmethod
    def close(self) -> None:
        """Close; idempotent."""


class SenderEnd:
    """A `Sender` over a `Put`."""

    def __init__(self, channel: str, endpoint: int, largest: int, put: Put, watch: Watch) -> None:
        self.channel = channel
        self.largest = largest
        self._endpoint = endpoint
        self._put = put
        self._watch = watch
        self._sequence = 0
        self._open = True

    def send(self, payload: bytes, timeout: float | None = None) -> None:
        """Send one message; see `ipcviz.ends.Sender`."""
        sequence = (self._sequence + 1) & 0xFFFFFFFF
        self.send_numbered(payload, sequence, timeout)
        self._sequence = sequence  # only what is in the channel counts

    def send_numbered(self, payload: bytes, sequence: int, timeout: float | None) -> None:
        """Send one message under a sequence number of the caller's choice."""
        size = len(payload)
        if size > self.largest:
            raise MessageTooLarge(
                f"channel {self.channel!r} carries at most {self.largest} bytes in a message, "
                f"and this one has {size}"
            )
        if not self._open:
            raise ReaderGone(f"this process has closed its end of channel {self.channel!r}")
        try:
            message = _envelope.pack(self._watch.stamp(), self._endpoint, sequence) + payload
        except TypeError:
            kind = type(payload).__name__
            raise TypeError(
                f"channel {self.channel!r} carries bytes, and not {kind}; a text is sent as text.encode()"
            ) from None
        try:
            self._put.put(message, None if timeout is None else deadline_after(timeout))
        except Gone:
            raise ReaderGone(f"nobody receives from channel {self.channel!r} any more") from None
        except TimeoutError:
            raise TimeoutError(f"channel {self.channel!r} was still full after {timeout} s") from None
        self._watch.sent(size)

    def close(self) -> None:
        """Close this end; idempotent."""
        if self._open:
            self._open = False
            self._watch.closed()  # before the descriptor's number can mean something else
            self._put.close()


class ReceiverEnd:
    """A `Receiver` over a `Take`."""

    def __init__(self, channel: str, take: Take, watch: Watch) -> None:
        self.channel = channel
        self._take = take
        self._watch = watch
        self._open = True

    def receive(self, timeout: float | None = None) -> bytes:
        """Take one message; see `ipcviz.ends.Receiver`."""
        return self.receive_numbered(timeout)[2]

    def receive_numbered(self, timeout: float | None) -> tuple[int, int, bytes]:
        """Take one message: the sending endpoint, its sequence number, the payload."""
        if not self._open:
            raise EndOfMessages(f"this process has closed its end of channel {self.channel!r}")
        try:
            message = self._take.take(None if timeout is None else deadline_after(timeout))
        except Ended:
            self._watch.closed()
            raise EndOfMessages(f"every sender of channel {self.channel!r} has closed its end") from None
        except TimeoutError:
            raise TimeoutError(f"nothing came from channel {self.channel!r} within {timeout} s") from None
        stamp, sender, sequence = _envelope.unpack_from(message)
        payload = message[ENVELOPE:]
        self._watch.received(len(payload), stamp, sender, sequence, payload)
        return sender, sequence, payload

    def __iter__(self) -> Iterator[bytes]:
        """Receive until the last sender has closed."""
        while True:
            try:
                payload = self.receive()
            except EndOfMessages:
                return
            yield payload

    def close(self) -> None:
        """Close this end; idempotent."""
        if self._open:
            self._open = False
            self._watch.closed()
            self._take.close()


class CallerEnd:
    """A `Caller`: requests go into one sender, replies come out of one receiver."""

    def __init__(self, requests: SenderEnd, replies: ReceiverEnd) -> None:
        self._requests = requests
        self._replies = replies
        self._sequence = 0

    def call(self, payload: bytes, timeout: float | None = None) -> bytes:
        """Send a request and wait for its reply; a late reply to an earlier request is dropped."""
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        self._requests.send_numbered(payload, self._sequence, timeout)
        while True:
            try:
                _, sequence, reply = self._replies.receive_numbered(timeout)
            except EndOfMessages:
                raise ReaderGone(f"the responder of {self._requests.channel!r} is gone") from None
            if sequence == self._sequence:
                return reply

    def close(self) -> None:
        """Close both directions."""
        self._requests.close()
        self._replies.close()


class RequestEnd:
    """A `Request` that remembers which caller sent it."""

    def __init__(self, payload: bytes, sequence: int, reply: SenderEnd) -> None:
        self.payload = payload
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
        return RequestEnd(payload, sequence, self._replies[caller])

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
