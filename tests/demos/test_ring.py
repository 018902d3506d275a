"""A ring: the token comes back with everybody's number."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("ring")).build.__globals__)


def test_each_adds_its_number() -> None:
    sent: list[bytes] = []
    demo.pass_on([b"lap 3 sum 1"], SimpleNamespace(send=sent.append), 2, 0)
    assert sent == [b"lap 3 sum 3"]


@pytest.mark.parametrize("n", [2, 7])
def test_the_token_goes_round(n: int, own_runtime: Path) -> None:
    summary = summary_of(run("ring", settings={"n": n, "work": 0}, seconds=1))
    assert len(summary.channels) == n
    laps = summary.reports["1 begins"]["laps"]
    assert laps > 3
    assert all(laps <= channel.sent <= laps + 2 for channel in summary.channels)
