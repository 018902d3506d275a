"""Persistence: what a reader finds missing or twice, and that each goes on where the last was killed."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import EndOfMessages, catalog, ends
from ipcviz import events as ev
from ipcviz.mechanisms import MECHANISMS

demo = SimpleNamespace(**catalog.load(catalog.find("persistence")).build.__globals__)


class Words:
    """A region of two numbers."""

    def __init__(self, series: int = 0, number: int = 0) -> None:
        self.words = [series, number]

    def load(self, word: int = 0) -> int:
        return self.words[word]

    def store(self, value: int, word: int = 0) -> None:
        self.words[word] = value


class Spool:
    """The records (series, number), and then no more."""

    def __init__(self, *records: tuple[int, int]) -> None:
        self.records = list(records)

    def receive(self) -> bytes:
        if not self.records:
            raise EndOfMessages
        return b"series %d record %d" % self.records.pop(0)


@pytest.mark.parametrize(
    ("noted", "records", "told"),
    [
        ((0, 0), [(9, 1), (9, 2)], {"first": 1, "last": 2, "missing": 0, "twice": 0}),
        ((9, 4), [(9, 5)], {"first": 5, "last": 5, "missing": 0, "twice": 0}),
        ((9, 4), [(9, 7), (9, 8)], {"first": 7, "last": 8, "missing": 2, "twice": 0}),
        ((9, 4), [(9, 4), (9, 5)], {"first": 4, "last": 5, "missing": 0, "twice": 1}),
        ((0, 0), [(8, 41), (9, 1)], {"first": 41, "last": 1, "missing": 0, "twice": 0}),  # of an older run
        ((9, 4), [], {}),
    ],
)
def test_what_a_reader_tells(
    noted: tuple[int, int], records: Any, told: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    words = Words(*noted)
    demo.take(Spool(*records), words, nullcontext(), 99, 0)
    assert kept == told
    assert tuple(words.words) == (records[-1] if records else noted)


@pytest.mark.parametrize("mechanism", ["file", "posix-mq", "sysv-mq"])
def test_each_reader_goes_on_where_the_last_was_killed(mechanism: str, own_runtime: Path) -> None:
    if MECHANISMS[mechanism].unavailable():
        pytest.skip(str(MECHANISMS[mechanism].unavailable()))
    settings = {"records": 60, "shift": 25, "write": 0, "read": 100}
    events = run("persistence", mechanism=mechanism, settings=settings)
    summary = summary_of(events)
    assert not [event for event in events if isinstance(event, ev.ProcessExited) and event.failed]
    readers = [summary.reports[f"reader {number}"] for number in (1, 2, 3)]
    assert sorted((reader["first"], reader["last"]) for reader in readers) == [(1, 25), (26, 50), (51, 60)]
    assert all(reader["missing"] == reader["twice"] == 0 for reader in readers)
    killed = [process.name for process in summary.processes if process.signal == 9]
    assert len(killed) == 3  # the writer and all readers but the last
    (spool,) = summary.channels
    assert (spool.mechanism, spool.sent, spool.received, spool.in_flight) == (mechanism, 60, 60, 0)


def test_what_was_not_read_is_there_in_the_next_run(tmp_path: Path, own_runtime: Path) -> None:
    where = f"file:path={tmp_path / 'spool'}"
    slowly = {"records": 40, "write": 0, "read": 10, "shift": 99}
    first = summary_of(run("persistence", mechanism=where, settings=slowly, seconds=1)).channels[0]
    assert (first.sent, first.in_flight) == (40, 40 - first.received)
    assert 0 < first.received < 40
    rest = {"records": 1, "write": 0, "read": 0, "shift": 99}
    second = summary_of(run("persistence", mechanism=where, settings=rest))
    assert second.channels[0].received == first.in_flight + 1
    assert second.reports["reader 1"] == {
        "first": first.received + 1,
        "last": 1,
        "missing": 0,
        "twice": 0,
    }
