"""Unix datagram socket, unix(7): whole messages to a path; a full queue makes its senders wait.

The queue holds so many messages (net.unix.max_dgram_qlen) however small they are. Of what waits the
kernel tells only the first.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import ENVELOPE, CannotCreate, Limits, Mechanism, Plan, Reach
from ipcviz.mechanisms.datagrams import DatagramChannel
from ipcviz.mechanisms.files import check_socket_path, remove
from ipcviz.mechanisms.settings import setting
from ipcviz.probes.sockets import datagram_depth
from ipcviz.traits import Traits

LARGEST = 65536 - ENVELOPE
"""Bytes of payload: a few messages fit into the default send buffer."""


class UnixDatagramChannel(DatagramChannel):
    """One socket bound to a path, a connected one for each sender, and the lifeline."""

    def __init__(self, plan: Plan) -> None:
        self._bound = False
        super().__init__(plan, LARGEST)

    def what(self) -> str:
        """In a sentence."""
        return "a Unix datagram socket"

    def bind(self) -> socket.socket:
        """Bind to the path in the run's folder."""
        path = self.plan.path
        check_socket_path(self.plan.channel, path)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            bound.bind(path)
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE:
                raise
            raise CannotCreate(f"channel {self.plan.channel!r}: {path} is there already") from None
        self._bound = True
        os.chmod(path, 0o600)
        return bound

    def connect(self) -> socket.socket:
        """Connect to the path."""
        near = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            near.connect(self.plan.path)
        except OSError:
            near.close()
            raise
        return near

    def depth(self, reach: Reach) -> Depth:
        """The bytes of the first datagram that waits: at least so many do."""
        return datagram_depth(reach, self.receivers())

    def address(self) -> str:
        """Its path."""
        return self.plan.path

    def destroy(self) -> None:
        """Close what is ours and remove the name."""
        super().destroy()
        if self._bound:
            remove(self.plan.path)


class UnixDatagram(Mechanism):
    """The registry's entry."""

    name = "unix-datagram"
    family = "socket"
    about = "Whole messages to a socket with a path, on one machine, in order and without loss."
    depth_source = "FIONREAD, unix(7): the bytes of the first message that waits"
    manual = ("unix(7)", "sendmsg(2)")
    good = "Messages stay whole and carry descriptors; any process that may open the path can send."
    bad = "One machine only, and the queue holds just a few messages, however small they are."
    traits = Traits(kinds=("channel", "broadcast", "call"), boundaries=True, descriptors=True)

    def limits(self) -> Limits:
        """How many messages wait at most, and the default send buffer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            buffer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        return {
            "messages": setting("/proc/sys/net/unix/max_dgram_qlen", 10) + 1,
            "send_buffer_bytes": buffer,
            "largest_message_bytes": LARGEST,
        }

    def largest(self, senders: int) -> int:
        """A message must fit into the send buffer as a whole."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The socket in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: Plan) -> UnixDatagramChannel:
        """Bind and connect."""
        return UnixDatagramChannel(plan)
