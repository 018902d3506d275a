"""The spans of lanes, each taken out once, when no later event can change it any more.

Lanes keep the newest spans only, so who wants all of them looks at least once for every few hundred events.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from ipcviz.lanes import Span, Spans

_end_of = attrgetter("end")


class Settled:
    """Of one list of spans."""

    def __init__(self) -> None:
        self._until = -1
        self._seen: list[Span] = []

    def take(self, spans: Spans, since: int, settled: int) -> list[Span]:
        """Those that ended up to `settled` ns and were not taken yet, in the order of their ends.

        The list is known from `since` on: what is older has been dropped from it.
        """
        first = bisect_right(spans.items, self._until, 0, spans.count, key=_end_of)
        fresh = spans.items[first : spans.count]
        known = set(map(id, fresh))
        dropped = [span for span in self._seen if span.end <= since and id(span) not in known]
        waiting = [*dropped, *fresh]
        if self._until < settled:
            self._until = settled
        ready = bisect_right(waiting, settled, key=_end_of)
        self._seen = waiting[ready:]
        return waiting[:ready]
