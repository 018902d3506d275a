"""A caller over gRPC: it begins calls, and the library's threads hand their outcomes to the worker's own."""

from __future__ import annotations

import select
import time
from typing import Any

from ipcviz.ends import ChannelError
from ipcviz.mechanisms.contract import ENVELOPE, RECEIVING, Watch
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import Ended, Gone, Put, Take
from ipcviz.mechanisms.rpc_grpc_schema import ENVELOPE_KEY, METHOD, OPTIONS, Schema
from ipcviz.mechanisms.rpc_waking import Inbox
from ipcviz.mechanisms.waiting import Waiter

LATE_S = 10.0
"""How much later than the caller gives up the deadline is that travels with its request. Until then a request
still arrives, and its late reply is taken and dropped, as over any other mechanism."""


class Calls:
    """A caller's connection, and the calls that it has begun."""

    def __init__(self, channel: str, target: str, schema: Schema) -> None:
        import grpc

        self.channel = channel
        self.outcomes: Inbox[Any] = Inbox()
        self.latest: Any = None
        self._connection = grpc.insecure_channel(target, options=OPTIONS)
        self._call = self._connection.unary_unary(
            METHOD, request_serializer=schema.written, response_deserializer=schema.read
        )

    def begin(self, message: bytes, deadline: float | None) -> None:
        """Begin one; its outcome comes into the inbox."""
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) + LATE_S
        metadata = ((ENVELOPE_KEY, message[:ENVELOPE]),)
        self.latest = self._call.future(message[ENVELOPE:], timeout=left, metadata=metadata)
        self.latest.add_done_callback(self.outcomes.put)

    def reply_in(self, outcome: Any) -> bytes | None:
        """The reply's message; None if the call was given up.

        Raises `Ended` when nobody is there, `TimeoutError`, and `ChannelError` with the status of gRPC.
        """
        from grpc import StatusCode

        code = outcome.code()
        if code is StatusCode.OK:
            metadata = dict(outcome.trailing_metadata())
            return bytes(metadata[ENVELOPE_KEY] + outcome.result())
        if outcome is not self.latest:
            return None
        if code is StatusCode.UNAVAILABLE:
            raise Ended
        if code is StatusCode.DEADLINE_EXCEEDED:
            raise TimeoutError
        raise ChannelError(f"channel {self.channel!r}: gRPC says {code.name}, {outcome.details()}")

    def close(self) -> None:
        """Cancel what has not ended, and close the connection; idempotent."""
        self.outcomes.close()
        self._connection.close()


class GrpcPut(Put):
    """Begins calls, as long as the responder holds its end of the lifeline."""

    def __init__(self, calls: Calls, lifeline: int) -> None:
        self._calls = calls
        self._lifeline = lifeline
        self._pulse = select.poll()
        self._pulse.register(lifeline, 0)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One request; never waits: the library keeps what cannot go at once."""
        if self._pulse.poll(0):
            raise Gone
        self._calls.begin(message, deadline)

    def close(self) -> None:
        """Close the connection, then let go of the lifeline."""
        self._calls.close()
        lifeline, self._lifeline = self._lifeline, -1
        close_quietly(lifeline)


class GrpcTake(Take):
    """Takes the outcomes of calls."""

    def __init__(self, calls: Calls, watch: Watch) -> None:
        self._calls = calls
        self._waiter = Waiter(watch, RECEIVING, {calls.outcomes.descriptor: select.POLLIN})

    def take(self, deadline: float | None) -> bytes:
        """One reply."""
        while True:
            outcome = self._calls.outcomes.take()
            if outcome is None:
                self._waiter.wait(deadline)
                continue
            message = self._calls.reply_in(outcome)
            if message is not None:
                return message

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()
