"""The responder over gRPC: the server's threads hand requests to the worker's own, and wait for its reply.

Every caller holds one end of a lifeline of its own, for the server's threads learn too late, or never, that
a caller has closed or was killed before it called.
"""

from __future__ import annotations

import select
import struct
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ipcviz.ends import ReaderGone
from ipcviz.mechanisms.contract import ENVELOPE, RECEIVING, Plan, Unwatched, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import GUEST, Ended, Gone, Put, SenderEnd, Take
from ipcviz.mechanisms.rpc_channel import LARGEST
from ipcviz.mechanisms.rpc_dialect import NO_ENVELOPE
from ipcviz.mechanisms.rpc_grpc_schema import ENVELOPE_KEY, OPTIONS, SERVICE, Schema
from ipcviz.mechanisms.rpc_waking import Inbox
from ipcviz.mechanisms.waiting import Waiter

THREADS = 32
"""How many unanswered requests may wait in the server, beside one for each caller; more wait before it."""
LAST_WORDS_S = 2.0
"""How long replies that were given may take to go when the responder closes."""

_envelope = struct.Struct("<QII")


class Waiting:
    """A request that waits for its reply in a thread of the server."""

    def __init__(self, payload: bytes, envelope: bytes) -> None:
        self.message = envelope + payload
        self.reply: bytes | None = None
        self.over = threading.Event()


class Server:
    """The gRPC server of a channel."""

    def __init__(self, plan: Plan, target: str, schema: Schema) -> None:
        import grpc

        self.requests: Inbox[Waiting] = Inbox()
        handler = grpc.unary_unary_rpc_method_handler(
            self._handle, request_deserializer=schema.read, response_serializer=schema.written
        )
        pool = ThreadPoolExecutor(THREADS + len(plan.senders))
        handlers = [grpc.method_handlers_generic_handler(SERVICE, {"Call": handler})]
        self._server = grpc.server(pool, handlers=handlers, options=(*OPTIONS, ("grpc.so_reuseport", 0)))
        try:
            self._server.add_insecure_port(target)
        except RuntimeError as error:
            raise ReaderGone(f"channel {plan.channel!r}: gRPC cannot listen on {target} ({error})") from None
        self._server.start()

    def _handle(self, payload: bytes, context: Any) -> bytes:
        """In a thread of the server: wait until the worker's own has answered, or the call is over."""
        from grpc import StatusCode

        envelope = dict(context.invocation_metadata()).get(ENVELOPE_KEY, NO_ENVELOPE)
        waiting = Waiting(payload, envelope if len(envelope) == ENVELOPE else NO_ENVELOPE)
        if not context.add_callback(waiting.over.set):
            waiting.over.set()
        if self.requests.put(waiting):
            waiting.over.wait()
        if waiting.reply is None:
            context.abort(StatusCode.UNAVAILABLE, "the responder has closed its end")
            return b""
        context.set_trailing_metadata(((ENVELOPE_KEY, waiting.reply[:ENVELOPE]),))
        return waiting.reply[ENVELOPE:]

    def close(self, unanswered: Iterable[Waiting]) -> None:
        """Refuse what was not answered, and let go out what was; idempotent."""
        stopped = self._server.stop(LAST_WORDS_S)
        for waiting in (*self.requests.close(), *unanswered):
            waiting.over.set()
        stopped.wait(LAST_WORDS_S)


class WaitingPut(Put):
    """Gives replies to the requests of one caller, or guest, that wait for them."""

    def __init__(self, lifeline: int | None) -> None:
        self.waiting: dict[int, Waiting] = {}
        self._pulse = select.poll()
        if lifeline is not None:
            self._pulse.register(lifeline, 0)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One reply; never waits. One that nobody waits for any more is dropped."""
        if self._pulse.poll(0):
            raise Gone
        _, _, sequence = _envelope.unpack_from(message)
        waiting = self.waiting.pop(sequence, None)
        if waiting is not None:
            waiting.reply = message
            waiting.over.set()

    def close(self) -> None:
        """The server belongs to who takes from it."""


class Answers(dict[int, SenderEnd]):
    """Where replies go, by the caller's endpoint or a guest's number."""

    def __init__(self, plan: Plan, endpoint: int, lifelines: Mapping[int, int], watch: Watch) -> None:
        super().__init__()
        self._channel, self._endpoint = plan.channel, endpoint
        self._puts = {caller: WaitingPut(lifeline) for caller, lifeline in lifelines.items()}
        self._guests = 0
        for caller, put in self._puts.items():
            self[caller] = SenderEnd(self._channel, endpoint, LARGEST, put, watch)

    def expect(self, waiting: Waiting) -> bytes:
        """The request's message, with an envelope by which its reply finds the way back."""
        stamp, caller, sequence = _envelope.unpack_from(waiting.message)
        if waiting.message.startswith(NO_ENVELOPE) or not self._is_callers(caller, sequence):
            stamp, caller, sequence = 0, self._welcome(), 1
        self._puts[caller].waiting[sequence] = waiting
        return _envelope.pack(stamp, caller, sequence) + waiting.message[ENVELOPE:]

    def _is_callers(self, caller: int, sequence: int) -> bool:
        """A caller's request, and not a guest's that says so."""
        return caller < GUEST and caller in self._puts and sequence not in self._puts[caller].waiting

    def _welcome(self) -> int:
        """A guest's number, a new one for each request."""
        for guest in [number for number, put in self._puts.items() if number >= GUEST and not put.waiting]:
            del self._puts[guest], self[guest]
        self._guests += 1
        guest = GUEST + self._guests
        self._puts[guest] = WaitingPut(None)
        self[guest] = SenderEnd(self._channel, self._endpoint, LARGEST, self._puts[guest], Unwatched())
        return guest

    def unanswered(self) -> list[Waiting]:
        """What still waits for a reply."""
        return [waiting for put in self._puts.values() for waiting in put.waiting.values()]


class ServerTake(Take):
    """Takes requests, until the last caller has let go of its lifeline."""

    def __init__(self, server: Server, answers: Answers, lifelines: Mapping[int, int], watch: Watch) -> None:
        self._server, self._answers = server, answers
        self._lifelines = set(lifelines.values())
        self._living = set(self._lifelines)
        inbox = {server.requests.descriptor: select.POLLIN}
        self._waiter = Waiter(watch, RECEIVING, inbox | dict.fromkeys(self._living, 0))

    def take(self, deadline: float | None) -> bytes:
        """One request."""
        while True:
            waiting = self._server.requests.take()
            if waiting is not None:
                return self._answers.expect(waiting)
            if not self._living:
                raise Ended
            for descriptor, _ in self._waiter.wait(deadline):
                if descriptor in self._living:
                    self._living.remove(descriptor)
                    self._waiter.forget(descriptor)

    def close(self) -> None:
        """Stop the server and let go of the lifelines; idempotent."""
        self._server.close(self._answers.unanswered())
        lifelines, self._lifelines = self._lifelines, set()
        close_quietly(*lifelines)
