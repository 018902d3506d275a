"""Backpressure: a slow last stage makes the source wait."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog
from ipcviz.catalog import CatalogError

demo = SimpleNamespace(**catalog.load(catalog.find("backpressure")).build.__globals__)


@pytest.mark.slow
def test_the_wait_moves_up_to_the_source(own_runtime: Path) -> None:
    mechanism = "posix-mq:messages=2"
    summary = summary_of(run("backpressure", mechanism=mechanism, settings={"rate": 0}, seconds=3))
    assert [channel.depth.max for channel in summary.channels] == [2, 2, 2]
    assert summary.channels[0].blocked_s.send > 0.5, "the source waits"


@pytest.mark.slow
def test_a_slow_first_stage_leaves_the_rest_empty(own_runtime: Path) -> None:
    settings = {"rate": 0, "which": 1}
    summary = summary_of(run("backpressure", mechanism="posix-mq", settings=settings, seconds=2))
    assert summary.channels[0].depth.max == summary.channels[0].depth.capacity
    assert all((channel.depth.max or 0) <= 1 for channel in summary.channels[1:])


def test_a_stage_that_is_not_there() -> None:
    known = catalog.load(catalog.find("backpressure"))
    with pytest.raises(CatalogError, match="there is no stage 5 among 3"):
        catalog.build(known, catalog.values(known, {"which": "5"}))


def test_a_parcel_has_the_stamp_of_every_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    def first(payload: bytes) -> None:
        sent.append(payload)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.send(SimpleNamespace(send=first), 0)
    for number in range(1, 12):
        onward: list[bytes] = []
        demo.stamp(sent, SimpleNamespace(send=onward.append), number, 0)
        sent = onward
    assert len(sent[0]) == demo.SIZE
    told: dict[str, int] = {}
    monkeypatch.setitem(demo.stamp.__globals__, "report", told.update)
    demo.stamp([*sent, b"parcel 1 13....", sent[0].replace(b"2", b"\xcd")], None, 12, 0)
    assert told == {"done": 3, "wrong": 2}
