"""The order in which one channel's messages came: what their numbers say. Pure.

A sender numbers its messages from 1 on, and a sample tells the number and the time of sending, so that what
came too late or twice is known even where only one message in many is sampled.
"""

from __future__ import annotations

from collections import deque

from ipcviz.events import Message
from ipcviz.view import Order

REMEMBERED = 64
"""Messages of each pair, to tell one that came twice from one that came late."""


class OrderTrack:
    """The messages of one channel, by sender and receiver."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], _Pair] = {}
        self._seen: tuple[Order, ...] = ()
        self._changed = False

    def note(self, message: Message) -> None:
        """One more sample; one that an earlier run has left in the channel says nothing of this one."""
        if not 0 <= message.sent <= message.t:
            return
        pair = self._pairs.get((message.sender, message.receiver))
        if pair is None:
            pair = self._pairs[message.sender, message.receiver] = _Pair()
        pair.note(message.sequence, message.sent)
        self._changed = True

    def seen(self) -> tuple[Order, ...]:
        """What is known now."""
        if self._changed:
            self._seen = tuple(
                pair.order(sender, receiver) for (sender, receiver), pair in self._pairs.items()
            )
            self._changed = False
        return self._seen


class _Pair:
    """One sender's messages at one receiver, each known by its number and the time it was sent."""

    __slots__ = ("_late", "_latest", "_overtaken", "_recent", "_repeated", "_samples")

    def __init__(self) -> None:
        self._latest = (0, -1)
        self._samples = self._overtaken = self._repeated = 0
        self._late: tuple[int, int] | None = None
        self._recent: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def note(self, sequence: int, sent: int) -> None:
        """Both number and time must be older: a sender may begin to count again."""
        number, when = self._latest
        message = (sequence, sent)
        self._samples += 1
        if sequence > number or sent > when:
            self._latest = message
        elif message in self._recent:
            self._repeated += 1
        elif sequence < number:
            self._overtaken += 1
            self._late = (sequence, number)
        self._recent.append(message)

    def order(self, sender: str, receiver: str) -> Order:
        """What is known of them."""
        return Order(
            sender, receiver, self._latest[0], self._samples, self._overtaken, self._repeated, self._late
        )
