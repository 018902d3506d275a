"""The messages: following, held by a cursor, filtered, and never obeyed."""

from __future__ import annotations

import msgspec
import pytest
from helpers import sessions
from rich.cells import cell_len

from ipcviz.tui.look import Look
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.selection import Selection


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.fixture
def world():
    return sessions.world()


@pytest.fixture
def panel(world):
    made = Messages(Look(), Selection())
    made.shown = world.view()
    made.content(made.shown, 118, 11)
    return made


def show(panel, world, height=11):
    panel.shown = world.view()
    return panel.content(panel.shown, 118, height)


def more(world, count, start=41):
    for number in range(start, start + count):
        world.apply(sessions.message(number, b"later %d" % number))


def test_it_follows_the_newest_and_chooses_none(panel, world):
    assert panel.note == "following  1 in 64 shown"
    assert "10.040 000" in text_of(show(panel, world))
    more(world, 5)
    rows = text_of(show(panel, world)).splitlines()
    assert "later 45" in rows[-1]
    assert panel.selection.message is None


def test_up_holds_and_chooses_and_the_rows_stand_still(panel, world):
    panel.move(0, -1)
    assert panel.selection.message.sequence == 40
    panel.move(0, -1)
    before = text_of(show(panel, world))
    assert panel.selection.message.sequence == 39
    more(world, 1234)
    assert text_of(show(panel, world)) == before
    assert "held, +1,234 new" in panel.note
    marked = [row for row in before.splitlines() if row.startswith("▸")]
    assert len(marked) == 1
    assert "10.039 000" in marked[0]


def test_the_cursor_moves_inside_and_then_scrolls(panel, world):
    panel.move(0, -1)
    for _ in range(9):
        panel.move(0, -1)
    rows = text_of(show(panel, world)).splitlines()
    assert rows[1].startswith("▸")
    assert "10.040 000" in rows[-1]
    panel.move(0, -1)
    rows = text_of(show(panel, world)).splitlines()
    assert rows[1].startswith("▸")
    assert "10.030 000" in rows[1]
    assert "10.039 000" in rows[-1]


def test_below_the_last_it_follows_again(panel, world):
    panel.move(0, -1)
    panel.move(0, 1)
    assert panel.held is None
    assert panel.selection.message is None
    panel.move(0, 1)
    assert panel.held is None


def test_follow_lets_go(panel, world):
    panel.move(0, -5)
    panel.follow()
    show(panel, world)
    assert panel.note.startswith("following")
    assert panel.selection.message is None


def test_a_click_chooses_the_row(panel, world):
    rows = text_of(show(panel, world)).splitlines()
    panel.point(20, 4)
    assert f"{10_000 + panel.selection.message.sequence}"[2:] in rows[4].replace(".", "")
    panel.point(20, 0)
    panel.point(20, 99)
    assert panel.selection.message.sequence == 34


def test_what_is_chosen_elsewhere_is_shown_here(panel, world):
    panel.selection.message = world.view().messages.items[4]
    rows = text_of(show(panel, world)).splitlines()
    assert [row for row in rows if row.startswith("▸") and "10.005 000" in row]
    assert panel.note.startswith("held")
    panel.selection.message = None
    show(panel, world)
    assert panel.note.startswith("following")


def test_a_held_message_that_is_forgotten_gives_way_to_the_oldest(panel, world, monkeypatch):
    panel.move(0, -1)
    monkeypatch.setattr("ipcviz.world.MESSAGES_KEPT", 100)
    more(world, 500)
    rows = text_of(show(panel, world)).splitlines()
    assert len(rows) == 11
    assert panel.selection.message.sequence == 40
    panel.move(0, 1)
    assert panel.selection.message is world.view().messages.items[1]


def test_a_filter_is_told_with_how_many_pass(panel, world):
    panel.set_filter("order channel:jobs")
    rows = text_of(show(panel, world)).splitlines()
    assert all("order 1" in row and "jobs" in row for row in rows[1:])
    assert panel.note == "/order channel:jobs  10 of 40  following  1 in 64 shown"
    panel.set_filter("latency>")
    show(panel, world)
    assert "(latency> needs a time with its unit, as in latency>1ms)" in panel.note
    panel.set_filter("nothing of the kind")
    assert "No message passes the filter: nothing of the kind" in text_of(show(panel, world))
    panel.set_filter("")
    assert len(show(panel, world)) == 11


def test_the_cursor_stays_among_those_that_pass(panel, world):
    panel.move(0, -1)
    panel.set_filter("order")
    panel.move(0, -1)
    assert b"order" in panel.selection.message.payload


def test_payloads_are_written_out_and_wide_ones_line_up(panel, world):
    lines = show(panel, world)
    text = text_of(lines)
    assert "\\x1b[31mred\\0\\xff" in text
    assert "상품 🎉 ×3" in text
    starts = {cell_len("".join(piece for piece, _ in row[:-1])) for row in lines[1:]}
    assert len(starts) == 1


def test_a_copy_is_the_payload_as_it_is_shown(panel):
    assert panel.copied() == ""
    panel.point(20, 10)
    assert panel.copied() == "order 1 2x item-77"


def test_an_ended_run_says_so():
    view = sessions.ended_view()
    panel = Messages(Look())
    panel.content(msgspec.structs.replace(view, status="ended"), 118, 11)
    assert panel.note.startswith("ended")
