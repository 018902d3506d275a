"""Publish and subscribe: who pays for the slow one, and for coming late."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("pub_sub")).build.__globals__)


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", ["pipe", "file"])
def test_nobody_misses_anything_on_what_is_lossless(mechanism: str, own_runtime: Path) -> None:
    summary = summary_of(run("pub_sub", mechanism=mechanism, settings={"late": 0.3}, seconds=1.5))
    for name in ("fast", "slow", "late"):
        assert summary.reports[name]["missed"] == 0
    assert summary.reports["slow"]["received"] < summary.reports["fast"]["received"]


@pytest.mark.slow
def test_a_full_queue_of_zeromq_drops_for_the_slow_one(own_runtime: Path) -> None:
    options = "zmq-ipc:hwm=1,sndbuf=4096,rcvbuf=4096"
    summary = summary_of(run("pub_sub", mechanism=options, settings={"rate": 0, "late": 0}, seconds=1.5))
    (news,) = summary.channels
    assert news.kind == "broadcast"
    assert news.lost > 0
    assert news.sent == news.received + news.in_flight + news.lost


@pytest.mark.slow
def test_on_pipes_the_publisher_goes_at_the_pace_of_the_slowest(own_runtime: Path) -> None:
    settings = {"rate": 0, "slow": 20, "late": 0}
    summary = summary_of(run("pub_sub", mechanism="pipe", settings=settings, seconds=1.5))
    slowest = min(channel.received for channel in summary.channels)
    room = 65536 // demo.PAGE + 2
    assert all(channel.sent <= slowest + room for channel in summary.channels)
    assert sum(channel.blocked_s.send for channel in summary.channels) > 0


@pytest.mark.slow
@pytest.mark.parametrize(("mechanism", "missing"), [("file", False), ("zmq-ipc", True)])
def test_who_comes_late(mechanism: str, missing: bool, own_runtime: Path) -> None:
    settings = {"rate": 200, "late": 1}
    summary = summary_of(run("pub_sub", mechanism=mechanism, settings=settings, seconds=2))
    assert summary.reports["late"]["received"] > 0
    assert (summary.reports["late"]["missed"] > 0) is missing


def test_what_is_missed_is_told_from_the_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    monkeypatch.setitem(demo.subscribe.__globals__, "report", told.update)
    demo.subscribe([b"%d 0 page" % number for number in (3, 4, 9, 8)], 0, 0)
    assert (told["received"], told["missed"]) == (4, 5)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 20_000])
def test_pages_are_numbered_and_fit(content: bytes, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(content)
    sent: list[bytes] = []

    def send(payload: bytes) -> None:
        sent.append(payload)
        if len(sent) == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.publish(SimpleNamespace(send=send), text, 0)
    assert max(map(len, sent)) < 4000
    assert [int(message.split()[0]) for message in sent] == list(range(1, 13))
    pages = -(-len(content) // demo.PAGE) or 1
    assert b"".join(message.split(b" ", 2)[2] for message in sent[:pages]) == content
