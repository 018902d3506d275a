"""Nagle: a question in two parts is answered once, and stalls only where small writes are held back."""

from __future__ import annotations

import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("nagle")).build.__globals__)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    return kept


class Server:
    """Answers bodies at once, up to so many, and no header within no time."""

    def __init__(self, most: int, wrong: bool = False) -> None:
        self.most, self.wrong = most, wrong
        self.asked: list[bytes] = []

    def call(self, payload: bytes, timeout: float | None = None) -> bytes:
        if len(self.asked) == 2 * self.most:
            raise KeyboardInterrupt
        self.asked.append(payload)
        if timeout == 0:
            raise TimeoutError
        return b"%d" % (zlib.crc32(payload) + self.wrong)


def test_a_question_has_two_parts(reports: dict[str, Any]) -> None:
    server = Server(3)
    with pytest.raises(KeyboardInterrupt):
        demo.ask(server, 0, 64)
    headers, bodies = server.asked[::2], server.asked[1::2]
    assert headers == [b"header: 64 bytes"] * 3
    assert {len(body) for body in bodies} == {64}
    assert [body.split()[1] for body in bodies] == [b"1", b"2", b"3"]
    assert reports["questions"] == 3
    assert 0 <= reports["median_ms"] <= reports["worst_ms"]


def test_a_wrong_answer_is_noticed(reports: dict[str, Any]) -> None:
    with pytest.raises(KeyboardInterrupt):
        demo.ask(Server(2, wrong=True), 0, 64)
    assert reports["wrong"] == 2


def test_only_bodies_are_answered(reports: dict[str, Any]) -> None:
    replies: list[bytes] = []
    parts = [b"header: 4 bytes", b"body", b"header: 5 bytes", b"other"]
    demo.answer([SimpleNamespace(payload=part, reply=replies.append) for part in parts])
    assert replies == [b"%d" % zlib.crc32(b"body"), b"%d" % zlib.crc32(b"other")]
    assert reports == {"headers": 2, "bodies": 2}


@pytest.mark.slow
def test_the_stall_and_its_cure(own_runtime: Path) -> None:
    medians = {}
    for nodelay in ("no", "yes"):
        mechanism = None if nodelay == "no" else "tcp:nodelay=yes"  # the other is what it prefers
        summary = summary_of(run("nagle", mechanism=mechanism, settings={"rate": 50}, seconds=1.5))
        (checksums,) = summary.channels
        assert checksums.mechanism == "tcp"
        assert checksums.sent == checksums.received + checksums.in_flight
        assert summary.reports["client"]["questions"] > 3
        medians[nodelay] = summary.reports["client"]["median_ms"]
    assert medians["no"] > medians["yes"]
    assert medians["no"] > 20  # the kernel's shortest delay of an acknowledgement is 40 ms
