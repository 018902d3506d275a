"""The screen of a recording, on a clock that the test moves."""

from __future__ import annotations

import pytest
from helpers import talks

from ipcviz.terminal import Profile
from ipcviz.tui.actions import PLAY
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.time_line import (
    TimeLine,
    TimeLineState,
    speed_sentence,
    speed_words,
    time_line,
)
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.screens.play import PlayScreen
from ipcviz.tui.times import time_in, wrong_time
from ipcviz.units import SECOND

SIZES = [(80, 24), (120, 40), (200, 50), (60, 15)]


def screen_text(app) -> list[str]:
    strips = app.screen_stack[-1]._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


@pytest.fixture
def clock():
    return talks.Clock()


@pytest.fixture
def feed(tmp_path, clock):
    made = talks.feed_of(talks.written(tmp_path), clock)
    yield made
    made.player.close()


def app_of(feed, **profile) -> IpcvizApp:
    # A tick a second: it is the test that ticks.
    return IpcvizApp(Profile(ticks=1, **profile), lambda app: app.play_screen(feed))


async def later(pilot, clock, seconds: float) -> list[str]:
    clock.go_on(seconds)
    pilot.app.screen.tick()
    await pilot.pause()
    return screen_text(pilot.app)


async def pressed(pilot, *keys: str) -> list[str]:
    await pilot.press(*keys)
    await pilot.pause()
    return screen_text(pilot.app)


@pytest.mark.parametrize("size", SIZES)
async def test_it_fills_every_size_and_says_what_it_is(feed, clock, size):
    async with app_of(feed).run_test(size=size) as pilot:
        text = await later(pilot, clock, 9.0)
        assert len(text) == size[1]
        assert "REPLAY 00:09" in text[0]
        assert text[1].startswith(" 00:09.0 ")
        assert "00:20.0" in text[1]
        assert "x1" in text[1]
        assert "quit" in text[-1]
        assert not any("LIVE" in row for row in text)


async def test_space_pauses_and_plays_and_at_the_end_plays_again(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 5.0)
        assert "REPLAY PAUSED 00:05" in (await pressed(pilot, "space"))[0]
        assert "REPLAY PAUSED 00:05" in (await later(pilot, clock, 3.0))[0]
        await pressed(pilot, "space")
        assert "REPLAY 00:06" in (await later(pilot, clock, 1.0))[0]
        text = await later(pilot, clock, 60.0)
        assert "REPLAY ENDED 00:20" in text[0]
        assert feed.player.paused
        await pressed(pilot, "space")
        assert "REPLAY 00:01" in (await later(pilot, clock, 1.0))[0]


async def test_what_is_shown_is_what_was_then(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 10.0)
        assert "payload 99" in "\n".join(await pressed(pilot, "space"))
        text = "\n".join(await pressed(pilot, "2"))
        assert feed.position == 4 * SECOND
        assert "payload 39" in text
        assert "payload 40" not in text
        assert "Slow consumer" not in text
        assert "Slow consumer" in "\n".join(await pressed(pilot, "5"))


async def test_keys_move_in_time(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 1.0)
        await pressed(pilot, "space")
        for key, seconds in (
            ("right", 6),
            ("left", 1),
            ("shift+right", 20),
            ("shift+left", 0),
            ("7", 14),
            ("home", talks.FIRST),  # where there is first something to see
            ("end", 20),
            ("0", 0),
        ):
            await pressed(pilot, key)
            assert feed.position == talks.at(seconds), key


async def test_chapters_one_by_one(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "space", "home")
        seen = []
        for _ in range(6):
            seen.append((await pressed(pilot, "right_square_bracket"))[1])
        assert [row[1:8] for row in seen] == [
            "00:00.5",
            "00:08.2",
            "00:12.2",
            "00:15.2",
            "00:20.0",
            "00:20.0",
        ]
        assert "Slow consumer" in seen[1]
        assert "drop jobs" in seen[2]
        assert "What now?" in seen[3]
        assert "What now?" in (await pressed(pilot, "left_square_bracket"))[1]


async def test_a_chapter_that_has_just_begun_is_left_for_the_one_before(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 13.0)
        assert "Slow consumer" in (await pressed(pilot, "left_square_bracket"))[1]
        await later(pilot, clock, 3.5)
        assert feed.position == talks.at(11.75)
        await pressed(pilot, "left_square_bracket")
        assert feed.position == talks.at(8.25)


async def test_a_time_is_asked_for(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "space", "g", *"1:00")
        assert any("It goes from 00:00 to 00:20 only." in row for row in screen_text(pilot.app))
        await pressed(pilot, "ctrl+u", *"40", "%", "enter")
        assert feed.position == 8 * SECOND


async def test_event_by_event_both_ways(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 4.0)
        text = await pressed(pilot, "full_stop")
        assert "REPLAY PAUSED" in text[0]
        assert "jobs 40: producer 1 → consumer" in text[1]
        assert feed.position == talks.at(4.01)
        text = await pressed(pilot, "comma")
        assert "all counters are read" in text[1]
        assert feed.position == talks.at(4.0)
        await pressed(pilot, "space")
        assert "orders" not in (await later(pilot, clock, 1.0))[1]


async def test_speed_on_its_scale_is_told(feed, clock):
    app = app_of(feed)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pressed(pilot, "greater_than_sign")
        assert "x2" in screen_text(app)[1]
        assert any("One second shows 2 s of it." in row for row in screen_text(app))
        feed.player.speed = 2e-5
        await pressed(pilot, *["less_than_sign"] * 3)
        assert "1/100,000" in screen_text(app)[1]
        assert feed.player.speed == 1e-5
        feed.player.speed = 50
        await pressed(pilot, *["greater_than_sign"] * 3)
        assert feed.player.speed == 100


async def test_slowly_each_message_is_seen_crossing(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 4.0)
        topology = pilot.app.screen.query_one(Topology)
        assert topology.crossing is None
        await pressed(pilot, *["less_than_sign"] * 6)
        await pressed(pilot, "n")
        assert feed.position == talks.at(4.11) - talks.FLIGHT
        places = []
        for _ in range(4):
            (crossing,) = topology.crossing
            assert crossing.sequence == 41
            places.append("\n".join(screen_text(pilot.app)[2:25]))
            await later(pilot, clock, 0.009 / feed.player.speed)
        assert len(set(places)) == 4
        await later(pilot, clock, 0.006 / feed.player.speed)
        assert topology.crossing == ()
        assert pilot.app.screen.query_one("#messages").shown.messages.shown()[-1].sequence == 41


async def test_the_next_message_is_that_of_the_chosen_channel(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "space")
        pilot.app.screen.selection.choose("channel", "jobs")
        await pressed(pilot, "n")
        assert feed.position == talks.at(0.21) - talks.FLIGHT
        await pressed(pilot, "end", "n")
        assert feed.position == talks.at(20)


async def test_panels_are_reached_by_other_keys_than_digits(feed, clock):
    async with app_of(feed).run_test(size=(80, 24)) as pilot:
        await later(pilot, clock, 3.0)
        for key, heading in (
            ("f3", "Processes"),
            ("f4", "Locks"),
            ("exclamation_mark", "Findings"),
            ("t", "Timeline"),
        ):
            assert any(f"╭─ {heading}" in row for row in await pressed(pilot, key)), key
        assert screen_text(pilot.app)[2].endswith(" F7 ─╮")


async def test_pages_and_filters_work_as_in_a_run(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 5.0)
        text = "\n".join(await pressed(pilot, "slash", *"payload 4", "enter"))
        assert "payload 48" in text
        assert "payload 39" not in text
        await pressed(pilot, "escape", "f6", "up", "up", "enter")
        assert pilot.app.screen.opened == "message"
        await pressed(pilot, "escape", "0")
        assert pilot.app.screen.selection.message is None


async def test_nothing_can_be_done_to_it_and_it_says_why(feed, clock):
    app = app_of(feed)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await later(pilot, clock, 3.0)
        text = "\n".join(await pressed(pilot, "K"))
        assert "ipcviz run workshop" in text
        assert type(app.screen) is PlayScreen


async def test_escape_and_q_leave_with_0(feed, clock):
    for key in ("q", "escape"):
        app = app_of(feed)
        async with app.run_test(size=(80, 24)) as pilot:
            await pressed(pilot, key)
        assert app.return_value == 0


async def test_a_cut_recording_says_where_and_why(tmp_path, clock):
    feed = talks.feed_of(talks.written(tmp_path, cut=9000), clock)
    assert feed.recording.cut
    app = app_of(feed)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await later(pilot, clock, 1.0)
        for _ in range(100):
            await pilot.pause(0.02)
            if feed.recording.cut[:15] in "\n".join(screen_text(app)):
                break
        assert feed.recording.cut[:15] in "\n".join(screen_text(app))
        text = await later(pilot, clock, 60.0)
        assert "REPLAY CUT HERE" in text[0]
        assert " cut " in text[1]
        assert "Cut here" in text[1]
    feed.player.close()


async def test_an_empty_recording_says_so(tmp_path, clock):
    feed = talks.feed_of(talks.written(tmp_path), clock)
    first = feed.recording.chunks[0].offset - 52
    feed.player.close()
    empty = talks.feed_of(talks.written(tmp_path, cut=first), clock)
    assert empty.is_empty
    async with app_of(empty).run_test(size=(80, 24)) as pilot:
        text = "\n".join(await pressed(pilot, "space", "5", "end", "n", "full_stop", "comma"))
        assert "This recording is empty." in text
    empty.player.close()


async def test_a_click_on_the_time_line_goes_there(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "space")
        row = screen_text(pilot.app)[1]
        await pilot.click(TimeLine, offset=(row.index(" 00:20.0") - 1, 0))
        await pilot.pause()
        assert feed.position == 20 * SECOND


async def test_a_chosen_recording_opens_from_the_picker(tmp_path, monkeypatch):
    from ipcviz.tui.screens.home import Home

    path = talks.written(tmp_path)
    monkeypatch.chdir(tmp_path)
    app = IpcvizApp(Profile(), lambda app: app.home())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.screen.post_message(Home.Opened(path))
        for _ in range(100):
            await pilot.pause(0.02)
            if isinstance(app.screen, PlayScreen):
                break
        assert "REPLAY" in (await pressed(pilot, "space"))[0]
        await pressed(pilot, "escape")
        assert isinstance(app.screen, Home)
    for feed in app.feeds:
        feed.end().join()


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_the_time_line_is_exactly_as_wide_as_it_is_asked_to(feed, glyphs, width):
    look = Look(glyphs)
    for position in (0, 7 * SECOND, 20 * SECOND):
        state = TimeLineState(
            0, 20 * SECOND, position, 1e-5, feed.chapters, feed.marks, None, True, "한글 🎉 words"
        )
        made = time_line(state, width, look)
        assert width_of(made) == width
        text = look.plain("".join(piece for piece, _ in made))
        assert glyphs != "ascii" or set(text) <= {*map(chr, range(32, 127)), *"한글🎉"}


def test_a_recording_of_no_length_has_a_time_line():
    assert width_of(time_line(TimeLineState(5, 5, 5, 1.0), 80, Look())) == 80


def test_speeds_in_words():
    assert [speed_words(speed) for speed in (1e-5, 0.05, 0.5, 1, 20, 100)] == [
        "1/100,000",
        "1/20",
        "1/2",
        "x1",
        "x20",
        "x100",
    ]
    assert speed_sentence(1e-5) == "One second shows 10 µs of it."
    assert speed_sentence(0.02) == "One second shows 20 ms of it."


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("12.5", 12.5), (" 0:07 ", 7), ("40 %", 8), ("40%", 8), ("12.5 %", 2.5), ("0:00:03.5", 3.5)],
)
def test_times_as_they_are_typed(typed, seconds):
    assert time_in(typed, 0, 20 * SECOND) == round(seconds * SECOND)
    assert wrong_time(typed, 0, 20 * SECOND) == ""


@pytest.mark.parametrize("typed", ["", "x", "-1", "1e9", "nan", "1:2:3:4", "120 %", "21", "1:00"])
def test_what_is_no_time_of_it_is_told(typed):
    assert wrong_time(typed, 0, 20 * SECOND)


def test_every_action_has_its_method_and_keys_are_not_taken_twice():
    keys = [key for action in PLAY for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    for action in PLAY:
        method = f"action_{action.id.partition('(')[0]}"
        assert hasattr(PlayScreen, method) or hasattr(IpcvizApp, method), action


async def test_a_held_timeline_follows_to_where_one_goes(feed, clock):
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await later(pilot, clock, 15.0)
        await pressed(pilot, "space", "t", "h", "h")
        timeline = pilot.app.screen.panel("timeline")
        assert timeline.held is not None
        await pressed(pilot, "2")
        assert timeline.held is None
        assert not any("00:14" in row for row in screen_text(pilot.app)[2:24])


async def test_over_a_slow_line_crossings_are_shown_too(feed, clock):
    async with app_of(feed, motion=False).run_test(size=(120, 40)) as pilot:
        feed.player.speed = 0.01
        await pressed(pilot, "space", "n")
        assert len(pilot.app.screen.query_one(Topology).crossing) == 1


async def test_tab_goes_through_all_panels_where_one_row_is_missing_for_all_at_once(feed, clock):
    async with app_of(feed).run_test(size=(100, 30)) as pilot:
        await later(pilot, clock, 3.0)
        seen = [pilot.app.screen.focused_panel]
        for _ in range(6):
            await pressed(pilot, "tab")
            seen.append(pilot.app.screen.focused_panel)
        assert len(set(seen)) == 7
