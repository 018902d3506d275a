"""A process's recent past: switches a second, and a minute of processor time."""

from __future__ import annotations

from ipcviz import events as ev
from ipcviz.process_tracks import HISTORY, ProcessTrack
from ipcviz.units import SECOND


def test_switches_are_told_by_the_second():
    track = ProcessTrack()
    for step in range(9):
        track.add(step * SECOND // 2, ev.ProcessState("running", 10.0, 0, step * 5, step))
    assert track.switches() == (10.0, 2.0)


def test_one_look_tells_no_rate_and_an_unknown_state_is_no_look():
    track = ProcessTrack()
    track.add(0, ev.ProcessState())
    track.add(SECOND, ev.ProcessState("running", 10.0, 0, 1000, 1000))
    assert track.switches() == (0.0, 0.0)
    track.add(2 * SECOND, ev.ProcessState("running", 10.0, 0, 1002, 1000))
    assert track.switches() == (2.0, 0.0)


def test_a_minute_of_processor_time_is_kept():
    track = ProcessTrack()
    for step in range(1, HISTORY + 11):
        track.add(step * SECOND // 2, ev.ProcessState("running", float(step)))
    assert track.steps == HISTORY + 10
    assert track.history[0] == 11.0
    assert track.history[-1] == HISTORY + 10
