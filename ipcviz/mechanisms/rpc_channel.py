"""The kernel objects of remote calls over streams: a socket that listens, and a lifeline.

The supervisor listens before the workers exist, so a caller connects though the responder does not run
yet; the responder's worker inherits the listening socket. What is on its way between the two lies in
buffers of the kernel and of both processes, so nobody but the processes can count it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from ipcviz.ends import ReaderGone
from ipcviz.events import Depth
from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.contract import CannotCreate, KernelChannel, Plan, Reach, Watch
from ipcviz.mechanisms.descriptors import Own, reason_of
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.files import remove
from ipcviz.mechanisms.records import Lifeline
from ipcviz.mechanisms.rpc_dialect import Dialect
from ipcviz.mechanisms.rpc_link import CallerPut, CallerTake, Link
from ipcviz.mechanisms.rpc_server import Replies, RequestsTake

LARGEST = (1 << 20) - 16
"""Bytes of payload in a request or a reply."""
HOST = "127.0.0.1"
UNIX_PATH = 107
"""Bytes of a Unix socket's path, its ending zero not counted: sun_path, unix(7)."""
BACKLOG = 128
SOURCE = "counted by the processes: requests and replies sent, less those received"

_UNCOUNTED = "no kernel knows a call that is on its way: counted as sent less received"


class CountedCalls(KernelChannel):
    """A channel whose depth only the processes know."""

    _reach: Reach | None = None

    def depth(self, reach: Reach) -> Depth:
        """Requests and replies that were sent and not received."""
        return Depth(_outstanding(reach), None, None, "messages", "estimate", _UNCOUNTED)

    def hold(self, reach: Reach) -> None:
        """The counts outlive the workers."""
        self._reach = reach

    def in_flight(self) -> int:
        """What was sent and never received: it went down with the buffers."""
        return 0 if self._reach is None else _outstanding(self._reach)


class StreamCalls(CountedCalls):
    """One listening socket: at the plan's path, or on a port of the loopback interface."""

    def __init__(self, plan: Plan, dialect: Callable[[Plan, str], Dialect], at_path: bool) -> None:
        self.plan = plan
        self._dialect = dialect
        self._path = plan.path if at_path else ""
        self._lifeline = Lifeline(plan)
        try:
            self._own = Own(self._listen())
        except CannotCreate:
            self._lifeline.release()
            raise

    def _listen(self) -> int:
        family = socket.AF_UNIX if self._path else socket.AF_INET
        made = None
        try:
            made = socket.socket(family, socket.SOCK_STREAM)
            made.bind(self._path or (HOST, 0))
            self.port = 0 if self._path else made.getsockname()[1]
            made.listen(BACKLOG + len(self.plan.senders))
        except OSError as error:
            if made is not None:
                made.close()
            where = self._path or f"a port of {HOST}"
            raise CannotCreate(
                f"channel {self.plan.channel!r}: {where} could not be listened on ({reason_of(error)})"
            ) from None
        made.setblocking(False)
        self._listener = made.detach()
        return self._listener

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The lifeline, and for the responder the listening socket."""
        lifeline = self._lifeline.descriptor(endpoint)
        return (lifeline,) if endpoint in self.plan.senders else (lifeline, self._listener)

    def open(self, endpoint: int, watch: Watch) -> CallerEnd | ResponderEnd:
        """Connect, or take over the listening socket."""
        name, lifeline = self.plan.channel, self._lifeline.descriptor(endpoint)
        if endpoint in self.plan.senders:
            link = Link(self._connected(), self._dialect(self.plan, self.host()))
            watch.opened(link.descriptor)
            requests = SenderEnd(name, endpoint, LARGEST, CallerPut(link, lifeline, watch), watch)
            return CallerEnd(requests, ReceiverEnd(name, CallerTake(link, watch), watch))
        replies = Replies(name, endpoint, LARGEST, watch)
        listener = socket.socket(fileno=self._listener)
        take = RequestsTake(listener, lifeline, self._new_dialect, self.plan.senders, replies, watch)
        return ResponderEnd(ReceiverEnd(name, take, watch), replies)

    def _new_dialect(self) -> Dialect:
        return self._dialect(self.plan, self.host())

    def _connected(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX if self._path else socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.connect(self._path or (HOST, self.port))
        except OSError as error:
            made.close()
            raise ReaderGone(
                f"the responder of channel {self.plan.channel!r} cannot be reached ({error.strerror})"
            ) from None
        return made

    def release(self) -> None:
        """Close the listening socket and the lifeline here."""
        self._own.close()
        self._lifeline.release()

    def host(self) -> str:
        """Host and port, or the path."""
        return self._path or f"{HOST}:{self.port}"

    def address(self) -> str:
        """Where a guest finds it."""
        return self.host()

    def destroy(self) -> None:
        """Close what is ours, and remove the path."""
        self.release()
        if self._path:
            remove(self._path)


def check_path(plan: Plan, remedy: str) -> None:
    """A Unix socket's path must be short; raises `CannotCreate`."""
    length = len(plan.path.encode())
    if length > UNIX_PATH:
        raise CannotCreate(
            f"channel {plan.channel!r}: the path of its socket, {plan.path}, has {length} bytes, and a Unix "
            f"socket's may have {UNIX_PATH}; {remedy}"
        )


def _outstanding(reach: Reach) -> int:
    sent, received = reach.counted()
    return max(0, sent - received)
