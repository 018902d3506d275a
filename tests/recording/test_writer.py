"""Recordings that are being written: never in anybody's way, and playing whatever happens to the disk."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import events as made

from ipcviz import events as ev
from ipcviz.recording import writer as writers
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
from ipcviz.recording.writer import Writer
from ipcviz.units import SECOND

Until = Callable[[Callable[[], object]], None]
SESSION = made.session(["a", "b"], [made.channel("c", "a>", ">b")])


def frame(tick: int) -> ev.Frame:
    return made.frame(tick * SECOND // 10, [made.state(ev.EndState(sent=tick), ev.EndState(received=tick))])


def chunks_of(path: Path) -> int:
    with Recording(path) as recording:
        return len(recording.chunks)


def test_it_is_the_owners_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.ipcz"
    writer = Writer(path)
    writer.put(SESSION)
    writer.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    whole = path.read_bytes()
    with pytest.raises(RecordingError, match=r"a\.ipcz is there already; choose another name\."):
        Writer(path)
    assert path.read_bytes() == whole
    with pytest.raises(RecordingError, match="cannot be written: No such file or directory"):
        Writer(tmp_path / "nowhere" / "a.ipcz")
    with pytest.raises(RecordingError, match="no name of a file"):
        Writer(Path("a\0b"))


def test_a_session_that_never_began_leaves_no_file(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.ipcz")
    writer.put(ev.Refused(t=0, sentence="no"))
    writer.close()
    writer.close()
    assert not (tmp_path / "a.ipcz").exists()


def test_what_was_put_is_in_the_file_before_it_is_closed(tmp_path: Path, until: Until) -> None:
    """A second after it came, at the latest; at once where somebody asks."""
    path = tmp_path / "a.ipcz"
    writer = Writer(path)
    writer.put(SESSION)
    writer.put(frame(1))
    writer.flush()
    until(lambda: path.stat().st_size and chunks_of(path))
    with Recording(path) as recording:
        assert list(recording.events()) == [SESSION, frame(1)]
        assert "still being written" in recording.cut
    writer.put(frame(2))
    until(lambda: chunks_of(path) == 2)
    writer.close()
    with Recording(path) as recording:
        assert recording.cut == ""
        assert list(recording.events()) == [SESSION, frame(1), frame(2)]
        assert recording.size == writer.size


@pytest.fixture
def stuck() -> Iterator[tuple[int, int]]:
    """A pipe that nobody reads, and that is full: its reading and writing end."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    while True:
        try:
            os.write(writing, bytes(4096))
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def drained(reading: int, writer: Writer) -> bytes:
    """All that comes through the pipe until the writer is closed."""
    closing = threading.Thread(target=writer.close)
    closing.start()
    os.set_blocking(reading, False)
    pieces = []
    while True:
        written = not closing.is_alive()
        try:
            pieces.append(os.read(reading, 1 << 16))
        except BlockingIOError:
            if written:
                return b"".join(pieces)
            closing.join(0.01)


def test_a_slow_disk_costs_previews_first_then_messages_and_never_frames(
    stuck: tuple[int, int], monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(writers, "PREVIEWS_BELOW", 100)
    monkeypatch.setattr(writers, "SAMPLES_BELOW", 200)
    reading, writing = stuck
    writer = Writer(writing)
    writer.put(SESSION)
    for number in range(400):
        writer.put(made.message(number, number))
        writer.put(ev.LockEvent(t=number, lock="x", process="a", action="released"))
        if number % 10 == 0:
            writer.put(frame(number))
    writer.put(frame(400))
    assert writer.left_out > 0
    assert writer.previews_left_out > 0
    whole = drained(reading, writer).lstrip(b"\0")
    recording = Recording(io.BytesIO(whole))
    events = list(recording.events())
    messages = [event for event in events if isinstance(event, ev.Message)]
    assert sum(not message.payload for message in messages) == writer.previews_left_out
    assert all(message.size for message in messages), "the size is known all the same"
    locks = sum(isinstance(event, ev.LockEvent) for event in events)
    assert len(messages) + locks + writer.left_out == 800
    assert sum(isinstance(event, ev.Frame) for event in events) == 41
    lost = [event for event in events if isinstance(event, ev.Lost)]
    assert lost[-1].events == writer.left_out
    assert lost[-1].previews == writer.previews_left_out
    assert recording.totals is not None
    assert recording.totals.left_out == writer.left_out
    assert recording.totals.previews_left_out == writer.previews_left_out


def test_a_disk_that_takes_nothing_any_more_ends_the_recording(
    stuck: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_WAITING", 50)
    reading, writing = stuck
    writer = Writer(writing)
    writer.put(SESSION)
    for tick in range(200):
        writer.put(frame(tick))
    assert writer.trouble == "The disk takes nothing any more; nothing is recorded."
    drained(reading, writer)


def test_a_full_disk_is_told_and_the_run_goes_on(until: Until) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        writer = Writer(full)
        writer.put(SESSION)
        writer.flush()
        until(lambda: writer.trouble)
        assert "No space left on device; nothing is recorded." in writer.trouble
        writer.put(frame(1))
        writer.close()
    finally:
        os.close(full)


def test_where_there_was_never_room_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    def full(descriptor: int, piece: bytes) -> int:
        raise OSError(28, "No space left on device")

    writer = Writer(tmp_path / "a.ipcz")
    monkeypatch.setattr(os, "write", full)
    writer.put(SESSION)
    writer.flush()
    until(lambda: writer.trouble)
    writer.close()
    assert writer.trouble.endswith(
        "a.ipcz cannot be written any more: No space left on device; nothing is recorded."
    )
    assert not (tmp_path / "a.ipcz").exists()


def test_losses_of_the_session_and_of_the_recording_are_added(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.ipcz")
    writer.put(SESSION)
    writer.put(ev.Lost(t=1, events=7))
    writer.wait_until_written()
    writer._left_out = 3
    writer.put(frame(1))
    writer.put(ev.Lost(t=2, events=9))
    writer.close()
    with Recording(tmp_path / "a.ipcz") as recording:
        lost = [event.events for event in recording.events() if isinstance(event, ev.Lost)]
    assert lost == [7, 10, 12]


def test_an_error_of_ours_is_told_and_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    writer = Writer(tmp_path / "a.ipcz")
    writer.put(SESSION)
    writer.flush()
    until(lambda: writer.size)
    monkeypatch.setattr(writer._maker, "add", lambda event: 1 // 0)
    writer.put(frame(1))
    until(lambda: writer.trouble)
    assert writer.trouble.startswith("It cannot be recorded any more (ZeroDivisionError")
    writer.close()
    with Recording(tmp_path / "a.ipcz") as recording:
        assert list(recording.events()) == [SESSION]
