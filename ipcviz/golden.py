"""Makes the recordings that come with ipcviz, from real runs: `python -m ipcviz.golden FOLDER [NAME ...]`.

Each is a run of a demo as anybody can run it, with chapters at what happened in it and captions to read.
Only what tells of the machine that it was made on is left out: its name, and where its files are. It takes
about a minute; tests/test_shipped.py says what each must show.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from ipcviz import events as ev
from ipcviz import units
from ipcviz.catalog import folder as demos
from ipcviz.headless import clean_after_killed
from ipcviz.recording.maker import Maker
from ipcviz.recording.reader import timed
from ipcviz.runtime import acts
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource, drain
from ipcviz.tracks import is_full
from ipcviz.units import SECOND

LONGEST = 60 * SECOND
"""Of a run's time: what has not happened by then happens in another run."""
TRIES = 5
Events = Sequence[ev.AnyEvent]
Moment = Callable[[Events], int | None]
"""When something begins, in ns of the session; None if it never does."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter, and the moment with which it begins."""

    begins: Moment
    label: str
    caption: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One recording: the run, its chapters, and how long after the last chapter's begin it goes on."""

    name: str
    title: str
    request: SessionRequest
    parts: tuple[Part, ...]
    afterwards: float = 5.0


class GoldenError(Exception):
    """A recording could not be made; the message is a sentence."""


# ---- moments ---------------------------------------------------------------------------------------------


def at(seconds: float) -> Moment:
    """At that time."""
    return lambda events: round(seconds * SECOND) if _end(events) >= seconds * SECOND else None


def finding(kind: ev.FindingKind) -> Moment:
    """When a finding of that kind is raised first."""
    return lambda events: next(
        (e.t for e in events if isinstance(e, ev.FindingRaised) and e.kind == kind), None
    )


def after(moment: Moment, seconds: float) -> Moment:
    """So long after that."""

    def later(events: Events) -> int | None:
        t = moment(events)
        return None if t is None or _end(events) < t + seconds * SECOND else t + round(seconds * SECOND)

    return later


def fault(number: int) -> Moment:
    """When the run was acted upon for that time, counted from 0."""

    def moment(events: Events) -> int | None:
        times = [event.t for event in events if isinstance(event, ev.FaultInjected)]
        return times[number] if number < len(times) else None

    return moment


def full(channel: str) -> Moment:
    """When that channel is found full first."""

    def moment(events: Events) -> int | None:
        place = None
        for event in events:
            if isinstance(event, ev.SessionStarted):
                place = [info.name for info in event.channels].index(channel)
            elif isinstance(event, ev.Frame) and place is not None and is_full(event.channels[place]):
                return event.t
        return None

    return moment


def _end(events: Events) -> int:
    return max((event.t for event in events[-50:] if isinstance(event, ev.Event)), default=0)


# ---- the recordings --------------------------------------------------------------------------------------

START = at(0)
RACERS = ("pipe", "unix-stream", "tcp", "posix-mq", "shm")
"""The lanes of the race: each is a session of its own, with its own clock, and so a file of its own."""


def _lane(mechanism: str) -> Story:
    return Story(
        f"race-{mechanism}",
        f"Race: bounded_buffer on {mechanism}",
        SessionRequest("bounded_buffer", {"produce": "0", "consume": "0"}, {"": mechanism}),
        (
            Part(
                START,
                f"As fast as it goes, on {mechanism}",
                f"Two producers and a consumer that never rest. The others of the race: "
                f"{units.listed([other for other in RACERS if other != mechanism])}.",
                "Compare the rate, and what a message costs each process: their share of a processor.",
            ),
            Part(
                at(2),
                "At its pace",
                "The first second filled the channel; from here on the rate is what the mechanism and the "
                "consumer can do.",
            ),
        ),
        2.0,
    )


STORIES: tuple[Story, ...] = (
    Story(
        "pipeline",
        "Three processes share a text",
        SessionRequest(
            "pipeline", acts=[acts.parse("5 slow counter 150ms"), acts.parse("11 slow counter 0s")]
        ),
        (
            Part(
                START,
                "Three processes in a row",
                "reader sends the lines of a text, counter counts their words, printer adds them up. "
                "Two pipes join them.",
                "Each box is a process of its own: ask what would happen if one of them stopped.",
            ),
            Part(
                fault(0),
                "One of them slows down",
                "counter now takes 150 ms for a line, and reader does not know of it: lines pile up.",
                "Let them find the depth of `lines`; then open the channel with Enter.",
            ),
            Part(
                fault(1),
                "It catches up",
                "counter is as fast as before, and what had piled up is gone at once: nothing was lost.",
                "Latency tells it best: look at p99 of `lines`, which remembers the slow lines.",
            ),
        ),
    ),
    Story(
        "backpressure",
        "A slow stage stops the source",
        SessionRequest("backpressure", {"rate": "12"}),
        (
            Part(
                START,
                "A row of stages, the last one slow",
                "source sends 12 parcels a second; stage 3 takes 0.2 s for each, which makes 5 a second.",
                "Ask first: where will it hurt? Most say at stage 3.",
            ),
            Part(
                full("to stage 3"),
                "The channel before it fills",
                "What stage 3 cannot take waits in its pipe, until there is no more room in it.",
            ),
            Part(
                full("to stage 2"),
                "And the one before that",
                "stage 2 waits to send, and so it takes nothing from its own pipe any more.",
            ),
            Part(
                full("to stage 1"),
                "Until the source itself waits",
                "All go at the pace of the slowest: 5 parcels a second, everywhere.",
                "Nobody has told the source to slow down: the pipes did. That is backpressure.",
            ),
        ),
        6.0,
    ),
    Story(
        "deadlock",
        "Five philosophers, five forks",
        SessionRequest("philosophers"),
        (
            Part(
                START,
                "Five philosophers eat",
                "Each takes the fork on its left, then the one on its right, eats, and lays both down.",
                "Ask for the number of meals until it stops. Nobody knows: it is a race every time.",
            ),
            Part(
                finding("deadlock"),
                "Nobody eats any more",
                "Each holds one fork and waits for the next: a ring in which nobody can go on.",
                "Open the finding with Enter. Any of the five, killed or more patient, would break the ring.",
            ),
        ),
        6.0,
    ),
    Story(
        "torn_read",
        "Halves of two records",
        SessionRequest("torn_read"),
        (
            Part(
                START,
                "A record that all share",
                "writer fills a record of 4 KiB with one number, then with the next; two readers copy it.",
                "Shared memory is the fastest of all: nobody stands between the processes. Nobody at all.",
            ),
            Part(
                after(finding("torn read"), 4),
                "Copies of two records",
                "Who copies while writer writes gets the begin of one record and the end of another.",
                "Run it again with --set protect=lock, or with protect=seqlock: no copy is torn any more.",
            ),
        ),
        6.0,
    ),
    *map(_lane, RACERS),
)


# ---- making them -----------------------------------------------------------------------------------------


def make(story: Story) -> bytes:
    """Run it, until all has happened, and record it; raises `GoldenError`."""
    for _ in range(TRIES):
        events = list(_run(story))
        chapters = _chapters(story, events)
        if chapters is not None:
            return _recorded(story, events, chapters)
    raise GoldenError(f"{story.name}: in {TRIES} runs, not all of it has happened.")


def _run(story: Story) -> Iterator[ev.AnyEvent]:
    source = LiveSource(story.request)
    last = story.parts[-1].begins
    seen: list[ev.AnyEvent] = []
    try:
        while not source.over:
            source.wait(None)
            for event in source.take():
                if isinstance(event, ev.Refused):
                    raise GoldenError(f"{story.name}: {event.sentence}")
                seen.append(event)
                yield event
            begun = last(seen)
            if _end(seen) > (LONGEST if begun is None else begun + story.afterwards * SECOND):
                source.stop()
                yield from drain(source)
                return
    finally:
        source.close()
        clean_after_killed()


def _chapters(story: Story, events: Events) -> list[ev.Chapter] | None:
    """In the order of the parts; None if one of them has not begun, or before the one before it."""
    times = [part.begins(events) for part in story.parts]
    known = [t for t in times if t is not None]
    if len(known) < len(times) or known != sorted(set(known)):
        return None
    return [
        ev.Chapter(t=t, label=part.label, caption=part.caption, note=part.note)
        for t, part in zip(known, story.parts, strict=True)
    ]


def _recorded(story: Story, events: Events, chapters: Sequence[ev.Chapter]) -> bytes:
    maker = Maker(title=story.title)
    waiting = list(chapters)
    made = []
    for t, event in timed(events):
        while waiting and not isinstance(event, ev.SessionStarted) and waiting[0].t <= t:
            made.append(maker.add(waiting.pop(0)))
        made.append(maker.add(_anywhere(event)))
    return b"".join([*made, maker.close()])


def _anywhere(event: ev.AnyEvent) -> ev.AnyEvent:
    """Without what tells of the machine."""
    if not isinstance(event, ev.SessionStarted):
        return event
    place = f"{demos()}{os.sep}"
    parameters = {
        name: f"demos/{value.removeprefix(place)}"
        if isinstance(value, str) and value.startswith(place)
        else value
        for name, value in event.parameters.items()
    }
    host = structs.replace(event.host, name="example", system=event.host.system.partition(" ")[0])
    return structs.replace(event, parameters=parameters, host=host)


def main(arguments: Sequence[str]) -> int:
    """Make those recordings, or all of them, in a folder; the exit status."""
    wanted = [story for story in STORIES if story.name in arguments[1:] or len(arguments) == 1]
    unknown = set(arguments[1:]) - {story.name for story in STORIES}
    if not arguments or unknown:
        known = ", ".join(story.name for story in STORIES)
        print(f"python -m ipcviz.golden FOLDER [NAME ...]; there are {known}.", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for story in wanted:
            recording = make(story)
            path = folder / f"{story.name}.ipcz"
            path.write_bytes(recording)
            print(f"{path}  {units.size(len(recording))}", flush=True)
    except GoldenError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or folder} cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
