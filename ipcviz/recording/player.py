"""Plays a recording as a source of events: by its own clock, at any speed, from any time, event by event.

Times are those of the session (ns), as everything on the screen. A seek cannot be told by events: `seek`,
`step` and `leap` give the world as it is then, which replaces the one that the events before have made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ipcviz.events import AnyEvent
from ipcviz.recording.background import Background
from ipcviz.recording.index import Index
from ipcviz.recording.past import Past
from ipcviz.recording.reader import Recording, timed
from ipcviz.runtime.request import Command
from ipcviz.units import SECOND
from ipcviz.world import World

SPEEDS = (*(base * 10.0**power for power in range(-5, 2) for base in (1, 2, 5)), 100.0)
"""From real microseconds, one of which takes a tenth of a second, to a minute and a half a second."""
SHORT = 5
"""Chunks; so short a recording needs no index."""
MOST_AT_ONCE = 50_000
"""Events of one `take`, and a chunk's more: the others come with the next."""
LEAP = 2 * SECOND
"""Of the session: what is further ahead is not played event by event."""


class PlayerSource:
    """A recording that plays from its begin when the first events are taken."""

    def __init__(self, recording: Recording, clock: Callable[[], int] = time.monotonic_ns) -> None:
        """`clock` tells nanoseconds."""
        self.recording = recording
        self.past = Past(recording)
        self._background = _background(recording, self.past.index)
        self._clock = clock
        self._speed = 1.0
        self._paused = False
        self._anchor = recording.start
        self._anchored: int | None = None
        self._place = 0
        self._stands = False
        """Between two events, which may be of one time."""
        self._last: AnyEvent | None = None
        self._file = os.open(os.devnull, os.O_RDONLY)

    # ---- as a source -------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Never, while it is open: what has been played can be sought again."""
        return self._file < 0

    def fileno(self) -> int:
        """Always readable."""
        return self._file

    def take(self) -> list[AnyEvent]:
        """The events between the last time and the player's clock; raises `RecordingError`."""
        if self.over or self._stands:
            return []
        until = self.position
        taken: list[AnyEvent] = []
        while self._place < self.past.events and len(taken) < MOST_AT_ONCE:
            number, rest = self.past.chunk_of(self._place)
            entry = self.recording.chunks[number]
            if entry.start > until:
                break
            events = timed(self.recording.chunk(number), entry.start)
            came = [event for place, (t, event) in enumerate(events) if place >= rest and t <= until]
            taken += came
            self._place += len(came)
            if entry.end > until:
                break
        self._last = taken[-1] if taken else self._last
        return taken

    def stop(self) -> None:
        """There is nothing to stop."""

    def command(self, command: Command) -> bool:
        """What is recorded has happened."""
        return False

    def close(self) -> None:
        """Close the recording; idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._background is not None:
            self._background.close()
        self.recording.close()

    @property
    def indexed(self) -> float:
        """The part (0 to 1) of the recording in which a seek is quick."""
        return self.past.index.chunks / max(1, len(self.recording.chunks))

    def wait_for_index(self, seconds: float | None = None) -> bool:
        """Until seeks are quick everywhere; False if that takes longer."""
        return self._background is None or self._background.wait(seconds)

    # ---- its clock ---------------------------------------------------------------------------------------

    @property
    def start(self) -> int:
        """When the recording begins."""
        return self.recording.start

    @property
    def end(self) -> int:
        """When it ends."""
        return self.recording.end

    @property
    def duration(self) -> int:
        """From its begin to its end."""
        return self.recording.duration_ns

    @property
    def position(self) -> int:
        """Where the clock is; it stops at the end."""
        if self._paused:
            return self._anchor
        if self._anchored is None:
            self._anchored = self._clock()
        passed = (self._clock() - self._anchored) * self._speed
        return min(self.end, self._anchor + int(passed))

    @property
    def at_end(self) -> bool:
        """All of it has been played."""
        return self._place >= self.past.events

    @property
    def last(self) -> AnyEvent | None:
        """The event that was taken or sought last."""
        return self._last

    @property
    def speed(self) -> float:
        """Seconds of the session in a second, from 1/100,000 to 100."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._move(self.position)
        self._speed = min(SPEEDS[-1], max(SPEEDS[0], speed))

    def faster(self) -> None:
        """The next speed of the scale."""
        self.speed = next((speed for speed in SPEEDS if speed > self._speed * 1.001), SPEEDS[-1])

    def slower(self) -> None:
        """The speed of the scale before."""
        self.speed = next((speed for speed in reversed(SPEEDS) if speed < self._speed * 0.999), SPEEDS[0])

    @property
    def paused(self) -> bool:
        """The clock stands."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._move(self.position)
        self._paused = paused
        self._stands = self._stands and paused

    def _move(self, position: int) -> None:
        self._anchor, self._anchored = position, self._clock()

    # ---- elsewhere in it ---------------------------------------------------------------------------------

    def seek(self, t: int) -> World:
        """Go to `t`, or to the begin or end if it is outside; the world there."""
        t = min(self.end, max(self.start, t))
        self._move(t)
        self._stands = False
        return self._go(self.past.place_at(t))

    def step(self, events: int) -> World:
        """Go so many events on, or back if it is negative, and pause; the world there."""
        place = min(self.past.events, max(1, self._place + events))
        self._paused = self._stands = True
        self._move(self.past.time_of(place))
        return self._go(place)

    def leap(self) -> World | None:
        """Where the clock is far ahead of what was taken, as at 100 times: go there; the world there."""
        behind = self.position - self.past.time_of(self._place)
        return self._go(self.past.place_at(self.position)) if behind > LEAP else None

    def world_at(self, t: int) -> World:
        """The world at `t`, exactly as it was; the player stays where it is."""
        return self.past.world_at(self.past.place_at(t))

    def _go(self, place: int) -> World:
        self._place = place
        number, rest = self.past.chunk_of(max(0, place - 1))
        self._last = self.recording.chunk(number)[rest] if place else None
        return self.past.world_at(place)


def _background(recording: Recording, index: Index) -> Background | None:
    """Begin to make the index, where it is of use and can be made."""
    if len(recording.chunks) <= SHORT or recording.path is None:
        return None
    try:
        return Background(recording.path, index)
    except OSError:
        return None
