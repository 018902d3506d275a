"""TCP, tcp(7): a two-way byte stream between any two machines; here over the loopback interface.

The supervisor connects a pair for each sender or caller. A call goes on listening: whoever else connects
is a guest, and speaks plain lines. A receiver that closes is only noticed by a sender that looks for it
(POLLRDHUP, poll(2)): the first write after that would still succeed, and its bytes be lost.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import CannotCreate, Limits, Mechanism, Options, Plan, Reach, Watch
from ipcviz.mechanisms.descriptors import close_quietly, reason_of
from ipcviz.mechanisms.ends import Gone, SenderEnd, Take
from ipcviz.mechanisms.frames import count_frames_to_come
from ipcviz.mechanisms.guests import GuestReplies, GuestsTake
from ipcviz.mechanisms.pipe import PipePut
from ipcviz.mechanisms.settings import setting
from ipcviz.mechanisms.streams import LARGEST, SharedPut, StreamsChannel
from ipcviz.probes.sockets import SocketMemory, socket_memory, tcp_depth
from ipcviz.traits import Traits

HOST = "127.0.0.1"
OVERHEAD = 2048
"""Bytes of socket memory that the kernel may take beyond the payload of one message, at most."""


class TcpOptions(Options, frozen=True):
    """What can be chosen of a TCP channel."""

    nodelay: Annotated[
        bool, Meta(description="small writes go out at once (TCP_NODELAY), and do not wait for an answer")
    ] = True
    sndbuf: Annotated[
        int,
        Meta(ge=0, le=1 << 30, description="bytes of the send buffer (SO_SNDBUF); 0 lets the kernel choose"),
    ] = 0
    rcvbuf: Annotated[
        int, Meta(ge=0, le=1 << 30, description="bytes of the receive buffer (SO_RCVBUF); 0 as well")
    ] = 0
    port: Annotated[int, Meta(ge=0, le=65535, description="the port; 0 for any that is free")] = 0


class TcpPut(PipePut):
    """Writes frames as long as the other side has not closed."""

    def __init__(self, descriptor: int, watch: Watch) -> None:
        super().__init__(descriptor, watch, select.POLLOUT | select.POLLRDHUP)
        self._pulse = select.poll()
        self._pulse.register(descriptor, select.POLLRDHUP)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One frame; where there is a deadline it is begun only when all of it has room."""
        if deadline is not None:
            self._wait_for_room(len(message), deadline)
        super().put(message, None, priority)

    def _wait_for_room(self, size: int, deadline: float) -> None:
        if not self._may_begin(size):
            self._waiter.wait_until(lambda: self._may_begin(size), deadline)

    def _may_begin(self, size: int) -> bool:
        if self._pulse.poll(0):
            raise Gone
        return has_room(socket_memory(self.descriptor), size)

    def write(self, data: bytes | memoryview) -> int:
        """As much as there is room for; raises `Gone` if nobody will read it."""
        if self._pulse.poll(0):
            raise Gone
        return super().write(data)


class SharedTcpPut(TcpPut, SharedPut):
    """The same on a socket that is also read."""


class TcpChannel(StreamsChannel):
    """A connection for each sender or caller."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        listener = self._listen()
        self._address = "{}:{}".format(*listener.getsockname())
        self._listener: int | None = None
        try:
            for sender in plan.senders:
                self._connect(sender, listener)
            if plan.kind == "call":
                listener.setblocking(False)
                self._listener = listener.detach()
                self._own.add(self._listener)
        except OSError as error:
            self.release()
            raise CannotCreate(
                f"channel {plan.channel!r}: a connection could not be made ({reason_of(error)})"
            ) from None
        finally:
            listener.close()

    def _listen(self) -> socket.socket:
        plan = self.plan
        listener = None
        try:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._size(listener)
            listener.bind((HOST, plan.options.port))
            listener.listen()
        except OSError as error:
            if listener is not None:
                listener.close()
            raise CannotCreate(
                f"channel {plan.channel!r}: {_port_words(plan.options.port)} of {HOST} could not be had "
                f"({reason_of(error)}); choose another with -m tcp:port=NUMBER"
            ) from None
        return listener

    def _size(self, made: socket.socket) -> None:
        """Before it connects or listens: the window is agreed on then."""
        options = self.plan.options
        if options.sndbuf:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, options.sndbuf)
        if options.rcvbuf:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.rcvbuf)

    def _connect(self, sender: int, listener: socket.socket) -> None:
        near = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._size(near)
            near.connect(listener.getsockname())
            far = _accept(listener, near.getsockname())
        except OSError:
            near.close()
            raise
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, self.plan.options.nodelay)
        self.add_pair(sender, near, far)

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """For the responder of a call also the listener."""
        listener = () if self._listener is None or endpoint in self._pairs else (self._listener,)
        return (*super().descriptors(endpoint), *listener)

    def put(self, descriptor: int, watch: Watch) -> PipePut:
        """What writes to a socket that is not read."""
        return TcpPut(descriptor, watch)

    def shared_put(self, descriptor: int, watch: Watch) -> PipePut:
        """What writes to a socket that is also read."""
        return SharedTcpPut(descriptor, watch)

    def requests(self, endpoint: int, watch: Watch) -> tuple[Take, dict[int, SenderEnd]]:
        """Guests are welcome, too."""
        _, replies = super().requests(endpoint, watch)
        if self._listener is None:
            raise ValueError("only a call listens")
        everybody = GuestReplies(self.plan.channel, replies)
        return GuestsTake(self.far_ends(), self._listener, everybody, watch), everybody

    def depth(self, reach: Reach) -> Depth:
        """The memory of what is not yet sent and of what is not yet read, against both buffers."""
        return tcp_depth(reach, self.ways())

    def address(self) -> str:
        """Host and port."""
        return self._address

    def in_flight(self) -> int:
        """Count the whole frames that nobody took, those included that the kernel still has to send."""
        return self._held.count_together(count_frames_to_come)


class Tcp(Mechanism):
    """The registry's entry."""

    name = "tcp"
    family = "socket"
    about = "A connection that carries a byte stream both ways, between any two machines."
    depth_source = "SO_MEMINFO, socket(7): the memory queued at the sender and at the receiver"
    manual = ("tcp(7)", "socket(7)", "RFC 9293")
    good = "Reaches any machine, in order and without loss, two-way."
    bad = "More complex than local IPC and dearer; no boundaries; small writes can stall (Nagle)."
    traits = Traits(kinds=("channel", "broadcast", "call"), receivers=1, two_way=True, reach="remote")
    options = TcpOptions

    def limits(self) -> Limits:
        """The kernel's default buffers and how far they grow by themselves, in bytes."""
        return {
            "send_buffer_bytes": setting("/proc/sys/net/ipv4/tcp_wmem", 16384, 1),
            "largest_send_buffer_bytes": setting("/proc/sys/net/ipv4/tcp_wmem", 4194304, 2),
            "receive_buffer_bytes": setting("/proc/sys/net/ipv4/tcp_rmem", 131072, 1),
            "largest_receive_buffer_bytes": setting("/proc/sys/net/ipv4/tcp_rmem", 6291456, 2),
            "largest_message_bytes": LARGEST,
        }

    def largest(self, senders: int) -> int:
        """Each sender has its own connection."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A port goes with its socket."""
        return ()

    def create(self, plan: Plan) -> TcpChannel:
        """Connect the pairs."""
        return TcpChannel(plan)


def has_room(memory: SocketMemory, size: int) -> bool:
    """The kernel will take so many bytes at once; more than a buffer holds may begin when it is empty."""
    return memory.queued == 0 or memory.send_buffer - memory.queued >= size + OVERHEAD


def _port_words(port: int) -> str:
    return f"port {port}" if port else "a port"


def _accept(listener: socket.socket, wanted: tuple[str, int]) -> socket.socket:
    """The far end of our own connection; anybody else who was faster is turned away."""
    while True:
        far, origin = listener.accept()
        if origin == wanted:
            return far
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        close_quietly(far.detach())
