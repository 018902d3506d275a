"""The last minute in memory, and recordings that begin in the middle: what stood then stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers import events as made
from helpers import sessions, streams
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording.flight import FlightRecorder
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.opening import opening_events
from ipcviz.recording.reader import Recording
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World


def session_of(seconds: int) -> list[ev.AnyEvent]:
    """Ten frames a second, and something that lasts in each of the first four seconds."""
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    events: list[ev.AnyEvent] = [session]
    events += [ev.ProcessStarted(t=1, process=name, pid=n) for n, name in enumerate(session.processes, 7)]
    for tick in range(1, seconds * 10 + 1):
        t = tick * SECOND // 10
        events.append(made.frame(t, [made.state(ev.EndState(sent=tick), ev.EndState(received=tick))]))
        events.append(made.message(tick, t))
        if tick == 10:
            events.append(ev.Reported(t=t, process="a", values={"made": 5}))
        if tick == 20:
            events.append(
                ev.FindingRaised(t=t, key="k", kind="backlog", sentence="it is", since=t, members=["c"])
            )
        if tick == 30:
            events.append(ev.FaultInjected(t=t, fault="drop", sentence="drop", channel="c", share=0.5))
            events.append(ev.FaultInjected(t=t, fault="pause", sentence="pause", process="b"))
        if tick == 40:
            events.append(ev.Lost(t=t, events=9))
            events.append(ev.Chapter(t=t, label="here"))
    return events


def view_of(events: list[ev.AnyEvent]) -> View:
    world = World()
    for event in events:
        world.apply(event)
    return world.view()


def stands(view: View) -> list[Any]:
    """What an instant is, without what was before it."""
    processes = [
        (p.name, p.pid, p.status, p.started, p.ended, p.reports, p.paused, p.faults, p.exit, p.reason)
        for p in view.processes
    ]
    channels = [(c.info, c.sent, c.received, c.depth, c.faults) for c in view.channels]
    findings = [(f.key, f.sentence, f.since) for f in view.findings]
    return [view.session, processes, channels, findings, view.lost, view.chapters[-1:]]


def saved(recorder: FlightRecorder, folder: Path) -> Recording:
    path = folder / "saved.ipcz"
    assert recorder.save(path) == path.stat().st_size
    return Recording(path)


def test_the_last_seconds_are_kept_with_what_stood_before_them(tmp_path: Path) -> None:
    recorder = FlightRecorder(kept_ns=3 * SECOND)
    events = session_of(12)
    for event in events:
        recorder.put(event)
    with saved(recorder, tmp_path) as recording:
        assert recording.cut == ""
        assert recording.session == events[0]
        assert 8 * SECOND <= recording.start <= 9 * SECOND
        assert recording.start == recorder.begins == recording.header.begins
        assert recording.end == 12 * SECOND
        kept = list(recording.events())
    assert stands(view_of(kept)) == stands(view_of(events))
    messages = [event.sequence for event in kept if isinstance(event, ev.Message)]
    assert messages == list(range(messages[0], 121))
    assert 30 <= len(messages) <= 41


def test_a_young_session_is_kept_whole(tmp_path: Path) -> None:
    recorder = FlightRecorder()
    events = session_of(5)
    for event in events:
        recorder.put(event)
    with saved(recorder, tmp_path) as recording:
        assert list(recording.events()) == events
        assert recording.start == 0
    with pytest.raises(RecordingError, match="choose another name"):
        recorder.save(tmp_path / "saved.ipcz")


def test_its_bytes_are_bounded() -> None:
    recorder = FlightRecorder(kept_bytes=10_000)
    session = session_of(0)
    for event in session:
        recorder.put(event)
    payloads = [bytes((n * k * k) % 251 for k in range(64)) for n in range(997)]
    for number in range(20_000):
        message = made.message(number, number * 1_000_000)
        recorder.put(structs.replace(message, payload=payloads[number % 997]))
    assert 0 < recorder.bytes <= 30_000
    assert recorder.events()[0] == session[0]


def test_before_a_session_there_is_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        FlightRecorder().save(tmp_path / "nothing.ipcz")
    assert not (tmp_path / "nothing.ipcz").exists()


@given(streams.streams(), st.data())
@settings(max_examples=40)
def test_what_stands_is_rebuilt_at_any_instant(events: list[ev.AnyEvent], data: Any) -> None:
    cut = data.draw(st.integers(0, len(events)))
    view = view_of(events[:cut])
    opening = opening_events(view)
    if view.session is None:
        assert opening == []
        return
    again = view_of([*opening, *([last_frame(events[:cut])] if last_frame(events[:cut]) else [])])
    assert [p.status for p in again.processes] == [p.status for p in view.processes]
    assert [p.reports for p in again.processes] == [p.reports for p in view.processes]
    assert [p.faults for p in again.processes] == [p.faults for p in view.processes]
    assert [f.sentence for f in again.findings] == [f.sentence for f in view.findings]
    assert again.chapters == view.chapters[-1:]
    assert again.lost == view.lost


def last_frame(events: list[ev.AnyEvent]) -> Any:
    """The last frame of the last session in them."""
    frames = [event for event in events if isinstance(event, ev.Frame)]
    return frames[-1] if frames else None


def test_processes_that_have_ended_are_told_as_ended() -> None:
    view = sessions.ended_view()
    again = view_of(opening_events(view))
    for before, after in zip(view.processes, again.processes, strict=True):
        told = (before.status, before.exit, before.signal, before.reason, before.detail, before.ended)
        assert (after.status, after.exit, after.signal, after.reason, after.detail, after.ended) == told
