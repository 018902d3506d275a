"""A mesh: every rumour reaches everybody."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("mesh")).build.__globals__)


@pytest.mark.parametrize("knowers", [{1}, {1, 2, 9}])
def test_a_rumour_survives_being_told(knowers: set[int]) -> None:
    rumour = demo.Rumour(7, 3, frozenset(knowers))
    assert demo.heard(demo.told(rumour)) == rumour


def test_the_newer_rumour_wins_and_knowers_are_joined() -> None:
    mine, other = demo.Rumour(1, 2, frozenset([1])), demo.Rumour(1, 5, frozenset([2]))
    assert demo.newer(mine, other, 1) == demo.Rumour(1, 5, frozenset([1, 2]))
    newer = demo.Rumour(2, 0, frozenset([3]))
    assert demo.newer(mine, newer, 1).knowers == frozenset([1, 3])
    assert demo.newer(newer, mine, 3) == newer


def test_all_come_to_know(own_runtime: Path) -> None:
    summary = summary_of(run("mesh", settings={"n": 4, "rate": 60}, seconds=2))
    known = [report["known"] for report in summary.reports.values()]
    assert len(known) == 4
    assert min(known) >= 2, "the second rumour begins when all know the first"
