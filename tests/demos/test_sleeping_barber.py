"""The sleeping barber: who finds no seat goes away, and with nobody there the barber sleeps."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import EndOfMessages, catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("sleeping_barber")).build.__globals__)


class Seats:
    """Free or not, visit by visit; notes what was done."""

    def __init__(self, name: str, free: list[bool], log: list[str]) -> None:
        self.name, self.free, self.log = name, free, log

    def acquire(self, timeout: float | None = None) -> bool:
        if not self.free:
            raise KeyboardInterrupt
        self.log.append(f"take {self.name}" if self.free[0] else f"no {self.name}")
        assert (timeout == 0) is (self.name == "seat")
        return self.free.pop(0)

    def release(self) -> None:
        self.log.append(f"give {self.name}")


class Asked:
    def __init__(self, log: list[str]) -> None:
        self.log = log

    def call(self, payload: bytes, timeout: float) -> bytes:
        self.log.append(payload.decode())
        return b"done"


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return kept


def test_a_customer_gives_the_seat_back_when_the_chair_is_free(reports: dict[str, Any]) -> None:
    log: list[str] = []
    seats, chair = Seats("seat", [True, False, True], log), Seats("chair", [True, True], log)
    with pytest.raises(KeyboardInterrupt):
        demo.visit(7, seats, chair, Asked(log), 1, 0)
    visit = ["take seat", "take chair", "give seat", "customer 7", "give chair"]
    assert log == [*visit, "no seat", *visit]
    assert reports == {"turned_away": 1, "served": 2, "unheard": 0}


def test_who_is_not_heard_leaves_the_chair_to_the_next(reports: dict[str, Any]) -> None:
    def lost(payload: bytes, timeout: float) -> bytes:
        raise TimeoutError

    log: list[str] = []
    seats, chair = Seats("seat", [True], log), Seats("chair", [True], log)
    with pytest.raises((KeyboardInterrupt, IndexError)):
        demo.visit(7, seats, chair, SimpleNamespace(call=lost), 1, 0)
    assert log[:4] == ["take seat", "take chair", "give seat", "give chair"]
    assert reports == {"turned_away": 0, "served": 0, "unheard": 1}


def test_a_barber_with_nobody_there_sleeps_once_until_somebody_comes(reports: dict[str, Any]) -> None:
    class Door:
        """Two customers come at once, then nobody for a while, then one, and then no more."""

        def __init__(self) -> None:
            self.coming = [True, True, TimeoutError, True, TimeoutError, EndOfMessages]

        def receive(self, timeout: float | None = None) -> Any:
            came = self.coming.pop(0)
            if came is not True:
                raise came
            return SimpleNamespace(reply=replies.append)

    replies: list[bytes] = []
    demo.cut_hair(Door(), 0.1)
    assert replies == [b"done"] * 3
    assert reports == {"slept": 2, "served": 3}


def served_and_turned_away(reports: dict[str, dict[str, Any]]) -> tuple[int, int]:
    customers = [values for name, values in reports.items() if name.startswith("customer")]
    return sum(c["served"] for c in customers), sum(c["turned_away"] for c in customers)


def test_a_rush(own_runtime: Path) -> None:
    settings = {"customers": 5, "seats": 1, "cut": 0.05, "away": 0.02}
    summary = summary_of(run("sleeping_barber", settings=settings, seconds=1))
    served, turned_away = served_and_turned_away(summary.reports)
    assert turned_away > 0
    assert served > 0
    assert 0 <= summary.reports["barber"]["served"] - served <= 1
    assert next(lock.acquisitions for lock in summary.locks if lock.name == "seats") >= served


def test_a_quiet_day(own_runtime: Path) -> None:
    settings = {"customers": 1, "seats": 1, "cut": 0.01, "away": 0.3}
    summary = summary_of(run("sleeping_barber", settings=settings, seconds=1.5))
    served, turned_away = served_and_turned_away(summary.reports)
    assert turned_away == 0
    assert served > 0
    assert summary.reports["barber"]["slept"] > 0
