"""Readers and writers: nobody reads what is half written, and only with fair do the writers get on."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("readers_writers")).build.__globals__)


class Noted:
    """A lock that notes its use, and ends the work after so many rounds."""

    def __init__(self, name: str, log: list[str], most: int) -> None:
        self.name, self.log, self.most = name, log, most

    def acquire(self, shared: bool = False) -> bool:
        self.most -= 1
        if self.most < 0:
            raise KeyboardInterrupt
        self.log.append(f"{'share' if shared else 'take'} {self.name}")
        return True

    def release(self) -> None:
        self.log.append(f"give {self.name}")

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


class Words:
    """A region of two numbers."""

    def __init__(self, words: list[int]) -> None:
        self.words = words

    def load(self, word: int = 0) -> int:
        return self.words[word]

    def store(self, value: int, word: int = 0) -> None:
        self.words[word] = value


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return kept


def test_a_reader_goes_through_the_door_and_leaves_it_open(reports: dict[str, Any]) -> None:
    log: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        demo.read_often(Words([5, 5]), Noted("lock", log, 9), Noted("door", log, 2), 1, 0.1)
    assert log == ["take door", "share lock", "give door", "give lock"] * 2
    assert reports == {"reads": 2, "torn": 0}


def test_a_reader_notices_what_is_half_written(reports: dict[str, Any]) -> None:
    with pytest.raises(KeyboardInterrupt):
        demo.read_often(Words([6, 5]), Noted("lock", [], 3), None, 1, 0.1)
    assert reports == {"reads": 3, "torn": 3}


def test_a_writer_is_alone_and_counts_both_words(reports: dict[str, Any]) -> None:
    log: list[str] = []
    record = Words([5, 5])
    with pytest.raises(KeyboardInterrupt):
        demo.write_often(record, Noted("lock", log, 2), Noted("door", log, 9), 1, 0.1)
    assert log == ["take door", "take lock", "give door", "give lock"] * 2 + ["take door", "give door"]
    assert record.words == [7, 7]
    assert reports["writes"] == 2


@pytest.mark.slow
def test_only_with_fair_do_the_writers_get_on(own_runtime: Path) -> None:
    writes = {}
    for strategy in ("naive", "fair"):
        settings = {"strategy": strategy, "read": 0.1, "write": 0.02}
        summary = summary_of(run("readers_writers", settings=settings, seconds=2))
        readers = [summary.reports[f"reader {number}"] for number in range(1, 5)]
        writers = [summary.reports[f"writer {number}"] for number in (1, 2)]
        assert all(reader["reads"] > 0 and reader["torn"] == 0 for reader in readers)
        writes[strategy] = sum(writer["writes"] for writer in writers)
    assert writes["naive"] < writes["fair"]
