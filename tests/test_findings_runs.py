"""Findings of real runs: the demos show what they teach, and their cured variants do not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from helpers.runs import live, run, summary_of, take_until

from ipcviz import events as ev
from ipcviz.findings import find
from ipcviz.world import World


def kinds(events: list[ev.AnyEvent]) -> set[str]:
    """Of everything that was raised."""
    return {event.kind for event in events if isinstance(event, ev.FindingRaised)}


def until_raised(demo: str, kind: str, **more: Any) -> ev.FindingRaised:
    """The first of that kind; the run is stopped then."""
    with live(demo, **more) as source:
        events = take_until(source, lambda events: kind in kinds(events))
    return next(event for event in events if isinstance(event, ev.FindingRaised) and event.kind == kind)


def test_additions_without_a_lock_are_lost_and_told() -> None:
    events = run("lost_update", settings={"times": 40, "think": 0.005})
    lost = summary_of(events).reports["checker"]["lost"]
    assert lost, "three who add at once overwrite each other"
    (told,) = summary_of(events).findings
    assert told.kind == "lost update"
    assert "of counter are gone, as checker has counted; adder 1, adder 2 and adder 3 write" in told.sentence


def test_additions_under_a_lock_are_not() -> None:
    assert kinds(run("lost_update", settings={"times": 30, "think": 0.002, "lock": "yes"})) == set()


def test_a_record_that_is_read_while_it_is_written_is_torn() -> None:
    found = until_raised("torn_read", "torn read")
    assert found.sentence.endswith("writer writes it without a lock.")
    assert found.members[0] == "record"


@pytest.mark.slow
@pytest.mark.parametrize("protect", ["seqlock", "lock"])
def test_a_record_that_is_protected_is_not_torn(protect: str) -> None:
    assert kinds(run("torn_read", settings={"protect": protect}, seconds=4)) == set()


@pytest.mark.slow
def test_writers_starve_among_many_readers() -> None:
    found = until_raised("readers_writers", "starvation")
    assert found.members[0] == "lock"
    assert found.members[1].startswith("writer")
    assert "and never by writer" in found.sentence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("demo", "settings"),
    [
        ("readers_writers", {"strategy": "fair"}),
        ("philosophers", {"strategy": "ordered"}),
        ("sleeping_barber", {}),
        ("barrier", {}),
    ],
)
def test_who_shares_fairly_is_left_in_peace(demo: str, settings: dict[str, object]) -> None:
    assert kinds(run(demo, settings=settings, seconds=5)) == set()


@pytest.mark.slow
def test_eight_that_take_one_lock_at_once_are_a_convoy() -> None:
    found = until_raised("lost_update", "convoy", settings={"n": "8", "lock": "yes"})
    assert found.members[0] == "turn"


def test_the_gaps_are_what_the_receivers_miss_themselves() -> None:
    """With the numbers of the messages alone the same is found that the demo finds in their payloads."""
    events = run("pub_sub", seconds=1.5, settings={"late": 1, "rate": 60})
    world = World()
    for event in events:
        if not isinstance(event, ev.FindingRaised | ev.FindingCleared):
            world.apply(event)
        if isinstance(event, ev.ProcessSignalled):
            break  # from now on they end, and do not report
    (found,) = [finding for finding in find(world.view()) if finding.key == "gaps:news"]
    (late,) = [process for process in world.view().processes if process.name == "late"]
    missed = late.reports["missed"]
    assert missed
    assert re.search(rf"\b{missed} of \d+ have not come to late", found.sentence)


def test_nothing_is_missed_where_nothing_is_lost() -> None:
    assert kinds(run("pub_sub", seconds=1, mechanism="pipe", settings={"slow": 0, "late": 0})) == set()
