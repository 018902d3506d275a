"""Unix stream socket, unix(7): a two-way byte stream; here a connected pair for each sender or caller."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import CannotCreate, Limits, Mechanism, Plan, Reach
from ipcviz.mechanisms.descriptors import reason_of
from ipcviz.mechanisms.streams import LARGEST, StreamsChannel
from ipcviz.probes.sockets import socket_depth
from ipcviz.traits import Traits


class UnixStreamChannel(StreamsChannel):
    """A connected pair for each sender or caller."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._capacity = 0
        try:
            for sender in plan.senders:
                near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
                self._capacity = near.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
                self.add_pair(sender, near, far)
        except OSError as error:
            self.release()
            raise CannotCreate(
                f"channel {plan.channel!r}: a pair of sockets could not be made ({reason_of(error)})"
            ) from None

    def depth(self, reach: Reach) -> Depth:
        """The memory that sent and unread data takes, over all sockets; SO_SNDBUF limits it."""
        ways = self.ways()
        return socket_depth(reach, ways, self._capacity * len(ways))


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
        return {"send_buffer_bytes": buffer, "largest_message_bytes": LARGEST}

    def largest(self, senders: int) -> int:
        """Each sender has its own stream."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A pair has no name."""
        return ()

    def create(self, plan: Plan) -> UnixStreamChannel:
        """Make the pairs."""
        return UnixStreamChannel(plan)
