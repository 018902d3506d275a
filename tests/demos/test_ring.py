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


@pytest.mark.parametrize("token", [b"lap 1 sum 5", b"lap 2 sum 6", b""])
def test_a_token_that_somebody_left_out_is_noticed(token: bytes) -> None:
    sent: list[bytes] = []
    with pytest.raises(ValueError, match="lap 1 came back as"):
        demo.lead([token], SimpleNamespace(send=sent.append), 3, 0)
    assert sent == [b"lap 1 sum 1"]


def test_each_lap_begins_when_the_one_before_has_ended() -> None:
    sent: list[bytes] = []
    demo.lead([b"lap 1 sum 6", b"lap 2 sum 6"], SimpleNamespace(send=sent.append), 3, 0)
    assert sent == [b"lap 1 sum 1", b"lap 2 sum 1", b"lap 3 sum 1"]
