"""A session made by hand with a bit of everything, for panels and pages; the same at every call."""

from __future__ import annotations

import math

from ipcviz import events as ev
from ipcviz.units import SECOND
from ipcviz.view import View
from ipcviz.world import World

PROCESSES = ["producer 1", "producer 2", "consumer", "기록"]
TRACEBACK = (
    'Traceback (most recent call last):\n  File "demo.py", line 7, in produce\nValueError: \x1b[31mno\n'
)


def _ends(*pairs: tuple[str, str]) -> list[ev.EndpointInfo]:
    return [ev.EndpointInfo(process, role) for process, role in pairs]


def started() -> ev.SessionStarted:
    """Four processes, a full queue, a pipe, a region, a broadcast that nobody can look into, two locks."""
    producers = (("producer 1", "sender"), ("producer 2", "sender"))
    jobs = ev.ChannelInfo(
        "jobs", "channel", "posix-mq", _ends(*producers, ("consumer", "receiver")), 8192, address="/jobs"
    )
    log = ev.ChannelInfo(
        "log of all that was done",
        "channel",
        "pipe",
        _ends(("consumer", "sender"), ("기록", "receiver")),
        4076,
        options={"size": "4096"},
        source="FIONREAD, ioctl_fionread(2)",
    )
    table = ev.ChannelInfo(
        "table", "region", "shm", _ends(("producer 1", "writer"), ("기록", "reader")), 64, size=4096
    )
    news = ev.ChannelInfo(
        "news", "broadcast", "udp", _ends(("consumer", "sender"), ("기록", "receiver")), 1400, lossless=False
    )
    locks = [
        ev.LockInfo("console", "posix-sem", 1, ["producer 1", "producer 2", "consumer"]),
        ev.LockInfo("ledger", "flock", 1, ["producer 1", "producer 2"], shared=True),
    ]
    return ev.SessionStarted(
        t=0,
        topology="workshop",
        about="",
        parameters={},
        processes=PROCESSES,
        channels=[jobs, log, table, news],
        locks=locks,
        host=ev.Host("here", "Linux", 2, "3.11", "0"),
        started_at="2026-01-01T00:00:00+00:00",
        tick=100,
    )


def frame(step: int, locks: list[ev.LockState] | None = None) -> ev.Frame:
    """All counters at `step` half seconds."""
    t = step * SECOND // 2
    ns = 1_000_000
    sent = step * 20 + round(6 * math.sin(step / 3))
    jobs = ev.ChannelState(
        [
            ev.EndState(
                sent, sent * 64, activity="sending", since=t - 400 * ns, blocked_send=step * 480 * ns
            ),
            ev.EndState(sent, sent * 64, blocked_send=step * 20 * ns),
            ev.EndState(0, 0, sent * 2 - 10, (sent * 2 - 10) * 64),
        ],
        ev.Depth(10, 10, 10, "messages", "exact"),
        ev.Latency(118.0, 2400.0, 400),
        histogram=[n for bucket in range(140, 176) for n in (bucket, step * (1 + (bucket * 7) % 13))],
    )
    log = ev.ChannelState(
        [
            ev.EndState(step * 10, step * 300, stride=64),
            ev.EndState(
                0,
                0,
                step * 10,
                step * 300,
                activity="receiving",
                since=t - 1000,
                blocked_receive=step * 490 * ns,
                stride=64,
            ),
        ],
        ev.Depth(96, 512, 4096, "bytes", "at least", "two calls tell it"),
        ev.Latency(22.0, 80.0, 50),
    )
    table = ev.ChannelState(
        [ev.EndState(step * 7, step * 56), ev.EndState(0, 0, step * 3, step * 24)],
        ev.Depth(),
        ev.Latency(),
        content=(step * 7).to_bytes(8, "little"),
    )
    news = ev.ChannelState(
        [ev.EndState(step * 5, step * 500), ev.EndState(0, 0, step * 4, step * 400)],
        ev.Depth(reason="nobody counts"),
        ev.Latency(51.0, 900.0, 8),
        dropped=step,
    )
    kernel = [
        ev.ProcessState("sleeping", 4.0, 18 << 20, step * 9, step),
        ev.ProcessState("running", 31.0, 18 << 20, step * 40, step * 3),
        ev.ProcessState("running", 97.0 if step % 5 else 60.0, 22 << 20, step * 2, step * 50, 9),
        ev.ProcessState("sleeping", 1.0, 17 << 20, step * 11, 0),
    ]
    held = locks or [free_lock(t, 3), waited_lock(t)]
    watching = ev.Watching(1800.0, 0.013)
    return ev.Frame(t=t, channels=[jobs, log, table, news], locks=held, processes=kernel, watching=watching)


def free_lock(t: int, users: int) -> ev.LockState:
    """Nobody has it, and it was waited for now and then."""
    uses = [ev.LockUse("", 0, 40 + user, 10, 5_000_000) for user in range(users)]
    return ev.LockState(uses, 1, 0, "exact", "", ev.Latency(3.0, 250.0, 90))


def waited_lock(t: int) -> ev.LockState:
    """producer 2 has it, producer 1 waits."""
    waits = ev.LockUse("waiting", max(0, t - 2 * SECOND), 12, 8, SECOND)
    holds = ev.LockUse("holding", max(0, t - 3 * SECOND), 30, 2, 1_000_000)
    return ev.LockState([waits, holds], 0, 1, "exact", "", ev.Latency(900.0, 4_000_000.0, 7), holders=[102])


def ring(t: int) -> list[ev.LockState]:
    """producer 1 has the console and wants the ledger, producer 2 the other way round."""
    since = max(0, t - 2 * SECOND)
    has, wants = ev.LockUse("holding", since, 5), ev.LockUse("waiting", since, 5, 5, 1_000_000)
    console = ev.LockState([has, wants, ev.LockUse()], 0, 1, "exact", "", ev.Latency())
    return [console, ev.LockState([wants, has], 0, 1, "exact", "", ev.Latency())]


def message(number: int, payload: bytes, size: int | None = None, channel: int = 0) -> ev.Message:
    """The message of that number, a millisecond after the one before."""
    info = started().channels[channel]
    t = 10 * SECOND + number * 1_000_000
    return ev.Message(
        t=t,
        channel=info.name,
        sender=info.endpoints[0].process,
        receiver=info.endpoints[-1].process,
        sequence=number,
        sent=t - 118_000 * (1 + number % 3),
        size=len(payload) if size is None else size,
        payload=payload[:64],
    )


def faults() -> list[ev.AnyEvent]:
    """A share of the jobs is dropped and delayed; the consumer is slow."""
    made = [
        ev.FaultInjected(t=1, fault="drop", sentence="", channel="jobs", share=0.25),
        ev.FaultInjected(t=2, fault="slow", sentence="", process="consumer", amount=0.1),
    ]
    return [*made]


def events(steps: int = 24, stuck: bool = False) -> list[ev.AnyEvent]:
    """So many half seconds of it; `stuck` ends in a ring of two locks."""
    made: list[ev.AnyEvent] = [started()]
    made += [ev.ProcessStarted(t=0, process=name, pid=pid) for pid, name in enumerate(PROCESSES, 101)]
    made += faults()
    made += [frame(step, ring(step * SECOND // 2) if stuck else None) for step in range(1, steps + 1)]
    made.append(ev.Reported(t=steps, process="consumer", values={"orders": 7, "evil": "\x1b[31m"}))
    made.append(ev.Note(t=steps, process="consumer", text="printed \x1b]0;title\x07"))
    payloads = [b"order 1 2x item-77", "상품 🎉 ×3".encode(), b"\x1b[31mred\x00\xff", b'{"a": [1, 2]}']
    made += [message(number, payloads[number % 4], channel=number % 2) for number in range(1, 41)]
    return made


def world(steps: int = 24, stuck: bool = False) -> World:
    """The World after these events."""
    made = World()
    for event in events(steps, stuck):
        made.apply(event)
    return made


def view(steps: int = 24, stuck: bool = False) -> View:
    """The View of it."""
    return world(steps, stuck).view()


def ended_view() -> View:
    """The same after one process has crashed, one was killed as meant, and the rest were stopped."""
    made = world()
    t = 12 * SECOND
    ways: list[tuple[str, int | None, int | None, bool, str, str]] = [
        ("producer 1", 1, None, True, "ValueError: \x1b[31mno", TRACEBACK),
        ("producer 2", None, 9, False, "it was meant to be killed: by hand", ""),
        ("consumer", 0, None, False, "it was stopped with the run", ""),
        ("기록", 0, None, False, "", ""),
    ]
    for place, (name, status, number, failed, reason, detail) in enumerate(ways):
        made.apply(
            ev.ProcessExited(
                t=t,
                process=name,
                pid=101 + place,
                exit=status,
                signal=number,
                failed=failed,
                reason=reason,
                detail=detail,
            )
        )
    return made.view()
