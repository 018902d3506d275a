"""Each panel, at many sizes, with what it may meet; lines are measured in cells."""

import msgspec
import pytest

from ipcviz import events as ev
from ipcviz.tui.actions import RUN
from ipcviz.tui.lines import strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.finding_order import by_weight
from ipcviz.tui.panels.findings import Findings, finding_rows
from ipcviz.tui.panels.footer import footer_line, typing_line
from ipcviz.tui.panels.header import header_line
from ipcviz.tui.panels.strip import strip_lines
from ipcviz.tui.panels.topology import Topology
from ipcviz.units import SECOND

SIZES = [(58, 12), (78, 20), (118, 36), (198, 46)]
ALL = [Findings, Topology]


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


def drawn(panel_class, view, width=78, height=20, look=None):
    return panel_class(look or Look()).content(view, width, height)


@pytest.fixture
def busy(make_session, make_began, make_frame, make_message, make_view, hostile):
    started = make_session(4, 3, 2)
    events = [*make_began(started), make_frame(started, 1.0, 10), make_frame(started, 2.0, 210)]
    events += [make_message(started, number, hostile) for number in range(1, 40)]
    events.append(ev.Reported(t=2 * SECOND, process="process 1", values={"words": 7, "evil": "\x1b[31m"}))
    events.append(ev.Note(t=2 * SECOND, process="process 2", text="printed \x1b]0;title\x07"))
    return make_view(events)


@pytest.mark.parametrize("glyphs", ["unicode", "plain", "ascii"])
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("panel_class", ALL)
def test_lines_stay_inside_and_nothing_is_obeyed(panel_class, width, height, glyphs, busy):
    lines = drawn(panel_class, busy, width, height, Look(glyphs))
    assert len(lines) <= height
    assert text_of(lines).replace("\n", "").isprintable()
    look = Look(glyphs)
    assert all(strip_of(row, look).cell_length == width_of(row) for row in lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_header_and_footer_have_exactly_the_width(width, busy):
    assert width_of(header_line(busy, False, 0, width, Look())) == width
    assert width_of(header_line(busy, True, 1234, width, Look())) == width
    keys = footer_line([action for action in RUN if action.footer], width, Look())
    assert width_of(keys) == width
    assert width_of(typing_line("needle", width)) == width
    assert "? help" in text_of([keys])
    assert "q quit" in text_of([keys])


def test_the_header_says_what_state_it_is(busy, make_view):
    assert "LIVE 00:02" in text_of([header_line(busy, False, 0, 120, Look())])
    assert "FROZEN 00:02  +1,234 messages" in text_of([header_line(busy, True, 1234, 120, Look())])
    ended = msgspec.structs.replace(busy, status="ended")
    assert "ENDED 00:02" in text_of([header_line(ended, False, 0, 120, Look())])
    assert "STARTING" in text_of([header_line(make_view([]), False, 0, 120, Look())])
    assert "lost 7" in text_of([header_line(msgspec.structs.replace(busy, lost=7), False, 0, 120, Look())])


def test_a_deadlock_is_in_the_header_and_doubles_its_ring(make_session, make_began, make_frame, make_view):
    started = make_session(2, 0, 2)
    members = ["process 1", "lock 2", "process 2", "lock 1"]
    finding = ev.FindingRaised(
        t=2 * SECOND,
        key="deadlock:x",
        kind="deadlock",
        sentence="Deadlock of 2: both wait.",
        since=SECOND,
        members=members,
        ring=True,
    )
    calm = make_view([*make_began(started), make_frame(started, 2.0)])
    stuck = make_view([*make_began(started), make_frame(started, 2.0), finding])
    assert "DEADLOCK 00:01" in text_of([header_line(stuck, False, 0, 120, Look())])
    assert "═" in text_of(drawn(Topology, stuck))
    assert "═" not in text_of(drawn(Topology, calm))
    for width in (60, 80, 120):
        narrow = header_line(stuck, False, 0, width, Look())
        assert "DEADLOCK" in text_of([narrow])
        assert width_of(narrow) == width
    assert "Deadlock of 2" in text_of(drawn(Findings, stuck))
    assert "Deadlock of 2" in text_of(strip_lines(stuck, 78, 6, Look()))


def test_the_topology_draws_every_process_and_channel_once(busy):
    text = text_of(drawn(Topology, busy, 118, 36))
    for name in ("┌ process 1", "┌ process 4", " channel 1", " channel 3", "╭ lock 2"):
        assert text.count(f"{name} ") == 1


def test_the_failure_that_came_first_stands_on_top(busy):
    first, second = (
        ev.FindingRaised(t=n, key=f"failed:{n}", kind="failed process", sentence=f"{n}.", since=n, members=[])
        for n in (1, 2)
    )
    slow = ev.FindingRaised(t=0, key="b", kind="backlog", sentence="slow.", since=0, members=[])
    assert by_weight([slow, second, first]) == [first, second, slow]


def test_a_finding_that_is_cut_says_so(busy):
    long = ev.FindingRaised(t=1, key="l", kind="backlog", sentence="word " * 90, since=1, members=[])
    view = msgspec.structs.replace(busy, findings=(long,))
    assert text_of(finding_rows(long, 40, Look(), most=2)).endswith("…")
    panel = Findings(Look())
    panel.content(view, 40, 4)
    assert panel.note == "1 · more below"
    panel.content(view, 40, 40)
    assert panel.note == "1"
