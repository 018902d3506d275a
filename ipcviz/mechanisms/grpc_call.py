"""gRPC, grpc.io/docs: calls of typed messages over HTTP/2, with deadlines and status codes.

The schema is `grpc_call.proto`, beside this file. The responder's worker runs the server, on a Unix socket
in the run's folder; gRPC begins in the workers only, because it does not survive a fork.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec

from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.contract import CannotCreate, Limits, Mechanism, Plan, Watch
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.files import remove
from ipcviz.mechanisms.records import Lifeline
from ipcviz.mechanisms.rpc_channel import LARGEST, SOURCE, CountedCalls, check_path
from ipcviz.mechanisms.rpc_grpc_caller import Calls, GrpcPut, GrpcTake
from ipcviz.mechanisms.rpc_grpc_responder import Answers, Server, ServerTake
from ipcviz.mechanisms.rpc_grpc_schema import LONGEST_MESSAGE, Schema, compiled
from ipcviz.traits import Traits


class GrpcChannel(CountedCalls):
    """The schema, a path for the server's socket, and a lifeline for each caller."""

    def __init__(self, plan: Plan, schema: bytes) -> None:
        self.plan = plan
        self._schema = schema
        self._lifelines: dict[int, Lifeline] = {}
        try:
            for caller in plan.senders:
                self._lifelines[caller] = Lifeline(plan)
        except CannotCreate:
            self.release()
            raise

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """Its own lifeline's end for a caller, all the other ends for the responder."""
        if endpoint in self._lifelines:
            return (self._lifelines[endpoint].descriptor(endpoint),)
        return tuple(self._held_by(endpoint).values())

    def _held_by(self, responder: int) -> dict[int, int]:
        return {caller: lifeline.descriptor(responder) for caller, lifeline in self._lifelines.items()}

    def open(self, endpoint: int, watch: Watch) -> CallerEnd | ResponderEnd:
        """Begin gRPC here. A caller connects with its first call, when the server runs."""
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it would write into the worker's output
        name, schema = self.plan.channel, Schema(self._schema)
        if endpoint in self._lifelines:
            calls = Calls(name, self.address(), schema)
            put = GrpcPut(calls, self._lifelines[endpoint].descriptor(endpoint))
            requests = SenderEnd(name, endpoint, LARGEST, put, watch)
            return CallerEnd(requests, ReceiverEnd(name, GrpcTake(calls, watch), watch))
        lifelines = self._held_by(endpoint)
        answers = Answers(self.plan, endpoint, lifelines, watch)
        take = ServerTake(Server(self.plan, self.address(), schema), answers, lifelines, watch)
        return ResponderEnd(ReceiverEnd(name, take, watch), answers)

    def release(self) -> None:
        """Let go of the lifelines here."""
        for lifeline in self._lifelines.values():
            lifeline.release()

    def address(self) -> str:
        """As gRPC names it: unix:PATH."""
        return f"unix:{self.plan.path}"

    def destroy(self) -> None:
        """Remove the socket, which a killed server leaves behind."""
        self.release()
        remove(self.plan.path)


class Grpc(Mechanism):
    """The registry's entry."""

    name = "grpc"
    family = "remote call"
    about = "Calls of typed messages over HTTP/2, between any two machines; here over a Unix socket."
    depth_source = SOURCE
    manual = ("grpc.io/docs", "protobuf.dev", "RFC 9113")
    good = "A schema for both sides, deadlines and status codes, in every language."
    bad = (
        "A heavy library with threads of its own, which does not survive a fork; bytes that nobody can read."
    )
    traits = Traits(
        kinds=("call",), receivers=1, two_way=True, boundaries=True, ordered=False, reach="remote"
    )

    def unavailable(self) -> str | None:
        """It is an extra; asked without importing it."""
        if find_spec("grpc") is None:
            return "the package grpcio is not installed; pip install 'ipcviz[grpc]'"
        if find_spec("grpc_tools") is None:
            return "the package grpcio-tools is not installed; pip install 'ipcviz[grpc]'"
        return None

    def limits(self) -> Limits:
        """Those that ipcviz sets."""
        return {"largest_message_bytes": LARGEST, "longest_protobuf_bytes": LONGEST_MESSAGE}

    def largest(self, senders: int) -> int:
        """Of a request or a reply."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The server's socket in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: Plan) -> GrpcChannel:
        """Compile the schema; the server makes the socket."""
        check_path(plan, "choose a shorter XDG_RUNTIME_DIR, or another mechanism with -m json-rpc")
        return GrpcChannel(plan, compiled(plan.channel))
