"""XML-RPC, xmlrpc.com/spec.md: a call is an XML document that is POSTed over HTTP/1.1 (RFC 9112).

The method is `call`; its one parameter and its result are base64. Each caller keeps one connection alive.
The envelope travels as a field of the HTTP head, so that what a guest sends without one is the same call:
`xmlrpc.client.ServerProxy("http://127.0.0.1:PORT").call(b"...")`.

A caller that gave up asks again on the same connection, before the answer to what it asked first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipcviz.ends import ChannelError
from ipcviz.mechanisms.contract import ENVELOPE, Limits, Mechanism, Plan
from ipcviz.mechanisms.rpc_channel import LARGEST, SOURCE, StreamCalls
from ipcviz.mechanisms.rpc_dialect import NO_ENVELOPE, Asked, Dialect, Said, envelope_of
from ipcviz.mechanisms.rpc_http import CONTINUE, Head, HttpError, check_request, head_of, refusal, take_head
from ipcviz.traits import Traits

LONGEST_BODY = 2 << 20
"""Bytes of XML: the largest payload in base64 is a third larger, and has its ends of lines besides."""
METHOD = "call"
ENVELOPE_FIELD = "Ipcviz-Envelope"

# Specification for Fault Code Interoperability, version 20010516.
NOT_WELL_FORMED, NO_SUCH_METHOD, WRONG_PARAMETERS, NOT_ANSWERED = -32700, -32601, -32602, -32500


class XmlRpcDialect(Dialect):
    """One connection's; the head is kept until its body has come."""

    in_order = True

    def __init__(self, plan: Plan, host: str) -> None:
        import xmlrpc.client  # noqa: F401  now, so that the first call does not take longer

        self._channel = plan.channel
        self._host = host
        self._head: Head | None = None

    def asked(self, have: bytearray) -> Asked | Said | None:
        """The next call; anything else is refused with a status of HTTP or a fault of XML-RPC."""
        try:
            taken = self._next(have)
        except HttpError as error:
            return Said(refusal(error), last=True)
        if not isinstance(taken, tuple):
            return taken
        head, body = taken
        payload = _asked_payload(body)
        if not isinstance(payload, bytes):
            return Said(_response({}, payload, head.keeps_alive), last=not head.keeps_alive)
        envelope = envelope_of(head.fields.get(ENVELOPE_FIELD.lower()))

        def answer(message: bytes) -> bytes:
            fields = {ENVELOPE_FIELD: message[:ENVELOPE].hex()} if envelope else {}
            return _response(fields, _result_of(message[ENVELOPE:]), head.keeps_alive)

        message = (envelope or NO_ENVELOPE) + payload
        return Asked(message, envelope is not None, answer, last=not head.keeps_alive)

    def _next(self, have: bytearray) -> tuple[Head, bytes] | Said | None:
        if self._head is None:
            self._head = take_head(have)
            if self._head is None:
                return None
            check_request(self._head, LONGEST_BODY)
            if self._head.fields.get("expect", "").lower() == "100-continue":
                return Said(CONTINUE)
        return self._whole(self._head, have)

    def _whole(self, head: Head, have: bytearray) -> tuple[Head, bytes] | None:
        if len(have) < head.length:
            return None
        body = bytes(have[: head.length])
        del have[: head.length]
        self._head = None
        return head, body

    def passed_over(self) -> bytes:
        """A fault, which the caller skips."""
        return _response({}, _fault(NOT_ANSWERED, "the caller asked again before this was answered"), True)

    def request(self, message: bytes) -> bytes:
        """A POST."""
        from xmlrpc.client import Binary, dumps

        body = dumps((Binary(message[ENVELOPE:]),), METHOD).encode()
        fields = {
            "Host": self._host,
            "Content-Type": "text/xml",
            "Content-Length": str(len(body)),
            ENVELOPE_FIELD: message[:ENVELOPE].hex(),
        }
        return head_of("POST /RPC2 HTTP/1.1", fields) + body

    def replied(self, have: bytearray) -> bytes | None:
        """The next result that answers a call."""
        while True:
            try:
                self._head = self._head or take_head(have)
                taken = None if self._head is None else self._whole(self._head, have)
            except HttpError as error:
                raise ChannelError(f"channel {self._channel!r}: the answer is not HTTP ({error})") from None
            if taken is None:
                return None
            head, body = taken
            if head.words[1] != "200":
                raise ChannelError(f"channel {self._channel!r}: HTTP says {' '.join(head.words[1:])}")
            envelope = envelope_of(head.fields.get(ENVELOPE_FIELD.lower()))
            if envelope is not None:
                return envelope + _result_in(body)


def _asked_payload(body: bytes) -> bytes | str:
    """What is asked; or the fault, in XML, that says why it cannot be."""
    from xmlrpc.client import loads

    try:
        parameters, method = loads(body, use_builtin_types=True)
    except Exception as error:  # the parser raises whatever it stumbled over
        return _fault(NOT_WELL_FORMED, f"not a call in XML ({type(error).__name__})")
    if method != METHOD:
        return _fault(NO_SUCH_METHOD, f"the only method is {METHOD!r}")
    payload: Any = parameters[0] if len(parameters) == 1 else None
    payload = payload.encode() if isinstance(payload, str) else payload
    if not isinstance(payload, bytes):
        return _fault(WRONG_PARAMETERS, f"{METHOD} takes one parameter, base64 or a string")
    if len(payload) > LARGEST:
        return _fault(WRONG_PARAMETERS, f"a payload has at most {LARGEST} bytes, and not {len(payload)}")
    return payload


def _result_of(payload: bytes) -> str:
    from xmlrpc.client import Binary, dumps

    return dumps((Binary(payload),), methodresponse=True)


def _result_in(body: bytes) -> bytes:
    from xmlrpc.client import loads

    (payload,), _ = loads(body, use_builtin_types=True)
    if not isinstance(payload, bytes):
        raise TypeError("a result is bytes")
    return payload


def _fault(code: int, reason: str) -> str:
    from xmlrpc.client import Fault, dumps

    return dumps(Fault(code, reason))


def _response(fields: dict[str, str], document: str, keeps_alive: bool) -> bytes:
    body = document.encode()
    fields = {"Content-Type": "text/xml", "Content-Length": str(len(body)), **fields}
    if not keeps_alive:
        fields["Connection"] = "close"
    return head_of("HTTP/1.1 200 OK", fields) + body


class XmlRpcCalls(StreamCalls):
    """A port for HTTP."""

    def address(self) -> str:
        """What a guest gives to its ServerProxy."""
        return f"http://{self.host()}/"


class XmlRpc(Mechanism):
    """The registry's entry."""

    name = "xmlrpc"
    family = "remote call"
    about = "Calls as XML documents over HTTP, between any two machines."
    depth_source = SOURCE
    manual = ("xmlrpc.com/spec.md", "RFC 9112", "docs.python.org/3/library/xmlrpc.html")
    good = "Every language has it, anything that speaks HTTP carries it, and a person can read it."
    bad = "Slow and wordy: bytes grow by a third in base64, and each call is parsed from XML twice."
    traits = Traits(kinds=("call",), receivers=1, two_way=True, boundaries=True, reach="remote")

    def limits(self) -> Limits:
        """Those that ipcviz sets; the protocol has none."""
        return {"largest_message_bytes": LARGEST, "largest_document_bytes": LONGEST_BODY}

    def largest(self, senders: int) -> int:
        """Of a request or a reply."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A port goes with its socket."""
        return ()

    def create(self, plan: Plan) -> XmlRpcCalls:
        """Listen."""
        return XmlRpcCalls(plan, XmlRpcDialect, at_path=False)
