"""Torn reads: how a reader finds an unchanged copy, and that both protections prevent what nothing does."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("torn_read")).build.__globals__)


class Written:
    """A region whose count is what the writer did, load by load."""

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts
        self.reads = 0

    def load(self, word: int = 0) -> int:
        assert word == 0
        return self.counts.pop(0)

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        assert (offset, size) == (demo.START, None)
        self.reads += 1
        return b"copy %d" % self.reads


@pytest.mark.parametrize(
    ("counts", "retries"),
    [
        ([0, 0], 0),
        ([4, 4], 0),
        ([3, 4, 4], 1),  # somebody was writing
        ([2, 3, 4, 4], 1),  # somebody began
        ([2, 4, 4, 4], 1),  # somebody began and ended
        ([1, 1, 2, 3, 5, 6, 8, 8, 8], 5),
    ],
)
def test_only_a_copy_during_which_nobody_wrote_is_taken(
    counts: list[int], retries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Written(list(counts))
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    copy, again = demo.unchanged_copy(record)
    assert again == retries == len(slept)
    assert copy == b"copy %d" % (retries + 1)
    assert record.counts == []


class Kept:
    """A region that keeps what was written, and ends the writing after one record."""

    def __init__(self) -> None:
        self.bytes = bytearray(demo.START + demo.RECORD)
        self.counts: list[int] = []

    def store(self, value: int, word: int = 0) -> None:
        self.counts.append(value)
        if value == 2:
            raise KeyboardInterrupt

    def write(self, data: bytes, offset: int = 0) -> None:
        assert self.counts == [1]
        self.bytes[offset : offset + len(data)] = data


def test_a_record_is_all_the_same_number_and_the_count_is_odd_while_it_is_written() -> None:
    record = Kept()
    with pytest.raises(KeyboardInterrupt):
        demo.write(record, None, True, 0, 0)
    assert record.counts == [1, 2]
    assert set(memoryview(bytes(record.bytes[demo.START :])).cast("Q")) == {1}
    assert record.bytes[: demo.START] == bytes(demo.START)


@pytest.mark.slow
@pytest.mark.parametrize("protect", ["nothing", "seqlock", "lock"])
def test_a_run(protect: str, own_runtime: Path) -> None:
    settings = {"protect": protect, "pause": 0.004}
    summary = summary_of(run("torn_read", settings=settings, seconds=1.5))
    readers = [summary.reports[f"reader {number}"] for number in (1, 2)]
    assert summary.reports["writer"]["written"] > 1
    assert all(reader["reads"] > 1 for reader in readers)
    torn = sum(reader["torn"] for reader in readers)
    assert torn > 0 if protect == "nothing" else torn == 0
    retries = sum(reader["retries"] for reader in readers)
    assert retries > 0 if protect == "seqlock" else retries == 0
    assert len(summary.locks) == (protect == "lock")
