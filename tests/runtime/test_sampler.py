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
    (finding,) = [event for event in later if isinstance(event, ev.FindingRaised)]
    assert finding.kind == "failed process"
    assert "It held door, and nobody gives that back." in finding.sentence
