"""Findings of real runs: the demos show what they teach, and their cured variants do not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helpers.runs import live, run, summary_of, take_until

from ipcviz import events as ev
from ipcviz.findings import find
from ipcviz.runtime.request import Act, Command
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
    assert found.sentence in [told.sentence for told in summary_of(events).findings], (
        "as the run tells it last"
    )


def test_messages_that_are_sent_twice_by_hand_are_found() -> None:
    twice = Act(0.1, Command("duplicate", channel="lines", share=1.0))
    found = until_raised("pipeline", "reordered", acts=[twice])
    assert found.members == ["lines", "reader", "counter"]
    assert "came twice; somebody does that by hand." in found.sentence


def test_messages_that_are_dropped_by_hand_are_not_lost_in_another_way() -> None:
    """The text is read to its end, and all but the dropped lines have come."""
    half = Act(0.1, Command("drop", channel="lines", share=0.5))
    events = run("pipeline", settings={"rate": 1000}, acts=[half])
    told = summary_of(events)
    (lines,) = [channel for channel in told.channels if channel.name == "lines"]
    assert lines.lost
    (found,) = told.findings
    assert found.sentence == (
        f"Lost: {lines.lost} of {lines.sent} messages sent into lines were dropped by hand, "
        "before counter could get them."
    )


URGENT = """
import time
from ipcviz import Topology

def build():
    topology = Topology("urgent")
    jobs, done = topology.channel("jobs"), topology.channel("done")
    topology.process("asker", ask, jobs.sender, done.receiver)
    topology.process("worker", work, jobs.receiver, done.sender)
    return topology

def ask(jobs, done):
    for priority in range(5):
        jobs.send(b"job", priority=priority)
    done.receive()

def work(jobs, done):
    time.sleep(0.2)
    for job in range(5):
        jobs.receive()
    done.send(b"all")
"""


def test_messages_that_overtake_by_priority_are_meant_to(tmp_path: Path) -> None:
    """The numbers of what came tell that some overtook; the queue says that it lets them."""
    path = tmp_path / "urgent.py"
    path.write_text(URGENT)
    events = run(str(path), mechanism="posix-mq")
    world = World()
    for event in events:
        world.apply(event)
    assert world.view().channels[0].orders[0].overtaken == 4
    assert kinds(events) == set()


LEAKY = """
import os, time
from ipcviz import Topology

def build():
    topology = Topology("leaky")
    topology.process("leaker", leak)
    return topology

def leak():
    while True:
        os.open(os.devnull, os.O_RDONLY)
        time.sleep(0.02)
"""


@pytest.mark.slow
def test_descriptors_that_pile_up_are_found(tmp_path: Path) -> None:
    path = tmp_path / "leaky.py"
    path.write_text(LEAKY)
    found = until_raised(str(path), "leaked object")
    assert found.members == ["leaker"]
    assert "descriptors open" in found.sentence


def test_nothing_is_missed_where_nothing_is_lost() -> None:
    assert kinds(run("pub_sub", seconds=1, mechanism="pipe", settings={"slow": 0, "late": 0})) == set()
