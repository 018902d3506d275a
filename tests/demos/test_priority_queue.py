"""A priority queue: the urgent overtake where there are priorities."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog
from ipcviz.choice import able_for_all

demo = SimpleNamespace(**catalog.load(catalog.find("priority_queue")).build.__globals__)


@pytest.mark.slow
def test_the_urgent_overtake_and_without_priorities_wait_in_line(own_runtime: Path) -> None:
    quick = {"burst": 20, "work": 0.02, "urgent": 10}
    first = summary_of(run("priority_queue", mechanism="sysv-mq", settings=quick, seconds=2))
    assert first.reports["worker"]["overtaken"] > 0
    assert first.reports["worker"]["urgent_ms"] < first.reports["worker"]["ordinary_ms"]
    settings = {**quick, "priorities": "no"}
    second = summary_of(run("priority_queue", mechanism="sysv-mq", settings=settings, seconds=2))
    assert second.reports["worker"]["overtaken"] < first.reports["worker"]["overtaken"]


def test_priorities_are_needed_only_when_they_are_used() -> None:
    known = catalog.load(catalog.find("priority_queue"))
    with_them = catalog.build(known, catalog.values(known, {}))
    assert able_for_all(with_them) == ["posix-mq", "sysv-mq"]
    without = catalog.build(known, catalog.values(known, {"priorities": "no"}))
    assert "pipe" in able_for_all(without)


def test_who_was_overtaken_and_how_long_half_have_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, int | None]] = []
    monkeypatch.setitem(demo.work_off.__globals__, "report", lambda **values: told.append(values))
    now = 10**12
    monkeypatch.setitem(
        demo.work_off.__globals__, "time", SimpleNamespace(monotonic_ns=lambda: now, sleep=abs)
    )
    ages = [("ordinary", 900), ("urgent", 100), ("ordinary", 800), ("ordinary", 50), ("urgent", 20)]
    jobs = [f"{kind} 1 {now - age * 10**6}".encode() for kind, age in ages]
    demo.work_off([jobs[0], b"\x8argent 1 5", b"", *jobs[1:]], 0)  # what is damaged is passed over
    assert told[0] == {"urgent_ms": None, "ordinary_ms": 900, "overtaken": 0}
    assert told[-1] == {"urgent_ms": 60, "ordinary_ms": 800, "overtaken": 1}


@pytest.mark.parametrize("priority", [demo.ORDINARY, demo.URGENT])
def test_jobs_are_numbered_through_all_bursts(priority: int) -> None:
    sent: list[bytes] = []

    def send(job: bytes, priority: int = 0) -> None:
        sent.append(job)
        given.append(priority)
        if len(sent) == 7:
            raise KeyboardInterrupt

    given: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        demo.ask(SimpleNamespace(send=send), "some", priority, 3, 1e9)
    assert [job.split()[:2] for job in sent] == [[b"some", b"%d" % number] for number in range(1, 8)]
    assert set(given) == {priority}
