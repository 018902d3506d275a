"""A mesh: every rumour reaches everybody."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("mesh")).build.__globals__)


@pytest.mark.parametrize("knowers", [{1}, {1, 2, 9}])
def test_a_rumour_survives_being_told(knowers: set[int]) -> None:
    rumour = demo.Rumour(7, 3, frozenset(knowers))
    assert demo.heard(demo.told(rumour)) == rumour


def test_what_is_damaged_tells_nothing() -> None:
    mine = demo.Rumour(7, 3, frozenset({1}))
    for sentence in (b"", b"\x8dumour 9, round 1, known to 2", b"rumour 9, round \xce, known to 2"):
        assert demo.newer(mine, demo.heard(sentence), 1) == mine


def test_the_newer_rumour_wins_and_knowers_are_joined() -> None:
    mine, other = demo.Rumour(1, 2, frozenset([1])), demo.Rumour(1, 5, frozenset([2]))
    assert demo.newer(mine, other, 1) == demo.Rumour(1, 5, frozenset([1, 2]))
    newer = demo.Rumour(2, 0, frozenset([3]))
    assert demo.newer(mine, newer, 1).knowers == frozenset([1, 3])
    assert demo.newer(newer, mine, 3) == newer


def test_all_come_to_know(own_runtime: Path) -> None:
    summary = summary_of(run("mesh", settings={"n": 4, "rate": 60}, seconds=2))
    known = [report["known"] for report in summary.reports.values()]
    assert len(known) == 4
    assert min(known) >= 2, "the second rumour begins when all know the first"
    assert max(report["rounds"] for report in summary.reports.values()) >= 2, "one round tells only two"
    for channel in summary.channels:
        assert channel.sent == channel.received + channel.in_flight


class Inbox:
    """Gives what it holds, and then nothing more within any time, or for ever."""

    def __init__(self, *messages: bytes) -> None:
        self.messages = list(messages)

    def receive(self, timeout: float | None = None) -> bytes:
        if not self.messages:
            raise TimeoutError
        return self.messages.pop(0)


def test_all_that_came_is_listened_to() -> None:
    inbox = Inbox(
        b"rumour 1, round 4, known to 2 3", b"rumour 2, round 1, known to 3", b"rumour 1, round 9, known to 5"
    )
    nothing = demo.Rumour(0, 0, frozenset())
    assert demo.listened(inbox, nothing, 1, 1000) == demo.Rumour(2, 1, frozenset([1, 3]))
    inbox = Inbox(b"rumour 1, round 4, known to 2 3", b"rumour 2, round 1, known to 3")
    assert demo.listened(inbox, nothing, 1, 1000, only_one=True) == demo.Rumour(1, 4, frozenset([1, 2, 3]))


def test_without_a_pace_rumours_spread_as_fast_as_they_are_heard(own_runtime: Path) -> None:
    summary = summary_of(run("mesh", settings={"n": 3, "rate": 0}, seconds=0.7))
    assert min(report["known"] for report in summary.reports.values()) >= 20


@pytest.mark.parametrize("trouble", [TimeoutError, demo.ReaderGone])
def test_who_cannot_be_told_does_no_harm(trouble: type[Exception]) -> None:
    told: list[bytes] = []

    def send(payload: bytes, timeout: float | None = None) -> None:
        told.append(payload)
        if len(told) == 3:
            raise KeyboardInterrupt
        raise trouble

    with pytest.raises(KeyboardInterrupt):
        demo.gossip(Inbox(), [SimpleNamespace(send=send)], 1, 2, 1000)
    assert told == [b"rumour 1, round %d, known to 1" % age for age in (1, 2, 3)]
