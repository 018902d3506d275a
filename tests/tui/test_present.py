"""Presenting a recording: it stops at chapters, and obeys what clickers send."""

from __future__ import annotations

import sys
import time

import pytest
from helpers import talks
from helpers.tmux import Terminal

from ipcviz.events import Chapter
from ipcviz.notes import NotesFollower
from ipcviz.terminal import Profile
from ipcviz.tui.actions import PRESENT
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.caption import caption_lines
from ipcviz.tui.screens.play import PlayScreen
from ipcviz.tui.screens.present import Blank, PresentScreen

IPCVIZ = [sys.executable, "-m", "ipcviz"]
TITLES = ["workshop", "jobs is full", "Slow consumer", "drop jobs", "What now?", "The end"]
TIMES = [0, 0.5, 8.25, 12.25, 15.25, 20]


def screen_text(app) -> list[str]:
    strips = app.screen_stack[-1]._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


@pytest.fixture
def clock():
    return talks.Clock()


@pytest.fixture
def feed(tmp_path, clock, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = talks.feed_of(talks.written(tmp_path), clock)
    yield made
    made.player.close()


def app_of(feed, **profile) -> IpcvizApp:
    # A tick a second: it is the test that ticks.
    return IpcvizApp(Profile(ticks=1, **profile), lambda app: app.play_screen(feed, presenting=True))


async def later(pilot, clock, seconds: float) -> list[str]:
    clock.go_on(seconds)
    pilot.app.screen.tick()
    await pilot.pause()
    return screen_text(pilot.app)


async def pressed(pilot, *keys: str) -> list[str]:
    await pilot.press(*keys)
    await pilot.pause()
    return screen_text(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15)])
async def test_it_begins_standing_still_and_fills_every_size(feed, clock, size):
    async with app_of(feed).run_test(size=size) as pilot:
        await later(pilot, clock, 5.0)
        text = await pressed(pilot, "end", "pageup")
        assert len(text) == size[1]
        assert "PRESENTING 00:15" in text[0]
        assert text[0].startswith(" 5 of 6")
        assert any("What now?" in row for row in text[1:8])
        assert any("Ask them." in row for row in text[1:9])
        assert any("Topology" in row for row in text)
        assert "PgDn: go on" in text[-1]
        assert not any("Wait" in row for row in text)  # the note is for the speaker alone


@pytest.mark.parametrize("key", ["pagedown", "right", "enter", "space"])
async def test_it_plays_on_and_stops_by_itself_at_each_chapter(feed, clock, key):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert feed.player.paused
        for number, (title, seconds) in enumerate(zip(TITLES[1:], TIMES[1:], strict=True), 2):
            await pressed(pilot, key)
            assert not feed.player.paused
            text = await later(pilot, clock, seconds - TIMES[number - 2] + 0.05)
            assert feed.player.paused
            assert feed.position == talks.at(seconds)
            assert text[0].startswith(f" {number} of 6")
            assert any(title in row for row in text[1:8])
            if key != "pagedown" and number > 2:
                return
        await pressed(pilot, key)
        assert feed.player.paused
        assert "the end" in screen_text(pilot.app)[-1]


async def test_what_is_seen_at_a_stop_is_what_was_then(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "pagedown", "pagedown", "pagedown")
        await later(pilot, clock, 30.0)
        assert feed.position == talks.at(8.25)
        assert feed.view().messages.shown()[-1].sequence == 82


async def test_while_it_plays_the_next_chapter_can_be_gone_to_at_once(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "pagedown", "pagedown")
        assert (feed.position, feed.player.paused) == (talks.at(0.5), True)
        await pressed(pilot, "pagedown")
        await later(pilot, clock, 3.0)
        assert (feed.position, feed.player.paused) == (talks.at(3.5), False)


async def test_back_is_the_beginning_of_this_chapter_or_the_one_before(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "pagedown", "pagedown", "pagedown")
        await later(pilot, clock, 3.0)
        await pressed(pilot, "left")
        assert (feed.position, feed.player.paused) == (talks.at(0.5), True)
        await pressed(pilot, "pageup")
        for _ in range(2):  # before the first frame there is nothing to see
            assert feed.position == talks.at(talks.FIRST)
            assert "?" not in "".join(row[:60] for row in await pressed(pilot, "pageup"))
        assert feed.position == talks.at(talks.FIRST)


@pytest.mark.parametrize("key", ["full_stop", "b"])
async def test_blank_shows_nothing_and_stands_still(feed, clock, key):
    async with app_of(feed).run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "pagedown")
        text = await pressed(pilot, key)
        assert isinstance(pilot.app.screen, Blank)
        assert not "".join(text).strip()
        clock.go_on(5.0)
        assert feed.position < talks.at(0.5)
        text = await pressed(pilot, key)
        assert "PRESENTING" in text[0]
        assert not feed.player.paused
        assert feed.position < talks.at(0.5)


@pytest.mark.parametrize("key", ["escape", "f5"])
async def test_it_is_left_for_the_recording_and_entered_again(feed, clock, key):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "pagedown", "pagedown")
        text = await pressed(pilot, key)
        assert type(pilot.app.screen) is PlayScreen
        for _ in range(100):
            if "REPLAY" in text[0]:
                break
            await pilot.pause(0.02)
            text = screen_text(pilot.app)
        assert "REPLAY PAUSED 00:00" in text[0]
        await pressed(pilot, "5", "space")
        await later(pilot, clock, 1.0)
        text = await pressed(pilot, "f5")
        assert isinstance(pilot.app.screen, PresentScreen)
        assert "PRESENTING 00:11" in text[0]
        assert feed.player.paused


async def test_tab_changes_the_panel_beside_the_picture(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        text = "\n".join(await pressed(pilot, "end"))
        assert "─ Topology" in text
        assert "─ Channels" in text
        seen = set()
        for _ in range(7):
            text = "\n".join(await pressed(pilot, "tab"))
            assert "─ Topology" in text
            seen |= {
                name for name in ("Channels", "Processes", "Locks", "Findings", "Messages") if name in text
            }
        assert len(seen) == 5


async def test_notes_follow_it(feed, clock, tmp_path):
    began = time.monotonic_ns()
    async with app_of(feed).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        follower = NotesFollower(feed.recording.name)
        assert follower.wait(0) is None  # connected now, and told at the next tick
        await pressed(pilot, "end", "pageup")
        for _ in range(20):
            await later(pilot, clock, 0)
            state = follower.wait(0.05)
            if state is not None:
                break
        assert (state.label, state.note, state.next_label) == ("What now?", "Wait\nfor an answer.", "The end")
        assert (state.position, state.end) == (feed.position, feed.end_t) == (talks.at(15.25), talks.at(20))
        assert began <= state.began <= time.monotonic_ns()
        follower.close()
    assert not (tmp_path / "ipcviz").exists()


@pytest.mark.parametrize("size", [(20, 1), (20, 2), (40, 5), (80, 5), (120, 8), (200, 10)])
def test_captions_of_any_length_are_as_large_as_their_place(size):
    width, height = size
    for label in ("", "short", "x" * 300, "한글 상품 🎉 " * 20, "evil\x1b[31m"):
        for caption in ("", "one row", "word " * 400, "상품\x1b]0;x\x07" * 90):
            made = caption_lines([Chapter(t=0, label=label, caption=caption)], 5, width, height)
            assert len(made) == height
            assert all(width_of(row) == width for row in made[1:])
            assert "\x1b" not in "".join(text for row in made for text, _ in row)


def test_every_action_has_its_method_and_keys_are_not_taken_twice():
    keys = [key for action in PRESENT for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    for action in PRESENT:
        method = f"action_{action.id.partition('(')[0]}"
        assert hasattr(PresentScreen, method) or hasattr(IpcvizApp, method), action


def test_nothing_is_dim_on_a_projector():
    from ipcviz.tui.contrast import ContrastLook

    base = Look()
    look = ContrastLook(base)
    assert look.style("dim") == base.style("title")
    base.next_theme()
    assert look.style("text") == base.style("strong")


@pytest.mark.slow
def test_a_talk_in_a_terminal_with_its_notes_in_another(tmp_path):
    talks.written(tmp_path)
    environment = {"XDG_RUNTIME_DIR": str(tmp_path)}
    stage = Terminal(tmp_path, 120, 40, environment)
    desk = Terminal(tmp_path, 80, 24, environment)
    try:
        desk.run([*IPCVIZ, "notes", str(tmp_path / "talk.ipcz")])
        desk.until_shows("Waiting for the presentation")
        stage.run([*IPCVIZ, "play", str(tmp_path / "talk.ipcz"), "--present"])
        stage.until_shows("1 of 6", "PRESENTING 00:00", "workshop")
        desk.until_shows("1 of 6", "workshop")
        stage.press("PageDown")
        stage.until_shows("2 of 6", "jobs is full", "PgDn: go on")
        stage.press("End", "PageUp")
        stage.until_shows("What now?", "Ask them.")
        desk.until_shows("What now?", "Wait", "for an answer.", "The end")
        stage.press("b")
        stage.until(lambda screen: not screen.strip(), "nothing")
        stage.press("b")
        stage.until_shows("What now?")
        stage.press("Escape")
        stage.until_shows("REPLAY PAUSED 00:15")
        desk.until_shows("Waiting for the presentation")
        stage.press("q")
        stage.until_shows("left with 0")
        desk.press("C-c")
        desk.until_shows("left with 130")
    finally:
        stage.close()
        desk.close()
