"""Which of many messages a filter lets through: only new ones are looked at, and old ones piece by piece.

Messages are numbered from 0 as they were ever seen, so that a number means the same after the oldest have
been forgotten.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ipcviz.tui.message_filter import MessageFilter
from ipcviz.view import View

CHUNK = 8_000
"""Messages looked at in one tick, at most: a search of all 100,000 never holds the screen up."""


class Tail:
    """The numbers of the messages that pass, the newest last."""

    def __init__(self) -> None:
        self._filter: MessageFilter | None = None
        self._found: list[int] = []
        self._low = self._high = 0

    def numbers(self, view: View, wanted: MessageFilter) -> Sequence[int]:
        """Those known so far; `is_done` says whether that is all."""
        items = view.messages.items
        end = view.messages_seen
        first = end - view.messages.end
        if not wanted.tests:
            self._filter = None
            return range(first, end)
        stale = end < self._high or self._low > end or end - self._high > CHUNK
        if wanted is not self._filter or stale:
            self._filter, self._found = wanted, []
            self._low = self._high = end
        forgotten = bisect_left(self._found, first)
        if forgotten:
            del self._found[:forgotten]
        self._found += wanted.passing(items, range(max(first, self._high), end), first)
        self._high = end
        if self._low > first:
            low = max(first, self._low - CHUNK)
            self._found = wanted.passing(items, range(low, self._low), first) + self._found
            self._low = low
        return self._found

    def is_done(self, view: View) -> bool:
        """All that are kept have been looked at."""
        return self._filter is None or self._low <= view.messages_seen - view.messages.end
