"""Datagram sockets: all receivers share one that is bound, each sender has one that is connected to it.

A datagram socket does not know who else has it open, so each channel has a lifeline.
"""

from __future__ import annotations

import os
import socket
from abc import abstractmethod
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import ENVELOPE, CannotCreate, KernelChannel, Plan, Reach, Watch
from ipcviz.mechanisms.descriptors import Held, Own, reason_of
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.records import Lifeline, SocketPut, SocketTake, count_records


class DatagramChannel(KernelChannel):
    """One bound socket, a connected one for each sender, and the lifeline."""

    def __init__(self, plan: Plan, largest: int) -> None:
        self.plan = plan
        self._largest = largest
        self._held = Held()
        self._own = Own()
        self._near: dict[int, int] = {}
        self._lifeline = Lifeline(plan)
        try:
            bound = self.bind()
            bound.setblocking(False)
            self._far = bound.detach()
            self._own.add(self._far)
            for sender in plan.senders:
                near = self.connect()
                near.setblocking(False)
                self._near[sender] = near.detach()
                self._own.add(self._near[sender])
        except OSError as error:
            self.destroy()
            raise CannotCreate(
                f"channel {plan.channel!r}: {self.what()} could not be made ({reason_of(error)})"
            ) from None
        except CannotCreate:
            self.destroy()
            raise
        self.inode = os.fstat(self._far).st_ino

    @abstractmethod
    def what(self) -> str:
        """What could not be made, in a sentence."""

    @abstractmethod
    def bind(self) -> socket.socket:
        """Make the receivers' socket; raises `OSError` or `CannotCreate`."""

    @abstractmethod
    def connect(self) -> socket.socket:
        """Make one sender's socket; raises `OSError`."""

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The socket and the lifeline."""
        return (self._near.get(endpoint, self._far), self._lifeline.descriptor(endpoint))

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """The end itself."""
        lifeline = self._lifeline.descriptor(endpoint)
        if endpoint in self._near:
            put = SocketPut(self._near[endpoint], lifeline, watch)
            return SenderEnd(self.plan.channel, endpoint, self._largest, put, watch)
        take = SocketTake(self._far, self._largest + ENVELOPE, lifeline, watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def release(self) -> None:
        """Close all sockets and the lifeline here."""
        self._own.close()
        self._lifeline.release()

    @abstractmethod
    def depth(self, reach: Reach) -> Depth:
        """What the kernel says of the receivers' socket."""

    def receivers(self) -> list[tuple[int, int]]:
        """Who has the receivers' socket, as endpoints and its descriptor."""
        return [(receiver, self._far) for receiver in self.plan.receivers]

    def hold(self, reach: Reach) -> None:
        """Keep the receivers' socket."""
        self._held.keep_any(reach, self.plan.receivers, self._far)

    def in_flight(self) -> int:
        """Count the datagrams that nobody took."""
        return self._held.count(count_records)

    def destroy(self) -> None:
        """Close what is ours."""
        self.release()
        self._held.close()
