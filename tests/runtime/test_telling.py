"""When findings are told: at once, with new figures at most once a second, and a last time at the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from helpers.events import SECOND
from msgspec import structs

from ipcviz import events as ev
from ipcviz import findings
from ipcviz.runtime.telling import FindingTeller
from ipcviz.view import View
from ipcviz.world import World

VIEW: View = World().view()


class Wrong:
    """What is wrong now, in place of what a View says."""

    def __init__(self) -> None:
        self.now: Sequence[ev.FindingRaised] = []

    def find(self, view: View, standing: frozenset[str]) -> Sequence[ev.FindingRaised]:
        return self.now

    def says(self, sentence: str) -> None:
        self.now = [ev.FindingRaised(t=0, key="k", kind="lost", sentence=sentence, since=7, members=["c"])]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Wrong:
    wrong = Wrong()
    monkeypatch.setattr(findings, "find", wrong.find)
    return wrong


def sentences(teller: FindingTeller, now: int, last: bool = False) -> list[str]:
    news = list(teller.news(VIEW, now, last))
    assert all(event.t == now for event in news)
    return [event.sentence if isinstance(event, ev.FindingRaised) else "cleared" for event in news]


def test_new_figures_are_told_once_a_second(wrong: Wrong) -> None:
    teller = FindingTeller()
    wrong.says("3 are lost.")
    assert sentences(teller, 0) == ["3 are lost."]
    wrong.says("4 are lost.")
    assert sentences(teller, SECOND - 1) == []
    assert sentences(teller, SECOND) == ["4 are lost."]
    assert sentences(teller, 5 * SECOND) == [], "nothing has changed"


def test_the_last_word_has_the_newest_figures(wrong: Wrong) -> None:
    teller = FindingTeller()
    wrong.says("3 are lost.")
    assert sentences(teller, 0) == ["3 are lost."]
    wrong.says("4 are lost.")
    assert sentences(teller, 1, last=True) == ["4 are lost."]
    assert sentences(teller, 2, last=True) == [], "it has been said"


def test_a_finding_that_is_told_again_stands_since_it_was_first_seen(wrong: Wrong) -> None:
    teller = FindingTeller()
    wrong.says("3 are lost.")
    list(teller.news(VIEW, 0))
    wrong.now = [structs.replace(wrong.now[0], sentence="4 are lost.", since=99)]
    (again,) = teller.news(VIEW, 1, last=True)
    assert isinstance(again, ev.FindingRaised)
    assert again.since == 7


def test_what_is_over_is_told_at_once_and_may_come_again(wrong: Wrong) -> None:
    teller = FindingTeller()
    wrong.says("3 are lost.")
    assert sentences(teller, 0) == ["3 are lost."]
    wrong.now = []
    assert sentences(teller, 1) == ["cleared"]
    wrong.says("3 are lost.")
    assert sentences(teller, 2) == ["3 are lost."]


def test_standing_findings_are_known_to_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what needs less to stay than to come does stay."""
    asked: list[frozenset[str]] = []
    finding = ev.FindingRaised(t=0, key="k", kind="backlog", sentence="Full.", since=0, members=[])

    def find(view: View, standing: frozenset[str]) -> list[ev.FindingRaised]:
        asked.append(standing)
        return [finding]

    monkeypatch.setattr(findings, "find", find)
    teller = FindingTeller()
    for now in range(2):
        list(teller.news(VIEW, now))
    assert asked == [frozenset(), frozenset({"k"})]
