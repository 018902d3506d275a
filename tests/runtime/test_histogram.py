"""Buckets of times: every time has one, its edges hold it, and a frame tells those that are not empty."""

from __future__ import annotations

from pathlib import Path

from helpers import runs
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz.runtime.histogram import BUCKETS, bucket_of, edge_of, filled


@given(st.integers(0, 16 * 10**9))
def test_a_time_lies_between_its_buckets_edges(nanoseconds):
    bucket = bucket_of(nanoseconds)
    assert edge_of(bucket) <= nanoseconds
    assert nanoseconds < edge_of(bucket + 1) or bucket == BUCKETS - 1


def test_empty_buckets_are_left_out():
    assert filled([0, 3, 0, 0, 7]) == [1, 3, 4, 7]
    assert filled([0] * BUCKETS) == []


def test_a_runs_histogram_counts_every_message_that_was_measured(own_runtime: Path):
    events = runs.run("pipeline", settings={"rate": 0})
    frames = [event for event in events if isinstance(event, ev.Frame)]
    for channel in frames[-1].channels:
        if all(end.stride == 1 for end in channel.ends):
            assert sum(channel.histogram[1::2]) == sum(end.received for end in channel.ends)
        assert channel.histogram[::2] == sorted(set(channel.histogram[::2]))
    assert any(channel.histogram for channel in frames[-1].channels)
