"""Well-formed streams of events, for laws that hold for all of them (see conftest.py)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from ipcviz import events as ev

big = st.integers(0, (1 << 63) - 1)
counts = st.integers(0, 1 << 40)
share = st.floats(0, 1e9, allow_nan=False)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)
plain = st.one_of(st.none(), st.booleans(), st.integers(-(1 << 63), (1 << 63) - 1), share, text)
maybe = st.none() | share

depths = st.builds(
    ev.Depth,
    st.none() | counts,
    st.none() | counts,
    st.none() | counts,
    text,
    st.sampled_from(["exact", "at least", "estimate", "unknown"]),
    text,
)
latencies = st.builds(ev.Latency, maybe, maybe, counts)
end_states = st.builds(
    ev.EndState,
    counts,
    counts,
    counts,
    counts,
    st.sampled_from(["", "sending", "receiving"]),
    counts,
    counts,
    counts,
    st.integers(1, 1 << 20),
    st.booleans(),
    st.booleans(),
    counts,
)
lock_uses = st.builds(
    ev.LockUse, st.sampled_from(["", "waiting", "holding"]), counts, counts, counts, counts, st.booleans()
)
process_states = st.builds(ev.ProcessState, text, share, counts, counts, counts)
watchings = st.builds(ev.Watching, share, share)
hosts = st.builds(ev.Host, text, text, st.integers(1, 512), text, text)
PROCESSES = ["reader", "counter", "printer", "a", "b", "c"]


@st.composite
def sessions(draw: Any) -> ev.SessionStarted:
    """What runs: up to six processes, channels between them, locks of theirs."""
    processes = PROCESSES[: draw(st.integers(1, 6))]
    one = st.sampled_from(processes)
    roles = st.sampled_from(["sender", "receiver", "caller", "responder", "writer", "reader"])
    channels = [
        ev.ChannelInfo(
            f"channel {number}",
            draw(st.sampled_from(["channel", "call", "broadcast", "region"])),
            draw(names),
            draw(st.lists(st.builds(ev.EndpointInfo, one, roles), max_size=4)),
            draw(counts),
            draw(st.none() | names),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    locks = [
        ev.LockInfo(f"lock {number}", draw(names), draw(st.integers(1, 3)), draw(st.lists(one, unique=True)))
        for number in range(draw(st.integers(0, 2)))
    ]
    return ev.SessionStarted(
        t=0,
        topology=draw(names),
        about=draw(text),
        parameters=draw(st.dictionaries(names, plain, max_size=3)),
        processes=processes,
        channels=channels,
        locks=locks,
        host=draw(hosts),
        started_at="2024-05-05T12:00:00.000+02:00",
        tick=100,
    )


@st.composite
def frames(draw: Any, session: ev.SessionStarted, t: int) -> ev.Frame:
    """All counters of that session."""
    channels = [
        ev.ChannelState(
            [draw(end_states) for _ in channel.endpoints],
            draw(depths),
            draw(latencies),
        )
        for channel in session.channels
    ]
    locks = [
        ev.LockState(
            [draw(lock_uses) for _ in lock.users],
            draw(st.none() | counts),
            draw(st.none() | counts),
            draw(st.sampled_from(["exact", "unknown"])),
            draw(text),
            draw(latencies),
        )
        for lock in session.locks
    ]
    processes = [draw(process_states) for _ in session.processes]
    return ev.Frame(t=t, channels=channels, locks=locks, processes=processes, watching=draw(watchings))


ZERO = st.just(0)
one_process = st.sampled_from(PROCESSES)
HAPPENINGS = st.one_of(
    st.builds(
        ev.Message,
        t=ZERO,
        channel=names,
        sender=names,
        receiver=one_process,
        sequence=counts,
        sent=big,
        size=counts,
        payload=st.binary(max_size=64),
    ),
    st.builds(
        ev.LockEvent,
        t=ZERO,
        lock=names,
        process=one_process,
        action=st.sampled_from(["waited", "acquired", "released"]),
        waited=counts,
    ),
    st.builds(ev.Reported, t=ZERO, process=one_process, values=st.dictionaries(names, plain, max_size=3)),
    st.builds(ev.Note, t=ZERO, process=one_process, text=text),
    st.builds(ev.ProcessStarted, t=ZERO, process=one_process, pid=st.integers(1, 1 << 22)),
    st.builds(ev.ProcessSignalled, t=ZERO, process=one_process, signal=st.integers(1, 64)),
    st.builds(
        ev.ProcessExited,
        t=ZERO,
        process=one_process,
        pid=st.integers(1, 1 << 22),
        exit=st.none() | st.integers(0, 255),
        signal=st.none() | st.integers(1, 64),
        failed=st.booleans(),
        reason=text,
        detail=text,
    ),
    st.builds(
        ev.FindingRaised,
        t=ZERO,
        key=st.sampled_from(["deadlock:a|b", "backlog:x", "lost:y"]),
        kind=st.sampled_from(["deadlock", "backlog", "failed process", "lost"]),
        sentence=text,
        since=big,
        members=st.lists(names, max_size=3),
        ring=st.booleans(),
    ),
    st.builds(ev.FindingCleared, t=ZERO, key=st.sampled_from(["deadlock:a|b", "backlog:x", "lost:y"])),
    st.builds(ev.Lost, t=ZERO, events=counts),
    st.builds(ev.Gap, t=ZERO, left_out=counts),
    st.builds(ev.Chapter, t=ZERO, label=text, caption=text, note=text, auto=st.booleans()),
    st.builds(
        ev.FaultInjected,
        t=ZERO,
        fault=st.sampled_from(
            ["pause", "resume", "kill", "slow", "rate", "delay", "drop", "duplicate", "corrupt", "send"]
        ),
        sentence=text,
        process=one_process | st.just(""),
        channel=st.sampled_from(["", "channel 0", "channel 1"]),
        amount=share,
        count=counts,
        share=st.floats(0, 1),
        payload=st.binary(max_size=64),
        done=st.booleans(),
    ),
)
"""Anything but a frame and the first and the last event."""
STEPS = st.sampled_from([0, 1, 100_000_000, 400_000_000, 2_000_000_000, 11_000_000_000])


@st.composite
def summaries(draw: Any, session: ev.SessionStarted) -> ev.Summary:
    """The last event of that session."""
    percentiles = st.builds(ev.Percentiles, maybe, maybe)
    return ev.Summary(
        topology=session.topology,
        seconds=draw(share),
        processes=[
            ev.ProcessSummary(name, draw(counts), draw(st.none() | counts), draw(st.none() | counts))
            for name in session.processes
        ],
        channels=[
            ev.ChannelSummary(
                channel.name,
                channel.kind,
                channel.mechanism,
                *(draw(counts) for _ in range(4)),
                draw(share),
                draw(percentiles),
                ev.DepthSummary(draw(st.none() | counts), None, draw(st.none() | counts), "bytes", "exact"),
                ev.BlockedSummary(draw(share), draw(share)),
                draw(counts),
            )
            for channel in session.channels
        ],
        locks=[
            ev.LockSummary(
                lock.name, lock.mechanism, lock.users, [], draw(counts), draw(counts), draw(percentiles)
            )
            for lock in session.locks
        ],
        findings=[ev.FindingSummary("backlog", draw(text), draw(share))],
        reports=draw(st.dictionaries(names, st.dictionaries(names, plain, max_size=2), max_size=2)),
        stream=ev.StreamSummary(draw(counts), draw(counts)),
        watching=draw(watchings),
    )


@st.composite
def streams(draw: Any) -> list[ev.AnyEvent]:
    """A whole session, or a refusal."""
    if draw(st.integers(0, 19)) == 0:
        return [ev.Refused(t=0, sentence=draw(text), detail=draw(text))]
    session = draw(sessions())
    events: list[ev.AnyEvent] = [session]
    t = 0
    for _ in range(draw(st.integers(0, 6))):
        t += draw(STEPS)
        events.append(draw(frames(session, t)))
        for event in draw(st.lists(HAPPENINGS, max_size=3)):
            events.append(structs.replace(event, t=t))
    if draw(st.booleans()):
        events.append(draw(summaries(session)))
    return events
