"""UDP overflow: what the receiver finds missing, and that the kernel says the same."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog, ends

demo = SimpleNamespace(**catalog.load(catalog.find("udp_overflow")).build.__globals__)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(ends, "_reporter", kept.update)
    return kept


def numbered(*numbers: int) -> list[bytes]:
    return [b"%d .." % number for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "missing"), [((1, 2, 3), 0), ((2,), 1), ((1, 4, 5), 2), ((1, 3, 2), 0), ((), None)]
)
def test_what_is_missing(numbers: tuple[int, ...], missing: int | None, reports: dict[str, Any]) -> None:
    demo.drain(numbered(*numbers), 0)
    assert reports.get("missing") == missing
    assert reports.get("received", 0) == len(numbers)


def test_what_is_damaged_is_missing(reports: dict[str, Any]) -> None:
    demo.drain([*numbered(1), b"\xcd ..", *numbered(3)], 0)
    assert reports == {"missing": 1, "received": 2}


@pytest.mark.parametrize("largest", [100, 1000, 100_000])
def test_messages_are_numbered_and_fit(largest: int) -> None:
    sent: list[bytes] = []

    class Narrow:
        def __init__(self) -> None:
            self.largest = largest

        def send(self, payload: bytes) -> None:
            sent.append(payload)
            if len(sent) == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.flood(Narrow(), 100, 0)
    assert {len(message) for message in sent} == {min(demo.SIZE, largest)}
    assert [int(message.split()[0]) for message in islice(sent, 5)] == [1, 2, 3, 4, 5]


def test_udp_drops_and_counts_what_does_not_fit(own_runtime: Path) -> None:
    settings = {"burst": 50, "pause": 0.1, "take": 50}
    summary = summary_of(run("udp_overflow", settings=settings, seconds=1.5))
    (numbers,) = summary.channels
    assert numbers.mechanism == "udp"
    assert numbers.lost > 0
    assert numbers.dropped == numbers.lost
    assert numbers.sent == numbers.received + numbers.in_flight + numbers.lost
    assert 0 < summary.reports["receiver"]["missing"] <= numbers.lost


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", ["unix-datagram", "pipe"])
def test_others_make_the_sender_wait(mechanism: str, own_runtime: Path) -> None:
    settings = {"burst": 50, "pause": 0.1, "take": 50}
    summary = summary_of(run("udp_overflow", mechanism=mechanism, settings=settings, seconds=1.5))
    (numbers,) = summary.channels
    assert numbers.lost == 0
    assert numbers.sent == numbers.received + numbers.in_flight
    assert numbers.blocked_s.send > 0
    assert summary.reports["receiver"]["missing"] == 0
