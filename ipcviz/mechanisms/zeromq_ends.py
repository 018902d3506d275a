"""The ends of a ZeroMQ channel, in the processes that hold them; loaded by runs that have one.

A sender that closes says so to each receiver, behind all its messages, and stays until everything has
left its memory or nobody is there to take it.
"""

from __future__ import annotations

import os
import select
import struct
import threading
from collections.abc import Sequence
from typing import Any

import zmq

from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.contract import RECEIVING, SENDING, TIMED, Plan, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.frames import LARGEST_FRAME
from ipcviz.mechanisms.waiting import interruptible, milliseconds_left

QUIET_MS = 200
"""When all senders are gone, and some without a word: how long nothing must come until nothing will."""
LARGEST = LARGEST_FRAME - 16

_end = struct.Struct("<I")
_envelope = struct.Struct("<QII")


class Link:
    """This process's context, the lifeline, and how sockets are made."""

    def __init__(self, plan: Plan, lifeline: int, keys: tuple[bytes, bytes] | None, watch: Watch) -> None:
        self.plan, self.watch, self.lifeline = plan, watch, lifeline
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._keys = keys
        self._pulse = select.poll()
        self._pulse.register(lifeline, 0)
        self._open = 0

    def socket(self, kind: int) -> Any:
        """A socket with the plan's options."""
        made = self.context.socket(kind)
        options = self.plan.options
        made.set_hwm(options.hwm)
        for buffer, size in ((zmq.SNDBUF, options.sndbuf), (zmq.RCVBUF, options.rcvbuf)):
            if size:
                made.setsockopt(buffer, size)
        self._open += 1
        return made

    def connect(self, made: Any, name: str) -> None:
        """Connect a socket to a receiver."""
        if self._keys is not None:
            made.curve_serverkey = self._keys[0]
            made.curve_publickey, made.curve_secretkey = zmq.curve_keypair()
        made.connect(name)

    def listen(self, kind: int, descriptor: int, name: str) -> Any:
        """A socket that listens where the supervisor has bound it."""
        made = self.socket(kind)
        if self._keys is not None:
            made.curve_server = True
            made.curve_publickey, made.curve_secretkey = self._keys
        made.setsockopt(zmq.USE_FD, descriptor)
        made.bind(name)
        return made

    def alone(self) -> bool:
        """Nobody is left at the other side."""
        return bool(self._pulse.poll(0))

    def wait(self, sockets: Sequence[Any], activity: int, deadline: float | None) -> None:
        """Block until one of them is ready or the lifeline hangs up; raises `TimeoutError`."""
        poller = zmq.Poller()
        for item in sockets:
            poller.register(item, zmq.POLLIN if activity == RECEIVING else zmq.POLLOUT)
        poller.register(self.lifeline, zmq.POLLERR)
        self.watch.blocked(activity | (0 if deadline is None else TIMED))
        try:
            if not self._poll(poller, deadline):
                raise TimeoutError
        finally:
            self.watch.unblocked()

    @interruptible
    def _poll(self, poller: zmq.Poller, deadline: float | None) -> bool:
        return bool(poller.poll(milliseconds_left(deadline)))

    def close(self, made: Any, linger: bool) -> None:
        """Close a socket; with `linger`, wait until its messages have left or nobody can take them."""
        made.close(-1 if linger else 0)
        self._open -= 1
        if self._open:
            return
        done, finished = os.pipe2(os.O_CLOEXEC)
        threading.Thread(target=self._end, args=(finished,), daemon=True).start()
        poll = select.poll()
        poll.register(done, select.POLLIN)
        if linger:
            poll.register(self.lifeline, 0)
        poll.poll()
        close_quietly(done, self.lifeline)

    def _end(self, finished: int) -> None:
        self.context.term()
        os.close(finished)


class Push(Put):
    """Sends to the receivers in turn, whoever has room; one socket each, so that each can be told the end."""

    def __init__(self, link: Link, endpoint: int, names: Sequence[str]) -> None:
        self._link, self._endpoint = link, endpoint
        self._sockets = [link.socket(zmq.PUSH) for _ in names]
        for made, name in zip(self._sockets, names, strict=True):
            link.connect(made, name)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message."""
        while True:
            if self._link.alone():
                raise Gone
            if self._sent(message):
                return
            self._link.wait(self._sockets, SENDING, deadline)

    def _sent(self, message: bytes) -> bool:
        for made in tuple(self._sockets):
            try:
                made.send(message, zmq.NOBLOCK)
            except zmq.Again:
                continue
            self._sockets.remove(made)
            self._sockets.append(made)
            return True
        return False

    def close(self) -> None:
        """Say the end to each receiver behind all messages."""
        alone = self._link.alone()
        for made in self._sockets:
            if not alone:
                self._say_end(made)
            self._link.close(made, linger=not alone)

    def _say_end(self, made: Any) -> None:
        poller = zmq.Poller()
        poller.register(made, zmq.POLLOUT)
        poller.register(self._link.lifeline, zmq.POLLERR)
        poller.poll()
        if not self._link.alone():
            made.send(_end.pack(self._endpoint))


class Publish(Put):
    """Sends to every receiver at once; what a subscriber's queue has no room for is dropped for it."""

    def __init__(self, link: Link, names: Sequence[str]) -> None:
        self._link = link
        self._socket = link.socket(zmq.PUB)
        for name in names:
            link.connect(self._socket, name)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message; nobody ever waits."""
        if self._link.alone():
            raise Gone
        self._socket.send(message)

    def close(self) -> None:
        """Stay until what is queued has left."""
        self._link.close(self._socket, linger=not self._link.alone())


class TakeFrom(Take):
    """Takes from one socket until every sender has said the end, or all are gone and nothing comes."""

    def __init__(self, link: Link, made: Any) -> None:
        self._link, self._socket = link, made
        self._to_end = set(link.plan.senders)

    def take(self, deadline: float | None) -> bytes:
        """One message."""
        while self._to_end:
            message = self._received(deadline)
            if message is not None and len(message) != _end.size:
                return message
            if message is not None:
                self._to_end.discard(_end.unpack(message)[0])
        raise Ended

    def _received(self, deadline: float | None) -> bytes | None:
        try:
            return bytes(self._socket.recv(zmq.NOBLOCK))
        except zmq.Again:
            if self._link.alone() and not self._socket.poll(QUIET_MS):
                self._to_end.clear()
            elif not self._link.alone():
                self._link.wait([self._socket], RECEIVING, deadline)
        return None

    def close(self) -> None:
        """Drop what is unread."""
        self._link.close(self._socket, linger=False)


class Ask(Put):
    """Sends requests; a REQ that gave up on a reply may ask again (ZMQ_REQ_RELAXED)."""

    def __init__(self, link: Link, made: Any) -> None:
        self._link, self._socket = link, made

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One request."""
        while True:
            if self._link.alone():
                raise Gone
            try:
                self._socket.send(message, zmq.NOBLOCK)
            except zmq.Again:
                self._link.wait([self._socket], SENDING, deadline)
            else:
                return

    def close(self) -> None:
        """The socket belongs to who takes from it."""


class Hear(Take):
    """Takes the reply to the last request; late ones are dropped by ZeroMQ (ZMQ_REQ_CORRELATE)."""

    def __init__(self, link: Link, made: Any) -> None:
        self._link, self._socket = link, made

    def take(self, deadline: float | None) -> bytes:
        """One reply."""
        while True:
            try:
                return bytes(self._socket.recv(zmq.NOBLOCK))
            except zmq.ZMQError as error:
                # EFSM: a fault has dropped the request, so that no reply is expected, nor will one come.
                if error.errno not in (zmq.EAGAIN, zmq.EFSM):
                    raise
                if self._link.alone():
                    raise Ended from None
                self._link.wait([self._socket], RECEIVING, deadline)

    def close(self) -> None:
        """Close it."""
        self._link.close(self._socket, linger=False)


class Requests(Take):
    """Takes requests of all callers; where the reply goes stands in the frames before each."""

    def __init__(self, link: Link, made: Any, routes: dict[int, list[bytes]]) -> None:
        self._link, self._socket, self._routes = link, made, routes

    def take(self, deadline: float | None) -> bytes:
        """One request."""
        while True:
            try:
                *route, message = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                if self._link.alone() and not self._socket.poll(QUIET_MS):
                    raise Ended from None
                if not self._link.alone():
                    self._link.wait([self._socket], RECEIVING, deadline)
                continue
            if len(message) >= _envelope.size:
                self._routes[_envelope.unpack_from(message)[1]] = route
                return bytes(message)

    def close(self) -> None:
        """Stay until the replies have left."""
        self._link.close(self._socket, linger=not self._link.alone())


class Reply(Put):
    """Sends a reply back the way its request came."""

    def __init__(self, made: Any, caller: int, routes: dict[int, list[bytes]]) -> None:
        self._socket, self._caller, self._routes = made, caller, routes

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One reply; raises `Gone` if its caller has left."""
        try:
            self._socket.send_multipart([*self._routes[self._caller], message])
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            raise Gone from None

    def close(self) -> None:
        """The socket belongs to who takes from it."""


def taker(link: Link, descriptor: int, name: str) -> TakeFrom:
    """A receiver of either."""
    if link.plan.kind == "broadcast":
        made = link.listen(zmq.SUB, descriptor, name)
        made.setsockopt(zmq.SUBSCRIBE, b"")
    else:
        made = link.listen(zmq.PULL, descriptor, name)
    return TakeFrom(link, made)


def caller(link: Link, endpoint: int, name: str) -> CallerEnd:
    """Who asks."""
    made = link.socket(zmq.REQ)
    made.setsockopt(zmq.REQ_RELAXED, 1)
    made.setsockopt(zmq.REQ_CORRELATE, 1)
    link.connect(made, name)
    channel, watch = link.plan.channel, link.watch
    requests = SenderEnd(channel, endpoint, LARGEST, Ask(link, made), watch)
    return CallerEnd(requests, ReceiverEnd(channel, Hear(link, made), watch))


def responder(link: Link, endpoint: int, descriptor: int, name: str) -> ResponderEnd:
    """Who answers."""
    made = link.listen(zmq.ROUTER, descriptor, name)
    made.setsockopt(zmq.ROUTER_MANDATORY, 1)
    routes: dict[int, list[bytes]] = {}
    channel, watch = link.plan.channel, link.watch
    replies = {
        one: SenderEnd(channel, endpoint, LARGEST, Reply(made, one, routes), watch)
        for one in link.plan.senders
    }
    return ResponderEnd(ReceiverEnd(channel, Requests(link, made, routes), watch), replies)
