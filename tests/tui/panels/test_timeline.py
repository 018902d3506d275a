"""The timeline: both ways, at many sizes, dense and sparse, and what is chosen; nothing drawn is untrue."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from helpers import events as made
from msgspec.structs import replace

from ipcviz import events as ev
from ipcviz.tui.lines import fit, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels import timeline_glyphs as glyphs
from ipcviz.tui.panels import timeline_states
from ipcviz.tui.panels.timeline import WAYS, Timeline
from ipcviz.tui.panels.timeline_scale import STEPS, Scale, step_words, time_label
from ipcviz.tui.panels.timeline_traffic import Traffic, in_view, nearest
from ipcviz.tui.selection import Selection
from ipcviz.view import Slice, View
from ipcviz.world import World

MS = 1_000_000
SIZES = [(20, 4), (40, 8), (78, 20), (118, 36), (198, 46)]


def text_of(lines: list[Any]) -> str:
    return "\n".join("".join(text for text, _ in row) for row in lines)


def message(t: float, sent: float, number: int = 1, payload: bytes = b"x", way: str = "ab") -> ev.Message:
    return ev.Message(
        t=round(t * MS),
        channel="c",
        sender=way[0],
        receiver=way[1],
        sequence=number,
        sent=round(sent * MS),
        size=len(payload),
        payload=payload,
    )


def world_of(messages: list[ev.Message], until: int = 1000, processes: str = "ab") -> World:
    """a sends to b on c, both share the lock m; a frame every 100 ms, in which b receives."""
    session = made.session(list(processes), [made.channel("c", "a>", ">b")], [made.lock("m", "a", "b")])
    world = made.started(World(), session)
    waiting = list(messages)
    for t in range(100, until + 1, 100):
        while waiting and waiting[0].t <= t * MS:
            world.apply(waiting.pop(0))
        receiver = ev.EndState(activity="receiving", since=50 * MS, blocked_receive=(t - 50) * MS)
        world.apply(
            made.frame(t * MS, [made.state(ev.EndState(), receiver)], [made.uses(ev.LockUse(), ev.LockUse())])
        )
    return world


def panel_of(view: View, width: int = 118, height: int = 30, way: str = "across", **look: Any) -> Timeline:
    panel = Timeline(Look(**look), Selection())
    panel.way, panel.shown, panel.step = way, view, 50 * MS
    panel.content(view, width, height)
    return panel


def drawn(panel: Timeline, width: int = 118, height: int = 30) -> str:
    assert panel.shown is not None
    return text_of(panel.content(panel.shown, width, height))


def row_of(text: str, name: str) -> str:
    return next(row for row in text.splitlines() if row[2:].startswith(name))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
def test_lines_stay_inside_and_nothing_is_obeyed(
    way: str, width: int, height: int, glyphs: Any, hostile: bytes
) -> None:
    messages = [message(100 + 9 * n, 95 + 9 * n, n, hostile) for n in range(60)]
    world = world_of(messages)
    world.apply(ev.FaultInjected(t=500 * MS, fault="delay", sentence="evil \x1b[31m 한글", channel="c"))
    view = world.view()
    panel = panel_of(view, width, height, way, glyphs=glyphs)
    for chosen in (None, messages[-3], messages[2]):
        panel.selection.message = chosen
        lines = panel.content(view, width, height)
        assert len(lines) <= height
        look = Look(glyphs)
        for row in lines:
            assert strip_of(fit(row, width), look).cell_length == width
        shown = "".join(look.plain(text) for row in lines for text, _ in row)
        assert shown.isprintable()
        if glyphs == "ascii":
            assert shown.translate({ord(c): None for c in "한글상품🎉"}).isascii()


@pytest.mark.parametrize("way", WAYS)
def test_every_state_of_a_session_has_a_picture(way: str, make_view: Any) -> None:
    assert "Starting" in drawn(panel_of(make_view([])))
    lone = made.started(World(), made.session(["alone"])).view()
    assert "alone" in drawn(panel_of(lone, way=way))
    many = made.session([f"process {n}" for n in range(100)], [made.channel("c", "process 1>", ">process 2")])
    panel = panel_of(made.started(World(), many).view(), way=way)
    assert "more" in panel.note
    panel.selection.choose("process", "process 90")
    if way == "across":
        assert "process 90" in drawn(panel)


def test_a_state_has_its_sign_where_it_was() -> None:
    view = world_of([]).view()
    rows = drawn(panel_of(view))
    a, b = row_of(rows, "a"), row_of(rows, "b")
    assert a.split()[1] == "─" * 20  # 50 ms a column
    assert b.split()[1] == "─" + "·" * 19
    assert a.endswith("100 %     0 %   0 %")
    assert b.split()[2:] == ["5", "%", "95", "%", "0", "%"]


def test_a_wait_that_is_only_known_as_a_share_is_told_as_a_part() -> None:
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    world = made.started(World(), session)
    for t in (100, 200, 300):
        state = ev.EndState(blocked_send=t // 2 * MS)
        world.apply(made.frame(t * MS, [made.state(state, ev.EndState())]))
    rows = drawn(panel_of(world.view()))
    assert row_of(rows, "a").split()[1] == "░" * 6
    assert "for a part" in rows
    assert row_of(rows, "a").split()[2] == "50"


def test_locks_have_lanes_with_the_names_of_their_holders() -> None:
    world = world_of([])
    for t, process, action, waited in (
        (100, "a", "acquired", 0),
        (300, "b", "waited", 0),
        (700, "a", "released", 0),
        (700, "b", "acquired", 400),
    ):
        world.apply(ev.LockEvent(t=t * MS, lock="m", process=process, action=action, waited=waited * MS))
    panel = panel_of(world.view())
    panel.closer(2)
    panel.selection.choose("lock", "m")
    rows = drawn(panel)
    lane = next(row for row in rows.splitlines() if "◆ m" in row)
    assert lane.startswith("▸")
    first = lane.index("━ a ") if "━ a " in lane else lane.index(" a ")
    assert first < lane.index(" b ")
    assert "█" in lane
    assert "m  held by b for 300 ms" in rows
    assert "Before that: a, 600 ms." in rows
    panel.selection.choose("process", "b")
    assert "holding m" in drawn(panel)


def test_few_messages_are_lines_and_many_are_counted() -> None:
    few = drawn(panel_of(world_of([message(500, 300)]).view()))
    assert (row_of(few, "a").count("●"), row_of(few, "b").count("▾")) == (1, 1)
    assert any(0x2800 < ord(char) < 0x2900 for char in few)
    assert "● sent   ▾ received" in few
    many = panel_of(world_of([message(100 + n, 99 + n, n) for n in range(800)]).view())
    rows = drawn(many)
    assert "●" not in rows
    assert "█ 50 messages received (or only sent) in 50 ms" in rows
    assert not any(0x2800 < ord(char) < 0x2900 for char in rows)
    chosen = message(500, 499, 400)
    many.selection.message = chosen
    rows = drawn(many)
    assert (row_of(rows, "a").count("●"), row_of(rows, "b").count("▾")) == (1, 1)
    assert "c 400, 1.0 ms" in rows


def test_a_message_is_told_in_words_with_the_wait_that_it_ended() -> None:
    session = made.session(["a", "b"], [made.channel("c", "a>", ">b")])
    world = made.started(World(), session)
    waiting = ev.EndState(activity="receiving", since=40 * MS, blocked_receive=60 * MS)
    world.apply(made.frame(100 * MS, [made.state(ev.EndState(), waiting)]))
    sent = message(130, 120, 7, b"hello")
    world.apply(sent)
    after = ev.EndState(received=1, blocked_receive=90 * MS)
    world.apply(made.frame(200 * MS, [made.state(ev.EndState(sent=1), after)]))
    panel = panel_of(world.view())
    panel.selection.message = sent
    rows = drawn(panel)
    assert "c 7  a → b  took 10.0 ms  sent 0.120 000  received 0.130 000  5 B  hello" in rows
    assert "b had waited 90.0 ms to receive from c; message 7 of a let it go on." in rows
    panel.selection.message = None
    panel.selection.choose("process", "b")
    assert "Last wait: 90.0 ms to receive from c; message 7 of a let it go on." in drawn(panel)


def test_findings_acts_and_ends_are_marks_on_the_axis() -> None:
    world = world_of([])
    world.apply(ev.FaultInjected(t=300 * MS, fault="slow", sentence="b was slowed.", process="b"))
    world.apply(
        ev.FindingRaised(t=700 * MS, key="k", kind="backlog", sentence="Slow: c.", since=0, members=["c"])
    )
    world.apply(
        ev.ProcessExited(t=950 * MS, process="b", pid=101, exit=1, signal=None, failed=True, reason="")
    )
    rows = drawn(panel_of(world.view())).splitlines()
    axis = rows[1]
    assert axis.index("◆") < axis.index("▲") < axis.index("✗")
    assert "▲" in axis
    assert row_of("\n".join(rows), "b").rstrip().split()[1].endswith("✗")


def test_in_order_each_row_is_a_time_that_a_message_was_sent_or_received() -> None:
    view = world_of([message(200, 100, 1), message(210, 205, 2), message(900, 850, 3)]).view()
    rows = drawn(panel_of(view, way="in order")).splitlines()
    times = [row[:13].strip() for row in rows[1:7]]
    assert times == ["0.100 000", "0.200 000", "0.205 000", "0.210 000", "0.850 000", "0.900 000"]
    assert "● c 1" in rows[1]
    assert "c 1  100 ms" in rows[2]
    assert "▶" in rows[2]
    assert rows[2].index("▶") > rows[1].index("●")


@pytest.mark.parametrize("way", ["in order", "in time"])
def test_downwards_there_are_marks_and_locks_too(way: str) -> None:
    world = world_of([message(100 * number, 100 * number - 50, number) for number in range(1, 10)])
    world.apply(ev.LockEvent(t=200 * MS, lock="m", process="a", action="acquired"))
    world.apply(ev.FaultInjected(t=300 * MS, fault="slow", sentence="b was slowed.", process="b"))
    world.apply(
        ev.FindingRaised(t=700 * MS, key="k", kind="backlog", sentence="Slow: c.", since=0, members=["c"])
    )
    panel = panel_of(world.view(), way=way)
    if way == "in time":
        panel.closer(-2)
    rows = drawn(panel).splitlines()
    assert rows[0].split()[-1] == "m"
    place = rows[0].rindex("m")
    marked = {row[11]: row[:11].strip() for row in rows[1:] if row[11:12] in ("◆", "▲")}
    assert set(marked) == {"◆", "▲"}
    if way == "in order":
        assert marked == {"◆": "0.300 000", "▲": "0.700 000"}
    lock = [row[place] for row in rows[1:] if len(row) > place]
    assert "┃" in lock


def test_in_order_the_beginning_fills_the_picture() -> None:
    view = world_of([message(number, number - 0.5, number) for number in range(1, 300)]).view()
    panel = panel_of(view, way="in order")
    panel.to_first()
    rows = drawn(panel).splitlines()
    times = [row[:11].strip() for row in rows[1:25]]
    assert all(times)
    assert times[0] == "0.000 500"


def test_paused_by_hand_is_said_of_a_process() -> None:
    world = world_of([])
    world.apply(ev.FaultInjected(t=200 * MS, fault="pause", sentence="b is paused.", process="b"))
    world.apply(made.frame(1000 * MS, [made.state(ev.EndState(), ev.EndState())]))
    panel = panel_of(world.view())
    panel.selection.choose("process", "b")
    assert "paused by hand for" in drawn(panel)


def test_in_time_a_row_is_a_step_and_arrows_that_share_it_are_counted() -> None:
    messages = [message(910 + n / 10, 909.95 + n / 10, n) for n in range(300)]
    panel = panel_of(world_of(messages).view(), way="in time", height=20)
    rows = drawn(panel, height=20).splitlines()
    counted = next(row for row in rows if row.strip().startswith("0.900"))
    assert " 300 " in counted
    assert "▶" in counted
    assert "with how many" in drawn(panel, height=20)
    assert drawn(panel, height=20) == drawn(panel, height=20)


def test_the_same_picture_however_often_it_was_drawn_before() -> None:
    """What is kept from tick to tick is what would be made anew."""
    for way in WAYS:
        kept = Timeline(Look(), Selection())
        kept.way = way
        messages = [message(5 + 7 * n, 2 + 7 * n, n) for n in range(280)]
        session = world_of([]).view().session
        for until in range(100, 2001, 100):
            view = world_of([m for m in messages if m.t <= until * MS], until).view()
            view = replace(view, session=session)
            shown = kept.content(view, 118, 30)
            fresh = Timeline(Look(), Selection())
            fresh.way = way
            assert [row for row in text_of(shown).splitlines() if "%" not in row] == [
                row for row in text_of(fresh.content(view, 118, 30)).splitlines() if "%" not in row
            ]


def test_another_run_and_an_earlier_time_are_drawn_anew() -> None:
    first, second = world_of([], 3000).view(), world_of([message(500, 300)], 2000).view()
    earlier = replace(first, lanes=world_of([], 1000).view().lanes, framed=1000 * MS, t=1000 * MS)
    panel = panel_of(first)
    for view in (second, first, earlier):
        assert drawn_anew(view) == text_of(panel.content(view, 118, 30))


def drawn_anew(view: View) -> str:
    return drawn(panel_of(view))


def test_a_tick_counts_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    real = timeline_states._process_cells

    def count(lane: Any, until: int, first: int, last: int, step: int) -> Any:
        counted.append(last - first)
        return real(lane, until, first, last, step)

    monkeypatch.setattr(timeline_states, "_process_cells", count)
    world = world_of([], 9000)
    panel = panel_of(world.view())
    first = sum(counted)
    counted.clear()
    receiver = ev.EndState(activity="receiving", since=50 * MS, blocked_receive=9050 * MS)
    uses = made.uses(ev.LockUse(), ev.LockUse())
    world.apply(made.frame(9100 * MS, [made.state(ev.EndState(), receiver)], [uses]))
    panel.content(world.view(), 118, 30)
    assert first > 100
    assert sum(counted) < 25


# ---- choosing, holding, zooming ------------------------------------------------------------------------


def test_what_is_chosen_elsewhere_comes_into_view_and_end_follows_again() -> None:
    messages = [message(100 * n + 50, 100 * n + 40, n) for n in range(1, 190)]
    panel = panel_of(world_of(messages, 19000).view())
    assert panel.note.startswith("following")
    panel.selection.message = messages[3]
    rows = drawn(panel)
    assert panel.note.startswith("held")
    assert "●" in row_of(rows, "a")
    panel.follow()
    assert panel.note.startswith("held")  # told at the next drawing
    drawn(panel)
    assert panel.note.startswith("following")


def test_up_and_down_choose_among_the_messages_of_what_is_chosen() -> None:
    messages = [message(100 * n, 100 * n - 1, n, way="ab" if n % 2 else "cb") for n in range(1, 9)]
    panel = panel_of(world_of(messages, processes="abc").view())
    panel.move(0, -1)
    assert panel.selection.message == messages[7]  # the newest
    panel.move(0, -2)
    assert panel.selection.message == messages[5]
    panel.selection.choose("process", "c")
    panel.move(0, -1)
    assert panel.selection.message == messages[3]
    panel.move(0, -100)
    assert panel.selection.message == messages[1]
    panel.move(0, -1)
    assert panel.selection.message == messages[1]
    panel.selection.choose("channel", "none")
    panel.move(0, 1)
    assert panel.selection.message == messages[1]


def test_without_messages_up_and_down_choose_a_lane() -> None:
    panel = panel_of(world_of([]).view())
    names = []
    for _ in range(4):
        panel.move(0, 1)
        names.append((panel.selection.kind, panel.selection.name))
    assert names == [("process", "a"), ("process", "b"), ("lock", "m"), ("lock", "m")]


def test_a_click_chooses_the_lane_and_the_message_beside_it() -> None:
    sent = message(500, 300)
    panel = panel_of(world_of([sent]).view())
    rows = drawn(panel).splitlines()
    y = next(number for number, row in enumerate(rows) if row[2:].startswith("a"))
    panel.point(rows[y].index("●"), y)
    assert (panel.selection.kind, panel.selection.name, panel.selection.message) == ("process", "a", sent)
    panel.point(3, y)
    assert panel.selection.message is None
    panel.point(0, 0)
    panel.point(500, 500)


def test_zoom_keeps_what_is_chosen_in_view_and_says_its_scale() -> None:
    sent = message(500, 499.9)
    panel = panel_of(world_of([sent]).view())
    panel.selection.message = sent
    drawn(panel)
    seen = set()
    for _ in range(len(STEPS)):
        panel.closer(1)
        rows = drawn(panel)
        seen.add(panel.note.split("  ")[-3 if "every" in panel.note else -2])
        assert "●" in row_of(rows, "a") or "▾" in row_of(rows, "b") or panel.step < 2 * 1000
    assert panel.step == 1000
    assert "1 µs a column" in panel.note
    for _ in range(len(STEPS)):
        panel.closer(-1)
        drawn(panel)
    assert panel.step == 10**10
    assert "10 s a column" in panel.note


def test_sideways_goes_through_time_and_back_to_now() -> None:
    panel = panel_of(world_of([], 20000).view())
    panel.move(-3, 0)
    drawn(panel)
    assert panel.note.startswith("held")
    for _ in range(10):
        panel.move(1, 0)
        drawn(panel)
    assert panel.note.startswith("following")


def test_turning_goes_round_and_leaves_out_what_would_be_empty() -> None:
    panel = panel_of(world_of([]).view())
    ways = []
    for _ in range(3):
        panel.turn()
        ways.append(panel.way)
    assert ways == ["in order", "in time", "across"]
    locks = made.started(World(), made.session(["a", "b"], [], [made.lock("m", "a", "b")])).view()
    panel = panel_of(locks)
    panel.turn()
    assert panel.way == "in time"


# ---- the parts -----------------------------------------------------------------------------------------


def test_a_way_that_the_session_has_not_is_left_at_the_first_turn() -> None:
    locks = made.started(World(), made.session(["a", "b"], [], [made.lock("m", "a", "b")])).view()
    panel = Timeline(Look())
    panel.turn()
    assert panel.way == "in order"
    panel.shown = locks
    panel.turn()
    assert panel.way == "across"


@pytest.mark.parametrize("step", STEPS)
def test_labels_are_apart_and_true(step: int) -> None:
    scale = Scale(step, 1_000_003, 150)
    labels = scale.labels()
    assert 3 <= len(labels) <= 13
    places = [place for place, _ in labels]
    assert all(b - a >= 10 for a, b in pairwise(places))
    assert all(len(text) < b - a for (a, text), (b, _) in pairwise(labels))
    assert len({text for _, text in labels}) == len(labels)
    assert step_words(step).split()[1] in ("µs", "ms", "s")


def test_times_are_as_exact_as_they_need_to_be() -> None:
    assert time_label(42 * 1000 * MS, 1000 * MS) == "00:42"
    assert time_label(42_500 * MS, 500 * MS) == "00:42.5"
    assert time_label(42_118 * MS, 2 * MS) == "42.118"
    assert time_label(42_118_204_000, 20_000) == "42.118 204"


def test_counts_are_the_same_after_old_messages_were_dropped() -> None:
    messages = [message(n, n - 1, n) for n in range(1, 400)]
    scale = Scale(10 * MS, 20, 30)
    kept, fresh = Traffic(), Traffic()
    kept.count(Slice(messages[:300], 0, 300), 300, scale)
    kept.count(Slice(messages[100:], 0, 299), 399, scale)
    fresh.count(Slice(messages, 0, 399), 399, scale)
    cells = range(20, 40)
    for name, counts in (("a", "sent"), ("b", "received")):
        ours, theirs = getattr(kept, counts)[name], getattr(fresh, counts)[name]
        assert [ours.get(n, 0) for n in cells] == [theirs.get(n, 0) for n in cells]
    assert sum(fresh.received["b"].get(n, 0) for n in range(20, 39)) == 190


def test_messages_in_view_are_those_of_which_a_part_is() -> None:
    messages = [message(10, 5, 1), message(100, 5, 2), message(150, 140, 3), message(300, 160, 4)]
    shown = Slice(messages, 0, 4)
    found, whole = in_view(shown, Scale(MS, 50, 120), 10)
    assert whole
    assert [m.sequence for m in found] == [2, 3, 4]
    assert in_view(shown, Scale(MS, 50, 120), 1) == ([], False)
    near = nearest(shown, 141 * MS)
    assert near is not None
    assert near.sequence == 3
    assert nearest(shown, 141 * MS, "nobody") is None
    assert nearest(shown, 1000 * MS, reach=MS) is None


def test_the_same_message_again_is_found_by_what_it_is() -> None:
    view = world_of([message(500, 300, 4)]).view()
    panel = panel_of(view)
    panel.selection.message = replace(view.messages.items[0])
    assert "●" in row_of(drawn(panel), "a")
    assert width_of(panel.content(view, 118, 30)[0]) <= 118


def test_without_messages_there_is_no_picture_in_their_order() -> None:
    locks = made.started(World(), made.session(["a", "b"], [], [made.lock("m", "a", "b")])).view()
    panel = Timeline(Look())
    panel.way = "in order"
    panel.content(locks, 118, 30)
    assert panel.way == "in time"


def test_home_goes_to_the_beginning() -> None:
    panel = panel_of(
        world_of([message(number / 10, number / 10 - 0.05, number) for number in range(1, 900)]).view()
    )
    panel.to_first()
    assert "00:00" in drawn(panel)
    assert panel.note.startswith("held")
    panel.follow()
    drawn(panel)
    assert panel.note.startswith("following")


@pytest.mark.parametrize("table", [glyphs.ACROSS, glyphs.DOWN], ids=["across", "down"])
@pytest.mark.parametrize("name", ["unicode", "plain", "ascii"])
def test_no_two_states_of_the_legend_share_a_character(name, table):
    characters = [table[name][code] for code, _ in glyphs.LEGEND]
    assert len(set(characters)) == len(characters)
    assert len(table[name]) == len(glyphs.STYLES)
