"""Messages that are on their way at an instant of a recording, and where on their links they are. Pure.

A message is known from when it was sent to when it was received; in between it is drawn as moving evenly,
because nobody knows how much of that time it lay waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ipcviz import events as ev
from ipcviz.tui.edges import Edges
from ipcviz.tui.graph.model import Cell
from ipcviz.tui.look import Look
from ipcviz.tui.panels.timeline_glyphs import SENT
from ipcviz.units import SECOND

LONGEST = 5 * SECOND
"""A message that takes longer is not drawn on its way."""
FURTHEST = 60 * SECOND
"""How far ahead the next message is looked for."""
SLOW = 0.1
"""At this speed and below each message has a mark of its own."""


class Eventful(Protocol):
    """What has events of any time: a recording."""

    def events(self, start: int = 0, end: int | None = None) -> Iterator[ev.AnyEvent]:
        """Those from `start` to `end`, both included."""


class Crossings:
    """The messages on their way at any instant of a recording."""

    def __init__(self, recording: Eventful) -> None:
        self._recording = recording
        self._start = self._end = 0
        self._messages: list[ev.Message] = []

    def at(self, t: int) -> tuple[ev.Message, ...]:
        """Those that were sent by then, and not received before."""
        if not self._start <= t < self._end:
            self._start, self._end = t, t + SECOND
            events = self._recording.events(t, t + SECOND + LONGEST)
            self._messages = [event for event in events if isinstance(event, ev.Message)]
        return tuple(message for message in self._messages if message.sent <= t <= message.t)

    def next_after(self, t: int, channel: str = "") -> ev.Message | None:
        """The message that is sent next, on that channel or on any; None if none is for a while."""
        sent: list[ev.Message] = []
        for event in self._recording.events(t, t + FURTHEST):
            if isinstance(event, ev.Message) and event.sent > t and channel in ("", event.channel):
                sent.append(event)
            # Messages come in the order of their receiving: one that was sent before may still follow.
            if sent and event_time(event) > min(message.sent for message in sent) + LONGEST:
                break
        return min(sent, key=lambda message: message.sent, default=None)


class Ways:
    """The cells that a message of each channel passes, from process to process, in one picture."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._legs: dict[tuple[str, str], tuple[str, list[Cell]]] = {}
        for key, tie in edges.picture.scene.ties.items():
            path = edges.picture.paths.get(key)
            if tie.kind != "channel" or path is None:
                continue
            cells = list(path.cells) if tie.gives else list(reversed(path.cells))
            node = tie.link.target if tie.gives else tie.link.source
            for channel, process, _ in tie.uses:
                self._legs.setdefault((channel, process), (node, cells))

    def cells(self, message: ev.Message) -> list[Cell]:
        """All cells of its way, in order; none where it is not drawn."""
        out = self._legs.get((message.channel, message.sender))
        into = self._legs.get((message.channel, message.receiver))
        if out is None or into is None:
            return []
        node, first = out
        last = list(reversed(into[1]))
        through = list(self._edges.through[node].cells) if node in self._edges.through else []
        if through and first and _apart(first[-1], through[-1]) < _apart(first[-1], through[0]):
            through.reverse()
        return [*first, *through, *last]

    def marks(self, messages: Sequence[ev.Message], t: int) -> dict[Cell, ev.Message]:
        """Where they are at that instant."""
        places = {}
        for message in messages:
            cells = self.cells(message)
            if cells:
                places[cells[_place(message, t, len(cells))]] = message
        return places


def event_time(event: ev.AnyEvent) -> int:
    """When it was; the last event has no time, and comes after all."""
    return event.t if isinstance(event, ev.Event) else 0


def crossing_glyph(look: Look) -> str:
    """What a message on its way is drawn as: the same as where it was sent in the timeline."""
    return SENT[look.glyphs]


def _place(message: ev.Message, t: int, cells: int) -> int:
    """The number of the cell that it has come to."""
    flight = message.t - message.sent
    if flight <= 0 or t >= message.t:
        return cells - 1
    return max(0, t - message.sent) * (cells - 1) // flight


def _apart(one: Cell, other: Cell) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])
