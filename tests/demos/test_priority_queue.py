"""A priority queue: the urgent overtake where there are priorities."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from helpers.runs import run, summary_of

from ipcviz import catalog
from ipcviz.choice import able_for_all

demo = SimpleNamespace(**catalog.load(catalog.find("priority_queue")).build.__globals__)


def test_the_urgent_overtake_and_without_priorities_wait_in_line(own_runtime: Path) -> None:
    quick = {"burst": 20, "work": 0.02, "urgent": 10}
    first = summary_of(run("priority_queue", mechanism="sysv-mq", settings=quick, seconds=2))
    assert first.reports["worker"]["overtaken"] > 0
    settings = {**quick, "priorities": "no"}
    second = summary_of(run("priority_queue", mechanism="sysv-mq", settings=settings, seconds=2))
    assert second.reports["worker"]["overtaken"] == 0


def test_priorities_are_needed_only_when_they_are_used() -> None:
    known = catalog.load(catalog.find("priority_queue"))
    with_them = catalog.build(known, catalog.values(known, {}))
    assert able_for_all(with_them) == ["posix-mq", "sysv-mq"]
    without = catalog.build(known, catalog.values(known, {"priorities": "no"}))
    assert "pipe" in able_for_all(without)
