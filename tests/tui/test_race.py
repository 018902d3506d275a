"""The screen of a race: its picture at every size and glyph set, and what its keys do."""

from __future__ import annotations

import pytest
from helpers.races import SECOND, RunDouble, cut, exits, finished, lane, steady, summary
from rich.cells import cell_len

from ipcviz import events as ev
from ipcviz.race_result import Result, result_of
from ipcviz.race_verdict import verdict
from ipcviz.racing import Entry, Racer
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile
from ipcviz.tui.actions import OF_THE_APP, RACE
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.look import Look
from ipcviz.tui.panels.race_lanes import round_above
from ipcviz.tui.panels.race_picture import header_line, heights_of, hidden_lanes, picture_lines
from ipcviz.tui.screens.race import Race

ABOUT = {"pipe": "A byte stream.", "shm": "A ring of slots."}
CONSOLE = "•○►◄↔→←↑↓▲♦"
"""Code page 437 has these below the space, where Python's codec has control characters."""
SIZES = [(60, 15), (80, 24), (120, 40), (200, 50)]


def three(how="at once", starts=(0, 0, 0)) -> Result:
    lanes = [
        lane("pipe", steady(10_000, cpu=80.0, switches=2.0)),
        lane("unix-stream", steady(12_000, cpu=80.0, switches=1.5)),
        lane("shm", steady(32_000, cpu=80.0, switches=0.1, mechanism="shm")),
    ]
    return result_of(lanes, how, 6 * SECOND, dict(enumerate(starts)))


def picture(result: Result, size=(120, 40), look=None, top=0) -> list[str]:
    width, height = size
    look = look or Look()
    lines = picture_lines(result, verdict(result, ABOUT), width, height, look, top)
    return ["".join(look.plain(text) for text, _ in line) for line in lines]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [2, 3, 5, 12])
def test_it_fills_every_size_exactly(size, count) -> None:
    lanes = [lane(f"mechanism {number}", steady(1000 + number)) for number in range(count)]
    rows = picture(result_of(lanes, "at once", SECOND, dict.fromkeys(range(count), 0)), size)
    assert len(rows) == size[1]
    assert {cell_len(row) for row in rows} == {size[0]}


@pytest.mark.parametrize("size", SIZES)
def test_every_size_shows_rates_ratios_and_what_decided(size) -> None:
    text = "\n".join(picture(three(), size))
    for word in ("pipe", "unix-stream", "shm", "3.2x", "32.0 k/s", "10.0 k/s", "shm carried 3.2 times"):
        assert word in text


def test_the_best_of_a_column_is_marked_without_colour() -> None:
    (row,) = [row for row in picture(three()) if "32.0 k/s" in row and "µs" in row]
    assert row.count("*") == 3  # rate, CPU, switches
    (other,) = [row for row in picture(three()) if "10.0 k/s" in row and "µs" in row]
    assert "*" not in other


@pytest.mark.parametrize("glyphs", ["plain", "ascii"])
def test_other_glyph_sets_have_all_characters(glyphs) -> None:
    look = Look(glyphs)
    told = "\n".join(picture(three(), look=look))
    head = "".join(look.plain(text) for text, _ in header_line(three(), 7, 120, look))
    drawn = {char for char in told + head if glyphs == "ascii" or char not in CONSOLE}
    "".join(drawn).encode("cp437" if glyphs == "plain" else "ascii")
    assert "shm carried" in told


def test_bars_grow_with_what_was_carried() -> None:
    rows = [row for row in picture(three(), (80, 24)) if "messages  " in row and "█" in row]
    lengths = [row.count("█") for row in rows]
    assert lengths[0] < lengths[1] < lengths[2]
    assert lengths[2] / lengths[0] == pytest.approx(3.2, rel=0.2)


@pytest.mark.parametrize(("count", "above"), [(0, 10), (10, 10), (11, 20), (21, 50), (51, 100), (999, 1000)])
def test_a_full_bar_is_a_round_number(count, above) -> None:
    assert round_above(count) == above


def test_names_of_any_kind_are_shown_and_never_obeyed() -> None:
    names = ["lines=pipe+counts=" + "x" * 60, "evil\x1b[31m\n", "한글 상품 🎉"]
    lanes = [lane(name, steady(1000)) for name in names]
    rows = picture(result_of(lanes, "at once", SECOND, dict.fromkeys(range(3), 0)), (80, 24))
    assert {cell_len(row) for row in rows} == {80}
    assert "\x1b" not in "".join(rows)
    assert "한글" in "".join(rows)


@pytest.mark.parametrize("how", ["at once", "in turn"])
def test_lanes_that_wait_or_failed_say_so(how) -> None:
    broken = lane("shm", [*steady(9000, 3.0), *exits(3 * SECOND, failed="a"), summary(3.0)])
    lanes = [lane("pipe", steady(1000)), broken, lane("tcp", [])]
    rows = picture(result_of(lanes, how, SECOND, {0: 0, 1: 0}))
    assert any("out of the race" in row for row in rows)
    assert any("waits for its turn" in row for row in rows)
    assert any("shm is out of the race: a failed" in row for row in rows)


def test_who_has_finished_has_a_place() -> None:
    lanes = [lane("pipe", finished(1000, 6.4)), lane("shm", finished(3200, 2.0))]
    rows = picture(result_of(lanes, "at once", 7 * SECOND, {0: 0, 1: 0}))
    assert any("pipe" in row and "2nd after 6.40 s" in row for row in rows)
    assert any("shm" in row and "1st after 2.00 s" in row and "3.2x *" in row for row in rows)


@pytest.mark.parametrize("lanes", range(2, 13))
@pytest.mark.parametrize("height", [13, 22, 38, 48])
def test_the_heights_fit(lanes, height) -> None:
    shares = heights_of(lanes, 5, height)
    inside = [shares.bars, shares.figures, shares.charts, shares.words]
    assert sum(rows + 2 for rows in inside if rows) <= height
    assert shares.figures >= 2
    assert shares.words >= 2


def test_lanes_that_do_not_fit_are_reached() -> None:
    lanes = [lane(f"lane {number}", steady(1000 + 100 * number)) for number in range(12)]
    result = result_of(lanes, "at once", SECOND, dict.fromkeys(range(12), 0))
    hidden = hidden_lanes(result, verdict(result, ABOUT), 60, 13)
    assert hidden > 0
    assert not any("lane 11 " in row and "k/s" in row for row in picture(result, (60, 13)))
    last = picture(result, (60, 13), top=hidden)
    assert any("lane 11" in row and "2.1 k/s" in row for row in last)


def test_the_header_says_what_and_how() -> None:
    def head(result: Result, frozen: int | None = None, width: int = 120) -> str:
        return "".join(text for text, _ in header_line(result, frozen, width, Look()))

    assert "LIVE 00:06" in head(three())
    assert "at once on 2 processors" in head(three())
    assert "pipe, unix-stream, shm" in head(three())
    assert "FROZEN 00:06  +1,234 messages" in head(three(), 1234)
    turn = result_of([lane("pipe", cut(steady(10), 6.0)), lane("shm", steady(10))], "in turn", SECOND, {0: 0})
    assert "in turn: 2 of 2, shm" in head(turn)
    assert cell_len(head(three(), width=60)) == 60


class Begun:
    """Begins doubles; the screen's runs."""

    def __init__(self) -> None:
        self.runs: list[RunDouble] = []

    def __call__(self, request: SessionRequest) -> RunDouble:
        self.runs.append(RunDouble())
        return self.runs[-1]


@pytest.fixture
def begun() -> Begun:
    return Begun()


def app_of(begun: Begun, how="at once", **more) -> IpcvizApp:
    entries = [Entry(name, SessionRequest("made", mechanisms={"": name})) for name in ("pipe", "shm")]
    racer = Racer(entries, how, begin=begun)
    return IpcvizApp(
        Profile(ticks=1, motion=False), lambda app: Race(racer, ABOUT, app.look, Profile(ticks=1), **more)
    )


def shown(app: IpcvizApp) -> str:
    strips = app.screen_stack[-1]._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def race_of(app: IpcvizApp) -> Race:
    return next(screen for screen in app.screen_stack if isinstance(screen, Race))


async def fed(pilot, begun: Begun, *runs: list[ev.AnyEvent]) -> None:
    for run, events in zip(begun.runs, runs, strict=False):
        run.batch += events
    race_of(pilot.app).tick()
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_shows_the_race(begun, size) -> None:
    app = app_of(begun)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "STARTING" in shown(app)
        await fed(pilot, begun, steady(1000), steady(3200))
        assert "3.2x" in shown(app)
        assert "LIVE" in shown(app)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "3.2x" in shown(app)
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "needs 60x15; this is 40x10" in shown(app)


async def test_freezing_counts_what_arrives(begun) -> None:
    app = app_of(begun)
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, begun, steady(1000), steady(2000))
        await pilot.press("space")
        before = shown(app).splitlines()[1:-1]
        more = [steady(1000, 7.0)[-1], steady(2000, 7.0)[-1]]
        await fed(pilot, begun, [more[0]], [more[1]])
        assert "FROZEN" in shown(app)
        assert "+3,000 messages" in shown(app)
        assert shown(app).splitlines()[1:-1] == before
        await pilot.press("escape")
        assert "LIVE" in shown(app)
        assert shown(app).splitlines()[1:-1] != before


async def test_restarting_ends_the_runs_and_begins_again(begun) -> None:
    app = app_of(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        await fed(pilot, begun, steady(1000), steady(2000))
        await pilot.press("r")
        await pilot.pause()
        assert [run.closed for run in begun.runs] == [1, 1, 0, 0]
        assert "STARTING" in shown(app)
    assert [run.closed for run in begun.runs] == [1, 1, 1, 1]


async def test_the_next_lane_begins_when_the_key_says_so(begun) -> None:
    app = app_of(begun, "in turn")
    async with app.run_test(size=(120, 40)) as pilot:
        await fed(pilot, begun, steady(1000))
        assert len(begun.runs) == 1
        assert "next lane" in shown(app)
        await pilot.press("n")
        assert begun.runs[0].stopped
        begun.runs[0].over = True
        await fed(pilot, begun, [*exits(6 * SECOND), summary(6.0)])
        assert len(begun.runs) == 2


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+c", 130)])
async def test_quitting_ends_all_runs(begun, key, status) -> None:
    app = app_of(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        await fed(pilot, begun, steady(1000), steady(2000))
        await pilot.press(key)
        await pilot.pause()
    assert app.return_value == status
    assert all(run.closed for run in begun.runs)


async def test_a_failure_is_in_the_status(begun) -> None:
    app = app_of(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        begun.runs[1].over = True
        await fed(pilot, begun, steady(1000), [*steady(1000), *exits(6 * SECOND, failed="a"), summary(6.0)])
        assert "1 failed" in shown(app)
        await pilot.press("q")
        await pilot.pause()
    assert app.return_value == 1


async def test_a_refusal_says_why_and_what_to_do(begun) -> None:
    app = app_of(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        begun.runs[1].over = True
        await fed(pilot, begun, [], [ev.Refused(t=0, sentence="There is no room for it.")])
        assert "There is no room for it." in shown(app)
        assert "q: quit" in shown(app)
        assert begun.runs[0].stopped
        await pilot.press("q")
        await pilot.pause()
    assert app.return_value == 2


async def test_esc_leads_back_with_nothing_left_running(begun) -> None:
    app = app_of(begun, way_back=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await fed(pilot, begun, steady(1000), steady(2000))
        await pilot.press("escape")
        await pilot.pause()
        assert all(run.closed for run in begun.runs)
        assert not any(isinstance(screen, Race) for screen in app.screen_stack)


async def test_help_lists_the_keys_of_the_race(begun) -> None:
    app = app_of(begun)
    async with app.run_test(size=(80, 50)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Begin the race again." in shown(app)
        await pilot.press("escape")
        assert not begun.runs[0].closed


def test_every_action_has_its_method() -> None:
    for action in RACE:
        home = IpcvizApp if action.id in OF_THE_APP else Race
        assert hasattr(home, f"action_{action.id.partition('(')[0]}"), action.id


def test_where_not_all_sentences_fit_the_conditions_stay() -> None:
    rows = picture(three(), (80, 22))
    words = rows[next(number for number, row in enumerate(rows) if "What decides" in row) :]
    assert any("shm carried 3.2 times" in row for row in words)
    assert any("--in-turn runs each alone." in row for row in words)


def test_a_sentence_that_is_too_long_for_its_place_says_that_it_goes_on() -> None:
    rows = picture_lines(three(), ["word " * 100], 60, 13, Look())
    assert any("word ..." in "".join(text for text, _ in row) for row in rows)


def test_nobody_leads_within_the_noise() -> None:
    lanes = [lane("pipe", steady(25)), lane("shm", steady(25.5)), lane("tcp", steady(10))]
    rows = picture(result_of(lanes, "at once", SECOND, dict.fromkeys(range(3), 0)), (80, 22))
    bars = [row for row in rows if "█" in row]
    assert [("*" in row) for row in bars] == [True, True, False]
