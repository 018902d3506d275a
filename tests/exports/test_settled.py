"""Every span is taken out once, although lanes forget the old ones and put others right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ipcviz.exports.settled import Settled
from ipcviz.holdings import SPANS_KEPT, Kept
from ipcviz.lanes import Span


def span(start: int, end: int) -> Span:
    return Span(start, end, "a", "receiving", "lines")


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_each_span_once_in_the_order_of_their_ends(looks: list[int]) -> None:
    kept, settled = Kept(), Settled()
    taken: list[Span] = []
    made = 0
    for count in looks:
        for _ in range(count):
            kept.add(span(made * 10, made * 10 + 8))
            made += 1
        taken += settled.take(kept.spans(), kept.since, (made - 50) * 10)
    taken += settled.take(kept.spans(), kept.since, 1 << 63)
    assert [one.start for one in taken] == [number * 10 for number in range(made)]


def test_spans_that_were_dropped_before_they_settled_are_not_forgotten() -> None:
    kept, settled = Kept(), Settled()
    for number in range(SPANS_KEPT):
        kept.add(span(number, number + 1))
    assert settled.take(kept.spans(), kept.since, 0) == []
    kept.add(span(SPANS_KEPT, SPANS_KEPT + 1))
    assert kept.since > 0
    assert len(settled.take(kept.spans(), kept.since, 1 << 63)) == SPANS_KEPT + 1


def test_what_is_put_right_before_it_settles_is_told_as_it_is() -> None:
    kept, settled = Kept(), Settled()
    kept.add(span(0, 10))
    kept.add(span(10, 30))
    assert settled.take(kept.spans(), kept.since, 10) == [span(0, 10)]
    kept.cut_from(20)
    kept.add(span(20, 25))
    assert settled.take(kept.spans(), kept.since, 100) == [span(10, 20), span(20, 25)]
