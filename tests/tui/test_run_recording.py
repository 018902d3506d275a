"""Recording from a run's screen: R, S and c, and what the header and the findings say of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ipcviz import events as ev
from ipcviz.recording.reader import Recording
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.tui.look import Look
from ipcviz.tui.recorder import Recorder, State
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.run import RunScreen
from ipcviz.tui.screens.run_recording import badge, wrong_file, wrong_label
from ipcviz.units import SECOND

LOOKS = 1_000
"""How often a condition is looked at before it is given up, each after a hundredth of a second."""


class Run:
    """A screen on a scripted source, with a recorder."""

    def __init__(self, source) -> None:
        self.source = source
        self.recorder = Recorder()
        self.feed = Feed(source, recorder=self.recorder)
        profile = Profile(ticks=1, motion=False)
        self.app = IpcvizApp(profile, lambda app: app.run_screen(self.feed, None))

    def screen(self) -> RunScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, RunScreen))

    async def feed_with(self, pilot, events=()) -> None:
        self.source.batches.append(list(events))
        self.screen().tick()
        await pilot.pause()

    def rows(self) -> list[str]:
        strips = self.screen()._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    async def until(self, pilot, condition) -> None:
        for _ in range(LOOKS):
            await self.feed_with(pilot)
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it never came:\n" + "\n".join(self.rows()))

    def end(self) -> None:
        self.feed.end().join()


@pytest.fixture
def run(source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    one = Run(source)
    yield one
    one.end()


@pytest.fixture
def first(make_session, make_began, make_frame):
    started = make_session(3, 2, 0)
    return [*make_began(started), make_frame(started, 1.0), make_frame(started, 2.0, 210)]


async def test_r_begins_a_recording_under_the_name_that_is_offered_and_ends_it(run, first, tmp_path) -> None:
    async with run.app.run_test(size=(120, 40)) as pilot:
        await run.feed_with(pilot, first)
        assert "REC" not in run.rows()[0]
        await pilot.press("R")
        asked = run.app.screen
        assert isinstance(asked, Ask)
        assert asked.typed.startswith("test-2")
        await pilot.press("ctrl+u", *"talk.ipcz", "enter")
        await run.until(pilot, lambda: "● REC " in run.rows()[0])
        await pilot.press("R")
        await run.until(pilot, lambda: "REC" not in run.rows()[0])
        run.end()
    with Recording(tmp_path / "talk.ipcz") as recording:
        assert recording.cut == ""
        assert recording.start == 2 * SECOND
    assert any(told.startswith("Recorded: talk.ipcz (") for told in run.recorder.sentences)


async def test_a_name_that_cannot_be_is_told_while_it_is_typed(run, first, tmp_path) -> None:
    (tmp_path / "there.ipcz").touch()
    async with run.app.run_test(size=(120, 40)) as pilot:
        await run.feed_with(pilot, first)
        await pilot.press("R", "ctrl+u", *"there.ipcz", "enter")
        assert isinstance(run.app.screen, Ask), "nothing was done"
        await pilot.press("escape")
        assert not run.recorder.is_recording


async def test_c_begins_a_chapter_at_the_moment_it_was_pressed(run, first, tmp_path, make_frame) -> None:
    async with run.app.run_test(size=(120, 40)) as pilot:
        await run.feed_with(pilot, first)
        run.recorder.begin(tmp_path / "r.ipcz", run.feed.view())
        await pilot.press("c")
        await run.feed_with(pilot, [make_frame(first[0], 3.0, 300)])
        await pilot.press(*"now it fills", "enter")
        await run.feed_with(pilot)
        assert run.feed.view().chapters == (ev.Chapter(t=2 * SECOND, label="now it fills"),)
        run.end()
    with Recording(tmp_path / "r.ipcz") as recording:
        assert [chapter.label for chapter in recording.chapters] == ["now it fills"]


async def test_s_saves_the_last_minute_and_says_where(run, first, tmp_path) -> None:
    async with run.app.run_test(size=(120, 40)) as pilot:
        await run.feed_with(pilot, first)
        await pilot.press("S")
        await run.until(pilot, lambda: list(tmp_path.glob("test-*.ipcz")) and run.app._notifications)
        told = [notification.message for notification in run.app._notifications]
        assert told == [f"The last minute is saved:\n{next(tmp_path.glob('test-*.ipcz')).name}"]


async def test_a_deadlock_is_saved_by_itself_and_its_finding_names_the_file(
    run, first, make_frame, tmp_path
) -> None:
    found = ev.FindingRaised(
        t=2 * SECOND, key="d", kind="deadlock", sentence="Nobody goes on.", since=0, members=["process 1"]
    )
    async with run.app.run_test(size=(120, 40)) as pilot:
        await run.feed_with(pilot, [*first, found, make_frame(first[0], 3.0), make_frame(first[0], 5.0)])
        await run.until(pilot, lambda: "The last minute is saved" in run.feed.view().findings[0].sentence)
        (saved,) = (tmp_path / "state" / "ipcviz").iterdir()
        sentence = run.feed.view().findings[0].sentence
        assert sentence == f"Nobody goes on. The last minute is saved: state/ipcviz/{saved.name}"
        run.end()
    with Recording(saved) as recording:
        told = [event for event in recording.events() if isinstance(event, ev.FindingRaised)]
        assert [finding.sentence for finding in told] == ["Nobody goes on."], "the run's own words"


async def test_nothing_is_recorded_of_what_has_no_recorder(source, first) -> None:
    app = IpcvizApp(Profile(ticks=1), lambda app: app.run_screen(Feed(source), None))
    async with app.run_test(size=(120, 40)) as pilot:
        source.batches.append(first)
        screen = app.screen
        assert isinstance(screen, RunScreen)
        screen.tick()
        await pilot.press("R", "S", "c")
        assert app.screen is screen
        assert screen.unable() >= {"record", "save", "mark"}


def test_the_badge_says_how_much_and_what_is_missing() -> None:
    def text(state: State, glyphs: str = "unicode") -> str:
        look = Look(glyphs)
        return "".join(look.plain(part) for part, _ in badge(state, look))

    assert text(State(12_345, 0, "")) == "● REC 12.1 KiB"
    assert text(State(12_345, 4_000, "")) == "● REC 12.1 KiB left out 4,000"
    assert "RECORDING STOPPED" in text(State(12_345, 0, "The disk is full."))
    assert text(State(0, 0, ""), "ascii").isascii()


@pytest.mark.parametrize("typed", ["", "  ", "/", ".", "no/such/folder/x", "x" * 300, "~nobody-here/x"])
def test_names_of_files_that_cannot_be(typed: str) -> None:
    assert wrong_file(typed).endswith(".")


def test_names_that_can_be(tmp_path: Path) -> None:
    assert wrong_file(str(tmp_path / "new.ipcz")) == ""
    assert wrong_label("It fills") == ""
    assert wrong_label(" ") == "Type a few words."
    assert wrong_label("x" * 81) == "At most 80 characters."
