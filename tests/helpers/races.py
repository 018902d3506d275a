"""Runs made by hand for races: a steady pace, at a given price."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helpers import events as made

from ipcviz import events as ev
from ipcviz.race import Lane
from ipcviz.runtime.request import Command

SECOND = 1_000_000_000
TICK = SECOND // 10


def session(mechanism: str = "pipe", parameters: dict[str, ev.Plain] | None = None) -> ev.SessionStarted:
    """Two processes and one channel."""
    channel = made.channel("lines", "a>", ">b", mechanism=mechanism)
    whole = made.session(["a", "b"], [channel])
    return ev.SessionStarted(
        **{
            field: getattr(whole, field)
            for field in whole.__struct_fields__
            if field not in ("parameters", "host")
        },
        parameters=parameters or {},
        host=ev.Host("here", "Linux", 2, "3", "0"),
    )


def frame(
    t: int, count: int, cpu: float = 50.0, switches: int = 0, blocked: int = 0, p50: float = 100.0
) -> ev.Frame:
    """Each of the two processes takes `cpu` percent, and has been switched so often."""
    sender = ev.EndState(sent=count, blocked_send=blocked)
    receiver = ev.EndState(received=count)
    latency = ev.Latency(p50, p50 * 10, count) if count else ev.Latency()
    state = made.state(sender, receiver, latency=latency)
    return made.frame(
        t, [state], processes=[ev.ProcessState("running", cpu, 0, switches, 0) for _ in range(2)]
    )


def steady(
    rate: float,
    seconds: float = 6.0,
    cpu: float = 50.0,
    switches: float = 0.0,
    mechanism: str = "pipe",
    warm_up_rate: float | None = None,
    blocked: float = 0.0,
    p50: float = 100.0,
    parameters: dict[str, ev.Plain] | None = None,
) -> list[ev.AnyEvent]:
    """A run of so many messages a second; `switches` of the two processes for each of them."""
    events: list[ev.AnyEvent] = [session(mechanism, parameters)]
    events += [ev.ProcessStarted(t=0, process=name, pid=number) for number, name in enumerate("ab", 1)]
    count = 0.0
    for tick in range(1, round(seconds * 10) + 1):
        pace = warm_up_rate if warm_up_rate is not None and tick <= 10 else rate
        count += pace / 10
        # The processes are looked at every half second only, as by the supervisor.
        looked = tick // 5 * 5
        seen = round(count * switches / 2) if tick == looked else None
        states = frame(tick * TICK, round(count), cpu, 0, round(tick * TICK * blocked), p50)
        if seen is not None:
            last = [ev.ProcessState("running", cpu, 0, seen, 0)] * 2
        elif tick < 5:
            last = [ev.ProcessState("running", 0.0, 0, 0, 0)] * 2
        events.append(
            ev.Frame(
                t=states.t,
                channels=states.channels,
                locks=[],
                processes=list(last),
                watching=states.watching,
            )
        )
    return events


def exits(t: int, failed: str = "") -> list[ev.AnyEvent]:
    """Both processes end at that time."""
    return [
        ev.ProcessExited(
            t=t,
            process=name,
            pid=number,
            exit=int(name == failed),
            signal=None,
            failed=name == failed,
            reason="it raised ValueError" if name == failed else "",
        )
        for number, name in enumerate("ab", 1)
    ]


def summary(seconds: float, count: int = 0, lost: int = 0) -> ev.Summary:
    """The last event."""
    channel = ev.ChannelSummary(
        "lines",
        "channel",
        "pipe",
        count + lost,
        count,
        0,
        lost,
        0.0,
        ev.Percentiles(50.0, 90.0),
        ev.DepthSummary(0, None, None, "bytes", "exact"),
        ev.BlockedSummary(0.0, 0.0),
        0,
    )
    return ev.Summary(
        "made", seconds, [], [channel], [], [], {}, ev.StreamSummary(1, 0), ev.Watching(1.0, 0.0)
    )


def finished(rate: float, seconds: float, **more: object) -> list[ev.AnyEvent]:
    """A run that ends by itself."""
    events = steady(rate, seconds, **more)  # type: ignore[arg-type]
    return [*events, *exits(round(seconds * SECOND)), summary(seconds, round(rate * seconds))]


def cut(events: Iterable[ev.AnyEvent], seconds: float) -> list[ev.AnyEvent]:
    """The same, ended because it was asked to, and half a second idle after that."""
    t = round(seconds * SECOND)
    stop = ev.ProcessSignalled(t=t, process="a", signal=15)
    events = list(events)
    last = next(event for event in reversed(events) if isinstance(event, ev.Frame))
    idle = ev.Frame(
        t=t + SECOND // 2,
        channels=last.channels,
        locks=[],
        processes=last.processes,
        watching=last.watching,
    )
    return [*events, stop, idle, *exits(t + SECOND // 2), summary(seconds + 0.5)]


def lane(label: str, events: Iterable[ev.AnyEvent]) -> Lane:
    """A lane that has taken all of it in."""
    new = Lane(label)
    for event in events:
        new.apply(event)
    return new


class RunDouble:
    """The double of a live source: events that a test hands out, and an end when it says so."""

    def __init__(self, events: Iterable[ev.AnyEvent] = (), over: bool = False) -> None:
        self.batch = list(events)
        self.over = over
        self.stopped = self.closed = 0
        self.was_killed = False
        self.when_closed: Callable[[], None] | None = None

    def take(self) -> list[ev.AnyEvent]:
        taken, self.batch = self.batch, []
        return taken

    def fileno(self) -> int:
        return 0

    def stop(self) -> None:
        self.stopped += 1

    def command(self, command: Command) -> bool:
        return False

    def close(self) -> None:
        self.closed += 1
        if self.when_closed is not None:
            self.when_closed()

    def how_it_died(self) -> str:
        return "The supervisor was killed by signal 9."
