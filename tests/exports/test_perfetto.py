"""A trace is what Perfetto's own trace processor finds in it, and what the Trace Event Format says of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from helpers import data_exports as made
from helpers import foreign

from ipcviz import events as ev
from ipcviz.exports import Readable
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND

Told = dict[str, Any]

JOINED = """
select sp.name, rp.name, s.name, r.name, s.ts, r.ts,
       extract_arg(s.arg_set_id, 'args.sequence'), extract_arg(r.arg_set_id, 'args.sequence')
from flow join slice s on s.id = flow.slice_out join slice r on r.id = flow.slice_in
join thread_track st on st.id = s.track_id join thread st2 on st2.utid = st.utid
join process sp on sp.upid = st2.upid
join thread_track rt on rt.id = r.track_id join thread rt2 on rt2.utid = rt.utid
join process rp on rp.upid = rt2.upid
"""
"""Each arrow with the slices at its ends, and the processes in which these are."""
SLICES = """
select process.name, thread.name, slice.category, slice.name, slice.ts, slice.dur
from slice join thread_track on thread_track.id = slice.track_id
join thread using (utid) join process using (upid)
"""
COUNTERS = """
select process.name, track.name, counter.ts, counter.value
from counter join process_counter_track track on track.id = counter.track_id join process using (upid)
"""
TROUBLE = "select name, value from stats where value > 0 and severity in ('error', 'data_loss')"


def told(recording: Readable, **options: int) -> list[Told]:
    """All that a trace tells, but for the names of its rows."""
    events = json.loads(made.written("perfetto", recording, **options))["traceEvents"]
    return [event for event in events if event["ph"] != "M"]


def of_kind(events: Iterable[Told], kind: str, category: str = "") -> list[Told]:
    return [event for event in events if event["ph"] == kind and category in ("", event.get("cat"))]


def ns(micros: float) -> int:
    return round(micros * 1000)


def messages(events: Iterable[ev.AnyEvent]) -> list[ev.Message]:
    return [event for event in events if isinstance(event, ev.Message)]


def test_a_trace_processor_joins_every_message_of_a_real_run(tmp_path: Path) -> None:
    recording = made.calls()
    trace = made.written("perfetto", recording)
    joined, trouble = foreign.trace_processor(trace, tmp_path, JOINED, TROUBLE)
    assert trouble == []
    sent = messages(recording.events())
    assert len(sent) > 50
    assert sorted(map(tuple, joined)) == sorted(
        (
            m.sender,
            m.receiver,
            f"sends {m.channel}",
            f"receives {m.channel}",
            m.sent,
            m.t,
            m.sequence,
            m.sequence,
        )
        for m in sent
    )


@pytest.mark.slow
def test_a_trace_processor_finds_the_figures_of_every_frame(tmp_path: Path) -> None:
    recording = made.calls()
    rows, slices = foreign.trace_processor(made.written("perfetto", recording), tmp_path, COUNTERS, SLICES)
    known: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for group, name, t, value in rows:
        known[group, name][t] = value
    frames = [event for event in recording.events() if isinstance(event, ev.Frame)]
    for place, info in enumerate(recording.session.channels):
        depths = known[f"channel {info.name} (pipe)", "depth bytes"]
        now: float | None = None
        for frame in frames:
            now = depths.get(frame.t, now)
            assert now == frame.channels[place].depth.now
    alive = {group: (t, t + lasted) for group, _, what, _, t, lasted in slices if what == "process"}
    for event in recording.events():
        if isinstance(event, ev.ProcessStarted):
            assert alive[event.process][0] == event.t
        elif isinstance(event, ev.ProcessExited):
            assert alive[event.process][1] == event.t


@pytest.mark.slow
def test_a_trace_processor_finds_who_held_each_lock_of_a_real_run(tmp_path: Path) -> None:
    recording = made.locks()
    trace = made.written("perfetto", recording)
    slices, trouble = foreign.trace_processor(trace, tmp_path, SLICES, TROUBLE)
    assert trouble == []
    held: Counter[tuple[str, str, int]] = Counter()
    since: dict[tuple[str, str], int] = {}
    for event in recording.events():
        if isinstance(event, ev.LockEvent) and event.action == "acquired":
            since[event.lock, event.process] = event.t
            held[event.lock, event.process, event.t] += 1
    assert len(held) > 20
    rows = [(group, name, t) for group, _, what, name, t, _ in slices if what == "hold"]
    by_lock = Counter(
        (g.removeprefix("lock ").split(" (")[0], n, t) for g, n, t in rows if g.startswith("lock")
    )
    by_process = Counter((n, g, t) for g, n, t in rows if not g.startswith("lock"))
    assert by_lock == by_process == held


@pytest.mark.parametrize("recording", [made.calls, made.locks, made.workshop, made.joined])
def test_slices_of_one_row_never_overlap_in_part_and_arrows_end_in_slices(recording: Any) -> None:
    events = told(recording())
    rows: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for event in of_kind(events, "X"):
        start = ns(event["ts"])
        rows[event["pid"], event["tid"]].append((start, start + ns(event["dur"])))
    for row in rows.values():
        until = -1
        for start, end in sorted(row):
            assert start >= until
            until = end
    begins, ends = of_kind(events, "s"), of_kind(events, "f")
    assert sorted(event["id"] for event in begins) == sorted({event["id"] for event in ends})
    for event in [*begins, *ends]:
        t = ns(event["ts"])
        assert any(start <= t <= end for start, end in rows[event["pid"], event["tid"]])
    by_id = {event["id"]: event for event in begins}
    assert all(by_id[event["id"]]["ts"] <= event["ts"] and event["bp"] == "e" for event in ends)


def test_waits_are_as_long_as_they_were_counted() -> None:
    recording = made.calls()
    last = [event for event in recording.events() if isinstance(event, ev.Frame)][-1]
    counted: Counter[tuple[str, str]] = Counter()
    for info, channel in zip(recording.session.channels, last.channels, strict=True):
        for endpoint, end in zip(info.endpoints, channel.ends, strict=True):
            counted[endpoint.process, f"to receive {info.name}"] += end.blocked_receive
    pids = {e.pid: e.process for e in recording.events() if isinstance(e, ev.ProcessStarted)}
    waited: Counter[tuple[str, str]] = Counter()
    for event in of_kind(told(recording), "X"):
        if event["cat"] == "wait":
            waited[pids[event["pid"]], event["name"].removeprefix("waits ")] += ns(event["dur"])
        elif event["cat"] == "wait in part":
            for what, lasted in event["args"].items():
                waited[pids[event["pid"]], what.removesuffix(", ns")] += lasted
    for key, lasted in counted.items():
        assert waited[key] == pytest.approx(lasted, abs=20_000_000)


def test_what_is_broadcast_is_sent_once_and_received_by_all() -> None:
    session = made.session(("a", "b", "c"), kind="broadcast")
    receipts = [made.message(1, SECOND + n, way=("a", to)) for n, to in enumerate("bc")]
    receipts = [ev.Message(**{**_fields(m), "sent": SECOND - 1000}) for m in receipts]
    events = told(SavedStream([*made.started(session), *receipts, made.frame(session, 2 * SECOND)]))
    names = Counter(event["name"] for event in of_kind(events, "X", "message"))
    assert names == {"sends lines": 1, "receives lines": 2}
    assert len(of_kind(events, "f")) == 2


def _fields(message: ev.Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


def test_a_flood_of_turns_between_frames_is_told_whole() -> None:
    session = made.session(locks=["gate"])
    turns: list[ev.AnyEvent] = []
    for number in range(6000):
        t = SECOND + number * 100_000
        turns.append(ev.LockEvent(t=t, lock="gate", process="a", action="acquired"))
        turns.append(ev.LockEvent(t=t + 60_000, lock="gate", process="a", action="released"))
    events = told(SavedStream([*made.started(session), *turns, made.frame(session, 2 * SECOND, 6000)]))
    holds = of_kind(events, "X", "hold")
    assert len(holds) == 2 * 6000
    assert {ns(event["dur"]) for event in holds} == {60_000}


def test_chapters_findings_and_faults_are_instants_with_their_sentences() -> None:
    recording = made.workshop()
    instants = of_kind(told(recording), "i")
    sentences = {event["cat"]: event["args"] for event in instants}
    names = {(event["cat"], event["name"]) for event in instants}
    assert names == {
        ("chapters", "Full \\x1b[31m; #1"),
        ("findings", "deadlock"),
        ("faults", "drop"),
        ("faults", "slow"),
    }
    assert sentences["chapters"] == {"caption": "It is full."}
    assert sentences["findings"]["sentence"].startswith("Deadlock of 2")


def test_only_the_window_is_told() -> None:
    events = told(made.workshop(), start=10_010_000_000, end=10_020_000_000)
    shown = [
        event["args"]["sequence"] for event in of_kind(events, "X", "message") if "from" in event["args"]
    ]
    assert shown == list(range(10, 21))
    assert {ns(event["ts"]) for event in of_kind(events, "C")} == set()
    assert of_kind(events, "i") == []


def test_a_counter_is_told_only_when_it_changes_and_never_when_it_is_unknown() -> None:
    events = of_kind(told(made.workshop()), "C")
    named = Counter((event["name"], next(iter(event["args"]))) for event in events)
    assert named["depth", "bytes"] == named["depth", "messages"] == 1
    assert not any(event["name"] == "depth" and None in event["args"].values() for event in events)


def test_sessions_that_were_joined_have_rows_of_their_own() -> None:
    trace = json.loads(made.written("perfetto", made.joined()))["traceEvents"]
    groups = [event["args"]["name"] for event in trace if event["name"] == "process_name"]
    assert groups == [
        "session made", "channel lines (pipe)", "a", "b",
        "session made", "channel words (pipe)", "channel lines (pipe)", "a", "c",
    ]  # fmt: skip
    numbers = [event["pid"] for event in trace if event["name"] == "process_name"]
    assert len(set(numbers)) == len(numbers)


def test_a_part_that_was_cut_out_is_told() -> None:
    session = made.session()
    gap = ev.Gap(t=SECOND, left_out=5 * SECOND)
    events = told(SavedStream([*made.started(session), gap, made.frame(session, 2 * SECOND)]))
    [told_gap] = of_kind(events, "i")
    assert (told_gap["name"], told_gap["args"]) == ("cut out", {"left out ns": 5 * SECOND})


def test_nobody_is_alive_before_a_session_is_entered() -> None:
    alive = of_kind(told(made.entered_late()), "X", "process")
    assert [ns(event["ts"]) for event in alive] == [0, 0, 3 * SECOND, 3 * SECOND]
    assert {ns(event["ts"] + event["dur"]) for event in alive[2:]} == {4 * SECOND}
