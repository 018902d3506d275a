"""The recordings that come with ipcviz play as they are, for ever, and show what they are there to show."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from ipcviz import events as ev
from ipcviz.golden import RACERS, STORIES, at
from ipcviz.recording import shipped
from ipcviz.recording.reader import Recording
from ipcviz.world import World

NAMES = [story.name for story in STORIES]
LARGEST = 300_000


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ipcviz", "play", *arguments], capture_output=True, text=True, check=False
    )


def recording(name: str) -> Recording:
    return Recording(shipped.folder() / f"{name}.ipcz")


def summary(name: str) -> ev.Summary:
    with recording(name) as opened:
        *_, last = opened.events()
    assert isinstance(last, ev.Summary)
    return last


def test_all_are_there_and_no_others() -> None:
    assert shipped.names() == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_whole_small_and_has_its_chapters(name: str) -> None:
    story = next(story for story in STORIES if story.name == name)
    with recording(name) as opened:
        assert opened.cut == ""
        assert opened.size < LARGEST
        assert opened.header.title == story.title
        assert [chapter.label for chapter in opened.chapters] == [part.label for part in story.parts]
        assert all(chapter.caption and not chapter.auto for chapter in opened.chapters)
        assert opened.session.host.name == "example"
        world = World()
        for event in opened.events():
            world.apply(event)
            text = ev.encode(event)
            assert not re.search(rb"/home/|/root|/work|/usr", text), "nothing tells where it was made"
    view = world.view()
    assert view.status == "ended"
    assert view.summary is not None
    assert view.summary == summary(name)
    assert len(view.chapters) == len(story.parts)
    assert not any(process.status == "failed" for process in view.processes)
    queues = [channel for channel in view.channels if not channel.is_region]
    for counted, told in zip(queues, view.summary.channels, strict=True):
        assert (counted.sent, counted.received) == (told.sent, told.received)


@pytest.mark.parametrize("name", NAMES[:4])
def test_each_is_played_by_its_name(name: str) -> None:
    told = play(name, "--json")
    assert (told.returncode, told.stderr) == (0, "")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert lines[0]["type"] == "session_started"
    assert lines[-1]["type"] == "summary"
    assert lines[-1] == json.loads(ev.encode(summary(name)))


def test_as_text_chapters_are_told_where_they_begin() -> None:
    told = play("deadlock", "--plain")
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    chapter = next(number for number, line in enumerate(lines) if "Chapter: Nobody eats any more" in line)
    assert "▲ Deadlock of 5: philosopher" in lines[chapter + 1]


def test_the_deadlock_is_one_and_stands() -> None:
    (finding,) = summary("deadlock").findings
    assert finding.kind == "deadlock"


def test_backpressure_reaches_the_source() -> None:
    told = summary("backpressure")
    first, *_, last = told.channels
    assert first.blocked_s.send > 1, "the source itself had to wait"
    assert last.rate < 6


def test_the_pipeline_filled_and_caught_up_without_a_loss() -> None:
    lines, _ = summary("pipeline").channels
    assert lines.lost == 0
    assert lines.sent == lines.received
    assert (lines.depth.max or 0) > 3000


def test_reads_are_torn() -> None:
    reports = summary("torn_read").reports
    assert all(reports[reader]["torn"] for reader in ("reader 1", "reader 2"))
    assert [finding.kind for finding in summary("torn_read").findings] == ["torn read"]


def test_the_race_has_five_lanes_of_the_same_work() -> None:
    lanes = [summary(f"race-{mechanism}") for mechanism in RACERS]
    assert [lane.channels[0].mechanism for lane in lanes] == list(RACERS)
    assert all(lane.channels[0].received > 1_000 and lane.channels[0].lost == 0 for lane in lanes)


def test_without_a_file_and_without_a_terminal_they_are_listed() -> None:
    told = play()
    assert told.returncode == 0
    for name in NAMES:
        assert f"  {name} " in told.stdout


def test_a_file_of_that_name_goes_before(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped.found("deadlock") == str(shipped.folder() / "deadlock.ipcz")
    assert shipped.found("nothing") == "nothing"
    (tmp_path / "deadlock").touch()
    assert shipped.found("deadlock") == "deadlock"


def test_a_moment_that_has_not_come_is_none() -> None:
    assert at(5)([ev.Note(t=1, process="a", text="")]) is None


@pytest.mark.slow
def test_they_can_be_made_again(tmp_path, own_runtime) -> None:
    command = [sys.executable, "-m", "ipcviz.golden", str(tmp_path)]
    told = subprocess.run([*command, "race-shm"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    with Recording(tmp_path / "race-shm.ipcz") as made:
        assert made.cut == ""
        assert [chapter.label for chapter in made.chapters] == ["As fast as it goes, on shm", "At its pace"]
    assert [path.name for path in tmp_path.iterdir()] == ["race-shm.ipcz"]
    wrong = subprocess.run([*command, "nothing"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "there are pipeline, backpressure" in wrong.stderr
