"""Figures of seconds add up to those of the whole, and these are the figures of the summary."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from helpers import data_exports as made
from helpers import events as by_hand
from helpers import streams
from hypothesis import given, settings

from ipcviz import events as ev
from ipcviz.exports import Readable
from ipcviz.exports.saved import SavedStream
from ipcviz.exports.statistics import COLUMNS, Statistics
from ipcviz.units import SECOND

Rows = list[dict[str, Any]]
ADDS_UP = (
    *("sent_messages", "received_messages", "sent_bytes", "received_bytes", "latency_samples"),
    *("blocked_send_s", "blocked_receive_s", "dropped_messages", "acquisitions", "contended_acquisitions"),
    *("lock_waited_s", "voluntary_switches", "involuntary_switches"),
)


def table(recording: Readable, **window: int) -> Rows:
    """The rows of the CSV, as Python's own reader has them."""
    text = made.written("csv", recording, **window).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def of_json(recording: Readable, **window: int) -> tuple[Rows, Rows]:
    """The rows of the seconds, and those of the whole."""
    told = json.loads(made.written("json", recording, **window))
    return told["seconds"], told["whole"]


def database(recording: Readable) -> sqlite3.Connection:
    """The CSV as a table of SQLite, whose columns are numbers where a number is told."""
    found = sqlite3.connect(":memory:")
    found.execute(f"create table figures ({', '.join(f'{name} numeric' for name in COLUMNS)})")
    rows = [[value if value else None for value in row.values()] for row in table(recording)]
    found.executemany(f"insert into figures values ({', '.join('?' * len(COLUMNS))})", rows)
    return found


def summary_of(recording: Readable) -> ev.Summary:
    return next(event for event in recording.events() if isinstance(event, ev.Summary))


def test_sums_over_a_table_are_the_figures_of_the_summary() -> None:
    recording = made.calls()
    figures = database(recording)
    summary = summary_of(recording)
    assert summary.channels
    for channel in summary.channels:
        [row] = figures.execute(
            "select sum(sent_messages), sum(received_messages), sum(received_bytes), max(depth_max),"
            " round(sum(blocked_send_s), 3), round(sum(blocked_receive_s), 3)"
            " from figures where span = 'second' and name = ? and kind = ?",
            (channel.name, channel.kind),
        )
        blocked = channel.blocked_s
        assert row == (
            channel.sent,
            channel.received,
            channel.bytes,
            channel.depth.max,
            pytest.approx(blocked.send, abs=0.001),
            pytest.approx(blocked.receive, abs=0.001),
        )
    [sent] = figures.execute(
        "select sum(sent_messages) from figures where span = 'second' and kind = 'process'"
    )
    assert sent == (sum(channel.sent for channel in summary.channels),)


def test_sums_of_locks_are_the_figures_of_the_summary() -> None:
    recording = made.locks()
    figures = database(recording)
    summary = summary_of(recording)
    assert len(summary.locks) == 5
    for lock in summary.locks:
        [row] = figures.execute(
            "select sum(acquisitions), sum(contended_acquisitions) from figures"
            " where span = 'second' and kind = 'lock' and name = ?",
            (lock.name,),
        )
        assert row == (lock.acquisitions, lock.contended)
    [taken] = figures.execute(
        "select sum(acquisitions) from figures where span = 'second' and kind = 'process'"
    )
    assert taken == (sum(lock.acquisitions for lock in summary.locks),)


def test_the_whole_has_the_percentiles_and_the_losses_of_the_summary() -> None:
    recording = made.calls()
    _, whole = of_json(recording)
    for channel in summary_of(recording).channels:
        [row] = [row for row in whole if row["name"] == channel.name]
        assert (row["latency_p50_us"], row["latency_p99_us"]) == (
            channel.latency_us.p50,
            channel.latency_us.p99,
        )
        told = row["lost_messages"], row["in_flight_messages"], row["found_messages"]
        assert told == (channel.lost, channel.in_flight, channel.found)
        assert row["received_messages_per_s"] == pytest.approx(channel.rate, abs=0.2)
    _, whole = of_json(made.locks())
    for lock in summary_of(made.locks()).locks:
        [row] = [row for row in whole if row["name"] == lock.name]
        assert (row["lock_wait_p50_us"], row["lock_wait_p99_us"]) == (lock.wait_us.p50, lock.wait_us.p99)


@settings(max_examples=60)
@given(streams.streams())
def test_seconds_add_up_to_the_whole_in_any_stream(events: list[ev.AnyEvent]) -> None:
    if isinstance(events[0], ev.SessionStarted):
        _add_up(*of_json(SavedStream(events)))


@pytest.mark.parametrize("recording", [made.calls, made.locks, made.workshop, made.joined])
@pytest.mark.parametrize("window", [{}, {"start": 300_000_000}, {"start": 450_000_000, "end": 1_100_000_000}])
def test_seconds_add_up_to_the_whole(recording: Callable[[], Readable], window: dict[str, int]) -> None:
    seconds, whole = of_json(recording(), **window)
    assert bool(seconds) == bool(whole) == (recording is not made.joined or "end" not in window)
    _add_up(seconds, whole)


def _add_up(seconds: Rows, whole: Rows) -> None:
    for row in whole:
        key = row["session"], row["kind"], row["name"]
        parts = [one for one in seconds if (one["session"], one["kind"], one["name"]) == key]
        assert parts[0]["from_s"] == row["from_s"]
        assert parts[-1]["until_s"] == row["until_s"]
        for before, after in pairwise(parts):
            assert before["until_s"] == after["from_s"]
        for name in ADDS_UP:
            if row.get(name) is not None:
                total = sum(part[name] or 0 for part in parts)
                assert total == pytest.approx(row[name], abs=1e-5, rel=1e-9), (key, name)


def test_a_table_and_json_have_the_same_rows() -> None:
    for recording in (made.calls(), made.locks(), made.workshop(), made.joined()):
        seconds, whole = of_json(recording)
        rows = [
            {name: "" if row.get(name) is None else str(row[name]) for name in COLUMNS}
            for row in seconds + whole
        ]
        assert table(recording) == rows


def test_a_window_counts_what_happened_in_it() -> None:
    session = made.session(locks=["gate"])
    frames = [made.frame(session, n * SECOND // 2, n * 10, n * 1000) for n in range(1, 13)]
    recording = SavedStream([*made.started(session), *frames])
    seconds, whole = of_json(recording, start=2 * SECOND, end=4 * SECOND)
    lines = [row for row in seconds if row["name"] == "lines"]
    assert [(row["from_s"], row["until_s"], row["received_messages"]) for row in lines] == [
        (2.0, 3.0, 40),
        (3.0, 4.0, 40),
    ]
    [total] = [row for row in whole if row["name"] == "lines"]
    assert total["received_messages"] == 80
    assert total["received_messages_per_s"] == 40.0
    [gate] = [row for row in whole if row["name"] == "gate"]
    assert (gate["acquisitions"], gate["lock_waited_s"]) == (80, 8e-6)
    [process] = [row for row in whole if row["name"] == "a"]
    assert (process["cpu_percent"], process["memory_max_bytes"]) == (50.0, 1 << 20)
    assert (process["voluntary_switches"], process["open_descriptors"]) == (40, 7)


def test_no_rate_reaches_over_what_was_cut_out() -> None:
    session = made.session()
    gap = ev.Gap(t=3 * SECOND // 2, left_out=60 * SECOND)
    frames = [made.frame(session, n * SECOND, n * n * 100) for n in range(1, 4)]
    events = sorted([*made.started(session), gap, *frames], key=lambda event: event.t)
    seconds, whole = of_json(SavedStream(events))
    lines = [row for row in seconds if row["name"] == "lines"]
    assert [row["received_messages_per_s"] for row in lines] == [200.0, None, 1000.0]
    assert [row["received_messages"] for row in lines] == [200, 600, 1000]
    assert [row["received_messages_per_s"] for row in whole if row["name"] == "lines"] == [None]


def test_what_a_probe_saw_between_frames_counts_as_the_most() -> None:
    session = made.session()
    frames = []
    for n, highest in enumerate((4, 4, 90, 90), 1):
        frame = made.frame(session, n * SECOND, n)
        depth = msgspec.structs.replace(frame.channels[0].depth, now=2, max=highest)
        state = msgspec.structs.replace(frame.channels[0], depth=depth)
        frames.append(msgspec.structs.replace(frame, channels=[state]))
    seconds, whole = of_json(SavedStream([*made.started(session), *frames]))
    assert [row["depth_max"] for row in seconds if row["name"] == "lines"] == [4, 2, 90, 2]
    assert [row["depth_max"] for row in whole if row["name"] == "lines"] == [90]


def test_what_is_broadcast_counts_once_for_each_receiver() -> None:
    session = made.session(("a", "b", "c"), kind="broadcast")
    ends = [ev.EndState(sent=10, sent_bytes=100), *[ev.EndState(received=9, received_bytes=90)] * 2]
    frame = made.frame(session, SECOND)
    state = msgspec.structs.replace(frame.channels[0], ends=ends)
    frame = msgspec.structs.replace(frame, channels=[state])
    _, whole = of_json(SavedStream([*made.started(session), frame]))
    assert (whole[0]["sent_messages"], whole[0]["received_messages"]) == (20, 18)
    assert [row["sent_messages"] for row in whole[1:]] == [10, 0, 0]


def test_names_with_commas_quotes_and_lines_are_one_field() -> None:
    names = ['a, b; "c"', "two\nlines", "=1+1", "한글, 🎉", "\x1b[31m"]
    session = made.session(names, ['say "hi", twice'])
    rows = table(SavedStream([*made.started(session), made.frame(session, SECOND)]))
    shown = ['a, b; "c"', "two\\nlines", "=1+1", "한글, 🎉", "\\x1b[31m"]
    assert [row["name"] for row in rows if row["span"] == "whole"] == ['say "hi", twice', *shown]


def test_the_columns_never_change_their_order() -> None:
    first = made.written("csv", made.joined()).split(b"\r\n")[0].decode()
    assert first.split(",") == list(COLUMNS)
    assert first.startswith("session,span,kind,name,mechanism,from_s,until_s,sent_messages,")


def test_a_session_of_no_frame_is_a_table_of_no_rows() -> None:
    recording = SavedStream(made.started(made.session()))
    assert table(recording) == []
    assert of_json(recording) == ([], [])


def test_who_is_paused_by_hand_does_not_wait() -> None:
    session = by_hand.session(["a", "b"], [by_hand.channel("goods", "a>", ">b")])
    statistics = Statistics(session, 0, 0)
    for event in (
        ev.FaultInjected(t=SECOND, fault="pause", process="a", sentence="a is paused."),
        *(_sends(t) for t in (2, 3, 4)),
        ev.FaultInjected(t=4 * SECOND, fault="resume", process="a", sentence="a goes on."),
        _sends(6),
    ):
        list(statistics.take(event))
    whole = {row["name"]: row for row in statistics.whole()}
    assert whole["goods"]["blocked_send_s"] == whole["a"]["blocked_send_s"] == 3.0


def _sends(t: int) -> ev.Frame:
    """It waits since the start."""
    waits = ev.EndState(activity="sending", blocked_send=t * SECOND)
    kernel = [ev.ProcessState("sleeping")] * 2
    return by_hand.frame(t * SECOND, [by_hand.state(waits, ev.EndState())], [], kernel)


def test_joined_sessions_are_told_apart() -> None:
    seconds, whole = of_json(made.joined())
    assert [(row["session"], row["name"]) for row in whole if row["kind"] == "channel"] == [
        (1, "lines"),
        (2, "words"),
        (2, "lines"),
    ]
    second = [row for row in seconds if row["session"] == 2 and row["name"] == "words"]
    assert [(row["from_s"], row["until_s"], row["received_messages"]) for row in second] == [
        (3.0, 4.0, 4),
        (4.0, 5.0, 14),
    ]


def test_what_a_joined_session_had_counted_before_it_is_entered_counts_as_nothing() -> None:
    seconds, whole = of_json(made.entered_late())
    told = [
        (row["session"], row["from_s"], row["received_messages"]) for row in whole if row["name"] == "lines"
    ]
    assert told == [(1, 0.0, 60), (2, 2.5, 14)]
    _add_up(seconds, whole)
