"""The display by cells shows in a terminal what Textual's own shows, cell for cell, and sends far less."""

from __future__ import annotations

import gc
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from helpers import races, talks
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.racing import Entry, Racer
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile
from ipcviz.tui import pace
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.display import Display
from ipcviz.tui.feed import Feed
from ipcviz.tui.screens.play import PlayScreen
from ipcviz.tui.screens.race import Race
from ipcviz.tui.screens.run import RunScreen
from ipcviz.world import World

UNKNOWN_TO_PYTE = re.compile(r"\x1b\[[<=>][\d;]*[a-z]|\x1b\[\?[\d;]*\$p|\x1b\[\?2026[hl]")


class Wire(HeadlessDriver):
    """A driver that keeps what it is given."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.written: list[str] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)

    def take(self) -> str:
        taken = "".join(self.written)
        self.written.clear()
        return taken


class Both(Display):
    """An app whose frames are all drawn twice: by Textual on a wire of its own, and by cells."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.stock_wire: Wire | None = None

    def _display(self, screen: Any, renderable: Any) -> None:
        mine = self._driver
        if mine is not None:
            self.stock_wire = self.stock_wire or Wire(self, size=(80, 24))
            self._driver = self.stock_wire
            App._display(self, screen, renderable)
            self._driver = mine
        super()._display(screen, renderable)


class Shown(Both, IpcvizApp):
    """The screen of a run; a test says when it ticks."""

    def __init__(self, source: Any, profile: Profile) -> None:
        super().__init__(profile, lambda app: app.run_screen(Feed(source, World(), []), None))

    def tick(self) -> None:
        run = self.screen_stack[1]
        assert isinstance(run, RunScreen)
        run.tick()


class Panes(Both):
    """Rows of text, to be changed as a test wants."""

    CSS = "Screen { layers: base; } Rows { width: 100%; height: 100%; }"

    def __init__(self, rows: list[list[tuple[str, Style]]]) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        yield Rows()

    def show(self, y: int, *pieces: tuple[str, Style]) -> None:
        self.rows[y] = list(pieces)
        self.query_one(Rows).refresh(Region(0, y, self.size.width, 1))


class Rows(Widget):
    """Draws the rows of its app."""

    def render_line(self, y: int) -> Strip:
        rows = self.app.rows  # type: ignore[attr-defined]  # it is a Panes
        segments = [Segment(text, style) for text, style in (rows[y] if y < len(rows) else [])]
        return Strip(segments).adjust_cell_length(self.size.width, Style(bgcolor="#101010"))


class Emulator:
    """A terminal."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)

    def feed(self, codes: str) -> None:
        self._stream.feed(UNKNOWN_TO_PYTE.sub("", codes))

    def cells(self) -> list[list[tuple[object, ...]]]:
        return [
            [self._cell(self.screen.buffer[y][x]) for x in range(self.screen.columns)]
            for y in range(self.screen.lines)
        ]

    @staticmethod
    def _cell(char: Any) -> tuple[object, ...]:
        return (char.data, char.fg, char.bg, char.bold, char.reverse, char.underscore, char.italics)


class Comparison:
    """The app, and the two terminals that should show the same."""

    def __init__(self, app: Both, pilot: Pilot[int], size: tuple[int, int]) -> None:
        self.app, self.pilot = app, pilot
        self.stock, self.cells = Emulator(*size), Emulator(*size)
        self.stock_bytes = self.cell_bytes = 0

    async def step(self, *keys: str) -> None:
        """Press these, let the screen settle, and compare."""
        await self.pilot.press(*keys)
        await self.compare()

    async def compare(self) -> tuple[int, int]:
        """Let the screen settle; the bytes that each has sent since the last time."""
        await self.pilot.pause()
        screen = self.app.screen
        screen._on_timer_update()
        assert self.app.by_cells
        assert self.app.stock_wire is not None
        stock, cells = self.app.stock_wire.take(), self.wire.take()
        self.stock.feed(stock)
        self.cells.feed(cells)
        for y, (expected, found) in enumerate(zip(self.stock.cells(), self.cells.cells(), strict=True)):
            assert found == expected, f"row {y}: {self.cells.screen.display[y]!r}"
        return len(stock.encode()), len(cells.encode())

    @property
    def wire(self) -> Wire:
        assert isinstance(self.app._driver, Wire)
        return self.app._driver

    async def resize(self, width: int, height: int) -> None:
        for emulator in (self.stock, self.cells):
            emulator.screen.resize(height, width)
        await self.pilot.resize_terminal(width, height)
        await self.compare()


@asynccontextmanager
async def compared(app: Both, size: tuple[int, int]) -> AsyncIterator[Comparison]:
    app.driver_class = Wire
    async with app.run_test(headless=False, size=size) as pilot:
        yield Comparison(app, pilot, size)


LOOKS = {
    "truecolor": (Profile(ticks=1), "truecolor"),
    "256": (Profile(ticks=1), "256"),
    "16": (Profile(ticks=1, glyphs="plain", theme="terminal"), "standard"),
    "none": (Profile(ticks=1, glyphs="ascii", colours=False), "truecolor"),
}
SIZES = [(80, 24), (120, 40), (200, 50), (60, 15), (40, 8), (83, 31), (120, 40)]
KEYS = ("tab", "3", "z", "down", "z", "6", "up", "?", "escape", "space", "space", "1")
FEW_KEYS = ("3", "z", "?", "escape", "z")


def lively(source: Any, make_session: Any, make_began: Any, make_frame: Any, make_message: Any) -> Any:
    """Events of a tick: figures that move, and a few messages, one of them hostile."""
    started = make_session(12, 14, 3)
    source.batches.append(make_began(started))
    payloads = ["order 77", "한글 상품 3개", "🎉 ready", "\x1b[31mred\x07", "日本語テスト", "plain again"]

    def tick(number: int) -> None:
        texts = [payloads[(number + step) % len(payloads)].encode() for step in range(3)]
        batch = [make_message(started, number * 3 + step, text) for step, text in enumerate(texts)]
        batch.append(make_frame(started, 0.1 * (number + 1), 40 * number, full=number % 20 > 12))
        source.batches.append(batch)

    return tick


@pytest.fixture
def _no_codes_of_other_tests() -> None:
    """Textual keeps the codes of a style with the style, whatever colours the next terminal has."""
    Strip.render_ansi.cache_clear()
    gc.unfreeze()  # what an app has frozen is not among the objects otherwise
    for style in gc.get_objects():
        if isinstance(style, Style):
            style._ansi = None


async def tour(
    app: Shown, tick: Any, sizes: Iterable[tuple[int, int]], keys: Iterable[str]
) -> tuple[int, int]:
    """Through sizes and keys, each compared; the bytes of the ticks between them by Textual and by cells."""
    stock = cells = number = 0
    async with compared(app, (120, 40)) as both:
        for width, height in sizes:
            await both.resize(width, height)
            for key in keys:
                await both.step(key)
                for _ in range(2):
                    number += 1
                    tick(number)
                    app.tick()
                    sent = await both.compare()
                    stock, cells = stock + sent[0], cells + sent[1]
    print(f"{stock} bytes by Textual, {cells} by cells: 1/{stock / cells:.1f}")
    return stock, cells


@pytest.fixture
def ticks(source, make_session, make_began, make_frame, make_message):
    return lively(source, make_session, make_began, make_frame, make_message)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_codes_of_other_tests")
@pytest.mark.parametrize("look", LOOKS)
async def test_a_tour_shows_the_same_and_sends_a_sixth(look, source, ticks, monkeypatch) -> None:
    profile, colours = LOOKS[look]
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", colours)
    stock, cells = await tour(Shown(source, profile), ticks, SIZES, KEYS)
    assert cells * 6 <= stock


@pytest.mark.usefixtures("_no_codes_of_other_tests")
async def test_a_short_tour_does(source, ticks) -> None:
    stock, cells = await tour(Shown(source, Profile(ticks=1)), ticks, [(80, 24)], FEW_KEYS)
    assert cells * 6 <= stock


EVERYWHERE = (
    *("t", "v", "v", "1", "2", "enter", "escape", "3", "down", "enter", "escape", "4", "5"),
    *("6", "up", "up", "enter", "escape", "slash", "o", "r", "enter", "escape", "colon", "escape"),
    *("3", "f", "escape", "1", "plus", "minus", "space", "space"),
)
"""Every panel and page, the timeline all ways, the menus, the filter."""


@pytest.mark.slow
@pytest.mark.usefixtures("_no_codes_of_other_tests")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_every_panel_page_and_menu_shows_the_same(size, source, ticks) -> None:
    stock, cells = await tour(Shown(source, Profile(ticks=1)), ticks, [size], EVERYWHERE)
    assert cells * 6 <= stock


class Picker(Both, IpcvizApp):
    """The home screen."""

    def __init__(self) -> None:
        super().__init__(Profile(ticks=1), lambda app: app.home())


@pytest.mark.slow
@pytest.mark.usefixtures("_no_codes_of_other_tests")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_picker_shows_the_same(size) -> None:
    async with compared(Picker(), size) as both:
        for key in ("down", "down", "tab", "down", "tab", "right", "shift+tab", "f1", "escape", "b", "o"):
            await both.step(key)
        for _ in range(20):  # what it looks up beside the loop comes when it comes
            await both.pilot.pause(0.05)
            await both.compare()
        assert any("find" in row or "bo" in row for row in both.cells.screen.display)


class Racing(Both, IpcvizApp):
    """A race of doubles."""

    def __init__(self, runs: list[races.RunDouble]) -> None:
        def begin(request: SessionRequest) -> races.RunDouble:
            runs.append(races.RunDouble())
            return runs[-1]

        entries = [Entry(name, SessionRequest("made", mechanisms={"": name})) for name in ("pipe", "shm")]
        racer = Racer(entries, "at once", begin=begin)
        super().__init__(Profile(ticks=1), lambda app: Race(racer, {}, app.look, Profile(ticks=1)))


@pytest.mark.slow
@pytest.mark.usefixtures("_no_codes_of_other_tests")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_a_race_shows_the_same(size) -> None:
    runs: list[races.RunDouble] = []
    async with compared(Racing(runs), size) as both:
        race = both.app.screen
        assert isinstance(race, Race)
        race.tick()  # the runs begin
        told = [list(races.steady(rate, 6.0)) for rate in (1000.0, 700.0)]
        for part in range(6):
            for run, events in zip(runs, told, strict=True):
                length = -(-len(events) // 6)
                run.batch += events[part * length : (part + 1) * length]
            race.tick()
            await both.compare()
        for key in ("question_mark", "escape", "space", "space", "down"):
            await both.step(key)
        assert any("0.70x" in row or "0.7x" in row for row in both.cells.screen.display)


PLAYED = ("space", "space", "5", "comma", "full_stop", "t", "v", "f5", "pagedown", "b", "b", "escape")


class Playing(Both, IpcvizApp):
    """A recording that is played."""

    def __init__(self, feed: Any) -> None:
        super().__init__(Profile(ticks=1), lambda app: app.play_screen(feed))


@pytest.mark.slow
@pytest.mark.usefixtures("_no_codes_of_other_tests")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_a_recording_and_presenting_it_show_the_same(size, tmp_path) -> None:
    clock = talks.Clock()
    feed = talks.feed_of(talks.written(tmp_path), clock)
    async with compared(Playing(feed), size) as both:
        play = both.app.screen
        assert isinstance(play, PlayScreen)
        for key in PLAYED:
            await both.step(key)
            clock.go_on(1.0)
            play.tick()
            await both.compare()
    feed.player.close()


BLUE, RED = Style(color="#4080ff", bgcolor="#101010"), Style(color="#ff0000", bgcolor="#202020", bold=True)
WIDE = ["한글 상품", "a한글 상품", "ab한글", "日本", "plain", "🎉 done 🎉", "e\u0301te\u0301", ""]


async def test_wide_characters_may_begin_and_end_anywhere() -> None:
    app = Panes([[("x" * 30, BLUE)] for _ in range(6)])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        for number in range(40):
            text = WIDE[number * 5 % len(WIDE)]
            app.show(number % 6, ("." * (number % 4), BLUE), (text, RED), (str(number), BLUE))
            await both.compare()


async def test_what_did_not_change_is_not_sent() -> None:
    app = Panes([[("one two three", BLUE)]])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        app.show(0, ("one six three", BLUE))
        stock, cells = await both.compare()
        assert stock > 60
        assert cells < 50
        app.show(0, ("one six three", BLUE))
        stock, cells = await both.compare()
        assert stock > 60
        assert cells <= len("\x1b[H") + len(pace.ASK)


async def test_a_whole_frame_when_the_display_is_forgotten() -> None:
    app = Panes([[("one two three", BLUE)]])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        both.cells.screen.reset()  # something else has drawn on the terminal
        both.cells.screen.resize(6, 30)
        app.action_redraw()
        _, cells = await both.compare()
        assert cells > 30 * 6


async def test_a_terminal_that_is_behind_gets_the_newest_frame_and_none_between() -> None:
    app = Panes([[("number 0", BLUE)]])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        app.on_cursor_position()  # it answers: so it can be waited for
        app._pace.unshown = pace.MOST_UNSHOWN
        for number in range(1, 6):
            app.show(0, (f"number {number}", BLUE))
            await both.pilot.pause()
            app.screen._on_timer_update()
        assert both.wire.take() == ""
        assert app.frames_skipped
        app.on_cursor_position()
        while not both.wire.written:
            await both.pilot.pause(0.01)
        await both.compare()
        assert both.cells.screen.display[0].startswith("number 5")


async def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    app = Panes([[("number 0", BLUE)]])
    async with compared(app, (30, 6)) as both:
        for number in range(1, 6):
            app.show(0, (f"number {number}", BLUE))
            await both.compare()
        assert app.frames_skipped == 0


async def test_a_frame_is_one_write_between_marks_where_the_terminal_has_them() -> None:
    app = Panes([[("one", BLUE)], [("two", RED)]])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        app._sync_available = True
        app.show(0, ("six", BLUE))
        app.show(1, ("ten", RED))
        await both.pilot.pause()
        app.screen._on_timer_update()
        (frame,) = both.wire.written
        assert frame.startswith("\x1b[?2026h")
        assert frame.endswith(f"\x1b[?2026l{pace.ASK}")
        await both.compare()


async def test_another_textual_draws_by_itself(monkeypatch) -> None:
    app = Panes([[("one", BLUE)]])
    async with compared(app, (30, 6)) as both:
        await both.compare()
        monkeypatch.setattr("ipcviz.tui.display._want_spans", lambda cells, update: update.no_such_thing)
        app.show(0, ("two", BLUE))
        await both.pilot.pause()
        app.screen._on_timer_update()
        await both.pilot.pause()
        assert not app.by_cells
        both.cells.feed(both.wire.take())
        assert both.cells.screen.display[0].startswith("two")


async def test_it_can_be_switched_off(monkeypatch) -> None:
    monkeypatch.setenv("IPCVIZ_DISPLAY", "stock")
    app = Panes([[("one", BLUE)]])
    async with compared(app, (30, 6)) as both:
        await both.pilot.pause()
        assert not app.by_cells
        assert app.stock_wire is not None
        stock = app.stock_wire.take()
        assert "one" in stock
        assert both.wire.take().endswith(stock)
