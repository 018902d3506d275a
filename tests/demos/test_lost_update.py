"""Lost updates: what the adders and the checker compute, and that only a lock saves every addition."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("lost_update")).build.__globals__)


class Words:
    """A region of numbers; `meddle` is called after each load of the counter."""

    def __init__(self, words: list[int]) -> None:
        self.words = words
        self.meddle = lambda: None

    def load(self, word: int = 0) -> int:
        value = self.words[word]
        if word == 0:
            self.meddle()
        return value

    def store(self, value: int, word: int = 0) -> None:
        self.words[word] = value


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return kept


def test_one_alone_loses_nothing(reports: dict[str, Any]) -> None:
    counter = Words([0, 0])
    demo.add(counter, 1, 50, 0.01, None)
    assert counter.words == [50, 50]
    demo.check(counter, 1, 50)
    assert reports == {"added": 50, "lost": 0, "expected": 50, "got": 50}


def test_what_another_adds_between_load_and_store_is_lost(reports: dict[str, Any]) -> None:
    counter = Words([0, 0, 0])

    def another() -> None:
        counter.words[0] += 1
        counter.words[2] += 1

    counter.meddle = another
    demo.add(counter, 1, 10, 0.01, None)
    counter.meddle = lambda: None
    demo.check(counter, 2, 10)
    assert reports == {"added": 10, "lost": 10, "expected": 20, "got": 10}


@pytest.mark.parametrize("lock", ["no", "yes"])
def test_a_run(lock: str, own_runtime: Path) -> None:
    summary = summary_of(run("lost_update", settings={"times": 25, "think": 0.004, "lock": lock}))
    checker = summary.reports["checker"]
    assert [process.exit for process in summary.processes] == [0, 0, 0, 0]
    assert checker["expected"] == 75
    assert checker["got"] + checker["lost"] == 75
    if lock == "yes":
        assert checker["lost"] == 0
        assert [made.acquisitions for made in summary.locks] == [75]
    else:
        assert checker["lost"] > 0
        assert summary.locks == []
