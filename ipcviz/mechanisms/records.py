"""Mechanisms whose kernel objects keep messages apart: one system call puts or takes a whole one.

Most of them cannot tell whether anybody will ever send or receive again. They are made with a *lifeline*,
a pipe that carries nothing: senders hold its write end and receivers its read end, and the kernel's
hang-up on it is the end of messages, its error the lack of receivers.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Sequence
from functools import partial

from ipcviz.mechanisms.contract import RECEIVING, SENDING, CannotCreate, Plan, Watch
from ipcviz.mechanisms.descriptors import Own, close_quietly, reason_of
from ipcviz.mechanisms.ends import Ended, Gone, Put, Take
from ipcviz.mechanisms.waiting import Waiter

MOST_DESCRIPTORS = 253
"""In one message: SCM_MAX_FD, unix(7)."""
GONE = (BrokenPipeError, ConnectionResetError, ConnectionRefusedError)


class Lifeline:
    """A pipe whose only use is to break."""

    def __init__(self, plan: Plan) -> None:
        """Make it; raises `CannotCreate`."""
        self._senders = plan.senders
        try:
            self._read, self._write = os.pipe2(os.O_CLOEXEC)
        except OSError as error:
            raise CannotCreate(
                f"channel {plan.channel!r}: a pipe could not be made ({reason_of(error)})"
            ) from None
        self._own = Own(self._read, self._write)

    def descriptor(self, endpoint: int) -> int:
        """The end that this endpoint holds."""
        return self._write if endpoint in self._senders else self._read

    def release(self) -> None:
        """Let go of both ends here; idempotent."""
        self._own.close()


class RecordPut(Put):
    """Sends by a non-blocking call (message, priority) while the lifeline, if any, has a receiver."""

    def __init__(
        self, send: Callable[[bytes, int], object], descriptor: int, lifeline: int | None, watch: Watch
    ) -> None:
        self._send = send
        self._descriptors = (descriptor, lifeline)
        interest = {descriptor: select.POLLOUT} | ({} if lifeline is None else {lifeline: 0})
        self._waiter = Waiter(watch, SENDING, interest)
        self._pulse = select.poll()
        if lifeline is not None:
            self._pulse.register(lifeline, 0)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message."""
        while True:
            if self._pulse.poll(0):
                raise Gone
            try:
                self._send(message, priority)
            except BlockingIOError:
                self._waiter.wait(deadline)
            except GONE:
                raise Gone from None
            else:
                return

    def close(self) -> None:
        """Close the descriptor and let go of the lifeline."""
        close_quietly(*self._descriptors)


class RecordTake(Take):
    """Receives by a non-blocking call on a descriptor, until it says end of file or the lifeline hangs up."""

    def __init__(
        self, receive: Callable[[], bytes], descriptor: int, lifeline: int | None, watch: Watch
    ) -> None:
        self._receive = receive
        self._lifeline = lifeline
        self._descriptors: Sequence[int | None] = (descriptor, lifeline)
        interest = {descriptor: select.POLLIN} | ({} if lifeline is None else {lifeline: 0})
        self._waiter = Waiter(watch, RECEIVING, interest)
        self._hung_up = False

    def take(self, deadline: float | None) -> bytes:
        """One message; what was sent before the hang-up is still taken."""
        while True:
            try:
                message = self._receive()
            except BlockingIOError:
                if self._hung_up:
                    raise Ended from None
            else:
                if not message:
                    raise Ended
                return message
            ready = self._waiter.wait(deadline)
            self._hung_up = any(descriptor == self._lifeline for descriptor, _ in ready)

    def close(self) -> None:
        """Close the descriptor and let go of the lifeline."""
        close_quietly(*self._descriptors)


class SocketPut(RecordPut):
    """Sends by sendmsg(2), with descriptors if there are some (SCM_RIGHTS, unix(7))."""

    def __init__(self, descriptor: int, lifeline: int | None, watch: Watch) -> None:
        self._socket = socket.socket(fileno=descriptor)
        super().__init__(self._send_one, descriptor, lifeline, watch)
        self._attached: tuple[int, ...] = ()

    def put_descriptors(self, message: bytes, descriptors: Sequence[int], deadline: float | None) -> None:
        """One message and duplicates of the descriptors."""
        self._attached = tuple(descriptors)
        try:
            self.put(message, deadline, 0)
        finally:
            self._attached = ()

    def _send_one(self, message: bytes, priority: int) -> None:
        if self._attached:
            socket.send_fds(self._socket, [message], self._attached)
        else:
            self._socket.send(message)

    def close(self) -> None:
        """Close the socket and let go of the lifeline."""
        self._socket.detach()
        super().close()


class SocketTake(RecordTake):
    """Receives by recvmsg(2)."""

    def __init__(self, descriptor: int, largest: int, lifeline: int | None, watch: Watch) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._largest = largest
        self._came: list[int] = []
        super().__init__(partial(os.read, descriptor, largest), descriptor, lifeline, watch)
        self._read = self._receive

    def take_descriptors(self, deadline: float | None) -> tuple[bytes, list[int]]:
        """One message and the descriptors that came with it; what comes without room for it is closed."""
        self._receive = self._receive_with
        try:
            message = self.take(deadline)
        finally:
            self._receive = self._read
        came, self._came = self._came, []
        return message, came

    def _receive_with(self) -> bytes:
        message, self._came, _, _ = socket.recv_fds(
            self._socket, self._largest, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
        )
        return message

    def close(self) -> None:
        """Close the socket and let go of the lifeline."""
        self._socket.detach()
        super().close()


def count_records(descriptor: int) -> int:
    """Take all that is left in a socket nobody else reads, and count it."""
    count = 0
    while True:
        try:
            if not os.read(descriptor, 1 << 20):
                return count
        except OSError:
            return count
        count += 1
