"""What the ends of all mechanisms share: the envelope, sizes, timeouts, iteration.

A mechanism brings a `put` (one whole message into the channel) or a `take` (one out of it); the rest
is here, so that every mechanism behaves alike.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ipcviz.ends import ChannelError, EndOfMessages, MessageTooLarge, ReaderGone
from ipcviz.mechanisms.contract import ENVELOPE, Watch
from ipcviz.mechanisms.waiting import deadline_after

_envelope = struct.Struct("<QII")
Taken = TypeVar("Taken")
GUEST = 1 << 31
"""Senders from this number on are none of the topology's."""
HIGHEST_PRIORITY = 32767
"""What mq_send(3) takes at most; the others follow it."""


class Gone(Exception):
    """Raised by `put` when nobody will ever take the message out."""


class Ended(Exception):
    """Raised by `take` when nothing will ever come."""


class Put(ABC):
    """Puts whole messages into a channel."""

    holding = False
    """It has a message in hand that it holds back for a while (see `faults`)."""

    @abstractmethod
    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message with its envelope; raises `Gone` or `TimeoutError`, having put nothing."""

    def put_descriptors(self, message: bytes, descriptors: Sequence[int], deadline: float | None) -> None:
        """The same with descriptors; only where the traits say so."""
        raise ChannelError("this mechanism does not carry descriptors")

    @abstractmethod
    def close(self) -> None:
        """Close; idempotent."""


class Take(ABC):
    """Takes whole messages out of a channel."""

    @abstractmethod
    def take(self, deadline: float | None) -> bytes:
        """One message with its envelope; raises `Ended` or `TimeoutError`, having taken nothing."""

    def take_descriptors(self, deadline: float | None) -> tuple[bytes, list[int]]:
        """The same with the descriptors that came along."""
        return self.take(deadline), []

    @abstractmethod
    def close(self) -> None:
        """Close; idempotent."""


class SenderEnd:
    """A `Sender` over a `Put`."""

    def __init__(self, channel: str, endpoint: int, largest: int, put: Put, watch: Watch) -> None:
        self.channel = channel
        self.largest = largest
        self._endpoint = endpoint
        self._put = self._straight = put
        self._watch = watch
        self._sequence = 0
        self._open = True
        self._first: Callable[[], None] | None = None
        watch.attached(self)

    def send(self, payload: bytes, timeout: float | None = None, priority: int = 0) -> None:
        """Send one message; see `ipcviz.ends.Sender`."""
        sequence = (self._sequence + 1) & 0xFFFFFFFF
        self.send_numbered(payload, sequence, timeout, priority)
        self._sequence = sequence  # only what is in the channel counts

    def next_number(self) -> int:
        """The next sequence number, for a message that counts whether it is sent or not."""
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        return self._sequence

    def send_numbered(self, payload: bytes, sequence: int, timeout: float | None, priority: int = 0) -> None:
        """Send one message under a sequence number of the caller's choice."""
        message = self._message(payload, sequence, priority)
        try:
            self._put.put(message, None if timeout is None else deadline_after(timeout), priority)
        except (Gone, TimeoutError) as error:
            raise self._explained(error, timeout) from None
        self._watch.sent(len(payload))

    def send_descriptors(
        self, payload: bytes, descriptors: Iterable[int], timeout: float | None = None
    ) -> None:
        """Send one message with descriptors; see `ipcviz.ends.Sender`."""
        sequence = (self._sequence + 1) & 0xFFFFFFFF
        message = self._message(payload, sequence)
        deadline = None if timeout is None else deadline_after(timeout)
        try:
            self._put.put_descriptors(message, tuple(descriptors), deadline)
        except (Gone, TimeoutError) as error:
            raise self._explained(error, timeout) from None
        self._sequence = sequence
        self._watch.sent(len(payload))

    def send_by_hand(self, payload: bytes) -> None:
        """Send one message now or not at all, untouched by faults; raises what `send` raises.

        Only where this end is not in the middle of a message of its own.
        """
        sequence = (self._sequence + 1) & 0xFFFFFFFF
        message = self._message(payload, sequence)
        try:
            self._straight.put(message, deadline_after(0), 0)
        except (Gone, TimeoutError) as error:
            raise self._explained(error, 0) from None
        self._sequence = sequence
        self._watch.sent(len(payload))

    def do_first(self, action: Callable[[], None]) -> None:
        """Once, when the next message or call begins, do this before it; messages pay nothing for it else."""
        self._first = action
        vars(self)["send"] = self._send_second  # in place of the method

    def begin(self) -> None:
        """A message or a call begins: do what is to be done first."""
        action, self._first = self._first, None
        if action is not None:
            vars(self).pop("send", None)
            action()

    def _send_second(self, payload: bytes, timeout: float | None = None, priority: int = 0) -> None:
        self.begin()
        self.send(payload, timeout, priority)

    def lead_through(self, wrap: Callable[[Put, Watch], Put] | None) -> None:
        """From the next message on: by way of what `wrap` makes, or with None straight into the channel."""
        self._put = self._straight if wrap is None else wrap(self._straight, self._watch)

    @property
    def is_holding(self) -> bool:
        """A message is in hand, and held back by a fault."""
        return self._put.holding

    def _message(self, payload: bytes, sequence: int, priority: int = 0) -> bytes:
        if not 0 <= priority <= HIGHEST_PRIORITY:
            raise ValueError(f"a priority is 0 to {HIGHEST_PRIORITY}, and not {priority}")
        if len(payload) > self.largest:
            raise MessageTooLarge(
                f"channel {self.channel!r} carries at most {self.largest} bytes in a message, "
                f"and this one has {len(payload)}"
            )
        if not self._open:
            raise ReaderGone(f"this process has closed its end of channel {self.channel!r}")
        try:
            return _envelope.pack(self._watch.stamp(), self._endpoint, sequence) + payload
        except TypeError:
            kind = type(payload).__name__
            raise TypeError(
                f"channel {self.channel!r} carries bytes, and not {kind}; a text is sent as text.encode()"
            ) from None

    def _explained(self, error: Gone | TimeoutError, timeout: float | None) -> Exception:
        if isinstance(error, Gone):
            return ReaderGone(f"nobody receives from channel {self.channel!r} any more")
        return TimeoutError(f"channel {self.channel!r} was still full after {timeout} s")

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
        self._take = self._straight = take
        self._watch = watch
        self._open = True
        watch.attached(self)

    def lead_through(self, wrap: Callable[[Take], Take] | None) -> None:
        """From the next message on: by way of what `wrap` makes, or with None straight out of the channel."""
        self._take = self._straight if wrap is None else wrap(self._straight)

    def receive(self, timeout: float | None = None) -> bytes:
        """Take one message; see `ipcviz.ends.Receiver`."""
        return self.receive_numbered(timeout)[2]

    def receive_numbered(self, timeout: float | None) -> tuple[int, int, bytes]:
        """Take one message: the sending endpoint, its sequence number, the payload."""
        return self._received(self._taken(self._take.take, timeout))

    def receive_descriptors(self, timeout: float | None = None) -> tuple[bytes, list[int]]:
        """Take one message and its descriptors; see `ipcviz.ends.Receiver`."""
        message, descriptors = self._taken(self._take.take_descriptors, timeout)
        return self._received(message)[2], descriptors

    def _taken(self, take: Callable[[float | None], Taken], timeout: float | None) -> Taken:
        if not self._open:
            raise EndOfMessages(f"this process has closed its end of channel {self.channel!r}")
        try:
            return take(None if timeout is None else deadline_after(timeout))
        except Ended:
            self._watch.closed()
            raise EndOfMessages(f"every sender of channel {self.channel!r} has closed its end") from None
        except TimeoutError:
            raise TimeoutError(f"nothing came from channel {self.channel!r} within {timeout} s") from None

    def _received(self, message: bytes) -> tuple[int, int, bytes]:
        stamp, sender, sequence = _envelope.unpack_from(message)
        payload = message[ENVELOPE:]
        if sender < GUEST:
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


class BroadcastEnd:
    """A `Sender` that sends into one channel for each receiver; who has gone is left out."""

    def __init__(self, channel: str, ends: Sequence[SenderEnd]) -> None:
        self.channel = channel
        self.largest = min(end.largest for end in ends)
        self._ends = list(ends)

    def send(self, payload: bytes, timeout: float | None = None, priority: int = 0) -> None:
        """Send it to each in turn; the slowest makes all the others wait."""
        for end in tuple(self._ends):
            try:
                end.send(payload, timeout, priority)
            except ReaderGone:
                self._ends.remove(end)
                end.close()
        if not self._ends:
            raise ReaderGone(f"nobody receives from channel {self.channel!r} any more")

    def send_descriptors(
        self, payload: bytes, descriptors: Iterable[int], timeout: float | None = None
    ) -> None:
        """Send it with descriptors to each in turn."""
        descriptors = tuple(descriptors)
        for end in self._ends:
            end.send_descriptors(payload, descriptors, timeout)

    def close(self) -> None:
        """Close all of them."""
        for end in self._ends:
            end.close()
