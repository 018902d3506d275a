"""Unix seqpacket socket, unix(7): a connection that keeps messages apart, in order, without loss.

All senders share one end of a pair and all receivers the other: one system call sends or receives a whole
message, so nothing can tear.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Held, Own, reason_of
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.records import SocketPut, SocketTake, count_records
from ipcviz.probes.sockets import shared_socket_depth
from ipcviz.traits import Traits

LARGEST = 65536
"""Bytes, the envelope included: a few of them fit into the default send buffer."""


class SeqpacketChannel(KernelChannel):
    """One connected pair."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._held = Held()
        try:
            near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise CannotCreate(
                f"channel {plan.channel!r}: a pair of sockets could not be made ({reason_of(error)})"
            ) from None
        self._capacity = near.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        near.setblocking(False)
        far.setblocking(False)
        self._near, self._far = near.detach(), far.detach()
        self._own = Own(self._near, self._far)

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The near end for senders, the far end for receivers."""
        return (self._near if endpoint in self.plan.senders else self._far,)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """The end itself."""
        if endpoint in self.plan.senders:
            put = SocketPut(self._near, None, watch)
            return SenderEnd(self.plan.channel, endpoint, LARGEST - ENVELOPE, put, watch)
        take = SocketTake(self._far, LARGEST, None, watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def release(self) -> None:
        """Close both ends here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """The memory that sent and unread messages take; SO_SNDBUF limits it."""
        near = [(sender, self._near) for sender in self.plan.senders]
        far = [(receiver, self._far) for receiver in self.plan.receivers]
        return shared_socket_depth(reach, near, far, self._capacity)

    def hold(self, reach: Reach) -> None:
        """Keep a receiver's end."""
        self._held.keep_any(reach, self.plan.receivers, self._far)

    def in_flight(self) -> int:
        """Count the messages that nobody took."""
        return self._held.count(count_records)

    def destroy(self) -> None:
        """Close what is ours; the kernel frees a pair with its last descriptor."""
        self.release()
        self._held.close()


class UnixSeqpacket(Mechanism):
    """The registry's entry."""

    name = "unix-seqpacket"
    family = "socket"
    about = "A connected pair of Unix sockets that keeps messages apart, in order, without loss."
    depth_source = "SIOCOUTQ, unix(7): the socket memory of what was sent and not yet received"
    manual = ("unix(7)", "socketpair(2)", "sendmsg(2)")
    good = "Messages stay whole, in order, and carry descriptors and credentials."
    bad = "One machine only, and a message must fit into the send buffer."
    traits = Traits(
        kinds=("channel", "broadcast", "call"), related_only=True, boundaries=True, descriptors=True
    )

    def limits(self) -> Limits:
        """Read from a socket made for it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
            buffer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        return {"send_buffer_bytes": buffer, "largest_message_bytes": self.largest(1)}

    def largest(self, senders: int) -> int:
        """A message must fit into the send buffer as a whole."""
        return LARGEST - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A pair has no name."""
        return ()

    def create(self, plan: Plan) -> SeqpacketChannel:
        """Make the pair."""
        return SeqpacketChannel(plan)
