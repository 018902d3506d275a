"""ZeroMQ, zmq(7): message patterns over sockets, with queues in the memory of both sides.

A channel is PUSH and PULL, a broadcast PUB and SUB, a call REQ and ROUTER. Receivers listen and senders
connect. What waits is in the processes themselves, where no kernel sees it; a full queue makes a PUSH
wait and a PUB drop.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Own, reason_of
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.files import check_socket_path, remove
from ipcviz.mechanisms.frames import LARGEST_FRAME
from ipcviz.mechanisms.records import Lifeline
from ipcviz.traits import Traits

LARGEST = LARGEST_FRAME - ENVELOPE
HWM = 1000
"""Messages: ZeroMQ's own default, zmq_setsockopt(3)."""
Transport = Literal["ipc", "tcp"]
_ENDS = "ipcviz.mechanisms.zeromq_ends"
"""Loads ZeroMQ, which not every run needs."""


class ZmqOptions(Options, frozen=True):
    """What can be chosen of a ZeroMQ channel."""

    hwm: Annotated[
        int,
        Meta(
            ge=1, le=1_000_000, description="messages that each side of a connection keeps (high-water mark)"
        ),
    ] = HWM
    sndbuf: Annotated[
        int,
        Meta(
            ge=0, le=1 << 30, description="bytes of the send buffers (ZMQ_SNDBUF); 0 lets the kernel choose"
        ),
    ] = 0
    rcvbuf: Annotated[
        int, Meta(ge=0, le=1 << 30, description="bytes of the receive buffers (ZMQ_RCVBUF); 0 as well")
    ] = 0
    curve: Annotated[bool, Meta(description="encrypt with CURVE")] = False


class ZmqChannel(KernelChannel):
    """A listening socket for each receiver, and the lifeline."""

    def __init__(self, plan: Plan, transport: Transport) -> None:
        self.plan = plan
        self._transport = transport
        self._own = Own()
        self._lifeline = Lifeline(plan)
        self._listening: dict[int, tuple[int, str]] = {}
        self._reach: Reach | None = None
        try:
            for receiver in plan.receivers:
                self._listening[receiver] = self._listen(receiver)
        except OSError as error:
            self.destroy()
            raise CannotCreate(
                f"channel {plan.channel!r}: a socket could not be made ({reason_of(error)})"
            ) from None
        except CannotCreate:
            self.destroy()
            raise
        self._keys = _keys() if plan.options.curve else None

    def _listen(self, receiver: int) -> tuple[int, str]:
        """The descriptor that ZeroMQ will take over, and the endpoint's name."""
        ipc = self._transport == "ipc"
        path = socket_path(self.plan, receiver)
        if ipc:
            check_socket_path(self.plan.channel, path)
        made = socket.socket(socket.AF_UNIX if ipc else socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.bind(path if ipc else ("127.0.0.1", 0))
            made.listen(64)
        except OSError:
            made.close()
            raise
        made.setblocking(False)
        name = f"ipc://{path}" if ipc else "tcp://{}:{}".format(*made.getsockname())
        self._own.add(made.fileno())
        return made.detach(), name

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The lifeline, and a receiver's own listening socket."""
        lifeline = self._lifeline.descriptor(endpoint)
        if endpoint in self._listening:
            return (self._listening[endpoint][0], lifeline)
        return (lifeline,)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd | CallerEnd | ResponderEnd:
        """Make this process's ZeroMQ sockets."""
        from ipcviz.mechanisms import zeromq_ends as ends

        link = ends.Link(self.plan, self._lifeline.descriptor(endpoint), self._keys, watch)
        names = [name for _, name in self._listening.values()]
        if self.plan.kind == "call":
            if endpoint in self.plan.senders:
                return ends.caller(link, endpoint, names[0])
            return ends.responder(link, endpoint, *self._listening[endpoint])
        if endpoint in self.plan.senders:
            put = (
                ends.Publish(link, names)
                if self.plan.kind == "broadcast"
                else ends.Push(link, endpoint, names)
            )
            return SenderEnd(self.plan.channel, endpoint, LARGEST, put, watch)
        return ReceiverEnd(self.plan.channel, ends.taker(link, *self._listening[endpoint]), watch)

    def release(self) -> None:
        """Close the listening sockets and the lifeline here."""
        self._own.close()
        self._lifeline.release()

    def depth(self, reach: Reach) -> Depth:
        """What was sent and not received, as the processes count it; of a broadcast, nobody knows."""
        if self.plan.kind == "broadcast":
            reason = "each subscriber has a queue of its own, and ZeroMQ tells of none"
            return Depth(unit="messages", reason=reason)
        return counted_depth(reach, "ZeroMQ does not tell its queues: counted as sent less received")

    def address(self) -> str:
        """The first receiver's endpoint."""
        return next(iter(self._listening.values()))[1]

    def hold(self, reach: Reach) -> None:
        """Nothing can be kept of the queues: they are in the processes. Only how many there were is known."""
        self._reach = None if self.plan.kind == "broadcast" else reach

    def in_flight(self) -> int:
        """What was on its way when the run was stopped; in a run that ended by itself, nothing."""
        if self._reach is None:
            return 0
        sent, received = self._reach.counted()
        return max(0, sent - received)

    def destroy(self) -> None:
        """Close what is ours and remove the names."""
        self.release()
        if self._transport == "ipc":
            for receiver in self._listening:
                remove(socket_path(self.plan, receiver))


class Zmq(Mechanism):
    """The registry's entries, one for each transport."""

    family = "socket"
    depth_source = "sent less received, as the processes count: ZeroMQ keeps its queues in their memory"
    manual = ("zmq(7)", "zmq_socket(3)", "RFC 23/ZMTP")
    good = "Patterns instead of sockets: fair queueing, publish-subscribe and reconnection come with it."
    bad = "Queues in the processes die with them; a slow subscriber loses messages without a word."
    traits = Traits(
        kinds=("channel", "broadcast", "call"),
        two_way=True,
        fans_out=True,
        boundaries=True,
        lossless=False,
        in_kernel=False,
        reach="local",
    )
    options = ZmqOptions

    def __init__(self, transport: Transport) -> None:
        self._transport: Transport = transport
        self.name = f"zmq-{transport}"
        if transport == "ipc":
            self.about = "ZeroMQ over Unix sockets: message patterns, queues in the processes."
        else:
            self.about = "ZeroMQ over TCP: message patterns between any machines, queues in the processes."
            self.traits = replace(self.traits, reach="remote")

    def unavailable(self) -> str | None:
        """It needs pyzmq."""
        try:
            import zmq
        except ImportError as error:
            return f"the package pyzmq cannot be loaded ({error}); install it with pip install pyzmq"
        return None if zmq.zmq_version_info() >= (4, 0) else "libzmq is older than 4.0; install pyzmq anew"

    def limits(self) -> Limits:
        """Its own defaults."""
        return {"high_water_mark_messages": HWM, "largest_message_bytes": LARGEST}

    def largest(self, senders: int) -> int:
        """Any length would do; this is what a stream carries."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The sockets in the run's folder."""
        if self._transport == "tcp":
            return ()
        return tuple(("file", f"{plan.kernel_name}.{receiver}") for receiver in plan.receivers)

    def create(self, plan: Plan) -> ZmqChannel:
        """Listen for every receiver."""
        importlib.import_module(_ENDS)  # before the workers are forked, who then find it loaded
        return ZmqChannel(plan, self._transport)


def socket_path(plan: Plan, receiver: int) -> str:
    """Where a receiver's socket lies."""
    return f"{plan.path}.{receiver}"


def counted_depth(reach: Reach, reason: str, capacity: int | None = None) -> Depth:
    """What is on its way, as the processes count; two counters are not read at the same instant."""
    sent, received = reach.counted()
    return Depth(max(0, sent - received), None, capacity, "messages", "estimate", reason)


def _keys() -> tuple[bytes, bytes]:
    """A receiver's CURVE keys, public and secret."""
    import zmq

    public, secret = zmq.curve_keypair()
    return bytes(public), bytes(secret)
