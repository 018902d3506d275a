"""Frames as columns and back: exactly the same, whatever changes and whatever does not."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import streams
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording import chunks
from ipcviz.recording.columns import BadColumns, columns_of, frames_of
from ipcviz.recording.plans import shape_of, size_of

SESSION = streams.sessions()


@st.composite
def changing(draw: Any) -> list[ev.Frame]:
    """Frames of one session, of which each differs from the one before in few places, or in many."""
    session = draw(SESSION)
    frames = [draw(streams.frames(session, 0))]
    for number in range(1, draw(st.integers(1, 6))):
        frame = draw(streams.frames(session, number)) if draw(st.booleans()) else frames[-1]
        frames.append(structs.replace(frame, t=draw(st.integers(0, 1 << 62))))
    return frames


@given(changing())
@settings(max_examples=40)
def test_frames_come_back_as_they_were(frames: list[ev.Frame]) -> None:
    if len({shape_of(frame) for frame in frames}) == 1:
        assert frames_of(frames[0], columns_of(frames), len(frames) - 1) == frames[1:]
    assert chunks.events_of(chunks.lines_of(frames)) == frames


def with_histogram(*counts: int) -> ev.Frame:
    state = ev.ChannelState([ev.EndState()], ev.Depth(), ev.Latency(), histogram=list(counts))
    return ev.Frame(t=0, channels=[state], locks=[], processes=[], watching=ev.Watching(0.0, 0.0))


@pytest.mark.parametrize(
    "histograms",
    [
        [(), (5, 1), (5, 1, 7, 2), (5, 3, 7, 2)],
        [(5, 9), (5, 2)],
        [(5, 9), ()],
        [(5, 9, 7, 1), (5, 9)],
        [(7, 1, 5, 1), (7, 2, 5, 1)],
        [(5,), (5, 6)],
        [(5, 1), (5, 1), (5, 1), (4, 1, 5, 1)],
        [(5, 1, 5, 2), (5, 1, 5, 3)],
    ],
)
def test_histograms_that_grow_shrink_or_are_none(histograms: list[tuple[int, ...]]) -> None:
    frames = [with_histogram(*counts) for counts in histograms]
    assert chunks.events_of(chunks.lines_of(frames)) == frames


def test_a_histogram_that_grows_tells_only_what_grew() -> None:
    long = [figure for bucket in range(60) for figure in (bucket, 1_000 + bucket)]
    frames = [with_histogram(*long[:-1], long[-1] + number) for number in range(3)]
    assert columns_of(frames) == [[25, -1, 0, [59, 1], 0, [59, 1]]]


def test_numbers_that_are_equal_are_told_apart() -> None:
    """1, 1.0 and True are equal, and not the same."""
    frames = [with_histogram() for _ in range(3)]
    depths = [ev.Depth(1), ev.Depth(None), ev.Depth(0)]
    changed = [
        structs.replace(frame, channels=[structs.replace(frame.channels[0], depth=depth)])
        for frame, depth in zip(frames, depths, strict=True)
    ]
    again = chunks.events_of(chunks.lines_of(changed))
    assert [frame.channels[0].depth.now for frame in again] == [1, None, 0]  # type: ignore[union-attr]


def test_what_does_not_change_is_one_object() -> None:
    frames = [structs.replace(with_histogram(5, 1), t=number) for number in range(10)]
    again = frames_of(frames[0], columns_of(frames), 9)
    assert len({id(frame.channels) for frame in again}) == 1


def test_a_counter_that_grows_evenly_is_short() -> None:
    frames = [structs.replace(with_histogram(), t=number * 50_000_000) for number in range(5)]
    assert columns_of(frames) == [[1, 50_000_000, 1, 1, 1, 1]]


def test_columns_for_more_frames_than_they_tell() -> None:
    frames = [structs.replace(with_histogram(), t=number) for number in range(3)]
    with pytest.raises(BadColumns):
        frames_of(frames[0], columns_of(frames), 5)


def test_the_size_of_a_frame_is_the_number_of_its_values() -> None:
    assert size_of(with_histogram(1, 2)) == 1 + 12 + 6 + 3 + 5 + 2
