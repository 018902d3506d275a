"""The recorder of a run: the last minute is always there, and nothing waits for a disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import events as made
from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording import shelf
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording
from ipcviz.recording.writer import Writer
from ipcviz.tui.recorder import Recorder, Saved
from ipcviz.units import SECOND
from ipcviz.world import World

Until = Callable[[Callable[[], object]], None]
CAST = made.session(["a", "b"], [made.channel("c", "a>", ">b")])


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "ipcviz"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    one = Recorder()
    yield one
    one.close()


def frame(second: float, count: int = 0) -> ev.Frame:
    ends = ev.EndState(sent=count), ev.EndState(received=count)
    return made.frame(round(second * SECOND), [made.state(*ends)])


def finding(kind: ev.FindingKind, second: int, key: str = "k") -> ev.FindingRaised:
    return ev.FindingRaised(
        t=second * SECOND, key=key, kind=kind, sentence=f"A {kind}.", since=0, members=["a"]
    )


def events_in(path: Path) -> list[ev.AnyEvent]:
    with Recording(path) as recording:
        assert recording.cut == ""
        return list(recording.events())


def test_the_last_minute_is_saved_when_it_is_asked_for(
    recorder: Recorder, tmp_path: Path, until: Until
) -> None:
    recorder.take([CAST, ev.ProcessStarted(t=0, process="a", pid=7)])
    for second in range(1, 200):
        recorder.take([frame(second, second), made.message(second, second * SECOND)])
    recorder.save(tmp_path / "saved.ipcz")
    news: list[Saved | str] = []
    until(lambda: news.extend(recorder.news()) or news)
    assert news == [Saved(tmp_path / "saved.ipcz")]
    with Recording(tmp_path / "saved.ipcz") as recording:
        assert 137 <= recording.start / SECOND <= 140
        assert recording.end == 199 * SECOND
    world = World()
    for event in events_in(tmp_path / "saved.ipcz"):
        world.apply(event)
    assert world.view().processes[0].pid == 7
    assert world.view().channels[0].received == 199


def test_it_is_saved_by_itself_once_for_each_kind_of_trouble(
    recorder: Recorder, state: Path, until: Until
) -> None:
    recorder.take([CAST, frame(1), finding("deadlock", 1), finding("backlog", 1, "b"), frame(2)])
    recorder.take([finding("deadlock", 2, "other"), frame(3.5), frame(4), finding("lost", 4, "l"), frame(9)])
    recorder.take([finding("deadlock", 9, "third"), frame(20)])
    news: list[Saved | str] = []
    until(lambda: news.extend(recorder.news()) or len(news) == 2)
    assert [told.kind for told in news if isinstance(told, Saved)] == ["deadlock", "lost"]
    recorder.close()
    names = sorted(path.name.partition("-2")[0] for path in state.iterdir())
    assert names == ["deadlock-made", "loss-made"]
    saved = events_in(next(state.glob("deadlock*")))
    assert [event.key for event in saved if isinstance(event, ev.FindingRaised)] == ["k", "b", "other"]
    assert max(event.t for event in saved if isinstance(event, ev.Event)) == 3.5 * SECOND, (
        "and what came of it"
    )


def test_a_finding_names_the_file_once_it_is_there(recorder: Recorder, until: Until) -> None:
    raised = finding("deadlock", 1)
    recorder.take([CAST, raised, frame(2)])
    assert recorder.told(raised) is raised
    recorder.take([frame(4)])
    news: list[Saved | str] = []
    until(lambda: news.extend(recorder.news()) or news)
    assert isinstance(news[0], Saved)
    told = recorder.told(raised)
    assert isinstance(told, ev.FindingRaised)
    assert told.sentence == f"A deadlock. The last minute is saved: {shelf.short(news[0].path)}"
    assert recorder.told(told) is told, "and only once"
    assert recorder.told(frame(5)) == frame(5)
    long = recorder.told(structs.replace(raised, sentence="Deadlock of 2: a holds k and waits for l."))
    assert isinstance(long, ev.FindingRaised)
    assert long.sentence.startswith(f"Deadlock of 2: (saved: {news[0].path.name}) a holds k")
    assert recorder.told(long) is long
    other = finding("lost", 5)
    assert recorder.told(other) is other


def test_what_is_due_is_saved_at_the_end(recorder: Recorder, state: Path) -> None:
    recorder.take([CAST, frame(1), finding("failed process", 1)])
    recorder.close()
    assert [path.name.partition("-2")[0] for path in state.iterdir()] == ["crash-made"]
    assert recorder.sentences[0].startswith("The last minute is saved, with the crash in it: ")


def test_what_somebody_drops_by_hand_is_no_reason(recorder: Recorder, state: Path) -> None:
    recorder.take([CAST, frame(1), finding("lost", 1, "by hand:orders")])
    recorder.close()
    assert recorder.sentences == []
    assert not state.exists() or list(state.iterdir()) == []


def test_only_the_last_twenty_are_kept_and_each_that_goes_is_told(recorder: Recorder, state: Path) -> None:
    for number in range(20):
        path = shelf.made_folder() / shelf.name_for(f"old-{number}")
        path.touch()
        os.utime(path, (number, number))
    recorder.take([CAST, frame(1), finding("deadlock", 1)])
    recorder.close()
    assert len(list(state.iterdir())) == 20
    assert any("Only the last 20 are kept; removed: " in told for told in recorder.sentences)


def test_a_recording_begun_in_the_middle_begins_with_what_stood(recorder: Recorder, tmp_path: Path) -> None:
    world = World()
    events: list[ev.AnyEvent] = [CAST, ev.ProcessStarted(t=0, process="a", pid=7), frame(1, 10)]
    events += [finding("backlog", 1), frame(5, 50)]
    recorder.take(events)
    for event in events:
        world.apply(event)
    recorder.begin(tmp_path / "r.ipcz", world.view())
    assert recorder.is_recording
    recorder.take([frame(6, 60), made.message(60, 6 * SECOND)])
    recorder.end()
    assert not recorder.is_recording
    recorder.take([frame(7, 70)])
    recorder.close()
    with Recording(tmp_path / "r.ipcz") as recording:
        assert (recording.start, recording.end) == (5 * SECOND, 6 * SECOND)
    world = World()
    for event in events_in(tmp_path / "r.ipcz"):
        world.apply(event)
    view = world.view()
    assert [process.status for process in view.processes] == ["running", "starting"]
    assert [found.kind for found in view.findings] == ["backlog"]
    assert view.channels[0].received == 60
    assert recorder.sentences[-1].startswith("Recorded: ")


def test_a_recording_from_the_start_is_whole(tmp_path: Path) -> None:
    recorder = Recorder(Writer(tmp_path / "r.ipcz"))
    events: list[ev.AnyEvent] = [CAST, *(frame(n / 10, n) for n in range(1, 50))]
    for event in events:
        recorder.take([event])
    recorder.close()
    recorder.close()
    assert events_in(tmp_path / "r.ipcz") == events


def test_redacted_nothing_of_it_has_payloads(tmp_path: Path, until: Until) -> None:
    recorder = Recorder(Writer(tmp_path / "r.ipcz", redact=True), redact=True)
    recorder.take([CAST, made.message(1, SECOND)])
    recorder.save(tmp_path / "s.ipcz")
    recorder.close()
    for name in ("r.ipcz", "s.ipcz"):
        (message,) = [e for e in events_in(tmp_path / name) if isinstance(e, ev.Message)]
        assert message.payload == b""


def test_a_file_that_is_there_is_refused_and_the_last_minute_finds_another_name(
    recorder: Recorder, tmp_path: Path, until: Until
) -> None:
    path = tmp_path / "r.ipcz"
    path.write_text("mine")
    recorder.take([CAST, frame(1)])
    world = World()
    world.apply(CAST)
    with pytest.raises(RecordingError, match="is there already"):
        recorder.begin(path, world.view())
    assert recorder.state is None
    recorder.save(path)
    news: list[Saved | str] = []
    until(lambda: news.extend(recorder.news()) or news)
    assert news == [Saved(tmp_path / "r-2.ipcz")]
    assert path.read_text() == "mine"


def test_a_full_disk_is_told_and_the_run_goes_on(until: Until, tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    recorder = Recorder(Writer(full))
    recorder.take([CAST])
    second = 0

    def stopped() -> bool:
        nonlocal second
        second += 1
        recorder.take([frame(second)])
        return recorder.state is not None and bool(recorder.state.trouble)

    until(stopped)
    assert not recorder.is_recording
    assert recorder.state is not None
    assert "No space left on device" in recorder.state.trouble
    recorder.take([frame(second + 1)])
    recorder.save(tmp_path / "s.ipcz")
    recorder.close()
    assert any("No space left on device" in told for told in recorder.sentences)
    assert events_in(tmp_path / "s.ipcz")[-1] == frame(second + 1)
    os.close(full)


def test_what_there_is_no_time_for_is_counted_in_the_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipcviz.tui.recorder.MOST_WAITING", 10)
    recorder = Recorder(Writer(tmp_path / "r.ipcz"))
    held = threading.Event()
    recorder._ask(held.wait)  # the thread is kept busy
    recorder.take([CAST, *(made.message(number, SECOND) for number in range(20))])
    recorder.take([*(made.message(number, SECOND) for number in range(5)), frame(2)])
    recorder.take([ev.Lost(t=2 * SECOND, events=3), frame(3)])
    assert recorder.state is not None
    assert recorder.state.left_out == 5
    held.set()
    recorder.close()
    told = events_in(tmp_path / "r.ipcz")
    assert sum(isinstance(event, ev.Message) for event in told) == 20
    assert [event.events for event in told if isinstance(event, ev.Lost)] == [5, 8]


def test_where_nothing_can_be_saved_it_is_said(
    recorder: Recorder, until: Until, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    recorder.take([CAST, finding("deadlock", 1)])
    recorder.save(tmp_path / "nowhere" / "s.ipcz")
    recorder.close()
    told = [news for news in recorder.news() if isinstance(news, str)]
    assert any("The last minute could not be saved: " in sentence for sentence in told)
    assert any("There is no folder for recordings: " in sentence for sentence in told)
