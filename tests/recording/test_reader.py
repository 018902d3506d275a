"""Recordings are read as they were written; what is cut, changed or hostile is told, and nothing shown."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from typing import Any

import pytest
from helpers import events as made
from helpers import streams
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording, timed
from ipcviz.recording.tidying import tidied
from ipcviz.units import SECOND


def opened(file: bytes) -> Recording:
    return Recording(io.BytesIO(file))


def small() -> list[ev.AnyEvent]:
    """Four seconds of one channel, with messages."""
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    events: list[ev.AnyEvent] = [session]
    for tick in range(1, 9):
        t = tick * SECOND // 2
        ends = ev.EndState(sent=tick * 3, sent_bytes=tick * 9), ev.EndState(received=tick * 2)
        events += [made.frame(t, [made.state(*ends)]), made.message(tick, t)]
    return events


@given(streams.streams())
@settings(max_examples=60)
def test_what_was_written_is_read(events: list[ev.AnyEvent]) -> None:
    if isinstance(events[0], ev.Refused):
        assert recorded(events) == b"", "nothing has begun"
        return
    recording = opened(recorded(events))
    assert list(recording.events()) == [tidied(event) for event in events]
    assert recording.cut == ""
    assert recording.session == events[0]
    assert recording.totals is not None
    assert recording.totals.events == len(events)
    assert recording.totals.messages == sum(isinstance(event, ev.Message) for event in events)


@given(streams.streams(), st.data())
@settings(max_examples=60)
def test_the_events_of_a_window_are_those_whose_time_lies_in_it(events: list[ev.AnyEvent], data: Any) -> None:
    if isinstance(events[0], ev.Refused):
        return
    times = [t for t, _ in timed(events)]
    start = data.draw(st.sampled_from(times)) + data.draw(st.integers(-1, 1))
    end = data.draw(st.sampled_from(times)) + data.draw(st.integers(-1, 1))
    wanted = [event for t, event in timed(events) if start <= t <= end]
    assert list(opened(recorded(events)).events(start, end)) == wanted


def test_chapters_are_found_with_and_without_an_end() -> None:
    first = ev.Chapter(t=SECOND, label="first", caption="a caption", note="a note")
    second = ev.Chapter(t=3 * SECOND, label="second")
    events = small()
    events[4:4], events[12:12] = [first], [second]
    file = recorded(events)
    assert opened(file).chapters == [first, second]
    cut = opened(file[:-1])
    assert cut.totals is None
    assert cut.chapters == [first, second]


def whole_chunks(file: bytes) -> list[tuple[int, int]]:
    """Where each chunk ends, and how many events there are up to it."""
    recording = opened(file)
    ends, events = [], 0
    for entry in recording.chunks:
        events += entry.events
        ends.append((entry.offset + entry.data_length, events))
    return ends


def test_cut_anywhere_it_plays_up_to_the_last_whole_chunk_and_says_so() -> None:
    events = small()
    file = recorded(events)
    ends = whole_chunks(file)
    assert len(ends) > 3
    for length in range(len(file)):
        try:
            recording = opened(file[:length])
        except RecordingError:
            assert length < ends[0][0], "it had a header"
            continue
        there = max((count for end, count in ends if end <= length), default=0)
        assert list(recording.events()) == events[:there]
        assert recording.cut, f"cut at {length}, and nobody says it"


def test_every_flipped_bit_is_found() -> None:
    events = small()
    file = recorded(events)
    ends = whole_chunks(file)
    chance = random.Random(5)
    for _ in range(1_000):
        place = chance.randrange(len(file) * 8)
        flipped = bytearray(file)
        flipped[place // 8] ^= 1 << place % 8
        try:
            recording = opened(bytes(flipped))
        except RecordingError:
            continue
        before = max((count for end, count in ends if end <= place // 8), default=0)
        assert list(recording.events()) == events[:before]
        assert recording.cut, f"bit {place} is not what it was, and nobody says it"


@pytest.mark.parametrize("file", [b"", b"x", b"{}\n" * 100, bytes(1000)])
def test_what_is_no_recording_is_refused(file: bytes) -> None:
    with pytest.raises(RecordingError):
        opened(file)


def test_who_plays_needs_nothing_of_what_runs() -> None:
    program = (
        "import sys, ipcviz.commands_recording, ipcviz.recording.indexing\n"
        "print([name for name in sys.modules if name.startswith(('ipcviz.mechanisms', 'ipcviz.probes', "
        "'psutil', 'ctypes', 'textual', 'ipcviz.runtime.s'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
