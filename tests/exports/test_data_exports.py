"""Laws of all exports that are data: the same bytes every time, no secrets, any stream, any length."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from typing import BinaryIO, cast

import msgspec
import pytest
from helpers import data_exports as made
from helpers import sessions, streams
from helpers.data_exports import KINDS, SECRET
from hypothesis import given, settings

from ipcviz import events as ev
from ipcviz.exports import EXPORTS, Options
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("demo", ["request_reply", "philosophers"])
def test_a_stream_and_a_recording_of_it_give_the_same_bytes_each_time(kind: str, demo: str) -> None:
    first = made.written(kind, SavedStream(made.real(demo)))
    assert made.written(kind, SavedStream(made.real(demo))) == first
    assert made.written(kind, made.on_disk(made.real(demo))) == first


@pytest.mark.parametrize("kind", KINDS)
def test_the_progress_grows_to_all_of_it(kind: str) -> None:
    told: list[float] = []
    EXPORTS[kind].write(made.Flood(5, 1000), io.BytesIO(), Options(), told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert any(0.3 < done < 0.7 for done in told)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_recording_left_out_is_in_no_export(kind: str) -> None:
    events = list(sessions.events(24))
    for place, event in enumerate(events):
        if isinstance(event, ev.Message):
            events[place] = msgspec.structs.replace(event, payload=SECRET.encode(), size=len(SECRET))
        elif isinstance(event, ev.Note):
            events[place] = msgspec.structs.replace(event, text=SECRET)
    payloads = kind in ("perfetto", "pcapng", "mermaid")
    assert (SECRET.encode() in made.written(kind, made.on_disk(events))) == payloads
    assert SECRET.encode() not in made.written(kind, made.on_disk(events, redact=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_speakers_note_is_in_no_export(kind: str) -> None:
    assert b"for the speaker" not in made.written(kind, made.workshop())


@settings(max_examples=60)
@given(streams.streams())
def test_any_stream_can_be_exported(events: list[ev.AnyEvent]) -> None:
    if not isinstance(events[0], ev.SessionStarted):
        return
    recording = SavedStream(events)
    for kind in KINDS:
        for window in ({}, {"start": 400_000_000, "end": 2 * SECOND}):
            written = made.written(kind, recording, **window)
            if kind in ("perfetto", "json"):
                json.loads(written)
            if kind == "csv":
                list(csv.reader(io.StringIO(written.decode(), newline=""), strict=True))
            if kind != "pcapng":
                assert written.decode().replace("\r", "").replace("\n", "").isprintable()


@pytest.mark.parametrize("kind", KINDS)
def test_recordings_that_were_joined_are_told_one_after_the_other(kind: str) -> None:
    written = made.written(kind, made.joined())
    assert b"words" in written
    assert b"lines" in written


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_long_recording_takes_no_more_memory_than_a_short_one(kind: str) -> None:
    class Nowhere(io.RawIOBase):
        def write(self, piece: object) -> int:
            return len(cast(bytes, piece))

    def peak(seconds: int) -> int:
        tracemalloc.start()
        try:
            out = cast(BinaryIO, Nowhere())
            EXPORTS[kind].write(made.Flood(seconds, 1000), out, Options(), lambda done: None)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    kept = 30 << 20  # a World keeps 100,000 messages, and none of them is needed twice
    assert peak(18) < peak(6) + (kept if kind == "perfetto" else 1 << 20)
