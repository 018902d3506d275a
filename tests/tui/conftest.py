"""Sessions made of events, and a source that hands them out when a test says so."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from helpers import pictures

from ipcviz import events as ev
from ipcviz.runtime.request import Command
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World

HOSTILE = "evil\x1b[31m\x07\r\n\u202e 한글 상품 🎉".encode()


class ScriptedSource:
    """Events in batches; the double of a live run for the screens."""

    def __init__(self) -> None:
        self.batches: deque[list[ev.AnyEvent]] = deque()
        self.over = False
        self.stopped = False
        self.commands: list[Command] = []
        self._null = os.open(os.devnull, os.O_RDONLY)

    def take(self) -> list[ev.AnyEvent]:
        return self.batches.popleft() if self.batches else []

    def fileno(self) -> int:
        return self._null

    def stop(self) -> None:
        self.stopped = True

    def command(self, command: Command) -> bool:
        self.commands.append(command)
        return not self.over

    def close(self) -> None:
        if self._null >= 0:
            os.close(self._null)
        self._null = -1


def session(processes: int = 3, channels: int = 2, locks: int = 0) -> ev.SessionStarted:
    names = [f"process {number}" for number in range(1, processes + 1)]
    infos = [
        ev.ChannelInfo(
            f"channel {number + 1}",
            "channel",
            "pipe",
            [
                ev.EndpointInfo(names[number % processes], "sender"),
                ev.EndpointInfo(names[(number + 1) % processes], "receiver"),
            ],
            4076,
        )
        for number in range(channels)
    ]
    made = [
        ev.LockInfo(f"lock {number + 1}", "posix-sem", 1, [names[number], names[(number + 1) % processes]])
        for number in range(locks)
    ]
    return ev.SessionStarted(
        t=0,
        topology="test",
        about="",
        parameters={},
        processes=names,
        channels=infos,
        locks=made,
        host=ev.Host("here", "Linux", 2, "3.11", "0"),
        started_at="2026-01-01T00:00:00+00:00",
        tick=100,
    )


def frame(started: ev.SessionStarted, t: float, count: int = 10, full: bool = False) -> ev.Frame:
    sender = ev.EndState(sent=count, sent_bytes=count * 8, activity="sending" if full else "", since=0)
    receiver = ev.EndState(received=count, received_bytes=count * 8)
    depth = ev.Depth(10 if full else 3, 10, 10, "messages", "exact")
    state = ev.ChannelState([sender, receiver], depth, ev.Latency(118.0, 2400.0, count))
    return ev.Frame(
        t=round(t * SECOND),
        channels=[state for _ in started.channels],
        locks=[
            ev.LockState(
                [ev.LockUse("holding", 0, 1, 0, 0), ev.LockUse("waiting", 0, 0, 0, 0)],
                0,
                1,
                "exact",
                "",
                ev.Latency(),
            )
            for _ in started.locks
        ],
        processes=[ev.ProcessState("running", 41.0, 18 << 20, 5, 6) for _ in started.processes],
        watching=ev.Watching(1800.0, 0.013),
    )


def message(started: ev.SessionStarted, number: int, payload: bytes = b"hello") -> ev.Message:
    info = started.channels[number % len(started.channels)]
    return ev.Message(
        t=number * 1000,
        channel=info.name,
        sender=info.endpoints[0].process,
        receiver=info.endpoints[1].process,
        sequence=number,
        sent=number * 1000 - 500,
        size=len(payload),
        payload=payload,
    )


def began(started: ev.SessionStarted) -> list[ev.AnyEvent]:
    pids = [ev.ProcessStarted(t=1, process=name, pid=100 + n) for n, name in enumerate(started.processes)]
    return [started, *pids]


def view_of(events: list[ev.AnyEvent]) -> View:
    world = World()
    for event in events:
        world.apply(event)
    return world.view()


@pytest.fixture
def source() -> Iterator[ScriptedSource]:
    scripted = ScriptedSource()
    yield scripted
    scripted.close()


@pytest.fixture
def make_session() -> Callable[..., ev.SessionStarted]:
    return session


@pytest.fixture
def make_frame() -> Callable[..., ev.Frame]:
    return frame


@pytest.fixture
def make_message() -> Callable[..., ev.Message]:
    return message


@pytest.fixture
def make_began() -> Callable[[ev.SessionStarted], list[ev.AnyEvent]]:
    return began


@pytest.fixture
def make_view() -> Callable[[list[ev.AnyEvent]], View]:
    return view_of


@pytest.fixture
def same_picture() -> Callable[..., None]:
    """`same_picture(name, lines, width)`: lines of a panel are those kept under tests/tui/expected/.

    See helpers/pictures.py; IPCVIZ_EXPECTED=write keeps them as they are now.
    """
    return pictures.same_picture


@pytest.fixture
def hostile() -> bytes:
    """A payload that no terminal should obey, with wide characters in it."""
    return HOSTILE
