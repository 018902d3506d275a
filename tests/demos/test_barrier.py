"""The barrier: who opens the gate, and that nobody is ever a phase ahead."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("barrier")).build.__globals__)


class Words:
    """A region of numbers."""

    def __init__(self, count: int) -> None:
        self.words = [0] * count

    def load(self, word: int = 0) -> int:
        return self.words[word]

    def store(self, value: int, word: int = 0) -> None:
        self.words[word] = value


class Places:
    """A semaphore that may not be waited for."""

    def __init__(self, free: int) -> None:
        self.free = free

    def acquire(self) -> bool:
        assert self.free > 0
        self.free -= 1
        return True

    def release(self) -> None:
        self.free += 1

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


def test_the_last_to_arrive_opens_the_gate_for_all() -> None:
    arrivals, counting, gate = Words(5), Places(1), Places(0)
    for _ in range(3):
        for arrived in range(1, 4):
            assert gate.free == 0
            demo.arrive(3, arrivals, counting, gate)
            assert gate.free == (3 if arrived == 3 else 0)
        gate.free = 0
    assert counting.free == 1


def test_only_the_first_to_come_closes_the_odd_gate() -> None:
    arrivals, counting, gate = Words(5), Places(1), Places(3)
    for _ in range(3):
        demo.close_at_first(3, arrivals, counting, gate)
        assert gate.free == 0
    assert counting.free == 1


def test_nobody_is_ahead_however_fast_it_goes(own_runtime: Path) -> None:
    summary = summary_of(run("barrier", settings={"work": 0, "slowest": 0, "workers": 5}, seconds=1))
    workers = [summary.reports[f"worker {number}"] for number in range(1, 6)]
    phases = [worker["phase"] for worker in workers]
    assert [worker["ahead"] for worker in workers] == [0] * 5
    assert min(phases) > 2
    assert max(phases) - min(phases) <= 1


def test_everybody_waits_for_the_slowest(own_runtime: Path) -> None:
    summary = summary_of(run("barrier", settings={"work": 0, "slowest": 0.1}, seconds=1.5))
    waited = [summary.reports[f"worker {number}"]["waited"] for number in range(1, 5)]
    assert waited[0] < min(waited[1:])
    assert all(worker["ahead"] == 0 for worker in summary.reports.values())
