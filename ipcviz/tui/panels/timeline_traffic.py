"""Messages by cell: how many each process sent and received in each, and which of them are in view."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from ipcviz.events import Message
from ipcviz.tui.panels.timeline_scale import Scale
from ipcviz.view import Slice, View

_received_at = attrgetter("t")
KEPT = 20_000
"""Cells with a count, after which all are counted anew."""


class Traffic:
    """Counts at one step; a tick only counts what is new."""

    def __init__(self) -> None:
        self.sent: dict[str, dict[int, int]] = {}
        self.received: dict[str, dict[int, int]] = {}
        self.pairs: dict[int, dict[tuple[str, str], int]] = {}
        """For each cell, how many of each pair of sender and receiver were received in it."""
        self._step = 0
        self._first = 0
        self._done = 0

    def count(self, messages: Slice, seen: int, scale: Scale) -> None:
        """Count the messages of the cells in view and of later ones; `seen` is how many there ever were."""
        items, dropped = messages.items, seen - messages.end
        known = self._step == scale.step and dropped <= self._done <= seen
        crowded = len(self.pairs) > KEPT and self._first < scale.first - scale.cells
        if not known or scale.first < self._first or crowded:
            self.sent, self.received, self.pairs = {}, {}, {}
            self._step = scale.step
            self._first = max(0, scale.first - (scale.cells if scale.first < self._first else 0))
            start = self._first * scale.step
            self._done = dropped + bisect_left(items, start, 0, messages.end, key=_received_at)
        sent, received, pairs, step = self.sent, self.received, self.pairs, scale.step
        for message in items[self._done - dropped : messages.end]:
            sender, receiver = message.sender, message.receiver
            number = message.sent // step
            cells = sent.get(sender) or sent.setdefault(sender, {})
            cells[number] = cells.get(number, 0) + 1
            number = message.t // step
            cells = received.get(receiver) or received.setdefault(receiver, {})
            cells[number] = cells.get(number, 0) + 1
            counts = pairs.get(number) or pairs.setdefault(number, {})
            counts[sender, receiver] = counts.get((sender, receiver), 0) + 1
        self._done = seen


def in_view(messages: Slice, scale: Scale, most: int) -> tuple[list[Message], bool]:
    """The messages of which a part is in view, at most about so many; and whether these are all."""
    items, end = messages.items, messages.end
    first = bisect_left(items, scale.start, 0, end, key=_received_at)
    last = bisect_left(items, scale.end, first, end, key=_received_at)
    if last - first > most:
        return [], False
    beyond = items[last : min(end, last + 8 * most)]  # sent in view, received after it
    found = [*items[first:last], *(message for message in beyond if message.sent < scale.end)]
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


def stepped(messages: Slice, message: Message, rows: int, kind: str, name: str) -> Message:
    """The message so many later, or earlier, among those of a process or channel, or of all."""
    items, end = messages.items, messages.end
    step = 1 if rows > 0 else -1
    at = place_of(messages, message) + step
    found, left = message, abs(rows)
    while left and 0 <= at < end:
        if is_of(items[at], kind, name):
            found, left = items[at], left - 1
        at += step
    return found


def has_messages(view: View) -> bool:
    """Something may be sent and received; regions are only written and read."""
    return any(not channel.is_region for channel in view.channels)


def is_of(message: Message, kind: str, name: str) -> bool:
    """It has to do with the process or the channel; with a lock, or nothing, all have."""
    if kind == "process":
        return name in (message.sender, message.receiver)
    return kind != "channel" or message.channel == name


def place_of(messages: Slice, message: Message) -> int:
    """Where a message stands in the list, or if it is gone the one next to where it stood."""
    items, end = messages.items, messages.end
    low = at = bisect_left(items, message.t, 0, end, key=_received_at)
    while at < end and items[at].t == message.t:
        if items[at] == message:
            return at
        at += 1
    return min(low, max(0, end - 1))
