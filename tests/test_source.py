"""Sources: a live run, and the same run read from a file."""

from __future__ import annotations

import json
import os
import select
import signal
from pathlib import Path
from typing import Any

import pytest
from helpers import events as made
from helpers.events import views
from helpers.runs import live, run, summary_of, take_until
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz import source as sources
from ipcviz.source import LineSplitter, SavedSource, events_of, read_stream

RUNS = [
    ("pipeline", "pipe", {"rate": 500, "stages": 2}, 0.8),
    ("bounded_buffer", "posix-mq", {"consume": 10}, 0.8),
    ("bounded_buffer", "shm", {"produce": 0, "consume": 0}, 0.8),
    ("philosophers", None, {"strategy": "naive", "n": 2}, 1.2),
    ("request_reply", "unix-stream", {"rate": 0, "work": 0}, 0.8),
]


@pytest.mark.parametrize(("demo", "mechanism", "settings", "seconds"), RUNS)
def test_a_saved_run_gives_the_same_world_at_every_frame(
    demo: str, mechanism: str, settings: Any, seconds: Any, tmp_path: Path, own_runtime: Path
) -> None:
    events = run(demo, mechanism=mechanism, settings=settings, seconds=seconds, tick=50)
    file = tmp_path / "saved.jsonl"
    file.write_bytes(b"".join(map(ev.encode, events)))
    source = SavedSource(file)
    saved = source.take()
    source.close()
    assert saved == events
    lived = views(events)
    assert views(saved) == lived
    assert len(lived) > 2
    assert lived[-1].status == "ended"
    assert summary_of(events).topology == demo


# ---- saved streams -------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Four events."""
    file = tmp_path / "saved.jsonl"
    events = [made.session(["a"]), made.message(1), made.message(2), made.message(3)]
    file.write_bytes(b"".join(map(ev.encode, events)))
    return file


def test_a_saved_source_is_like_any_other(saved: Path) -> None:
    source = SavedSource(saved)
    assert not source.over
    assert select.select([source.fileno()], [], [], 0)[0]
    assert [type(event) for event in source.take()] == [ev.SessionStarted] + [ev.Message] * 3
    assert source.over
    assert source.take() == []
    source.stop()
    source.close()
    source.close()


def test_a_stream_that_was_cut_off_anywhere_plays_up_to_the_cut(saved: Path) -> None:
    whole = saved.read_bytes()
    events = list(read_stream(saved))
    for cut in range(len(whole)):
        saved.write_bytes(whole[:cut])
        assert list(read_stream(saved)) == events[: whole[:cut].count(b"\n")]


@pytest.mark.parametrize("garbage", [b"{}", b"", b"\xff\xff", b'{"type":"later"}', b"[1,2]"])
def test_a_line_that_is_no_event_is_told_with_its_number(saved: Path, garbage: bytes) -> None:
    lines = saved.read_bytes().splitlines()
    lines[2] = garbage
    saved.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(ev.StreamError, match=r"^line 3: this is not an event of an ipcviz stream"):
        list(read_stream(saved))


def test_a_newer_stream_is_refused(saved: Path) -> None:
    first, *others = saved.read_bytes().splitlines()
    newer = json.dumps({**json.loads(first), "schema": 99}).encode()
    saved.write_bytes(b"\n".join([newer, *others]) + b"\n")
    with pytest.raises(
        ev.StreamError, match=r"^line 1: this stream has schema 99 and this ipcviz reads up to"
    ):
        SavedSource(saved).take()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_stream(tmp_path / "nothing"))


def test_no_lines_are_no_events() -> None:
    assert list(events_of([])) == []


@given(st.lists(st.binary(max_size=8).map(lambda line: line.replace(b"\n", b"")), max_size=8), st.data())
def test_lines_are_the_same_however_they_come(lines: list[bytes], data: Any) -> None:
    whole = b"".join(line + b"\n" for line in lines) + b"unfinished"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    splitter = LineSplitter()
    came = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        came.extend(splitter.feed(whole[start:end]))
    assert came == lines


def test_a_line_without_an_end_is_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST_LINE", 10)
    splitter = LineSplitter()
    assert splitter.feed(b"0123456789\n0123456789") == [b"0123456789"]
    with pytest.raises(ev.StreamError, match="a line has no end"):
        splitter.feed(b"x")


# ---- live runs -----------------------------------------------------------------------------------------


def test_a_live_source_that_is_asked_to_stop_still_sums_up(own_runtime: Path) -> None:
    with live("bounded_buffer", mechanism="pipe") as source:
        events = take_until(source, lambda events: any(isinstance(e, ev.Frame) for e in events))
        assert not source.finished
        source.stop()
        events += take_until(source, lambda events: False)
        assert source.over
        assert source.finished
    assert summary_of(events).topology == "bounded_buffer"
    assert [type(event) for event in events if isinstance(event, ev.ProcessExited)] == [ev.ProcessExited] * 3


def test_a_live_source_that_cannot_start_says_why(own_runtime: Path) -> None:
    with live("pipelin") as source:
        (refusal,) = take_until(source, lambda events: False)
        assert source.finished
    assert refusal.sentence == "There is no demo 'pipelin'; did you mean pipeline?"


def test_closing_a_live_source_ends_everything(own_runtime: Path, until: Any) -> None:
    with live("bounded_buffer", mechanism="shm") as source:
        events = take_until(source, lambda events: any(isinstance(e, ev.Frame) for e in events))
        pids = [event.pid for event in events if isinstance(event, ev.ProcessStarted)]
        assert len(pids) == 3
        supervisor = source.pid
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in (*pids, supervisor)))
    assert not own_runtime.exists()
    assert not [name for name in os.listdir("/dev/shm") if f"-{supervisor}-" in name]


def test_a_supervisor_that_was_killed_is_told_so(own_runtime: Path) -> None:
    with live("bounded_buffer", mechanism="pipe") as source:
        take_until(source, lambda events: any(isinstance(e, ev.Frame) for e in events))
        os.kill(source.pid, signal.SIGKILL)
        take_until(source, lambda events: False)
        assert source.over
        assert not source.finished
        source.close()
        assert source.how_it_died() == "The supervisor was killed by signal 9."
