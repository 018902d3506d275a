"""The screen and the exports show the same chapters of the same recording."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from helpers import sessions, talks
from msgspec import structs

from ipcviz import events as ev
from ipcviz.commands_recording import play
from ipcviz.exports import EXPORTS, Options
from ipcviz.exports.cast import title_of
from ipcviz.exports.chaptered import Chaptered
from ipcviz.exports.stage import StagedSource
from ipcviz.recording import edit, shipped
from ipcviz.recording.maker import recorded
from ipcviz.recording.player import PlayerSource
from ipcviz.recording.reader import Recording
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.world import World

GOLDEN = sorted((Path(__file__).parent.parent / "recording" / "golden").glob("*.ipcz"))
SHIPPED = sorted(shipped.folder().glob("*.ipcz"))


def shown(path: Path) -> list[ev.Chapter]:
    """As the screen finds them, one chunk after the other."""
    feed = PlayFeed(PlayerSource(Recording(path), talks.Clock()))
    try:
        while feed.read is not None:
            feed.look_through(1)
        return list(feed.chapters)
    finally:
        feed.player.close()


def exported(path: Path) -> list[ev.Chapter]:
    """As the exports find them in all events."""
    with Recording(path) as recording:
        return list(Chaptered(recording).chapters)


def at_frame(t: float, depth: int) -> ev.Frame:
    """A frame then, in which the first channel holds so much."""
    frame = sessions.frame(1)
    emptied = [structs.replace(one, depth=structs.replace(one.depth, now=0)) for one in frame.channels]
    first = structs.replace(emptied[0], depth=structs.replace(emptied[0].depth, now=depth))
    return structs.replace(frame, t=talks.at(t), channels=[first, *emptied[1:]])


def filling() -> list[ev.AnyEvent]:
    """A channel that fills up within a second, is emptied before the next, and a pause and a resume."""
    frames = [at_frame(n / 10, 10 if 3 <= n <= 7 else 0) for n in range(1, 40)]
    acts = [
        ev.FaultInjected(t=talks.at(1.55), fault="pause", sentence="consumer is paused.", process="consumer"),
        ev.FaultInjected(t=talks.at(3.25), fault="resume", sentence="It goes on.", process="consumer"),
    ]
    return [sessions.started(), *sorted([*frames, *acts], key=lambda event: event.t)]


@pytest.mark.parametrize("path", [*GOLDEN, *SHIPPED], ids=lambda path: path.stem)
def test_recordings_that_are_there_have_the_same_chapters_on_the_screen_and_in_exports(path):
    assert shown(path) == exported(path)


def test_a_channel_that_fills_up_within_a_second_begins_one_at_that_very_frame(tmp_path):
    path = tmp_path / "filling.ipcz"
    path.write_bytes(recorded(filling()))
    told = [(chapter.t / 1e9, chapter.label) for chapter in shown(path)]
    assert told == [
        (0, "workshop"),
        (0.3, "jobs is full"),
        (1.55, "pause consumer"),
        (3.25, "resume consumer"),
        (3.9, "The end"),
    ]
    assert shown(path) == exported(path)


@pytest.mark.parametrize(
    "edits",
    [
        edit.Edits(start=talks.at(0.7)),
        edit.Edits(until=talks.at(2.0), title="Mine"),
        edit.Edits(cuts=((talks.at(0.2), talks.at(1.0)),)),
        edit.Edits(labels=((talks.at(0.5), "By hand"), (talks.at(3.5), "Over"))),
        edit.Edits(automatic=False, labels=((talks.at(0.5), "By hand"),)),
        edit.Edits(automatic=False),
    ],
    ids=["from", "until", "cut", "by hand", "only by hand", "none"],
)
def test_edited_recordings_have_the_same_chapters_on_the_screen_and_in_exports(tmp_path, edits):
    before, after = tmp_path / "before.ipcz", tmp_path / "after.ipcz"
    before.write_bytes(recorded(filling()))
    with Recording(before) as recording:
        edit.write(recording, edits, after)
    assert shown(after) == exported(after)
    labels = [chapter.label for chapter in shown(after)]
    if edits.labels:
        by_hand = [label for _, label in edits.labels]
        assert labels == by_hand if not edits.automatic else labels[0] == "By hand" and labels[-1] == "Over"
    else:
        assert labels[0] == (edits.title or "workshop")
        assert (labels[-1] == "The end") == edits.automatic


def test_each_part_of_a_joined_recording_has_chapters_of_its_own(tmp_path):
    one, two = tmp_path / "one.ipcz", tmp_path / "two.ipcz"
    one.write_bytes(recorded(filling()))
    with Recording(one) as recording:
        edit.write(recording, edit.Edits(joined=(one,)), two)
    assert shown(two) == exported(two)
    labels = [chapter.label for chapter in shown(two)]
    assert labels.count("jobs is full") == labels.count("pause consumer") == 2


def test_an_export_begins_with_the_first_frame_of_each_session(tmp_path):
    one, two = tmp_path / "one.ipcz", tmp_path / "two.ipcz"
    one.write_bytes(recorded(filling()))
    with Recording(one) as recording:
        edit.write(recording, edit.Edits(joined=(one,)), two)
    with Recording(two) as recording:
        source = StagedSource(recording, None)
        world = World()
        for chapter in exported(two):
            source.now = chapter.t
            for event in source.take():
                world.apply(event)
            assert world.view().framed
        source.close()


def test_a_recording_is_called_by_its_title_in_every_export(tmp_path, capsys):
    one, two = tmp_path / "one.ipcz", tmp_path / "two.ipcz"
    one.write_bytes(recorded(filling()))
    with Recording(one) as recording:
        edit.write(recording, edit.Edits(title="How <queues> fill"), two)
    assert play(str(two), "plain") == 0
    assert capsys.readouterr().out.startswith("How <queues> fill\n")
    with Recording(two) as recording:
        told = Chaptered(recording)
        assert title_of(told) == "How <queues> fill"
        assert told.chapters[0].label == "How <queues> fill"
        out = io.BytesIO()
        EXPORTS["mermaid"].write(told, out, Options(), lambda done: None)
    assert "title How" in out.getvalue().decode()


def test_a_chapter_at_the_start_of_a_session_is_shown_by_its_first_frame(tmp_path):
    one, two = tmp_path / "one.ipcz", tmp_path / "two.ipcz"
    one.write_bytes(recorded(filling()))
    with Recording(one) as recording:
        edit.write(recording, edit.Edits(joined=(one,)), two)
    feed = PlayFeed(PlayerSource(Recording(two), talks.Clock()))
    try:
        while feed.read is not None:
            feed.look_through(10)
        feed.player.paused = True
        for chapter in feed.chapters:
            feed.show_chapter(chapter.t)
            assert feed.view().framed
            assert 0 <= feed.position - chapter.t <= talks.at(0.101)
        starts = [chapter for chapter in feed.chapters if feed.picture_at(chapter.t) != chapter.t]
        assert len(starts) == 2
    finally:
        feed.player.close()
