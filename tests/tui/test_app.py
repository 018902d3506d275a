"""The screen driven by keys, fed by a scripted source."""

import msgspec
import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from ipcviz import events as ev
from ipcviz.terminal import Profile
from ipcviz.tui.actions import RUN
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.screens.help import Help
from ipcviz.tui.screens.run import RunScreen
from ipcviz.units import SECOND
from ipcviz.world import World


def screen_text(app) -> list[str]:
    strips = app.screen_stack[-1]._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def run_of(app: IpcvizApp) -> RunScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, RunScreen))


def made(source, **profile) -> IpcvizApp:
    return IpcvizApp(
        Profile(ticks=1, motion=False, **profile), lambda app: app.run_screen(Feed(source), None)
    )


async def fed(pilot: Pilot, source, events) -> None:
    """Hand out the events, let a tick take them, and the screen draw them."""
    source.batches.append(list(events))
    run_of(pilot.app).tick()
    await pilot.pause()


@pytest.fixture
def app(source):
    return made(source)


@pytest.fixture
def started(make_session):
    return make_session(3, 2, 0)


@pytest.fixture
def first(started, make_began, make_frame):
    return [*make_began(started), make_frame(started, 1.0), make_frame(started, 2.0, 210)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15)])
async def test_it_fills_every_size(app, source, first, size):
    async with app.run_test(size=size) as pilot:
        await fed(pilot, source, first)
        text = screen_text(app)
        assert len(text) == size[1]
        assert "test · pipe" in text[0]
        assert "LIVE 00:02" in text[0]
        assert "quit" in text[-1]
        assert any("process 1" in row for row in text)
        assert any("channel 1" in row for row in text)


async def test_all_panels_are_there_where_there_is_room(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        text = "\n".join(screen_text(app))
        for heading in ("Topology", "Channels", "Processes", "Findings", "Messages"):
            assert heading in text


async def test_too_small_names_the_size_needed_and_recovers(app, source, first):
    async with app.run_test(size=(50, 12)) as pilot:
        await fed(pilot, source, first)
        assert any("ipcviz needs 60x15; this is 50x12." in row for row in screen_text(app))
        await pilot.resize_terminal(100, 30)
        await fed(pilot, source, [])
        assert any("Topology" in row for row in screen_text(app))


async def test_space_freezes_the_picture_and_counts(app, source, started, first, make_frame, make_message):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("space")
        frozen = screen_text(app)[1:]
        await fed(
            pilot,
            source,
            [make_frame(started, 9.0, 900), *(make_message(started, n) for n in range(1, 6))],
        )
        assert screen_text(app)[1:] == frozen
        assert "FROZEN 00:02  +5 messages" in screen_text(app)[0]
        await pilot.press("space")
        assert "LIVE 00:09" in screen_text(app)[0]
        assert screen_text(app)[1:] != frozen


async def test_digits_tab_zoom_and_escape(app, source, first):
    async with app.run_test(size=(80, 24)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("3")
        assert any("╭─ Processes" in row for row in screen_text(app))
        assert not any("╭─ Topology" in row for row in screen_text(app))
        await pilot.press("tab")
        await pilot.pause()
        assert any("╭─ Locks" in row for row in screen_text(app))
        await pilot.press("shift+tab", "z")
        await pilot.pause()
        text = screen_text(app)
        assert "╭─ Processes" in text[1]
        assert text[-2].startswith("╰")
        await pilot.press("escape")
        await pilot.pause()
        assert not screen_text(app)[-2].startswith("╰")


async def test_a_digit_shows_a_panel_that_has_no_room_of_its_own(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("4")
        await pilot.pause()
        assert any("This topology has no locks." in row for row in screen_text(app))


async def test_the_filter_is_typed_and_undone(app, source, started, first, make_message):
    async with app.run_test(size=(120, 40)) as pilot:
        messages = [make_message(started, n, b"quick %d" % n) for n in range(1, 9)]
        await fed(pilot, source, [*first, *messages])
        await pilot.press("slash", *"quick 7")
        assert "filter messages: /quick 7" in screen_text(app)[-1]
        await pilot.press("enter")
        rows = [row for row in screen_text(app) if "quick" in row]
        assert any("quick 7" in row for row in rows)
        assert not any("quick 3" in row for row in rows)
        await pilot.press("escape")
        assert any("quick 8" in row for row in screen_text(app))


async def test_letters_of_a_filter_are_not_commands(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("slash", "q", "j", "question_mark", "space")
        assert app.is_running
        assert app.screen.query_one(Messages).filter == "qj? "


async def test_moving_up_holds_the_messages_and_end_follows(app, source, started, first, make_message):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, [*first, *(make_message(started, n) for n in range(1, 50))])
        await pilot.press("6", "up", "up")
        assert app.screen.query_one(Messages).held == 47
        assert any("held" in row for row in screen_text(app))
        await pilot.press("end")
        assert any("following" in row for row in screen_text(app))


async def test_help_opens_over_the_panels_and_closes(app, source, first):
    async with app.run_test(size=(80, 24)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        assert any("Freeze the picture" in row for row in screen_text(app))
        await pilot.press(*["pagedown"] * 9)
        assert any("a lock that is free" in row for row in screen_text(app))
        await pilot.press("q")
        assert not isinstance(app.screen, Help)
        assert app.is_running


async def test_after_the_end_the_last_state_stays(app, source, started, first):
    ends = [
        ev.ProcessExited(t=3 * SECOND, process=name, pid=1, exit=0, signal=None, failed=False)
        for name in started.processes
    ]
    summary = ev.Summary("test", 3.0, [], [], [], [], {}, ev.StreamSummary(9, 0), ev.Watching(1.0, 0.0))
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, [*first, *ends, summary])
        assert "ENDED 00:03" in screen_text(app)[0]
        assert "processes ended by themselves" in screen_text(app)[0]
        assert any("channel 1" in row for row in screen_text(app))
        footer = app.screen.query_one(Footer)
        footer.set_state(None, frozenset(), ended=True)
        assert footer.render_line(0).text.startswith(" r run again  S save  ")
        footer.set_state(None, frozenset(("restart",)), ended=True)
        assert footer.render_line(0).text.startswith(" S save  ")
        await pilot.press("space")
        assert "ENDED" in screen_text(app)[0]
        await pilot.press("q")
    assert app.return_value == 0


async def test_a_failed_worker_makes_the_exit_status_1(app, source, started, first):
    failed = ev.ProcessExited(t=3, process="process 1", pid=1, exit=3, signal=None, failed=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, [*first, failed])
        await pilot.press("q")
    assert app.return_value == 1


async def test_ctrl_c_leaves_with_130(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("ctrl+c")
    assert app.return_value == 130


async def test_a_supervisor_that_vanishes_is_an_end_that_is_told(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        source.over = True
        await fed(pilot, source, [])
        text = "\n".join(screen_text(app))
        assert "✗ ENDED" in text
        assert "3 failed" in text
        assert "The supervisor was killed" in text
        assert "running" not in text
        await pilot.press("q")
    assert app.return_value == 1


async def test_only_changed_rows_are_drawn_again(app, source, started, first, make_frame):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        panel = app.screen.query_one("#topology")
        before = list(panel._strips)
        changed = make_frame(started, 2.1, 260)
        await fed(pilot, source, [changed])
        after = list(panel._strips)
        same = [one is other for one, other in zip(before, after, strict=True)]
        assert any(same)
        assert not all(same)


async def test_without_colours_there_are_none(source, first):
    app = made(source, colours=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        styles = {
            segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style
        }
        assert all(style.color is None or style.color.is_default for style in styles)


def test_every_action_has_its_method_and_keys_are_not_taken_twice():
    keys = [key for action in RUN for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))
    for action in RUN:
        method = f"action_{action.id.partition('(')[0]}"
        assert hasattr(RunScreen, method) or hasattr(IpcvizApp, method), action


def test_refusals_of_a_stream_are_shown(make_view):
    view = make_view([ev.Refused(t=0, sentence="No.")])
    assert (view.status, view.refusal) == ("refused", "No.")


def test_views_do_not_change_when_the_world_does(make_session, make_began, make_frame):
    world = World()
    started = make_session(2, 1, 0)
    for event in [*make_began(started), make_frame(started, 1.0, 5)]:
        world.apply(event)
    view = world.view()
    copy = msgspec.structs.replace(view)
    world.apply(make_frame(started, 2.0, 500))
    assert view == copy
    assert world.view() != view


async def test_keys_that_come_at_once_close_one_screen_only(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        for opening, closing in (
            ("question_mark", "escape"),
            ("colon", "escape"),
            ("question_mark", "enter"),
        ):
            await pilot.press(opening)
            for _ in range(5):
                app.simulate_key(closing)
            await pilot.pause()
            await pilot.pause()
            assert isinstance(app.screen, RunScreen)
            run_of(app).opened = ""


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize(("key", "page"), [("2", "channel"), ("3", "process")])
async def test_keys_are_as_quick_as_fingers(app, source, first, size, key, page):
    async with app.run_test(size=size) as pilot:
        await fed(pilot, source, first)
        app.simulate_key(key)
        app.simulate_key("enter")
        await pilot.pause()
        await pilot.pause()
        assert run_of(app).opened == page
        assert not run_of(app).zoomed or size == (80, 24)


async def test_a_page_that_was_zoomed_leaves_no_panel_zoomed(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("2", "enter", "z")
        await pilot.pause()
        assert any("╭─ Channel  channel 1" in row for row in screen_text(app))
        assert not any("─ Processes" in row for row in screen_text(app))
        await pilot.press("escape")
        await pilot.pause()
        assert any("─ Processes" in row for row in screen_text(app))


async def test_a_panel_without_a_place_gives_the_room_back(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("4")
        await pilot.pause()
        assert not any("─ Processes" in row for row in screen_text(app))
        await pilot.press("1")
        await pilot.pause()
        assert any("─ Processes" in row for row in screen_text(app))


async def test_home_and_end_go_to_both_ends_of_a_list(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("3", "end")
        assert run_of(app).selection.name == "process 3"
        await pilot.press("home")
        assert run_of(app).selection.name == "process 1"


async def test_the_footer_has_no_way_back_where_there_is_none(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        assert "Esc back" not in screen_text(app)[-1]
        await pilot.press("z")
        await fed(pilot, source, [])
        assert "Esc back" in screen_text(app)[-1]


@pytest.mark.parametrize("theme", ["dark", "light", "terminal"])
async def test_what_lies_over_the_panels_does_not_hide_them(source, first, theme):
    app = made(source, theme=theme)
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        assert run_of(app) in app._background_screens


async def test_the_wheel_scrolls_what_is_under_the_mouse(app, source, started, first, make_message):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, [*first, *(make_message(started, number) for number in range(1, 99))])
        messages = run_of(app).query_one(Messages)
        for kind in (MouseScrollUp, MouseScrollUp, MouseScrollDown):
            await pilot._post_mouse_events([kind], widget=messages, offset=(5, 3))
        assert messages.held == 98 - 3
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollDown], widget=messages, offset=(5, 3))
        assert messages.held is None


async def test_a_copy_is_told(app, source, first):
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, source, first)
        await pilot.press("y")
        await pilot.press("3", "y")
        await pilot.pause()
        assert app.clipboard == "process 1"
        assert [told.message for told in app._notifications] == [
            "Nothing is chosen that could be copied.",
            "Copied: process 1",
        ]
