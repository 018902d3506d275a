"""The world as it was after so many events of a recording: played, sought or reversed to, the same."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

from ipcviz.recording.index import Index
from ipcviz.recording.reader import Recording, timed
from ipcviz.world import World


class Past:
    """Gives worlds of a recording; places are numbers of events, from 0 to `events`."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.index = Index()
        self._before = [0, *accumulate(entry.events for entry in recording.chunks)]

    @property
    def events(self) -> int:
        """All of them."""
        return self._before[-1]

    def place_at(self, t: int) -> int:
        """How many events have come until `t`, those of that very time included."""
        number = bisect_right(self.recording.chunks, t, key=lambda entry: entry.end)
        if number == len(self.recording.chunks):
            return self.events
        entry = self.recording.chunks[number]
        events = timed(self.recording.chunk(number), entry.start)
        return self._before[number] + sum(1 for time, _ in events if time <= t)

    def time_of(self, place: int) -> int:
        """When the last of the first `place` events came."""
        if place == 0:
            return self.recording.start
        number, rest = self.chunk_of(place - 1)
        entry = self.recording.chunks[number]
        times = [t for t, _ in timed(self.recording.chunk(number), entry.start)]
        return times[rest]

    def chunk_of(self, place: int) -> tuple[int, int]:
        """The chunk of the event with that number, counted from 0, and its number there."""
        number = bisect_right(self._before, place) - 1
        return number, place - self._before[number]

    def world_at(self, place: int) -> World:
        """The world after so many events: from the nearest copy, or from the begin."""
        whole = bisect_right(self._before, place) - 1
        with _no_collector():
            nearest, world = self.index.nearest(whole - 1)
            for number in range(nearest + 1, min(whole + 1, len(self.recording.chunks))):
                for event in self.recording.chunk(number)[: place - self._before[number]]:
                    world.apply(event)
            world.view()  # made here, so that whoever looks need not wait for frames to be looked up
        return world


@contextmanager
def _no_collector() -> Iterator[None]:
    """A world is thousands of new things and no garbage: the collector would look through all for nothing.

    Afterwards they count as things that were there before (`gc.freeze` puts all there is aside, `gc.unfreeze`
    makes it the oldest generation): otherwise the collector would look through them at once. Worlds have no
    cycles and go without the collector.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()
