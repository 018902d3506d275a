"""A recording through a pipe, in pieces of any size."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from helpers import events as made

from ipcviz import events as ev
from ipcviz.recording.instants import instant_of
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.maker import recorded
from ipcviz.recording.streamed import StreamSource
from ipcviz.runtime.request import Command
from ipcviz.units import SECOND

EVENTS: list[ev.AnyEvent] = [made.session(["a"]), *(made.frame(tick * SECOND) for tick in range(1, 5))]
FILE = recorded(EVENTS)


@pytest.fixture
def pipe() -> Iterator[tuple[StreamSource, int]]:
    reading, writing = os.pipe()
    source = StreamSource(reading)
    yield source, writing
    source.close()
    os.close(writing)


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 16])
def test_events_come_as_soon_as_their_chunk_is_whole(pipe: tuple[StreamSource, int], size: int) -> None:
    source, writing = pipe
    assert not source.wait(0)
    assert source.take() == []
    taken: list[ev.AnyEvent] = []
    before_the_end = 0
    for start in range(0, len(FILE), size):
        os.write(writing, FILE[start : start + size])
        before_the_end = len(taken)
        taken += source.take()
    assert taken == EVENTS
    assert source.over
    assert source.cut == ""
    assert size > 1_000 or before_the_end > 3


def test_a_stream_that_ends_too_soon(pipe: tuple[StreamSource, int]) -> None:
    source, writing = pipe
    os.write(writing, FILE[:-10])
    assert source.take() == EVENTS
    assert not source.over
    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    assert source.take() == []
    assert source.over
    assert source.cut == "It was cut; everything up to 00:04 is there."
    assert not source.damaged


def test_what_is_no_recording(pipe: tuple[StreamSource, int]) -> None:
    source, writing = pipe
    os.write(writing, b"something else altogether")
    with pytest.raises(RecordingError, match="no ipcviz recording"):
        source.take()


def test_a_flipped_bit_ends_it(pipe: tuple[StreamSource, int]) -> None:
    source, writing = pipe
    os.write(writing, FILE[:-40] + bytes([FILE[-40] ^ 1]) + FILE[-39:])
    assert source.take() == EVENTS
    assert source.over
    assert source.damaged
    assert "damaged" in source.cut


def test_nothing_can_be_done_to_it(pipe: tuple[StreamSource, int]) -> None:
    source, _ = pipe
    assert source.command(Command("stop")) is False
    source.stop()
    source.close()
    source.close()
    assert source.over


@pytest.mark.parametrize(
    ("text", "seconds"), [("12.5", 12.5), ("1:02", 62), ("1:02:03.5", 3723.5), (" 7 ", 7), ("0:00", 0)]
)
def test_instants(text: str, seconds: float) -> None:
    assert instant_of(text) == seconds * SECOND


@pytest.mark.parametrize("text", ["", "x", "-1", "1:2:3:4", "1e5", "٣", "nan", "1" * 400, ":5", "5:"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(RecordingError):
        instant_of(text)
