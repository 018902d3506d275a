"""Connected stream sockets: a pair for each sender or caller, all of them taken from in turn.

The receiver holds the far end of every pair. A call goes both ways over the caller's own pair.
"""

from __future__ import annotations

import select
import socket
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from ipcviz.events import Depth
from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.contract import RECEIVING, KernelChannel, Plan, Reach, Watch
from ipcviz.mechanisms.descriptors import Held, Own, close_quietly
from ipcviz.mechanisms.ends import Ended, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.frames import LARGEST_FRAME, FrameReader, count_frames
from ipcviz.mechanisms.pipe import PipePut, PipeTake
from ipcviz.mechanisms.waiting import Waiter

LARGEST = LARGEST_FRAME - 16
"""Bytes of payload, the envelope taken off."""


class MessageReader(Protocol):
    """Takes whole messages out of one socket."""

    @property
    def halfway(self) -> bool:
        """Part of a message has been taken out: stopping here would tear it."""

    def take(self) -> bytes | None:
        """The next message, None if not all of it is here; raises `Ended`."""


class StreamsTake(Take):
    """Takes frames from several sockets, the one after the last served first."""

    def __init__(self, descriptors: Sequence[int], watch: Watch) -> None:
        self._readers: dict[int, MessageReader] = {number: FrameReader(number) for number in descriptors}
        self._turn = list(descriptors)
        self._expected = set(descriptors)
        self._waiter = Waiter(watch, RECEIVING, dict.fromkeys(descriptors, select.POLLIN))

    def take(self, deadline: float | None) -> bytes:
        """One message from whichever socket has one."""
        while True:
            for descriptor in tuple(self._turn):
                message = self._taken(descriptor)
                if message is not None:
                    self._turn.remove(descriptor)
                    self._turn.append(descriptor)
                    return message
            if not self._expected.intersection(self._turn):
                raise Ended
            halfway = any(self._readers[descriptor].halfway for descriptor in self._turn)
            self._waiter.wait(deadline, whole=halfway)

    def _taken(self, descriptor: int) -> bytes | None:
        try:
            return self._readers[descriptor].take()
        except Ended:
            self.drop(descriptor)
            return None

    def drop(self, descriptor: int) -> None:
        """Expect nothing more from this socket."""
        if descriptor in self._turn:
            self._turn.remove(descriptor)
            self._waiter.forget(descriptor)

    def close(self) -> None:
        """Close every socket."""
        close_quietly(*self._readers)


class SharedPut(PipePut):
    """Writes to a socket that is also read: closing is left to the reading side."""

    def close(self) -> None:
        """Half-close, shutdown(2): the other side sees the end, this one can still receive."""
        with suppress(OSError):
            duplicate = socket.socket(fileno=self.descriptor)
            try:
                duplicate.shutdown(socket.SHUT_WR)
            finally:
                duplicate.detach()


class StreamsChannel(KernelChannel):
    """The pairs, by the endpoint number of their sender: (near, far)."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._pairs: dict[int, tuple[int, int]] = {}
        self._held = Held()
        self._own = Own()

    def add_pair(self, sender: int, near: socket.socket, far: socket.socket) -> None:
        """One more sender's pair."""
        near.setblocking(False)
        far.setblocking(False)
        self._pairs[sender] = self._own.take((near.detach(), far.detach()))

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The near end of its pair for a sender, the far ends of all for the receiver."""
        if endpoint in self._pairs:
            return (self._pairs[endpoint][0],)
        return self.far_ends()

    def far_ends(self) -> tuple[int, ...]:
        """Of all pairs."""
        return tuple(far for _, far in self._pairs.values())

    def ways(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """From which end to which messages go, each as an endpoint and its descriptor."""
        (receiver,) = self.plan.receivers
        ways = [((sender, near), (receiver, far)) for sender, (near, far) in self._pairs.items()]
        if self.plan.kind == "call":
            ways += [(to, origin) for origin, to in ways]
        return ways

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd | CallerEnd | ResponderEnd:
        """The end itself, of either kind of channel."""
        name = self.plan.channel
        if self.plan.kind == "call":
            return self._open_call(endpoint, watch)
        if endpoint in self._pairs:
            return SenderEnd(name, endpoint, LARGEST, self.put(self._pairs[endpoint][0], watch), watch)
        return ReceiverEnd(name, StreamsTake(self.far_ends(), watch), watch)

    def put(self, descriptor: int, watch: Watch) -> PipePut:
        """What writes to a socket that is not read."""
        return PipePut(descriptor, watch)

    def shared_put(self, descriptor: int, watch: Watch) -> PipePut:
        """What writes to a socket that is also read."""
        return SharedPut(descriptor, watch)

    def requests(self, endpoint: int, watch: Watch) -> tuple[Take, dict[int, SenderEnd]]:
        """Of the responder: where requests come from, and where replies go by the caller's endpoint."""
        replies = {
            caller: SenderEnd(self.plan.channel, endpoint, LARGEST, self.shared_put(far, watch), watch)
            for caller, (_, far) in self._pairs.items()
        }
        return StreamsTake(self.far_ends(), watch), replies

    def _open_call(self, endpoint: int, watch: Watch) -> CallerEnd | ResponderEnd:
        name = self.plan.channel
        if endpoint in self._pairs:
            near = self._pairs[endpoint][0]
            requests = SenderEnd(name, endpoint, LARGEST, self.shared_put(near, watch), watch)
            return CallerEnd(requests, ReceiverEnd(name, PipeTake(near, watch), watch))
        take, replies = self.requests(endpoint, watch)
        return ResponderEnd(ReceiverEnd(name, take, watch), replies)

    def release(self) -> None:
        """Close all pairs here."""
        self._own.close()

    @abstractmethod
    def depth(self, reach: Reach) -> Depth:
        """What the kernel says of the pairs."""

    def hold(self, reach: Reach) -> None:
        """Keep what is unread at either side."""
        for _, (endpoint, descriptor) in self.ways():
            self._held.keep(reach, endpoint, descriptor)

    def in_flight(self) -> int:
        """Count the whole frames that nobody took."""
        return self._held.count(count_frames)

    def destroy(self) -> None:
        """Close what is ours; the kernel frees a pair with its last descriptor."""
        self.release()
        self._held.close()
