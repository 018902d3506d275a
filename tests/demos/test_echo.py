"""Echo: every line comes back with its prefix, to clients and to a guest."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import live, run, summary_of, take_until

from ipcviz import catalog
from ipcviz import events as ev

demo = SimpleNamespace(**catalog.load(catalog.find("echo")).build.__globals__)


def test_a_line_and_one_that_is_too_long() -> None:
    assert demo.answer_to(b"hello", b"echo: ") == b"echo: hello"
    assert demo.answer_to(b"x" * demo.LONGEST, b"> ") == b"> " + b"x" * demo.LONGEST
    assert demo.answer_to(b"x" * (demo.LONGEST + 1), b"> ") == b"a line has %d bytes at most" % demo.LONGEST


def test_every_line_of_the_text_is_one_clients(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"one\n\n two \nthree\n" + b"x" * 9999 + b"\n")
    shares = [demo.own_lines(text, turn, 3) for turn in range(3)]
    assert shares[0][0] == b"one"
    assert shares[0][1] == b"x" * (demo.LONGEST + 1)
    assert shares[1:] == [[b"two"], [b"three"]]
    text.write_bytes(b"")
    assert demo.own_lines(text, 0, 3) == [b"hello"]


@pytest.mark.parametrize("mechanism", ["tcp", "pipe"])
def test_it_ends_when_the_clients_close(mechanism: str, own_runtime: Path) -> None:
    summary = summary_of(run("echo", mechanism=mechanism, settings={"lines": 20, "rate": 0}))
    assert summary.reports["server"] == {"answered": 60}
    assert all(summary.reports[f"client {n}"]["echoed"] == 20 for n in (1, 2, 3))


def test_a_guest_gets_its_lines_back_and_is_not_counted(own_runtime: Path) -> None:
    with live("echo", mechanism="tcp") as source:
        events = take_until(source, lambda seen: any(isinstance(event, ev.Frame) for event in seen))
        (started,) = (event for event in events if isinstance(event, ev.SessionStarted))
        host, _, port = started.channels[0].address.partition(":")
        with socket.create_connection((host, int(port)), 20) as guest, guest.makefile("rb") as lines:
            guest.sendall("안녕\r\n\x1b[31mred\n".encode())
            assert lines.readline() == "echo: 안녕\n".encode()
            assert lines.readline() == b"echo: \x1b[31mred\n"
            guest.sendall(b"without an end")
            guest.shutdown(socket.SHUT_WR)
            assert lines.readline() == b"echo: without an end\n"
        source.stop()
        events += take_until(source, lambda seen: False)
    (channel,) = summary_of(events).channels
    assert channel.sent == channel.received + channel.in_flight


def test_a_client_checks_what_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, int] = {}
    monkeypatch.setitem(demo.talk.__globals__, "report", told.update)
    text = tmp_path / "text"
    text.write_bytes(b"one\ntwo\n" + b"x" * 2000 + b"\n")
    answers: list[object] = [b"> one", TimeoutError(), b"a line has 1000 bytes at most", b"> eno"]
    asked: list[bytes] = []

    def call(payload: bytes, timeout: float | None = None) -> object:
        asked.append(payload)
        answer = answers[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    demo.talk(SimpleNamespace(call=call), text, 0, 1, 4, 0, b"> ")
    assert asked == [b"one", b"two", b"x" * 1001, b"one"]
    assert told == {"echoed": 1, "too_long": 1, "lost": 1, "altered": 1}
