"""Events are read in the order of their times, and the session comes first, once."""

from __future__ import annotations

from helpers import data_exports as made
from hypothesis import given
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz.exports.reading import in_order, told
from ipcviz.units import SECOND


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 50)), max_size=60))
def test_what_is_told_a_little_late_is_put_in_its_place(moments: list[tuple[int, int]]) -> None:
    times = sorted(t for t, _ in moments)
    delays = [delay for _, delay in moments]
    told_at = sorted(range(len(times)), key=lambda place: (times[place] + delays[place], place))
    late = [ev.Note(t=times[place], process="a", text=str(place)) for place in told_at]
    ordered = list(in_order(late, late=51))
    assert [note.t for note in ordered] == times
    at_once = [note for note in ordered if note.t == times[0]] if times else []
    assert at_once == [note for note in late if times and note.t == times[0]]


def test_no_more_is_held_back_than_may_still_be_late() -> None:
    taken = []

    def notes() -> object:
        for second in range(10):
            taken.append(second)
            yield ev.Note(t=second * SECOND, process="a", text="")

    ordered = in_order(notes(), late=2 * SECOND)  # type: ignore[arg-type]
    assert next(ordered).t == 0
    assert taken == [0, 1, 2]


def test_the_session_comes_first_and_once() -> None:
    events = list(told(made.joined(), 10 * SECOND, lambda done: None))
    assert [event.t for event in events if isinstance(event, ev.SessionStarted)] == [0, 3 * SECOND]
    assert isinstance(events[0], ev.SessionStarted)
