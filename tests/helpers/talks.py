"""A recording made by hand to be played on a screen: twenty seconds with a bit of everything to stop at."""

from __future__ import annotations

from pathlib import Path

from helpers import sessions
from msgspec import structs

from ipcviz import events as ev
from ipcviz.recording.maker import recorded
from ipcviz.recording.player import PlayerSource
from ipcviz.recording.reader import Recording
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.units import SECOND

SECONDS = 20
FIRST = 0.05
"""Seconds until the first frame."""
FLIGHT = 40_000_000
"""Nanoseconds that each message takes; ten are received a second."""


def events() -> list[ev.AnyEvent]:
    """A session: a finding after 8 s, an act after 12, a chapter by hand after 15, the end after 20."""
    made: list[ev.AnyEvent] = [sessions.started()]
    made += [
        ev.ProcessStarted(t=0, process=name, pid=pid) for pid, name in enumerate(sessions.PROCESSES, 101)
    ]
    timed: list[tuple[float, ev.AnyEvent]] = []
    timed += [(FIRST, first_frame())]
    timed += [(step / 2, sessions.frame(step)) for step in range(1, 2 * SECONDS + 1)]
    timed += [(number / 10 + 0.01, message(number)) for number in range(1, 10 * SECONDS)]
    sentence = "Slow consumer: jobs has been full for 83 % of the last 8 s."
    timed += [
        (
            8.25,
            ev.FindingRaised(
                t=at(8.25), key="b", kind="backlog", sentence=sentence, since=0, members=["jobs"]
            ),
        ),
        (
            12.25,
            ev.FaultInjected(t=at(12.25), fault="drop", sentence="1 % of jobs is dropped.", channel="jobs"),
        ),
        (15.25, ev.Chapter(t=at(15.25), label="What now?", caption="Ask them.", note="Wait\nfor an answer.")),
    ]
    made += [event for _, event in sorted(timed, key=lambda item: item[0])]
    made.append(
        ev.Summary("workshop", 20.0, [], [], [], [], {}, ev.StreamSummary(9, 0), ev.Watching(1.0, 0.0))
    )
    return made


def first_frame() -> ev.Frame:
    """Before any channel is full."""
    frame = sessions.frame(1)
    channels = [
        structs.replace(channel, depth=structs.replace(channel.depth, now=0)) for channel in frame.channels
    ]
    return structs.replace(frame, t=at(FIRST), channels=channels)


def message(number: int) -> ev.Message:
    """Received a tenth of a second after the one before, on the first two channels in turn."""
    info = sessions.started().channels[number % 2]
    t = at(number / 10 + 0.01)
    return ev.Message(
        t=t,
        channel=info.name,
        sender=info.endpoints[0].process,
        receiver=info.endpoints[-1].process,
        sequence=number,
        sent=t - FLIGHT,
        size=9,
        payload=b"payload %d" % number,
    )


def at(seconds: float) -> int:
    """Nanoseconds."""
    return round(seconds * SECOND)


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def go_on(self, seconds: float) -> None:
        """Later."""
        self.now += at(seconds)


def written(folder: Path, cut: int | None = None) -> Path:
    """The recording as a file, or its first so many bytes."""
    path = folder / "talk.ipcz"
    path.write_bytes(recorded(events())[:cut])
    return path


def feed_of(path: Path, clock: Clock) -> PlayFeed:
    """A feed that plays it by that clock, looked through to its end."""
    feed = PlayFeed(PlayerSource(Recording(path), clock))
    while feed.read is not None:
        feed.look_through(1000)
    return feed
