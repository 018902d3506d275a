"""Messages by cell: how many each process sent and received in each, and which of them are in view."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from ipcviz.events import Message
from ipcviz.tui.panels.timeline_scale import Scale
from ipcviz.view import Slice

_received_at = attrgetter("t")
KEPT = 60_000
"""Cells with a count, after which all are counted anew."""


class Traffic:
    """Counts at one step; a tick only counts what is new."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, int], int] = {}
        self.received: dict[tuple[str, int], int] = {}
        self._step = 0
        self._items: list[Message] | None = None
        self._first = 0
        self._done = 0

    def count(self, messages: Slice, scale: Scale) -> None:
        """Count the messages of the cells in view, and those of later ones."""
        items = messages.items
        known = self._step == scale.step and self._items is items and self._done <= messages.end
        crowded = len(self.sent) + len(self.received) > KEPT and self._first < scale.first - scale.cells
        if not known or scale.first < self._first or crowded:
            self.sent, self.received = {}, {}
            self._step, self._items = scale.step, items
            self._first = max(0, scale.first - (scale.cells if scale.first < self._first else 0))
            self._done = bisect_left(items, self._first * scale.step, 0, messages.end, key=_received_at)
        sent, received, step = self.sent, self.received, scale.step
        for number in range(self._done, messages.end):
            message = items[number]
            key = (message.sender, message.sent // step)
            sent[key] = sent.get(key, 0) + 1
            key = (message.receiver, message.t // step)
            received[key] = received.get(key, 0) + 1
        self._done = messages.end


def in_view(messages: Slice, scale: Scale, most: int) -> tuple[list[Message], bool]:
    """The messages of which a part is in view, at most about so many; and whether these are all."""
    items, end = messages.items, messages.end
    first = bisect_left(items, scale.start, 0, end, key=_received_at)
    last = bisect_left(items, scale.end, first, end, key=_received_at)
    if last - first > most:
        return [], False
    beyond = items[last : min(end, last + 8 * most)]  # sent in view, received after it
    found = items[first:last] + [message for message in beyond if message.sent < scale.end]
    return (found, True) if len(found) <= most else ([], False)


def nearest(messages: Slice, t: int, process: str = "", reach: int | None = None) -> Message | None:
    """The message sent or received nearest to t, by or to that process if one is named."""
    items, end = messages.items, messages.end
    at = bisect_left(items, t, 0, end, key=_received_at)
    near = [m for m in items[max(0, at - 200) : min(end, at + 200)] if _touches(m, process)]
    best = min(near, key=lambda m: _distance(m, t, process), default=None)
    if best is None or (reach is not None and _distance(best, t, process) > reach):
        return None
    return best


def _touches(message: Message, process: str) -> bool:
    return not process or process in (message.sender, message.receiver)


def _distance(message: Message, t: int, process: str) -> int:
    times = []
    if not process or message.sender == process:
        times.append(abs(message.sent - t))
    if not process or message.receiver == process:
        times.append(abs(message.t - t))
    return min(times)
