"""The last event: a session in figures."""

from __future__ import annotations

import signal
from collections.abc import Iterable

import msgspec

from ipcviz import events as ev
from ipcviz.runtime.sampler import Sampler, latency_of
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, LockView, View


def summary_of(
    view: View,
    latencies: list[ev.Latency],
    waits: list[ev.Latency],
    in_flight: list[int],
    events: int,
    lost: int,
    found: list[int] | None = None,
) -> ev.Summary:
    """The figures of `view`; the lists are in the order of its channels and its locks."""
    were_there = found or [0] * len(view.channels)
    seconds = view.t / SECOND
    return ev.Summary(
        topology=view.session.topology if view.session else "",
        seconds=round(seconds, 3),
        processes=[ev.ProcessSummary(p.name, p.pid or 0, p.exit, p.signal) for p in view.processes],
        channels=[
            _channel(channel, latency, left, seconds, before)
            for channel, latency, left, before in zip(
                view.channels, latencies, in_flight, were_there, strict=True
            )
            if channel.info.kind != "region"
        ],
        locks=[_lock(lock, wait) for lock, wait in zip(view.locks, waits, strict=True)],
        findings=_findings(view.findings),
        reports={process.name: dict(process.reports) for process in view.processes if process.reports},
        stream=ev.StreamSummary(events, lost),
        watching=view.watching,
        regions=[_region(channel) for channel in view.channels if channel.info.kind == "region"],
    )


def events_without_supervisor(view: View) -> list[ev.AnyEvent]:
    """What a killed supervisor did not come to say: that its workers ended with it, and the summary."""
    sentence = (
        "The supervisor was killed, and the processes ended with it; "
        "`ipcviz clean`, or the next run, removes what they have left."
    )
    finding = ev.FindingRaised(
        t=view.t, key="supervisor", kind="failed process", sentence=sentence, since=view.t, members=[]
    )
    ends: list[ev.AnyEvent] = [
        ev.ProcessExited(
            t=view.t,
            process=process.name,
            pid=process.pid or 0,
            exit=None,
            signal=signal.SIGKILL,
            failed=True,
            reason="it ended with the supervisor",
        )
        for process in view.processes
        if process.status in ("starting", "running")
    ]
    killed = {end.process for end in ends if isinstance(end, ev.ProcessExited)}
    processes = tuple(
        msgspec.structs.replace(process, signal=int(signal.SIGKILL)) if process.name in killed else process
        for process in view.processes
    )
    last = msgspec.structs.replace(view, processes=processes, findings=(*view.findings, finding))
    return [*ends, finding, _last_figures(last)]


def _last_figures(view: View) -> ev.Summary:
    """What was in flight is not known any more, so that it counts as lost nowhere."""
    unreceived = [max(0, channel.sent - channel.received) for channel in view.channels]
    latencies = [channel.latency for channel in view.channels]
    waits = [lock.wait for lock in view.locks]
    return summary_of(view, latencies, waits, unreceived, view.messages_seen, view.lost)


def whole_latencies(sampler: Sampler, rows: Iterable[tuple[int, int]]) -> list[ev.Latency]:
    """Over the whole session; `rows` are pairs of a first row and how many."""
    return [latency_of(sampler.latency(first, count)) for first, count in rows]


def _channel(
    channel: ChannelView, latency: ev.Latency, in_flight: int, seconds: float, found: int
) -> ev.ChannelSummary:
    depth = channel.depth
    return ev.ChannelSummary(
        name=channel.info.name,
        kind=channel.info.kind,
        mechanism=channel.info.mechanism,
        sent=channel.sent,
        received=channel.received,
        bytes=channel.bytes,
        lost=max(0, channel.sent + found - channel.received - in_flight),
        rate=round(channel.received / seconds, 1) if seconds else 0.0,
        latency_us=ev.Percentiles(latency.p50, latency.p99),
        depth=ev.DepthSummary(depth.now, depth.max, depth.capacity, depth.unit, depth.quality),
        blocked_s=ev.BlockedSummary(
            round(sum(end.state.blocked_send for end in channel.ends) / SECOND, 3),
            round(sum(end.state.blocked_receive for end in channel.ends) / SECOND, 3),
        ),
        in_flight=in_flight,
        dropped=channel.dropped,
        found=found,
    )


def _region(region: ChannelView) -> ev.RegionSummary:
    info = region.info
    return ev.RegionSummary(
        info.name, info.mechanism, info.size, region.sent, region.received, region.content
    )


def _lock(lock: LockView, wait: ev.Latency) -> ev.LockSummary:
    return ev.LockSummary(
        name=lock.info.name,
        mechanism=lock.info.mechanism,
        holders=[user.process for user in lock.holders],
        waiters=[user.process for user in lock.waiters],
        acquisitions=lock.acquisitions,
        contended=lock.contended,
        wait_us=ev.Percentiles(wait.p50, wait.p99),
    )


def _findings(findings: Iterable[ev.FindingRaised]) -> list[ev.FindingSummary]:
    return [
        ev.FindingSummary(finding.kind, finding.sentence, round(finding.since / SECOND, 3))
        for finding in findings
    ]
