"""JSON-RPC 2.0, jsonrpc.org/specification: a call is a JSON object, here one on each line of a stream.

The method is `call`. Its parameters say how the payload is written: {"text": "..."} where it is UTF-8,
else {"base64": "..."}; a result looks the same. The envelope is one more parameter, which a guest leaves out:
{"jsonrpc": "2.0", "method": "call", "params": {"text": "hello"}, "id": 1}

A batch, several requests in one array, is refused: a line asks for one thing.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta

from ipcviz.ends import ChannelError
from ipcviz.mechanisms.contract import ENVELOPE, Limits, Mechanism, Options, Plan
from ipcviz.mechanisms.rpc_channel import LARGEST, SOURCE, StreamCalls, check_path
from ipcviz.mechanisms.rpc_dialect import NO_ENVELOPE, Asked, Dialect, Said, envelope_of
from ipcviz.traits import Traits

METHOD = "call"
LONGEST_TEXT = (LARGEST + 2) // 3 * 4
"""Bytes of a payload as it is written: the largest one in base64."""
LONGEST_LINE = LONGEST_TEXT + 1024
NOT_JSON, NOT_A_REQUEST, NO_SUCH_METHOD, WRONG_PARAMETERS = -32700, -32600, -32601, -32602

_envelope = struct.Struct("<QII")
_NOTHING = object()


class Wrong(Exception):
    """A request that is answered with an error: its code, what is wrong, and the id if there is one."""

    def __init__(self, code: int, reason: str, number: object = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.number = code, reason, number


class JsonRpcDialect(Dialect):
    """One connection's lines."""

    def __init__(self, plan: Plan, host: str) -> None:
        self._channel = plan.channel

    def asked(self, have: bytearray) -> Asked | Said | None:
        """The next request or notification; anything else is answered with an error object."""
        line = _line(have)
        if line is None:
            if len(have) <= LONGEST_LINE:
                return None
            return Said(_error(Wrong(NOT_A_REQUEST, f"a line has at most {LONGEST_LINE} bytes")), last=True)
        try:
            request = _request_in(line)
        except Wrong as wrong:
            return Said(_error(wrong))
        try:
            return _asked(request)
        except Wrong as wrong:
            return Said(b"" if wrong.number is _NOTHING else _error(wrong))

    def passed_over(self) -> bytes:
        """Replies have ids, and come in any order."""
        return b""

    def request(self, message: bytes) -> bytes:
        """A request; its sequence number is its id."""
        _, _, sequence = _envelope.unpack_from(message)
        value = _written(message[ENVELOPE:], message[:ENVELOPE])
        return _bytes(f'{{"jsonrpc": "2.0", "method": "{METHOD}", "params": {value}, "id": {sequence}}}\n')

    def replied(self, have: bytearray) -> bytes | None:
        """The next result's message."""
        line = _line(have)
        if line is None:
            return None
        reply = json.loads(line)
        if "error" in reply:
            error = reply["error"]
            raise ChannelError(f"channel {self._channel!r}: error {error['code']}, {error['message']}")
        result = reply["result"]
        return (envelope_of(result["envelope"]) or NO_ENVELOPE) + _payload_in(result, None)


def _line(have: bytearray) -> bytes | None:
    """Take a line off, without its end."""
    end = have.find(b"\n", 0, LONGEST_LINE + 1)
    if end < 0:
        return None
    line = bytes(have[:end])
    del have[: end + 1]
    return line


def _request_in(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):  # nested deeper than the parser goes
        raise Wrong(NOT_JSON, "the line is not JSON") from None
    if not isinstance(request, dict):
        raise Wrong(NOT_A_REQUEST, "a line is one request, an object; batches are not taken")
    number = request.get("id", _NOTHING)
    if number is not _NOTHING and not _is_identity(number):
        raise Wrong(NOT_A_REQUEST, "an id is a string, a number or null")
    known = None if number is _NOTHING else number
    if request.get("jsonrpc") != "2.0":
        raise Wrong(NOT_A_REQUEST, 'the member "jsonrpc" must be "2.0"', known)
    if not isinstance(request.get("method"), str):
        raise Wrong(NOT_A_REQUEST, 'the member "method" must be a string', known)
    return request


def _is_identity(number: object) -> bool:
    if isinstance(number, float):
        return math.isfinite(number)
    return not isinstance(number, bool) and isinstance(number, str | int | None)


def _refuse(constant: str) -> None:
    """Python would take NaN and Infinity, which are not JSON."""
    raise ValueError(constant)


def _asked(request: dict[str, Any]) -> Asked:
    number = request.get("id", _NOTHING)
    if request["method"] != METHOD:
        raise Wrong(NO_SUCH_METHOD, f"the only method is {METHOD!r}", number)
    parameters = request.get("params")
    payload = _payload_in(parameters, number)
    envelope = envelope_of(parameters.get("envelope")) if isinstance(parameters, dict) else None

    def answer(message: bytes) -> bytes:
        if number is _NOTHING:
            return b""
        value = _written(message[ENVELOPE:], message[:ENVELOPE] if envelope else b"")
        return _bytes(f'{{"jsonrpc": "2.0", "result": {value}, "id": {json.dumps(number)}}}\n')

    return Asked((envelope or NO_ENVELOPE) + payload, envelope is not None, answer)


def _payload_in(value: Any, number: object) -> bytes:
    """The payload that params or a result say; raises `Wrong`."""
    if isinstance(value, list) and len(value) == 1:
        value = {"text": value[0]}
    if not isinstance(value, dict) or ("text" in value) == ("base64" in value):
        raise Wrong(WRONG_PARAMETERS, 'params have either "text" or "base64"', number)
    try:
        if "text" in value:
            payload = str.encode(value["text"])
        else:
            payload = base64.b64decode(value["base64"], validate=True)
    except (TypeError, ValueError):
        raise Wrong(WRONG_PARAMETERS, "the payload is not as it is said to be", number) from None
    if len(payload) > LARGEST:
        raise Wrong(WRONG_PARAMETERS, f"a payload has at most {LARGEST} bytes", number)
    return payload


def _written(payload: bytes, envelope: bytes) -> str:
    """The object that says a payload: as text where that can be, and is not longer than a line may be."""
    try:
        text = json.dumps(payload.decode(), ensure_ascii=False)
        member = f'"text": {text}' if len(text.encode()) <= LONGEST_TEXT else ""
    except UnicodeDecodeError:
        member = ""
    member = member or f'"base64": "{base64.b64encode(payload).decode()}"'
    return f'{{{member}, "envelope": "{envelope.hex()}"}}' if envelope else f"{{{member}}}"


def _error(wrong: Wrong) -> bytes:
    error = {"code": wrong.code, "message": wrong.reason}
    return _bytes(json.dumps({"jsonrpc": "2.0", "error": error, "id": wrong.number}) + "\n")


def _bytes(line: str) -> bytes:
    return line.encode()


class JsonRpcOptions(Options, frozen=True):
    """What can be chosen of JSON-RPC."""

    transport: Annotated[
        Literal["unix", "tcp"], Meta(description="over a Unix socket, or over TCP on the loopback interface")
    ] = "unix"


class JsonRpc(Mechanism):
    """The registry's entry."""

    name = "json-rpc"
    family = "remote call"
    about = "Calls as JSON objects, one on each line of a Unix or TCP stream."
    depth_source = SOURCE
    manual = ("jsonrpc.org/specification", "RFC 8259", "unix(7)", "tcp(7)")
    good = "Simple enough to type by hand, and to read; notifications ask for no reply."
    bad = "Untyped: nothing checks what is sent; bytes must be written as text."
    options = JsonRpcOptions
    traits = Traits(kinds=("call",), receivers=1, two_way=True, boundaries=True, reach="remote")

    def limits(self) -> Limits:
        """Those that ipcviz sets; the protocol has none."""
        return {"largest_message_bytes": LARGEST, "longest_line_bytes": LONGEST_LINE}

    def largest(self, senders: int) -> int:
        """Of a request or a reply."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The socket in the run's folder; a port goes with its socket."""
        return (("file", plan.kernel_name),) if plan.options.transport == "unix" else ()

    def create(self, plan: Plan) -> StreamCalls:
        """Listen."""
        at_path = plan.options.transport == "unix"
        if at_path:
            check_path(plan, "choose -m json-rpc:transport=tcp, or a shorter XDG_RUNTIME_DIR")
        return StreamCalls(plan, JsonRpcDialect, at_path)
