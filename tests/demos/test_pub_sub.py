"""Publish and subscribe: on a pipe all get everything, at the pace of the slowest."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("pub_sub")).build.__globals__)


@pytest.mark.parametrize("mechanism", ["pipe", "file"])
def test_nobody_misses_anything_on_what_is_lossless(mechanism: str, own_runtime: Path) -> None:
    summary = summary_of(run("pub_sub", mechanism=mechanism, settings={"late": 0.3}, seconds=1.5))
    for name in ("fast", "slow", "late"):
        assert summary.reports[name]["missed"] == 0
    assert summary.reports["slow"]["received"] < summary.reports["fast"]["received"]


def test_a_full_queue_of_zeromq_drops_for_the_slow_one(own_runtime: Path) -> None:
    options = "zmq-ipc:hwm=1,sndbuf=4096,rcvbuf=4096"
    summary = summary_of(run("pub_sub", mechanism=options, settings={"rate": 0, "late": 0}, seconds=1.5))
    (news,) = summary.channels
    assert news.kind == "broadcast"
    assert news.lost > 0
    assert news.sent == news.received + news.in_flight + news.lost
