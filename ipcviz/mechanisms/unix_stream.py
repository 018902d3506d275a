"""Unix stream socket, unix(7): a two-way byte stream; here a connected pair for each sender or caller.

The receiver holds the other end of every pair and takes from them in turn. A call goes both ways over
the caller's own pair.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Held, Own, close_quietly, reason_of
from ipcviz.mechanisms.ends import CallerEnd, Ended, ReceiverEnd, ResponderEnd, SenderEnd, Take
from ipcviz.mechanisms.frames import LARGEST_FRAME, FrameReader, count_frames
from ipcviz.mechanisms.pipe import PipePut, PipeTake
from ipcviz.mechanisms.waiting import Waiter
from ipcviz.probes.sockets import socket_depth
from ipcviz.traits import Traits


class PairsTake(Take):
    """Takes frames from several sockets, the one after the last served first."""

    def __init__(self, descriptors: Sequence[int], watch: Watch) -> None:
        self._frames = {descriptor: FrameReader(descriptor) for descriptor in descriptors}
        self._turn = list(descriptors)
        self._waiter = Waiter(watch, RECEIVING, dict.fromkeys(descriptors, select.POLLIN))

    def take(self, deadline: float | None) -> bytes:
        """One frame from whichever socket has one."""
        while True:
            for descriptor in tuple(self._turn):
                try:
                    message = self._frames[descriptor].take()
                except Ended:
                    self._drop(descriptor)
                    continue
                if message is not None:
                    self._turn.remove(descriptor)
                    self._turn.append(descriptor)
                    return message
            if not self._turn:
                raise Ended
            halfway = any(self._frames[descriptor].halfway for descriptor in self._turn)
            self._waiter.wait(deadline, whole=halfway)

    def _drop(self, descriptor: int) -> None:
        self._turn.remove(descriptor)
        self._waiter.forget(descriptor)

    def close(self) -> None:
        """Close every socket."""
        close_quietly(*self._frames)


class SharedPut(PipePut):
    """Writes to a socket that is also read: closing is left to the reading side."""

    def close(self) -> None:
        """Say that nothing more will be sent."""
        shut_down_sending(self._descriptor)


def shut_down_sending(descriptor: int) -> None:
    """Half-close, shutdown(2): the other side sees the end, this one can still receive."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as duplicate:
            duplicate.shutdown(socket.SHUT_WR)
    except OSError:
        return


class StreamChannel(KernelChannel):
    """A connected pair for each sender or caller."""

    def __init__(self, plan: Plan, largest: int) -> None:
        self.plan = plan
        self._largest = largest
        self._pairs: dict[int, tuple[int, int]] = {}
        self._held = Held()
        self._own = Own()
        try:
            for sender in plan.senders:
                near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
                near.setblocking(False)
                far.setblocking(False)
                self._capacity = near.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
                self._pairs[sender] = self._own.take((near.detach(), far.detach()))
        except OSError as error:
            self.release()
            raise CannotCreate(
                f"channel {plan.channel!r}: a pair of sockets could not be made ({reason_of(error)})"
            ) from None

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The near end for a sender, all far ends for the receiver."""
        if endpoint in self._pairs:
            return (self._pairs[endpoint][0],)
        return tuple(far for _, far in self._pairs.values())

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd | CallerEnd | ResponderEnd:
        """The end itself, of either kind of channel."""
        if self.plan.kind == "call":
            return self._open_call(endpoint, watch)
        if endpoint in self._pairs:
            put = PipePut(self._pairs[endpoint][0], watch)
            return SenderEnd(self.plan.channel, endpoint, self._largest, put, watch)
        take = PairsTake([far for _, far in self._pairs.values()], watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def _open_call(self, endpoint: int, watch: Watch) -> CallerEnd | ResponderEnd:
        name = self.plan.channel
        if endpoint in self._pairs:
            near = self._pairs[endpoint][0]
            requests = SenderEnd(name, endpoint, self._largest, SharedPut(near, watch), watch)
            return CallerEnd(requests, ReceiverEnd(name, PipeTake(near, watch), watch))
        take = PairsTake([far for _, far in self._pairs.values()], watch)
        replies = {
            caller: SenderEnd(name, endpoint, self._largest, SharedPut(far, watch), watch)
            for caller, (_, far) in self._pairs.items()
        }
        return ResponderEnd(ReceiverEnd(name, take, watch), replies)

    def release(self) -> None:
        """Close all pairs here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """The memory that sent and unread data takes, over all sockets; SO_SNDBUF limits it."""
        (receiver,) = self.plan.receivers
        ways = [((sender, near), (receiver, far)) for sender, (near, far) in self._pairs.items()]
        if self.plan.kind == "call":
            ways += [(to, origin) for origin, to in ways]
        return socket_depth(reach, ways, self._capacity * len(ways))

    def hold(self, reach: Reach) -> None:
        """Keep what is unread at either side."""
        (receiver,) = self.plan.receivers
        ends = [(receiver, far) for _, far in self._pairs.values()]
        if self.plan.kind == "call":
            ends += [(sender, near) for sender, (near, _) in self._pairs.items()]
        for endpoint, descriptor in ends:
            self._held.keep(reach, endpoint, descriptor)

    def in_flight(self) -> int:
        """Count the whole frames that nobody took."""
        return self._held.count(count_frames)

    def destroy(self) -> None:
        """Close what is ours; the kernel frees a pair with its last descriptor."""
        self.release()
        self._held.close()


class UnixStream(Mechanism):
    """The registry's entry."""

    name = "unix-stream"
    family = "socket"
    about = "A connected pair of Unix sockets: a byte stream both ways, on one machine."
    depth_source = "SIOCOUTQ, unix(7): the socket memory of what was sent and not yet received"
    manual = ("unix(7)", "socketpair(2)")
    good = "Two-way, fast, with access control by file mode and the peer's user id."
    bad = "One machine only; a stream has no boundaries, so messages must be framed."
    traits = Traits(kinds=("channel", "broadcast", "call"), receivers=1, two_way=True, related_only=True)

    def limits(self) -> Limits:
        """Read from a socket made for it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            buffer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        return {"send_buffer_bytes": buffer, "largest_message_bytes": self.largest(1)}

    def largest(self, senders: int) -> int:
        """Each sender has its own stream."""
        return LARGEST_FRAME - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A pair has no name."""
        return ()

    def create(self, plan: Plan) -> StreamChannel:
        """Make the pairs."""
        return StreamChannel(plan, self.largest(len(plan.senders)))
