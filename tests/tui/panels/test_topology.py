"""The topology panel: what boxes and links tell, what is chosen, what moves, and what stays where it is."""

from __future__ import annotations

import threading
import time

import pytest
from helpers import events as made
from msgspec import structs
from rich.cells import cell_len
from textual.app import App, ComposeResult

from ipcviz import events as ev
from ipcviz.tui.boxes_process import fitting_state
from ipcviz.tui.edges import spacing
from ipcviz.tui.lines import Line, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels import topology_placing
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.picture import picture_of
from ipcviz.tui.plans import Wish
from ipcviz.tui.selection import Selection
from ipcviz.tui.still import draw_still
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World

ROW = made.session(
    ["reader", "counter", "printer"],
    [made.channel("lines", "reader>", ">counter"), made.channel("counts", "counter>", ">printer")],
)
WORKERS = [f"worker {number}" for number in range(1, 13)]
POOL = made.session(
    ["source", *WORKERS, "sink"],
    [
        made.channel("files", "source>", *(f">{name}" for name in WORKERS)),
        made.channel("results", *(f"{name}>" for name in WORKERS), ">sink"),
    ],
)
PAIR = made.session(["one", "two", "three"], (), [made.lock("a", "one", "two"), made.lock("b", "two", "one")])


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _ in row) for row in lines)


def styles_at(lines: list[Line], wanted: str) -> set[str]:
    return {style for row in lines for text, style in row if wanted in text}


def flowing(session: ev.SessionStarted, rate: int = 20, now: int = 3, full: bool = False) -> View:
    """A run in which each end counts `rate` messages a second; the channels are empty, or full."""
    world = made.started(World(), session)
    for second in range(1, now + 1):
        states = []
        for info in session.channels:
            count = rate * second
            ends = [
                ev.EndState(sent=count) if end.role in ("sender", "caller") else ev.EndState(received=count)
                for end in info.endpoints
            ]
            states.append(made.state(*ends, depth=ev.Depth(10 if full else 0, 10, 10, "messages", "exact")))
        world.apply(made.frame(second * SECOND, states, [made.uses(*_idle(lock)) for lock in session.locks]))
    return world.view()


def _idle(lock: ev.LockInfo) -> list[ev.LockUse]:
    return [ev.LockUse() for _ in lock.users]


def deadlocked() -> View:
    held, wanted = ev.LockUse("holding", 0, 1), ev.LockUse("waiting", 0)
    world = made.started(World(), PAIR)
    world.apply(made.frame(2 * SECOND, (), [made.uses(held, wanted), made.uses(held, wanted)]))
    ring = ev.FindingRaised(
        t=2 * SECOND,
        key="deadlock",
        kind="deadlock",
        sentence="Deadlock of 2.",
        since=SECOND,
        members=["one", "b", "two", "a"],
        ring=True,
    )
    world.apply(ring)
    return world.view()


def panel_of(session: ev.SessionStarted, width: int = 118, height: int = 28, **view: object) -> Topology:
    panel = Topology(Look(), Selection())
    panel.shown = flowing(session)
    panel.content(panel.shown, width, height)
    return panel


@pytest.mark.parametrize("colours", [True, False])
@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize(("width", "height"), [(20, 4), (58, 10), (78, 14), (118, 28), (198, 46)])
@pytest.mark.parametrize("session", [ROW, POOL, PAIR], ids=["row", "pool", "pair"])
def test_lines_have_the_width_in_characters_of_the_glyph_set(session, width, height, glyphs, colours):
    look = Look(glyphs, colours)
    lines = Topology(look).content(flowing(session), width, height)
    assert len(lines) == height
    assert {width_of(row) for row in lines} == {width}
    shown = "".join(strip_of(row, look).text for row in lines)
    if glyphs == "ascii":
        assert shown.isascii()
    if glyphs == "plain":
        # The first 32 of code page 437 are glyphs, too, which Python's codec takes for control codes.
        assert shown.translate(dict.fromkeys(map(ord, "►◄▲▼♦•○↔"))).encode("cp437")


def test_names_that_a_terminal_would_obey_are_written_out_and_wide_ones_line_up():
    names = ["\x1b[31mred", "한글 프로세스 이름", "x" * 200]
    session = made.session(names, [made.channel("채널\n", f"{names[0]}>", f">{names[1]}")])
    for width, height in ((58, 10), (118, 28)):
        lines = Topology(Look()).content(flowing(session), width, height)
        assert {cell_len("".join(text for text, _ in row)) for row in lines} == {width}
        assert text_of(lines).replace("\n", "").isprintable()
    assert "\\x1b[31mred" in text_of(lines)
    assert "한글 프로세스 이름" in text_of(lines)


def test_a_channel_between_two_lies_on_its_link_with_its_gauge_and_rate():
    text = text_of(Topology(Look()).content(flowing(ROW, full=True), 100, 9))
    assert "╭ lines" not in text
    assert "lines" in text
    assert "20/s" in text
    assert "████" in text


def test_a_folded_pool_tells_how_many_in_which_states_and_who_is_worst():
    view = flowing(POOL)
    killed = ev.ProcessExited(t=4 * SECOND, process="worker 7", pid=1, exit=None, signal=9, failed=True)
    world = made.started(World(), POOL)
    world.apply(killed)
    text = text_of(Topology(Look()).content(view, 78, 14))
    assert "worker ×12" in text
    assert "240/s" in text
    panel = Topology(Look())
    lines = panel.content(world.view(), 78, 14)
    assert text_of(lines).count("✗") == 1
    assert "worker 7 signal 9" in text_of(lines) or "1 failed" in text_of(lines)


def test_a_deadlock_is_doubled_and_all_else_steps_back():
    lines = Topology(Look()).content(deadlocked(), 78, 14)
    text = text_of(lines)
    assert text.count("╔") >= 4
    assert "═" in text
    assert styles_at(lines, "three") == {"dim"}
    assert "ring" in styles_at(lines, "╔")
    calm = text_of(Topology(Look()).content(flowing(PAIR), 78, 14))
    assert "═" not in calm


def test_a_holder_is_dashed_and_a_waiter_solid():
    world = made.started(World(), made.session(["h", "w"], (), [made.lock("lock", "h", "w")]))
    uses = made.uses(ev.LockUse("holding", 0, 1), ev.LockUse("waiting", 0))
    world.apply(made.frame(SECOND, (), [uses]))
    row = next(
        line for line in text_of(Topology(Look()).content(world.view(), 78, 9)).split("\n") if "╌" in line
    )
    assert "◀╌" in row
    assert "◀─" in row[row.index("╌") :]


def test_marks_are_a_function_of_time_and_rate():
    view = flowing(ROW)
    panel = Topology(Look())
    first = text_of(panel.content(view, 118, 9))
    assert "•" in first
    assert text_of(Topology(Look()).content(view, 118, 9)) == first
    later = structs.replace(view, t=view.t + SECOND // 10)
    moved = text_of(panel.content(later, 118, 9))
    assert moved != first
    row = next(n for n, line in enumerate(first.split("\n")) if "•" in line)
    before = [x for x, char in enumerate(first.split("\n")[row]) if char == "•"]
    after = [x for x, char in enumerate(moved.split("\n")[row]) if char == "•"]
    assert any(x + 1 in after for x in before)
    assert "rate ×10" in panel.note


def test_without_motion_nothing_moves():
    view = flowing(ROW)
    panel = Topology(Look())
    panel.motion = False
    first = panel.content(view, 118, 9)
    assert "•" not in text_of(first)
    assert panel.content(structs.replace(view, t=view.t + 12345678), 118, 9) == first
    assert panel.note == ""


def test_marks_come_closer_by_a_step_for_each_factor_of_ten():
    assert [spacing(rate) for rate in (0, 0.5, 1, 9.9, 10, 100, 1e3, 1e4, 1e6)] == [
        0,
        12,
        8,
        8,
        6,
        4,
        3,
        2,
        2,
    ]


def test_nothing_moves_when_a_process_dies():
    panel = panel_of(POOL)
    world = made.started(World(), POOL)
    before = panel.picture
    world.apply(ev.ProcessExited(t=SECOND, process="worker 2", pid=1, exit=1, signal=None, failed=True))
    panel.content(world.view(), 118, 28)
    assert panel.picture is before


def test_arrows_choose_the_box_that_lies_there():
    panel = panel_of(ROW, 118, 9)
    panel.move(1, 0)
    assert (panel.selection.kind, panel.selection.name) == ("process", "reader")
    seen = []
    for _ in range(4):
        panel.move(1, 0)
        seen.append((panel.selection.kind, panel.selection.name))
    assert seen == [
        ("channel", "lines"),
        ("process", "counter"),
        ("channel", "counts"),
        ("process", "printer"),
    ]
    panel.move(-1, 0)
    assert panel.selection.name == "counts"


def test_a_click_chooses_the_box_under_it_and_it_is_marked():
    panel = panel_of(ROW, 118, 9)
    assert panel.picture is not None
    assert panel.shown is not None
    spot = panel.picture.placement.spots["process:counter"]
    panel.point(spot.x + 2, spot.y + 1)
    assert (panel.selection.kind, panel.selection.name) == ("process", "counter")
    lines = panel.content(panel.shown, 118, 9)
    assert "┌▸counter" in text_of(lines)
    assert styles_at(lines, "counter") == {"selected"}
    panel.point(0, 0)
    assert panel.selection.name == "counter"


def test_what_is_chosen_elsewhere_comes_into_view():
    panel = panel_of(POOL, 78, 14)
    panel.wish = Wish(1)
    assert panel.shown is not None
    panel.content(panel.shown, 78, 14)
    for name in ("worker 12", "worker 1", "sink"):
        panel.selection.choose("process", name)
        assert f"▸{name}" in text_of(panel.content(panel.shown, 78, 14))


def test_a_chosen_pool_is_unfolded_and_folded_by_zooming():
    panel = panel_of(POOL, 78, 14)
    assert panel.shown is not None
    panel.selection.choose("process", "worker 3")
    panel.closer(1)
    assert panel.wish == Wish(0, frozenset({"worker 1"}))
    assert "▸worker 3" in text_of(panel.content(panel.shown, 78, 14))
    panel.closer(-1)
    assert "worker ×12" in text_of(panel.content(panel.shown, 78, 14))


def test_zoom_has_three_levels():
    panel = panel_of(ROW)
    for step, level in ((1, 1), (1, 1), (-1, 0), (-1, -1), (-1, -1), (1, 0)):
        panel.closer(step)
        assert panel.wish.zoom == level


def test_the_way_of_the_chosen_message_is_lit():
    panel = panel_of(ROW, 118, 9)
    panel.motion = False
    panel.selection.message = ev.Message(
        t=1, channel="lines", sender="reader", receiver="counter", sequence=1, sent=0, size=1, payload=b"x"
    )
    assert panel.shown is not None
    lines = panel.content(panel.shown, 118, 9)
    assert "•" in text_of(lines)
    assert styles_at(lines, "•") == {"selected"}
    assert "•" not in text_of(lines)[text_of(lines).index("counter") :].split("\n")[0]


def test_acts_that_hold_are_told_in_words():
    view = flowing(ROW)
    drop = ev.FaultInjected(t=1, fault="drop", sentence="", channel="lines", share=0.25)
    slow = ev.FaultInjected(t=1, fault="slow", sentence="", process="printer", amount=0.2)
    lines, counts = view.channels
    reader, counter, printer = view.processes
    view = structs.replace(
        view,
        channels=(structs.replace(lines, faults=(drop,)), counts),
        processes=(structs.replace(reader, paused=True), counter, structs.replace(printer, faults=(slow,))),
    )
    for width, height in ((118, 9), (78, 14), (70, 19)):
        text = text_of(Topology(Look()).content(view, width, height))
        assert "‖ paused" in text
        assert "▲ drop 25 %" in text
        assert "slow 0.2 s" in text


def test_the_old_picture_stays_until_the_new_one_is_there(monkeypatch):
    gate = threading.Event()

    def slowly(*arguments: object) -> object:
        gate.wait(5)
        return picture_of(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(topology_placing, "picture_of", slowly)
    arrived = threading.Event()
    placer = topology_placing.Placer(arrived.set)
    key = topology_placing.Key(ROW, 70, 19, Wish())
    began = time.perf_counter()
    assert placer.picture(key) is None
    assert time.perf_counter() - began < 1
    assert placer.is_busy
    gate.set()
    assert arrived.wait(5)
    assert placer.picture(key) is not None
    assert not placer.is_busy


async def test_a_picture_that_comes_late_is_shown_without_another_tick(monkeypatch):
    monkeypatch.setattr(topology_placing, "PATIENCE", 0.0)

    class Screen(App[None]):
        def compose(self) -> ComposeResult:
            yield Topology(Look())

    async with Screen().run_test(size=(100, 20)) as pilot:
        panel = pilot.app.query_one(Topology)
        panel.show_view(flowing(ROW))
        for _ in range(500):
            if panel.picture is not None:
                break
            await pilot.pause(0.01)
        assert panel.picture is not None
        shown = "\n".join(panel.render_line(y).text for y in range(panel.size.height))
        assert "counter" in shown


def test_a_placing_that_goes_wrong_is_not_hidden(monkeypatch):
    def wrongly(*arguments: object) -> None:
        raise ValueError("no way")

    monkeypatch.setattr(topology_placing, "picture_of", wrongly)
    with pytest.raises(ValueError, match="no way"):
        Topology(Look()).content(flowing(ROW), 70, 19)


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize("session", [ROW, POOL, PAIR], ids=["row", "pool", "pair"])
def test_a_still_picture_has_names_and_mechanisms_and_no_states(session, glyphs):
    for width, height in ((50, 10), (118, 28)):
        lines = draw_still(session, width, height, Look(glyphs))
        assert len(lines) == height
        assert {width_of(row) for row in lines} == {width}
    text = text_of(lines)
    assert ("posix-sem" if session.locks else "pipe") in text
    assert "0/s" not in text
    assert "starting" not in text
    assert "free" not in text


@pytest.mark.parametrize("size", [(118, 36), (74, 22), (78, 14)])
def test_what_a_process_reports_stands_in_its_box(size):
    panel = Topology(Look())
    world = made.started(World(), ROW)
    for second in (1, 2):
        states = [
            made.state(ev.EndState(sent=9 * second), ev.EndState(received=9 * second)) for _ in ROW.channels
        ]
        world.apply(made.frame(second * SECOND, states))
    assert "words=7" not in text_of(panel.content(world.view(), *size))
    world.apply(ev.Reported(t=2 * SECOND, process="counter", values={"words": 7}))
    shown = text_of(panel.content(world.view(), *size))
    assert "words=7" in shown
    assert "9.0/s" in shown


def square(side: int) -> ev.SessionStarted:
    """Each is joined with the one at its right and the one below."""
    names = {(row, column): f"c{row}{column}" for row in range(side) for column in range(side)}
    pairs = [
        (names[row, column], names[there])
        for row, column in names
        for there in ((row, column + 1), (row + 1, column))
        if there in names
    ]
    return made.session(
        names.values(), [made.channel(f"{one}-{two}", f"{one}>", f">{two}") for one, two in pairs]
    )


def test_a_channel_that_has_no_room_for_a_rate_keeps_its_name_and_tells_of_trouble_in_its_place():
    topology = Topology(Look())
    text = text_of(topology.content(flowing(square(4)), 74, 17))
    assert all(f"{one}-{two}" in text for one, two in (("c00", "c01"), ("c00", "c10"), ("c23", "c33")))
    assert "/s" not in text
    stuck = text_of(topology.content(flowing(square(4), full=True), 74, 17))
    assert stuck.count("full") == 24


@pytest.mark.parametrize(
    ("words", "room", "told"),
    [
        ("receiving from a channel, 0.5 s", 9, "recv 0.5s"),
        ("receiving from a channel, 0.5 s", 8, "recv"),
        ("receiving from a channel", 9, "receiving"),
        ("receiving from a channel", 8, "recv"),
        ("sleeping", 6, "sleeping"),
    ],
)
def test_a_state_is_told_in_the_room_there_is(words, room, told):
    assert fitting_state(words, room) == told
