"""A star: a slow one holds up nobody but itself, unless the hub is patient."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("star")).build.__globals__)


def test_what_finds_no_room_is_dropped_and_who_has_left_is_not_talked_to() -> None:
    heard: list[bytes] = []

    def full(line: bytes, timeout: float | None = None) -> None:
        raise TimeoutError

    def gone(line: bytes, timeout: float | None = None) -> None:
        raise demo.ReaderGone

    def good(line: bytes, timeout: float | None = None) -> None:
        heard.append(line)

    ears = {name: SimpleNamespace(send=send) for name, send in (("a", good), ("b", full), ("c", gone))}
    demo.pass_on([b"a: hello", b"b: hi"], ears, 0)
    assert heard == [b"b: hi"]
    assert set(ears) == {"a", "b"}
    demo.pass_on([b"\x9e: oh"], ears, 0)  # nobody's, as it is damaged
    assert heard == [b"b: hi", b"\x9e: oh"]


def test_the_slow_one_alone_misses_lines(own_runtime: Path) -> None:
    settings = {"people": 3, "rate": 40, "slow": 5}
    summary = summary_of(run("star", mechanism="posix-mq", settings=settings, seconds=2))
    assert summary.reports["hub"]["dropped"] > 0
    slow = summary.channels[-1]
    assert slow.depth.max == slow.depth.capacity
    assert slow.received < min(channel.received for channel in summary.channels[1:-1])


@pytest.mark.slow
def test_a_patient_hub_makes_everybody_wait(own_runtime: Path) -> None:
    settings = {"people": 3, "rate": 40, "slow": 60, "patience": 60}
    summary = summary_of(run("star", mechanism="posix-mq", settings=settings, seconds=2))
    talk, slow = summary.channels[0], summary.channels[-1]
    assert slow.depth.max == slow.depth.capacity
    assert talk.depth.max == talk.depth.capacity
    assert talk.blocked_s.send > 0
    assert summary.reports["hub"]["dropped"] == 0


def test_without_a_pace_all_are_heard_and_the_slow_one_alone_misses_lines(own_runtime: Path) -> None:
    settings = {"people": 3, "rate": 0, "slow": 0.2}
    summary = summary_of(run("star", mechanism="pipe", settings=settings, seconds=1))
    quick, slow = summary.reports["Ada"]["heard"], summary.reports["Cleo"]["heard"]
    assert quick > 100 > 6 >= slow > 0


def test_everybody_says_their_lines_and_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, int] = {}
    monkeypatch.setitem(demo.chat.__globals__, "report", told.update)
    text = tmp_path / "text"
    text.write_bytes(b"one\n\n" + b"x" * 9999 + b"\n")
    said: list[bytes] = []
    waiting: list[object] = [b"hello", TimeoutError(), b"hi", b"oh", TimeoutError(), demo.EndOfMessages()]

    def receive(timeout: float) -> object:
        assert timeout > 0
        came = waiting.pop(0)
        if isinstance(came, Exception):
            raise came
        return came

    ear = SimpleNamespace(receive=receive)
    demo.chat("Ada", SimpleNamespace(send=said.append), ear, text, 0.001, 0)
    assert said == [b"Ada: one", b"Ada: " + b"x" * demo.LARGEST, b"Ada: one"]
    assert told == {"heard": 3}
