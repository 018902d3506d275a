"""A run as lines of text: one for each channel a second, and one for whatever else happens."""

from __future__ import annotations

from collections.abc import Iterator

from ipcviz import events as ev
from ipcviz import units
from ipcviz.findings import how_it_ended
from ipcviz.traits import gives
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, LockView, View
from ipcviz.world import World


class PlainLines:
    """Turns events into lines."""

    def __init__(self) -> None:
        self._world = World()
        self._due = SECOND
        self._findings: dict[str, str] = {}
        self._told = 0
        """The newest time so far: a session that was joined may have begun before it is entered."""

    @property
    def view(self) -> View:
        """The world so far."""
        return self._world.view()

    def lines(self, event: ev.AnyEvent) -> Iterator[str]:
        """What there is to say after this event; nothing in it that a terminal would obey."""
        self._world.apply(event)
        if isinstance(event, ev.Event) and not isinstance(event, ev.SessionStarted):
            self._told = max(self._told, event.t)
        yield from map(units.printable, self._lines(event))

    def _lines(self, event: ev.AnyEvent) -> Iterator[str]:
        if isinstance(event, ev.SessionStarted):
            self._findings.clear()
            yield from _opening(event, units.clock(max(event.t, self._told)))
        elif isinstance(event, ev.Frame) and event.t >= self._due:
            self._due += SECOND * max(1, (event.t - self._due) // SECOND + 1)
            yield from self._frame()
        elif isinstance(event, ev.ProcessExited):
            yield f"{units.clock(event.t)}  {event.process} {_ending(event)}"
            yield from (f"       {line}" for line in event.detail.split("\n") if line)
        elif isinstance(event, ev.Note):
            yield f"{units.clock(event.t)}  {event.process}: {event.text}"
        elif isinstance(event, ev.FaultInjected):
            yield f"{units.clock(event.t)}  {'' if event.done else 'Not done: '}{event.sentence}"
        elif isinstance(event, ev.FindingRaised):
            if event.key not in self._findings:
                yield f"{units.clock(event.t)}  ▲ {event.sentence}"
            self._findings[event.key] = event.sentence
        elif isinstance(event, ev.FindingCleared):
            yield f"{units.clock(self.view.t)}  No longer: {self._findings.pop(event.key, event.key)}"
        elif isinstance(event, ev.Chapter):
            caption = f": {event.caption}" if event.caption else ""
            yield f"{units.clock(event.t)}  Chapter: {event.label}{caption}"
        elif isinstance(event, ev.Gap) and event.left_out:
            yield f"{units.clock(event.t)}  Here {units.span(event.left_out)} were cut out."
        elif isinstance(event, ev.Summary):
            yield from _closing(event)

    def _frame(self) -> Iterator[str]:
        view = self._world.view()
        width = max((len(channel.info.name) for channel in view.channels), default=0)
        for channel in view.channels:
            yield f"{units.clock(view.t)}  {channel_line(channel, width)}"
        for lock in view.locks:
            yield f"{units.clock(view.t)}  {lock_line(lock)}"


def channel_line(channel: ChannelView, width: int) -> str:
    """One channel, now."""
    if channel.is_region:
        return _region_line(channel, width)
    depth = channel.depth
    mark = "" if depth.quality == "exact" else f" ({depth.quality})"
    sampling = "" if channel.stride == 1 else f"  1 in {channel.stride}"
    dropped = f"  dropped {channel.dropped:,}" if channel.dropped else ""
    return (
        f"{channel.info.name:{width}}  {channel.mechanism}  {units.rate(channel.rate):>9}"
        f"  {units.size(channel.bytes_rate) + '/s':>12}"
        f"  depth {units.depth(depth.now, depth.capacity, depth.unit)} {_noun(depth.unit)}{mark}"
        f"  p50 {units.micros(channel.latency.p50)} p99 {units.micros(channel.latency.p99)}{sampling}"
        f"  blocked send {units.percent(channel.blocked_send)}"
        f" receive {units.percent(channel.blocked_receive)}{dropped}"
    )


def _region_line(region: ChannelView, width: int) -> str:
    return (
        f"{region.info.name:{width}}  {region.mechanism}  {units.size(region.info.size)} shared"
        f"  written {region.sent:,} times  read {region.received:,} times  first number {region.number:,}"
    )


def lock_line(lock: LockView) -> str:
    """One lock, now."""
    holders = ", ".join(user.process for user in lock.holders) or "nobody"
    waiters = ", ".join(user.process for user in lock.waiters) or "nobody"
    value = "?" if lock.value is None else lock.value
    return (
        f"{lock.info.name}  {lock.info.mechanism}  value {value}  held by {holders}  waited for by {waiters}"
        f"  taken {units.count(lock.acquisitions)} times"
    )


def _noun(unit: str) -> str:
    """The unit's noun, where the figure does not carry it itself."""
    return unit.removeprefix("bytes").removeprefix(" of ")


def _opening(event: ev.SessionStarted, clock: str) -> Iterator[str]:
    chosen = ", ".join(f"{name}={value}" for name, value in event.parameters.items())
    yield f"{clock}  {event.topology} ({chosen}) on {event.host.name}, {event.host.system}"
    for channel in event.channels:
        givers = [end.process for end in channel.endpoints if gives(end.role)]
        takers = [end.process for end in channel.endpoints if not gives(end.role)]
        arrow = "⇄" if channel.kind == "call" else "→"
        at = f"  at {channel.address}" if channel.address else ""
        ends = f"{', '.join(givers)} {arrow} {', '.join(takers)}" if takers else ", ".join(givers)
        yield f"{clock}  {channel.name}  {channel.mechanism}  {ends}{at}"


def _ending(event: ev.ProcessExited) -> str:
    how = how_it_ended(event.exit, event.signal)
    return f"{how}: {event.reason}" if event.reason else f"{how}."


def _closing(summary: ev.Summary) -> Iterator[str]:
    yield f"After {summary.seconds:.1f} s:"
    for channel in summary.channels:
        yield (
            f"  {channel.name}: sent {channel.sent:,}, received {channel.received:,}, "
            f"in flight {channel.in_flight:,}, lost {channel.lost:,}; {units.rate(channel.rate)}, "
            f"p50 {units.micros(channel.latency_us.p50)}, p99 {units.micros(channel.latency_us.p99)}"
        )
    for region in summary.regions:
        yield f"  {region.name}: written {region.writes:,} times, read {region.reads:,} times"
    for process, values in summary.reports.items():
        found = ", ".join(f"{name}={value}" for name, value in values.items())
        yield f"  {process} reports {found}"
    for finding in summary.findings:
        yield f"  ▲ {finding.sentence}"
