"""The stream to a reader that does not read: what gives way to what."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from helpers import events as made

from ipcviz import events as ev
from ipcviz.runtime.stream import FRAMES_BELOW, NOTES_BELOW, SAMPLES_BELOW, Stream


@pytest.fixture
def stream() -> Iterator[Stream]:
    read, write = os.pipe()
    yield Stream(write)
    os.close(read)
    os.close(write)


def printed(number: int) -> ev.Note:
    return ev.Note(t=number, process="a", text="x" * 200)


def test_a_flood_of_printed_lines_leaves_room_for_messages(stream: Stream) -> None:
    number = 0
    while stream.put(printed(number)):
        number += 1
    assert number * 200 < 2 * NOTES_BELOW
    assert stream.lost == 1
    assert stream.put(made.message(1))
    assert not stream.put(printed(number))
    assert stream.lost == 2


def test_messages_give_way_to_frames_and_those_to_what_tells_how_it_went(stream: Stream) -> None:
    number = 0
    while stream.put(made.message(number)):
        number += 1
    taken = stream.events
    assert SAMPLES_BELOW // 400 < taken < SAMPLES_BELOW
    report = ev.Reported(t=1, process="a", values={"text": "y" * 1000})
    while stream.put(report):
        assert stream.events < FRAMES_BELOW
    assert stream.events > taken
    assert stream.put(ev.FindingCleared(t=2, key="k"))
