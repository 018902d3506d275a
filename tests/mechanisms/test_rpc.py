"""Remote calls: what every call over one kernel object must do, and the guests that speak the protocols."""

from __future__ import annotations

import base64
import gc
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from xmlrpc.client import Fault, ServerProxy

import pytest

from ipcviz.ends import EndOfMessages, MessageTooLarge, ReaderGone
from ipcviz.mechanisms import grpc_call
from ipcviz.mechanisms.contract import (
    RECEIVING,
    TIMED,
    CannotCreate,
    KernelChannel,
    Mechanism,
    Plan,
)
from ipcviz.mechanisms.grpc_call import Grpc
from ipcviz.mechanisms.json_rpc import LONGEST_LINE, JsonRpc, JsonRpcOptions
from ipcviz.mechanisms.xmlrpc import XmlRpc
from tests.mechanisms.conftest import Carrier

# The suite forks while a runner may have threads of its own; the children touch nothing of those.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


class OverTcp(JsonRpcOptions, frozen=True):
    transport: Literal["unix", "tcp"] = "tcp"


class JsonRpcOverTcp(JsonRpc):
    options = OverTcp


ALL: dict[str, type[Mechanism]] = {
    "xmlrpc": XmlRpc,
    "json-rpc": JsonRpc,
    "json-rpc:transport=tcp": JsonRpcOverTcp,
    "grpc": Grpc,
}
only = pytest.mark.parametrize
by_line = only("rpc", ["json-rpc", "json-rpc:transport=tcp"], indirect=True)
over_streams = only("rpc", ["xmlrpc", "json-rpc", "json-rpc:transport=tcp"], indirect=True)
xmlrpc = only("rpc", ["xmlrpc"], indirect=True)
grpc = only("rpc", ["grpc"], indirect=True)
every_byte = bytes(range(256))


class Keeper:
    """An end that can also take a request and leave it unanswered."""

    def __init__(self, end: Any) -> None:
        self._end = end
        self._kept: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        return iter(self._end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._end, name)

    def take(self) -> bytes:
        self._kept.append(self._end.receive())
        return bytes(self._kept[-1].payload)

    def answer_taken(self, reply: bytes, place: int = 0) -> None:
        self._kept.pop(place).reply(reply)

    def answer_taken_and_close(self, reply: bytes) -> None:
        self.answer_taken(reply)
        self._end.close()

    def take_left(self) -> list[bytes]:
        """What comes until the end of requests."""
        return [bytes(request.payload) for request in self._end]


class Calls(Carrier):
    """A carrier whose responders can keep requests."""

    def create(self, plan: Plan) -> KernelChannel:
        # What earlier tests left would else be collected in a child that imports gRPC, and an import in the
        # middle of another one's lock is more than this Python takes (KeyError in _ModuleLock.acquire).
        gc.collect()
        channel = super().create(plan)
        open_end = channel.open
        channel.open = lambda endpoint, watch: Keeper(open_end(endpoint, watch))  # type: ignore[method-assign]
        return channel


@pytest.fixture(params=list(ALL))
def rpc(request: pytest.FixtureRequest, until: Any) -> Iterator[Calls]:
    """A carrier of each of them."""
    mechanism = ALL[request.param]()
    reason = mechanism.unavailable()
    if reason is not None:
        pytest.skip(reason)
    made = Calls(mechanism, until)
    yield made
    made.close()


# ---- calls ---------------------------------------------------------------------------------------------


def test_every_caller_gets_its_own_answers(rpc: Any) -> None:
    callers, (responder,) = rpc.start(3, kind="call")
    responder.begin("answer_all")
    for turn in range(20):
        for number, caller in enumerate(callers):
            caller.begin("call", b"caller %d turn %d" % (number, turn))
        for number, caller in enumerate(callers):
            assert caller.answer() == b"CALLER %d TURN %d" % (number, turn)
    for caller in callers:
        caller.ask("close")
    assert responder.answer() == 60


def test_calls_of_no_and_of_many_bytes(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    largest = rpc.mechanism.largest(1)
    assert largest >= 100_000
    for size in (0, 1, 100_000, largest):
        assert caller.ask("call", b"a" * size) == b"A" * size
    with pytest.raises(MessageTooLarge, match=f"'talk' carries at most {largest} bytes"):
        caller.ask("call", b"a" * (largest + 1))
    assert caller.ask("call", b"on") == b"ON"


def test_every_byte_arrives_as_it_was(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    payloads = [every_byte, every_byte * 4000, b"\0" * 50_000, "Grüße, \u2028 \"'\\ \U0001f600\n\t".encode()]
    payloads += [bytes([byte]) for byte in every_byte]
    for payload in payloads:
        caller.begin("call", payload)
        assert responder.ask("answer_one", payload[::-1]) == payload
        assert caller.answer() == payload[::-1]


def test_a_reply_that_is_too_large_can_be_given_smaller(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    caller.begin("call", b"x")
    with pytest.raises(MessageTooLarge):
        responder.ask("answer_one", bytes(rpc.mechanism.largest(1) + 1))
    with pytest.raises(TimeoutError):
        responder.ask("receive", timeout=0)
    assert not caller.answered


def test_an_answer_that_comes_too_late_is_dropped(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    for turn in range(3):
        with pytest.raises(TimeoutError):
            caller.ask("call", b"first", timeout=0.001)
        assert responder.ask("answer_one", b"answer to the first") == b"first"
        caller.begin("call", b"second")
        assert responder.ask("answer_one", b"answer %d" % turn) == b"second"
        assert caller.answer() == b"answer %d" % turn


def test_requests_that_were_given_up_do_not_keep_the_next_from_its_answer(rpc: Any) -> None:
    """Also not when they are large: the caller reads what comes late while it sends."""
    (caller,), (responder,) = rpc.start(kind="call")
    large = b"a" * rpc.mechanism.largest(1)
    with pytest.raises(TimeoutError):
        caller.ask("call", large, timeout=0.001)
    caller.begin("call", large[1:])
    responder.begin("answer_all")
    assert caller.answer() == large[1:].upper()
    rpc.until(lambda: responder.counted() == (2, 2))


def test_a_request_without_an_answer_does_not_keep_the_next_from_its_own(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    with pytest.raises(TimeoutError):
        caller.ask("call", b"never answered", timeout=0.001)
    caller.begin("call", b"answered")
    taken = [responder.ask("take"), responder.ask("take")]
    assert taken == [b"never answered", b"answered"] or not rpc.mechanism.traits.ordered
    responder.ask("answer_taken", b"yes", taken.index(b"answered"))
    assert caller.answer() == b"yes"


def test_nothing_comes_within_the_timeout(rpc: Any) -> None:
    _, (responder,) = rpc.start(kind="call")
    with pytest.raises(TimeoutError, match=r"nothing came from channel 'talk' within 0.01 s"):
        responder.ask("receive", timeout=0.01)
    assert ("blocked", RECEIVING | TIMED) in responder.ask("heard")


# ---- ends and deaths -----------------------------------------------------------------------------------


def test_a_caller_learns_that_the_responder_was_killed(rpc: Any) -> None:
    (caller, other), (responder,) = rpc.start(2, kind="call")
    caller.begin("call", b"x")
    caller.until_it_waits()
    responder.kill()
    with pytest.raises(ReaderGone, match="responder of 'talk' is gone"):
        caller.answer()
    for peer in (other, caller, other):
        with pytest.raises(ReaderGone):
            peer.ask("call", b"x")


def test_a_caller_learns_that_the_responder_has_closed(rpc: Any) -> None:
    (caller, other), (responder,) = rpc.start(2, kind="call")
    caller.begin("call", b"x")
    assert responder.ask("take") == b"x"
    responder.ask("close")
    responder.ask("close")
    with pytest.raises(ReaderGone):
        caller.answer()
    with pytest.raises(ReaderGone):
        other.ask("call", b"x")
    with pytest.raises(EndOfMessages):
        responder.ask("receive")


def test_the_last_reply_arrives_though_the_responder_closes_at_once(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    large = bytes(rpc.mechanism.largest(1))
    caller.begin("call", b"x")
    assert responder.ask("take") == b"x"
    responder.ask("answer_taken_and_close", large)
    responder.end()
    assert caller.answer() == large


def test_a_caller_that_was_killed_does_not_disturb_the_others(rpc: Any) -> None:
    (caller, other), (responder,) = rpc.start(2, kind="call")
    caller.begin("call", b"asked and never heard")
    assert responder.ask("take") == b"asked and never heard"
    caller.kill()
    with pytest.raises(ReaderGone):
        responder.ask("answer_taken", b"for nobody")
    responder.begin("answer_all")
    assert other.ask("call", b"x") == b"X"
    other.ask("close")
    assert responder.answer() == 1


def test_a_caller_that_is_killed_while_it_sends_does_not_disturb_the_others(rpc: Any) -> None:
    (caller, other), (responder,) = rpc.start(2, kind="call")
    caller.begin("call", b"a" * rpc.mechanism.largest(1))
    caller.until_it_waits()  # with what the kernel does not hold still in its hands
    caller.kill()
    other.begin("call", b"x")
    taken = [responder.ask("take")]
    if taken != [b"x"]:
        taken.append(responder.ask("take"))
    other.kill()
    taken += responder.ask("take_left")
    assert taken.count(b"x") == 1
    assert [len(payload) for payload in taken if payload != b"x"] in ([], [rpc.mechanism.largest(1)])


@only("how", ["kill", "end"])
def test_callers_that_die_before_they_call_are_the_end_of_requests(rpc: Any, how: str) -> None:
    callers, (responder,) = rpc.start(2, kind="call")
    responder.begin("answer_all")
    responder.until_it_waits()
    for caller in callers:
        getattr(caller, how)()
    assert responder.answer() == 0
    with pytest.raises(EndOfMessages):
        responder.ask("receive")
    assert responder.has_closed


def test_what_a_caller_asked_before_it_closed_is_still_received(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    with pytest.raises(TimeoutError):
        caller.ask("call", b"asked", timeout=0.2)
    caller.ask("close")
    with pytest.raises(ReaderGone):
        caller.ask("call", b"x")
    assert responder.ask("take") == b"asked"
    with pytest.raises(EndOfMessages):
        responder.ask("receive")


# ---- what is told and counted --------------------------------------------------------------------------


def test_what_the_watches_are_told(rpc: Any) -> None:
    (first, second), (responder,) = rpc.start(2, kind="call")
    for turn in (1, 2):
        second.begin("call", b"request")
        responder.ask("answer_one", b"re")
        assert second.answer() == b"re"
        told = [item for item in responder.ask("heard") if item[0] == "received"]
        assert told[-1] == ("received", 7, 999 + turn, 1, turn, b"request")
        assert [item for item in second.ask("heard") if item[0] == "received"][-1][3:] == (2, turn, b"re")
    assert ("blocked", RECEIVING) in second.ask("heard")
    assert second.counted() == responder.counted() == (2, 2)
    assert first.counted() == (0, 0)


def test_what_is_in_flight_of_a_call_goes_both_ways(rpc: Any) -> None:
    (caller, other), (responder,) = rpc.start(2, kind="call")
    assert rpc.depth().now == 0
    for peer in (caller, other):
        with pytest.raises(TimeoutError):
            peer.ask("call", b"request", timeout=0.001)
    assert rpc.depth().now == 2
    responder.ask("answer_one", b"reply")
    depth = rpc.depth()
    assert (depth.now, depth.unit, depth.quality, depth.capacity) == (2, "messages", "estimate", None)
    assert "sent less received" in depth.reason
    rpc.channel.hold(rpc)
    for peer in (caller, other, responder):
        peer.kill()
    assert rpc.channel.in_flight() == 2


@only("role", ["caller", "responder"])
def test_one_that_waits_does_not_spin(rpc: Any, role: str) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    waiting = caller if role == "caller" else responder
    waiting.begin(*(["call", b"x"] if role == "caller" else ["receive"]))
    waiting.until_it_waits()
    before = _main_thread_switches(waiting.pid)
    rpc.until(_time_passes(0.3))
    assert _main_thread_switches(waiting.pid) == before


def test_the_registry_tells_what_it_is(rpc: Any) -> None:
    mechanism = rpc.mechanism
    assert mechanism.unavailable() is None
    assert mechanism.limits()["largest_message_bytes"] == mechanism.largest(1) == mechanism.largest(9)
    assert mechanism.about.endswith(".")
    assert mechanism.traits.kinds == ("call",)


# ---- nothing is left -----------------------------------------------------------------------------------


def test_the_supervisor_keeps_no_descriptors(rpc: Any) -> None:
    rpc.create(rpc.plan(1, 1, "call")).destroy()  # what is imported at first stays open
    gc.collect()
    before = sorted(os.listdir("/proc/self/fd"))
    channel = rpc.create(rpc.plan(3, 1, "call"))
    assert sorted(os.listdir("/proc/self/fd")) != before
    channel.release()
    channel.release()
    assert sorted(os.listdir("/proc/self/fd")) == before
    channel.destroy()
    channel.destroy()
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert os.listdir(rpc.folder) == []


def test_ends_that_are_closed_leave_no_descriptors(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    caller.begin("call", b"x")
    responder.ask("answer_one", b"y")
    caller.answer()
    assert _channels_of(caller.pid)
    for peer in (caller, responder):
        peer.ask("close")
        rpc.until(lambda peer=peer: not _channels_of(peer.pid))


def test_all_names_are_in_the_ledger_s_list(rpc: Any) -> None:
    rpc.start(kind="call")
    assert [name for _, name in rpc.mechanism.names(rpc.channel.plan)] == os.listdir(rpc.folder)


@only("rpc", ["json-rpc", "grpc"], indirect=True)
def test_a_path_that_is_too_long(rpc: Any, tmp_path: Path) -> None:
    folder = rpc.folder
    rpc.folder = str(tmp_path / ("long" * 30))
    with pytest.raises(CannotCreate, match=r"'talk': the path of its socket, .* Unix socket's may have 107"):
        rpc.create(rpc.plan(1, 1, "call"))
    rpc.folder = folder


@grpc
def test_grpc_does_not_begin_in_the_supervisor(rpc: Any) -> None:
    del rpc
    script = """
        import sys
        from ipcviz.mechanisms.contract import Plan
        from ipcviz.mechanisms.grpc_call import Grpc
        assert not {name.partition(".")[0] for name in sys.modules} & {"grpc", "grpc_tools", "google"}
        channel = Grpc().create(Plan("talk", "call", (0,), (1,), "none", "/nowhere"))
        channel.release()
        assert not {name.partition(".")[0] for name in sys.modules} & {"grpc", "google"}
    """
    _run(script)


def test_without_grpc_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_call, "find_spec", lambda name: None)
    assert Grpc().unavailable() == "the package grpcio is not installed; pip install 'ipcviz[grpc]'"


# ---- guests --------------------------------------------------------------------------------------------


def _guest(rpc: Any) -> socket.socket:
    """A plain connection to the responder."""
    address = rpc.channel.address().removeprefix("http://").rstrip("/")
    made = socket.socket(socket.AF_UNIX if address.startswith("/") else socket.AF_INET)
    made.settimeout(30)
    host, _, port = address.rpartition(":")
    made.connect(address if address.startswith("/") else (host, int(port)))
    return made


def _line(guest: socket.socket, line: bytes | dict[str, Any]) -> Any:
    """Say a line, and hear one."""
    guest.sendall((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
    return _heard(guest)


def _heard(guest: socket.socket) -> Any:
    heard = b""
    while not heard.endswith(b"\n"):
        piece = guest.recv(65536)
        if not piece:
            return None
        heard += piece
    return json.loads(heard)


def _call(number: Any, **parameters: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "call", "params": parameters, "id": number}


@by_line
def test_a_guest_calls_by_json(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        for number in (1, 0, -7, "a", "\u00fc\ud800", 1.5, None):
            answer = {"jsonrpc": "2.0", "result": {"text": "HELLO"}, "id": number}
            assert _line(guest, _call(number, text="hello")) == answer
        assert _line(guest, {**_call(2), "params": ["hello"]})["result"] == {"text": "HELLO"}
        assert _line(guest, _call(3, base64="YQ=="))["result"] == {"text": "A"}
        raw = base64.b64encode(b"\xffa").decode()
        upper = base64.b64encode(b"\xffA").decode()
        assert _line(guest, _call(4, base64=raw))["result"] == {"base64": upper}
        guest.sendall(b"".join(json.dumps(_call(number, text="x")).encode() + b"\n" for number in (5, 6)))
        assert _heard_ids(guest, 2) == [5, 6]
        assert caller.ask("call", b"mine") == b"MINE"
        caller.ask("close")
        assert responder.answer() == 13  # a guest that stays does not keep the end away
    assert responder.counted() == caller.counted() == (1, 1)


def _heard_ids(guest: socket.socket, count: int) -> list[Any]:
    with guest.makefile("rb") as lines:
        return [json.loads(lines.readline())["id"] for _ in range(count)]


@by_line
@only(
    ("line", "code", "number"),
    [
        (b"hello", -32700, None),
        (b"", -32700, None),
        (b"\xff\xfe", -32700, None),
        (b'{"jsonrpc": "2.0", "method": "call", "id": NaN}', -32700, None),
        (b"[" * 100_000, -32700, None),
        (b"1", -32600, None),
        (b"[]", -32600, None),
        (b'[{"jsonrpc": "2.0", "method": "call", "params": ["x"], "id": 1}]', -32600, None),
        (b'{"method": "call", "id": 1}', -32600, 1),
        (b'{"jsonrpc": "2.0", "method": 1, "id": "a"}', -32600, "a"),
        (b'{"jsonrpc": "2.0", "method": "call", "params": ["x"], "id": {}}', -32600, None),
        (b'{"jsonrpc": "2.0", "method": "call", "params": ["x"], "id": true}', -32600, None),
        (b'{"jsonrpc": "2.0", "method": "call", "params": ["x"], "id": 1e999}', -32600, None),
        (b'{"jsonrpc": "2.0", "method": "sum", "params": [1, 2], "id": 1}', -32601, 1),
        (b'{"jsonrpc": "2.0", "method": "call", "id": 1}', -32602, 1),
        (b'{"jsonrpc": "2.0", "method": "call", "params": [1], "id": 1}', -32602, 1),
        (b'{"jsonrpc": "2.0", "method": "call", "params": {"base64": "%"}, "id": 1}', -32602, 1),
        (b'{"jsonrpc": "2.0", "method": "call", "params": {"text": "\\ud800"}, "id": 1}', -32602, 1),
        (b'{"jsonrpc": "2.0", "method": "call", "params": {"text": "", "base64": ""}, "id": 1}', -32602, 1),
        (json.dumps(_call(1, text="a" * (1 << 20))).encode(), -32602, 1),
    ],
)
def test_what_a_guest_says_wrong_is_answered_with_an_error(
    rpc: Any, line: bytes, code: int, number: Any
) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        answer = _line(guest, line)
        assert answer["jsonrpc"] == "2.0"
        assert answer["error"]["code"] == code
        assert answer["error"]["message"]
        assert answer["id"] == number
        assert _line(guest, _call(2, text="on"))["result"] == {"text": "ON"}
    assert caller.ask("call", b"x") == b"X"


@by_line
def test_a_notification_is_received_and_not_answered(rpc: Any) -> None:
    _, (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        notification = _call(None, text="note")
        del notification["id"]
        for wrong in ({"method": "sum"}, {"params": 1}, {}):
            guest.sendall(json.dumps({**notification, **wrong}).encode() + b"\n")
        assert _line(guest, _call(1, text="call"))["result"] == {"text": "CALL"}
    (caller,) = (rpc.peers[end] for end in rpc.channel.plan.senders)
    caller.ask("close")
    assert responder.answer() == 2


@by_line
def test_a_line_without_end_is_cut_off(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        guest.sendall(b"a" * (LONGEST_LINE + 10))
        assert _heard(guest)["error"]["code"] == -32600
        assert guest.recv(1) == b""
    assert caller.ask("call", b"x") == b"X"


@over_streams
def test_guests_that_leave_or_hang_stop_nobody(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    half = _guest(rpc)
    half.sendall(b'{"jsonrpc": "2.0"' if "json" in rpc.mechanism.name else b"POST / HTTP/1.1\r\nContent-Len")
    responder.begin("answer_all")
    assert caller.ask("call", b"x") == b"X"
    gone = _guest(rpc)
    gone.sendall(_request(rpc, b"gone"))
    gone.close()
    idle = _guest(rpc)
    assert caller.ask("call", b"y") == b"Y"
    caller.ask("close")
    assert responder.answer() in (2, 3)
    for guest in (half, idle):
        guest.close()


def _request(rpc: Any, payload: bytes) -> bytes:
    """As a guest writes it."""
    if rpc.mechanism.name == "json-rpc":
        return json.dumps(_call(1, text=payload.decode())).encode() + b"\n"
    from xmlrpc.client import Binary, dumps

    body = dumps((Binary(payload),), "call").encode()
    return b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@over_streams
def test_a_guest_that_never_reads_loses_its_replies_and_nobody_else_does(rpc: Any) -> None:
    """It asks for more than every buffer holds."""
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    guest = _guest(rpc)
    guest.setblocking(False)
    guest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    asked = _request(rpc, b"a" * 1_000_000)
    rest = asked

    def shown_out() -> bool:
        nonlocal rest
        try:
            rest = rest[guest.send(rest) :] or asked
        except BlockingIOError:
            return False
        except OSError:
            return True
        return False

    rpc.until(shown_out)
    guest.close()
    assert caller.ask("call", b"x") == b"X"


@over_streams
def test_a_guest_that_only_shuts_down_its_sending_is_answered(rpc: Any) -> None:
    _, (responder,) = rpc.start(kind="call")
    with _guest(rpc) as guest:
        guest.sendall(_request(rpc, b"last"))
        guest.shutdown(socket.SHUT_WR)
        assert responder.ask("take") == b"last"
        responder.ask("answer_taken", b"answer")
        responder.begin("answer_all")
        heard = b""
        while piece := guest.recv(65536):
            heard += piece
        assert b"answer" in heard or base64.b64encode(b"answer") in heard


@xmlrpc
def test_a_guest_calls_by_the_standard_library_s_proxy(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with ServerProxy(rpc.channel.address()) as proxy:
        assert rpc.channel.address().startswith("http://127.0.0.1:")
        for payload in (b"", b"hello", every_byte, b"a" * 1_000_000):
            assert proxy.call(payload).data == payload.upper()
        assert proxy.call("text").data == b"TEXT"
        for wrong, code in ((proxy.sum, -32601), (proxy.system.listMethods, -32601)):
            with pytest.raises(Fault) as caught:
                wrong()
            assert caught.value.faultCode == code
        for parameters in ((), (1,), (b"a", b"b"), (b"a" * (1 << 20),)):
            with pytest.raises(Fault, match=r"takes one parameter|at most 1048560 bytes") as caught:
                proxy.call(*parameters)
            assert caught.value.faultCode == -32602
        assert caller.ask("call", b"mine") == b"MINE"
        caller.ask("close")
        assert responder.answer() == 6
    assert responder.counted() == caller.counted() == (1, 1)


HEAD = b"POST /RPC2 HTTP/1.1\r\nHost: here\r\n"


@xmlrpc
@only(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b"405"),
        (b"hello\r\n\r\n", b"400"),
        (HEAD + b"no colon\r\n\r\n", b"400"),
        (HEAD + b"Content-Length : 1\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
        (HEAD + b"\r\n", b"411"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"411"),
        (HEAD + b"Content-Length: 99999999\r\n\r\n" + b"x" * 300_000, b"413"),
        (HEAD + b"Cookie: " + b"x" * 20_000, b"431"),
        (b"POST / HTTP/2.0\r\nContent-Length: 1\r\n\r\n", b"505"),
    ],
)
def test_what_a_guest_says_wrong_is_answered_with_a_status(
    rpc: Any, request_bytes: bytes, status: bytes
) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        guest.sendall(request_bytes)
        heard = b""
        while piece := guest.recv(65536):
            heard += piece
        assert heard.startswith(b"HTTP/1.1 " + status)
        assert b"Connection: close\r\n" in heard
    assert caller.ask("call", b"x") == b"X"


@xmlrpc
def test_xml_that_is_none_is_answered_with_a_fault(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        for body in (b"", b"<xml", b"\xff", b"<methodCall/>", b"<?xml version='1.0'?><fault/>"):
            guest.sendall(HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            heard = b""
            while b"</methodResponse>" not in heard:
                heard += guest.recv(65536)
            assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"-32700" in heard or b"-32601" in heard
    assert caller.ask("call", b"x") == b"X"


@xmlrpc
def test_a_guest_that_waits_to_be_told_to_go_on_is_told(rpc: Any) -> None:
    _, (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    head, _, body = _request(rpc, b"hello").partition(b"\r\n\r\n")
    with _guest(rpc) as guest:
        guest.sendall(head + b"\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        assert guest.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        guest.sendall(body)
        heard = b""
        while piece := guest.recv(65536):
            heard += piece
        assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
        assert base64.b64encode(b"HELLO") in heard


@xmlrpc
def test_guests_that_ask_twice_at_once_are_answered_in_order(rpc: Any) -> None:
    _, (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    with _guest(rpc) as guest:
        guest.sendall(b"".join(_request(rpc, word) for word in (b"one", b"two", b"three")))
        heard = b""
        while heard.count(b"</methodResponse>") < 3:
            heard += guest.recv(65536)
        places = [heard.index(base64.b64encode(word)) for word in (b"ONE", b"TWO", b"THREE")]
        assert places == sorted(places)


@over_streams
def test_one_who_says_that_it_is_a_caller_does_not_get_its_replies(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    assert caller.ask("call", b"mine") == b"MINE"
    forged = (b"\1" * 8 + bytes(7) + b"\2").hex()
    with _guest(rpc) as guest:
        if rpc.mechanism.name == "json-rpc":
            assert _line(guest, _call(9, text="his", envelope=forged))["result"]["text"] == "HIS"
        else:
            head, _, body = _request(rpc, b"his").partition(b"\r\n\r\n")
            guest.sendall(head + b"\r\nIpcviz-Envelope: " + forged.encode() + b"\r\n\r\n" + body)
            heard = b""
            while b"</methodResponse>" not in heard:
                heard += guest.recv(65536)
            assert base64.b64encode(b"HIS") in heard
        assert caller.ask("call", b"mine") == b"MINE"
    caller.ask("close")
    assert responder.answer() == 3
    assert responder.counted() == (2, 2)


GRPC_GUEST = """
    import sys
    import grpc
    from pathlib import Path
    import ipcviz.mechanisms
    sys.path.insert(0, str(Path(ipcviz.mechanisms.__file__).parent))
    messages, services = grpc.protos_and_services("grpc_call.proto")
    with grpc.insecure_channel(sys.argv[1]) as channel:
        stub = services.ResponderStub(channel)
        for payload in (b"", b"hello", bytes(range(256)), b"a" * 1_000_000):
            assert stub.Call(messages.Payload(payload=payload)).payload == payload.upper()
        for wrong, code in (
            (lambda: stub.Call(messages.Payload(payload=bytes(2 << 20))), "RESOURCE_EXHAUSTED"),
            (lambda: channel.unary_unary("/ipcviz.Responder/Sum")(b""), "UNIMPLEMENTED"),
            (lambda: channel.unary_unary("/ipcviz.Responder/Call")(b"\\xff\\xff"), "INTERNAL"),
        ):
            try:
                wrong()
            except grpc.RpcError as error:
                assert error.code().name in (code, "UNKNOWN"), error
            else:
                raise AssertionError(code)
        print("well")
"""


@grpc
def test_a_guest_calls_by_the_schema(rpc: Any) -> None:
    (caller,), (responder,) = rpc.start(kind="call")
    responder.begin("answer_all")
    assert _run(GRPC_GUEST, rpc.channel.address()) == "well\n"
    assert caller.ask("call", b"mine") == b"MINE"
    caller.ask("close")
    assert responder.answer() == 5
    assert responder.counted() == caller.counted() == (1, 1)


def _run(script: str, *arguments: str) -> str:
    """What a program of its own prints."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _main_thread_switches(pid: int) -> list[str]:
    status = Path(f"/proc/{pid}/task/{pid}/status").read_text().split("\n")
    return [line for line in status if "ctxt_switches" in line]


def _time_passes(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _channels_of(pid: int) -> list[str]:
    """The sockets and pipes that it has open, but for its standard ones and that of its orders."""
    folder = Path(f"/proc/{pid}/fd")
    links = []
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # closed meanwhile
            links.append(os.readlink(folder / name) if int(name) > 2 else "")
    return [link for link in links if link.startswith(("socket:", "pipe:"))][1:]
