"""Messages on their way: which they are at an instant, and where on their links."""

from __future__ import annotations

import io

import pytest
from helpers import events as made
from helpers import talks
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz.recording.maker import recorded
from ipcviz.recording.reader import Recording
from ipcviz.tui.crossing import LONGEST, Crossings, Ways
from ipcviz.tui.edges import Edges
from ipcviz.tui.look import Look
from ipcviz.tui.picture import picture_of
from ipcviz.tui.plans import Wish
from ipcviz.units import SECOND


def ways(session: ev.SessionStarted, width: int = 100, height: int = 30, wish: Wish | None = None) -> Ways:
    return Ways(Edges(picture_of(session, width, height, wish or Wish()), Look()))


def message(channel: str, sender: str, receiver: str, sent: int = 0, t: int = 100) -> ev.Message:
    return ev.Message(
        t=t, channel=channel, sender=sender, receiver=receiver, sequence=1, sent=sent, size=1, payload=b""
    )


PIPELINE = made.session(["a", "b", "c"], [made.channel("x", "a>", ">b"), made.channel("y", "b>", ">c")])


@pytest.mark.parametrize("size", [(100, 30), (60, 12), (30, 40)])
def test_a_message_leaves_its_sender_and_arrives_at_its_receiver(size):
    there = ways(PIPELINE, *size)
    spots = there._edges.picture.placement.spots
    for crossing in (message("x", "a", "b"), message("y", "b", "c")):
        cells = there.cells(crossing)
        assert len(cells) > 3
        for cell, process in ((cells[0], crossing.sender), (cells[-1], crossing.receiver)):
            spot = spots[f"process:{process}"]
            assert spot.x - 1 <= cell[0] <= spot.right + 1
            assert spot.y - 1 <= cell[1] <= spot.bottom + 1


def test_it_moves_on_evenly_from_when_it_was_sent_to_when_it_was_received():
    there = ways(PIPELINE)
    crossing = message("x", "a", "b", sent=1000, t=2000)
    cells = there.cells(crossing)
    places = [cells.index(next(iter(there.marks([crossing], t)))) for t in range(1000, 2001, 50)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, len(cells) - 1)
    assert places[10] in (len(cells) // 2 - 1, len(cells) // 2)


def test_an_answer_goes_the_other_way():
    session = made.session(["client", "server"], [made.channel("ask", "client>", ">server", kind="call")])
    there = ways(session)
    request = there.cells(message("ask", "client", "server"))
    answer = there.cells(message("ask", "server", "client"))
    assert request
    assert answer == list(reversed(request))


def test_what_has_no_way_has_no_mark():
    there = ways(PIPELINE)
    assert there.cells(message("x", "a", "nobody")) == []
    assert there.marks([message("?", "a", "b")], 50) == {}


def test_members_of_a_folded_pool_share_their_way():
    workers = [f"worker {number}" for number in range(1, 9)]
    session = made.session(
        ["boss", *workers], [made.channel("jobs", "boss>", *(f">{name}" for name in workers))]
    )
    there = ways(session, 60, 12, Wish(-1))
    assert there.cells(message("jobs", "boss", "worker 2")) == there.cells(
        message("jobs", "boss", "worker 7")
    )
    assert there.cells(message("jobs", "boss", "worker 2"))


@pytest.fixture(scope="module")
def recording():
    return Recording(io.BytesIO(recorded(talks.events())))


def test_at_an_instant_those_are_on_their_way_that_were_sent_and_not_received(recording):
    crossings = Crossings(recording)
    messages = [event for event in recording.events() if isinstance(event, ev.Message)]

    @given(st.integers(0, 20 * SECOND))
    def law(t: int) -> None:
        assert list(crossings.at(t)) == [m for m in messages if m.sent <= t <= m.t]

    law()
    assert LONGEST > talks.FLIGHT


def test_the_next_one_that_is_sent(recording):
    crossings = Crossings(recording)
    first = crossings.next_after(0)
    assert first is not None
    assert first.sequence == 1
    second = crossings.next_after(first.sent)
    assert second is not None
    assert second.sequence == 2
    third = crossings.next_after(first.sent, first.channel)
    assert third is not None
    assert third.sequence == 3
    assert crossings.next_after(20 * SECOND) is None
