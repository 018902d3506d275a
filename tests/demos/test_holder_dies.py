"""A holder dies: what a waiter makes of a lock's answers, and what becomes of each kind of lock."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog, ends
from ipcviz import events as ev
from ipcviz.mechanisms import LOCKS
from ipcviz.options import split

demo = SimpleNamespace(**catalog.load(catalog.find("holder_dies")).build.__globals__)

OUTCOMES = {
    "posix-sem": "stuck",
    "sysv-sem, no undo": "stuck",
    "sysv-sem": "released",
    "flock": "released",
    "fcntl": "released",
    "ofd": "released",
    "mp-lock": "stuck",
    "robust-mutex": "recovered",
}
SHORT = {"hold": 0.5, "patience": 0.5}


class Answering:
    """A lock that answers each attempt as it was told: True, False, or recovered."""

    def __init__(self, answers: list[bool | str]) -> None:
        self.answers = answers
        self.recovered = False
        self.held = False
        self.timeouts: list[float | None] = []

    def acquire(self, timeout: float | None = None) -> bool:
        assert not self.held
        self.timeouts.append(timeout)
        answer = self.answers.pop(0)
        self.recovered = answer == "recovered"
        self.held = bool(answer)
        return self.held

    def release(self) -> None:
        assert self.held
        self.held = False


@pytest.mark.parametrize(
    ("answers", "outcome", "timeouts"),
    [
        ([True, True, False, True], "released", [0, 0, 0, 60]),  # not taken yet, taken, given back
        ([False, "recovered"], "recovered", [0, 60]),
        ([False, False], "stuck", [0, 60]),
        ([True, "recovered"], "recovered", [0, 0]),  # it was over before anybody looked
    ],
)
def test_what_a_waiter_tells(
    answers: list[bool | str], outcome: str, timeouts: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    lock = Answering(list(answers))
    demo.wait(lock, 60)
    assert kept["outcome"] == outcome
    assert kept["waited_ms"] >= 0
    assert lock.timeouts == timeouts
    assert not lock.held


def test_a_lock_that_is_free_when_its_holder_must_be_dead_was_released(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    demo.wait(Answering([True]), 0)
    assert kept["outcome"] == "released"


def outcomes(events: list[ev.AnyEvent]) -> dict[str, object]:
    """Of each waiter, after a run that ended by itself, in which only the holders were killed."""
    summary = summary_of(events)
    assert not [event for event in events if isinstance(event, ev.ProcessExited) and event.failed]
    killed = {process.name for process in summary.processes if process.signal == 9}
    assert killed == {f"{name} holder" for name in demo.KINDS}
    return {name: summary.reports[f"{name} waiter"]["outcome"] for name in demo.KINDS}


def test_each_kind_of_lock(own_runtime: Path) -> None:
    told = outcomes(run("holder_dies", settings=SHORT))
    for name, kind in demo.KINDS.items():
        mechanism = LOCKS[split(kind)[0]]
        expected = OUTCOMES[name] if mechanism.unavailable() is None else OUTCOMES["posix-sem"]
        assert told[name] == expected, name


def test_one_kind_for_all(own_runtime: Path) -> None:
    told = outcomes(run("holder_dies", settings=SHORT, locks={"": "flock"}))
    assert set(told.values()) == {"released"}
