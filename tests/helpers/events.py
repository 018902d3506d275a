"""Events and Views made by hand, with everything that a test does not say left at its default."""

from __future__ import annotations

from collections.abc import Iterable

from ipcviz import events as ev
from ipcviz.world import View, World

SECOND = 1_000_000_000


def channel(name: str, *ends: str, kind: str = "channel", mechanism: str = "pipe") -> ev.ChannelInfo:
    """Ends are written as "process>" for a sender or caller and ">process" for a receiver or responder."""
    into, out_of = ("sender", "receiver") if kind == "channel" else ("caller", "responder")
    endpoints = [ev.EndpointInfo(end.strip(">"), out_of if end.startswith(">") else into) for end in ends]
    return ev.ChannelInfo(name, kind, mechanism, endpoints, 1000)


def lock(name: str, *users: str, count: int = 1) -> ev.LockInfo:
    return ev.LockInfo(name, "posix-sem", count, list(users))


def session(
    processes: Iterable[str], channels: Iterable[ev.ChannelInfo] = (), locks: Iterable[ev.LockInfo] = ()
) -> ev.SessionStarted:
    return ev.SessionStarted(
        t=0,
        topology="made",
        about="by hand",
        parameters={},
        processes=list(processes),
        channels=list(channels),
        locks=list(locks),
        host=ev.Host("here", "Linux", 1, "3", "0"),
        started_at="2024-05-05T12:00:00.000+02:00",
        tick=100,
    )


def started(world: World, made: ev.SessionStarted) -> World:
    """The session, and all its processes running."""
    world.apply(made)
    for number, name in enumerate(made.processes):
        world.apply(ev.ProcessStarted(t=0, process=name, pid=100 + number))
    return world


def state(
    *ends: ev.EndState, depth: ev.Depth | None = None, latency: ev.Latency | None = None
) -> ev.ChannelState:
    return ev.ChannelState(
        list(ends), depth or ev.Depth(0, 0, 10, "messages", "exact"), latency or ev.Latency()
    )


def uses(*words: ev.LockUse) -> ev.LockState:
    return ev.LockState(list(words), None, None, "unknown", "", ev.Latency())


def frame(
    t: int,
    channels: Iterable[ev.ChannelState] = (),
    locks: Iterable[ev.LockState] = (),
    processes: Iterable[ev.ProcessState] = (),
) -> ev.Frame:
    return ev.Frame(
        t=t,
        channels=list(channels),
        locks=list(locks),
        processes=list(processes) or [ev.ProcessState("sleeping")] * 32,
        watching=ev.Watching(1.0, 0.0),
    )


def message(number: int, t: int = 0) -> ev.Message:
    return ev.Message(
        t=t, channel="c", sender="a", receiver="b", sequence=number, sent=0, size=1, payload=b"x"
    )


def views(events: Iterable[ev.AnyEvent]) -> list[View]:
    """The View after every frame, and the last one."""
    world = World()
    seen = []
    for event in events:
        world.apply(event)
        if isinstance(event, ev.Frame):
            seen.append(world.view())
    return [*seen, world.view()]
