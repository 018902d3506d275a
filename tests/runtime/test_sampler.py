"""What a frame says of locks whose users were killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from helpers import runs

from ipcviz import events as ev

DEMO = """
import time
from ipcviz import Topology

def build():
    topology = Topology("held")
    door = topology.lock("door")
    topology.process("holder", hold, door)
    topology.process("waiter", wait, door)
    return topology

def hold(door):
    with door:
        time.sleep(1000)

def wait(door):
    time.sleep(0.05)
    door.acquire()
"""


def last_frame(events: list[ev.AnyEvent]) -> ev.LockState | None:
    frames = [event for event in events if isinstance(event, ev.Frame)]
    return frames[-1].locks[0] if frames else None


def states(events: list[ev.AnyEvent]) -> list[str]:
    frame = last_frame(events)
    return [use.state for use in frame.uses] if frame else []


@pytest.fixture
def demo(tmp_path: Path, own_runtime: Path) -> str:
    path = tmp_path / "held.py"
    path.write_text(DEMO)
    return str(path)


def kill(events: list[ev.AnyEvent], process: str) -> None:
    (pid,) = [e.pid for e in events if isinstance(e, ev.ProcessStarted) and e.process == process]
    os.kill(pid, signal.SIGKILL)


def ended(events: list[ev.AnyEvent]) -> bool:
    """The end was told, and a frame after it."""
    ends = [number for number, event in enumerate(events) if isinstance(event, ev.ProcessExited)]
    return bool(ends) and any(isinstance(event, ev.Frame) for event in events[ends[0] :])


def test_a_killed_waiter_waits_no_more_and_the_kernels_count_is_only_an_estimate(demo: str) -> None:
    with runs.live(demo) as source:
        events = runs.take_until(source, lambda events: states(events) == ["holding", "waiting"])
        before = last_frame(events)
        assert before is not None
        assert (before.value, before.waiters, before.quality) == (0, 1, "exact")
        kill(events, "waiter")
        after = last_frame(runs.take_until(source, ended))
    assert after is not None
    assert [use.state for use in after.uses] == ["holding", ""]
    assert after.quality == "estimate"
    assert "killed" in after.reason


def test_a_killed_holder_still_keeps_the_lock_from_the_others(demo: str) -> None:
    with runs.live(demo) as source:
        events = runs.take_until(source, lambda events: states(events) == ["holding", "waiting"])
        kill(events, "holder")
        later = runs.take_until(source, ended)
        later += runs.take_until(
            source, lambda more: any(isinstance(e, ev.FindingRaised) for e in later + more)
        )
    after = last_frame(later)
    assert after is not None
    assert [use.state for use in after.uses] == ["holding", "waiting"]
    assert [use.died for use in after.uses] == [True, False]
    (finding,) = [event for event in later if isinstance(event, ev.FindingRaised)]
    assert finding.kind == "failed process"
    assert "It held door, and nobody gives that back; waiter waits for it." in finding.sentence


@pytest.mark.parametrize(
    ("lock", "rest"), [("flock", "it is free again"), ("robust-mutex", "who takes it next")]
)
def test_who_dies_with_a_lock_that_goes_on_to_others_is_found(demo: str, lock: str, rest: str) -> None:
    with runs.live(demo, locks={"": lock}) as source:
        events = runs.take_until(source, lambda events: states(events) == ["holding", "waiting"])
        before = last_frame(events)
        assert before is not None
        assert not any(use.died for use in before.uses)
        kill(events, "holder")
        later = runs.take_until(
            source, lambda events: ended(events) and any(_is_death_of_holder(event) for event in events)
        )
    after = last_frame(later)
    assert after is not None
    assert (after.uses[0].state, after.uses[0].died) == ("", True)
    (found,) = [event for event in later if _is_death_of_holder(event)]
    assert isinstance(found, ev.FindingRaised)
    assert found.members == ["door", "holder"]
    assert f"while it held door ({lock}); {rest}" in found.sentence


def _is_death_of_holder(event: ev.AnyEvent) -> bool:
    """The waiter gets the lock then, and ends with it, too."""
    return isinstance(event, ev.FindingRaised) and event.key == "died:holder:door"
