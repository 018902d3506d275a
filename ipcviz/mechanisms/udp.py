"""UDP, udp(7): single datagrams between any two machines, which nobody promises will arrive.

A sender never waits: what does not fit into the receiver's buffer is dropped, and the kernel counts it.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import ENVELOPE, CannotCreate, Limits, Mechanism, Options, Plan, Reach
from ipcviz.mechanisms.datagrams import DatagramChannel
from ipcviz.mechanisms.descriptors import reason_of
from ipcviz.mechanisms.settings import setting
from ipcviz.probes.sockets import UNIT, Datagrams, udp_socket
from ipcviz.traits import Traits

HOST = "127.0.0.1"
LARGEST = 65507 - ENVELOPE
"""Bytes: what an IPv4 packet has room for (udp(7)), less the envelope."""


class UdpOptions(Options, frozen=True):
    """What can be chosen of a UDP channel."""

    rcvbuf: Annotated[
        int,
        Meta(
            ge=0, le=1 << 30, description="bytes of the receive buffer (SO_RCVBUF); 0 lets the kernel choose"
        ),
    ] = 0
    port: Annotated[int, Meta(ge=0, le=65535, description="the port; 0 for any that is free")] = 0


class UdpChannel(DatagramChannel):
    """One bound socket, a connected one for each sender, and the lifeline."""

    def __init__(self, plan: Plan) -> None:
        self._last = Datagrams(0, 0)
        super().__init__(plan, LARGEST)

    def what(self) -> str:
        """In a sentence."""
        return "a UDP socket"

    def bind(self) -> socket.socket:
        """Bind to the port."""
        options = self.plan.options
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if options.rcvbuf:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.rcvbuf)
            bound.bind((HOST, options.port))
        except OSError as error:
            bound.close()
            port = f"port {options.port}" if options.port else "a port"
            raise CannotCreate(
                f"channel {self.plan.channel!r}: {port} of {HOST} could not be had ({reason_of(error)}); "
                "choose another with -m udp:port=NUMBER"
            ) from None
        self._bound_to = bound.getsockname()
        self._capacity = bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        return bound

    def connect(self) -> socket.socket:
        """Connect to the port, so that the kernel knows where each datagram goes."""
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            near.connect(self._bound_to)
        except OSError:
            near.close()
            raise
        return near

    def depth(self, reach: Reach) -> Depth:
        """The memory that waiting datagrams take; SO_RCVBUF limits it."""
        try:
            self._look()
        except OSError as error:
            return Depth(capacity=self._capacity, unit=UNIT, reason=f"{error.filename}: {error.strerror}")
        return Depth(self._last.waiting, None, self._capacity, UNIT, "exact")

    def dropped(self, reach: Reach) -> int | None:
        """The kernel's own counter; the last one seen, after the socket is gone."""
        try:
            self._look()
        except OSError:
            return None
        return self._last.dropped

    def _look(self) -> None:
        now = udp_socket(self.inode)
        self._last = Datagrams(0, self._last.dropped) if now is None else now

    def address(self) -> str:
        """Host and port."""
        return "{}:{}".format(*self._bound_to)


class Udp(Mechanism):
    """The registry's entry."""

    name = "udp"
    family = "socket"
    about = "Single datagrams between any two machines; what does not fit is dropped, and nobody waits."
    depth_source = "/proc/net/udp: the memory of what waits, and the datagrams dropped"
    manual = ("udp(7)", "socket(7)", "RFC 768")
    good = "No connection, no waiting, whole messages to any machine."
    bad = "Messages may be lost, doubled or overtake each other; large ones are cut into fragments."
    traits = Traits(
        kinds=("channel", "broadcast", "call"),
        boundaries=True,
        ordered=False,
        lossless=False,
        backpressure=False,
        reach="remote",
    )
    options = UdpOptions

    def limits(self) -> Limits:
        """The kernel's default buffer and the largest that can be asked for, in bytes."""
        return {
            "receive_buffer_bytes": setting("/proc/sys/net/core/rmem_default", 212992),
            "largest_receive_buffer_bytes": setting("/proc/sys/net/core/rmem_max", 212992),
            "largest_message_bytes": LARGEST,
        }

    def largest(self, senders: int) -> int:
        """What one datagram carries."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A port goes with its socket."""
        return ()

    def create(self, plan: Plan) -> UdpChannel:
        """Bind and connect."""
        return UdpChannel(plan)
