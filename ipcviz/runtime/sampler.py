"""The supervisor's look at everything: one Frame a tick, and the samples that came since the last one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping

from ipcviz import events as ev
from ipcviz.mechanisms.contract import RECEIVING, Reach
from ipcviz.probes.processes import ProcessProbe
from ipcviz.runtime import telemetry as tm
from ipcviz.runtime.assembly import Assembly, MadeChannel, MadeLock, after_death
from ipcviz.runtime.fault_words import hit_so_far, still_to_hit
from ipcviz.runtime.histogram import filled, percentile

LATENCY_WINDOW = 2_000_000_000
PROCESSES_EVERY = 500_000_000
"""Nanoseconds between two looks at /proc, the dearest of all questions."""
SLOW = 500
"""Messages a second of one endpoint up to which all are sampled, however busy the others are."""


class Sampler:
    """Reads the page and asks the probes; times are ns since `origin`, on the monotonic clock."""

    def __init__(self, assembly: Assembly, page: tm.Page, origin: int, workers: list[str]) -> None:
        self._assembly = assembly
        self._page = page
        self._origin = origin
        self._rings = {name: page.ring(number) for number, name in enumerate(workers)}
        self._rows = _RowNames(assembly)
        self._highest: dict[str, int] = {}
        self._histograms: dict[str, deque[tuple[int, list[int]]]] = {}
        self._probes: dict[str, ProcessProbe] = {}
        self._states = {name: ev.ProcessState() for name in workers}
        self._ended: dict[str, int] = {}
        self._asked = 0
        self._counts: dict[int, tuple[int, int]] = {}
        self._cost = tm.calibrate()
        self._own = (time.monotonic_ns(), time.process_time_ns())
        self._share = 0.0
        self._worked = 0.0

    def watch(self, process: str, pid: int) -> None:
        """Ask about this process from now on."""
        self._probes[process] = ProcessProbe(pid)

    def forget(self, process: str) -> None:
        """It has ended."""
        self._probes.pop(process, None)
        self._ended[process] = time.monotonic_ns()
        self._states[process] = ev.ProcessState(state="ended")

    def frame(self, reach: Mapping[str, Reach]) -> ev.Frame:
        """All counters now."""
        now = time.monotonic_ns()
        channels = [self._channel(made, reach[made.chosen.name], now) for made in self._assembly.channels]
        locks = [self._lock(made, now) for made in self._assembly.locks]
        self._ask_processes(now)
        watching = self._watching(now, channels)
        self._set_strides(now)
        t = time.monotonic_ns() - self._origin
        return ev.Frame(
            t=t, channels=channels, locks=locks, processes=list(self._states.values()), watching=watching
        )

    def samples(self) -> list[ev.Message | ev.LockEvent]:
        """Messages and lock events since the last call, in the order of their times."""
        events = [
            self._rows.event(sample, process, self._origin)
            for process, ring in self._rings.items()
            for sample in ring.drain()
        ]
        return sorted(events, key=lambda event: event.t)

    @property
    def missed(self) -> int:
        """Samples that were overwritten before they were read."""
        return sum(ring.missed for ring in self._rings.values())

    def latency(self, first_row: int, rows: int) -> list[int]:
        """The histograms of these rows, added up."""
        histograms = [self._page.histogram(row) for row in range(first_row, first_row + rows)]
        return [sum(counts) for counts in zip(*histograms, strict=True)] or [0]

    def _channel(self, made: MadeChannel, reach: Reach, now: int) -> ev.ChannelState:
        depth = made.kernel.depth(reach)
        name = made.chosen.name
        if depth.now is not None:
            self._highest[name] = max(self._highest.get(name, 0), depth.now)
        ends = [
            self._end(made.first_row + number, end.process, now)
            for number, end in enumerate(made.chosen.endpoints)
        ]
        counts = self.latency(made.first_row, len(ends))
        latency = self._recent(name, counts, now)
        full = ev.Depth(
            depth.now, self._highest.get(name), depth.capacity, depth.unit, depth.quality, depth.reason
        )
        dropped, content = made.kernel.dropped(reach), made.kernel.content()
        rows = [self._page.fault_words(made.first_row + number) for number in range(len(ends))]
        return ev.ChannelState(
            ends, full, latency, dropped, content, filled(counts), hit_so_far(rows), still_to_hit(rows)
        )

    def _end(self, row: int, process: str, now: int) -> ev.EndState:
        """Who was killed in a wait waits no more."""
        words = self._page.row(row)
        activity, timed, since = tm.state_of(words[tm.WAIT])
        now = min(now, self._ended.get(process, now))
        send, receive = words[tm.BLOCKED_SEND], words[tm.BLOCKED_RECEIVE]
        if activity == RECEIVING:
            receive += max(0, now - since)
        elif activity:
            send += max(0, now - since)
        activity = 0 if process in self._ended else activity
        words_of = {0: "", 1: "sending", 2: "receiving"}
        return ev.EndState(
            sent=words[tm.SENT],
            sent_bytes=words[tm.SENT_BYTES],
            received=words[tm.RECEIVED],
            received_bytes=words[tm.RECEIVED_BYTES],
            activity=words_of[activity],  # type: ignore[arg-type]
            since=max(0, since - self._origin) if activity else 0,
            blocked_send=send,
            blocked_receive=receive,
            stride=words[tm.STRIDE],
            closed=bool(words[tm.CLOSED]),
            timed=timed,
            faulted=sum(hit_so_far([self._page.fault_words(row)]).values()),
        )

    def _lock(self, made: MadeLock, now: int) -> ev.LockState:
        seen = made.kernel.inspect()
        users = made.chosen.declaration.users
        uses = [self._use(made, number, user) for number, user in enumerate(users)]
        name = made.chosen.declaration.name
        wait = self._recent(name, self.latency(made.first_row, len(users)), now)
        quality, reason = seen.quality, seen.reason
        if made.kernel.counts_the_dead and quality == "exact" and self._killed_waiting(made):
            quality, reason = "estimate", "a waiter was killed, and the C library goes on counting it"
        holders = None if seen.holders is None else list(seen.holders)
        return ev.LockState(uses, seen.value, seen.waiters, quality, reason, wait, holders)

    def _killed_waiting(self, made: MadeLock) -> bool:
        users = enumerate(made.chosen.declaration.users)
        rows = (made.first_row + number for number, user in users if user in self._ended)
        return any(tm.state_of(self._page.row(row)[tm.STATE])[0] == tm.WAITING for row in rows)

    def _use(self, made: MadeLock, number: int, user: str) -> ev.LockUse:
        """Who ended in a wait waits no more; who ended as a holder still holds where nobody gives it back."""
        words = self._page.row(made.first_row + number)
        state, timed, since = tm.state_of(words[tm.STATE])
        died = user in self._ended and state == tm.HOLDING
        if user in self._ended and (state == tm.WAITING or after_death(made.chosen) != "stuck"):
            state = 0
        return ev.LockUse(
            state="waiting" if state == tm.WAITING else "holding" if state == tm.HOLDING else "",
            since=max(0, since - self._origin) if state else 0,
            acquisitions=words[tm.ACQUISITIONS],
            contended=words[tm.CONTENDED],
            waited=words[tm.WAITED],
            timed=timed,
            shared=bool(state) and tm.is_shared(words[tm.STATE]),
            died=died,
        )

    def _recent(self, name: str, counts: list[int], now: int) -> ev.Latency:
        """Percentiles of what came into the histogram within the window."""
        kept = self._histograms.setdefault(name, deque())
        kept.append((now, counts))
        while len(kept) > 2 and kept[1][0] <= now - LATENCY_WINDOW:
            kept.popleft()
        before = kept[0][1] if len(kept) > 1 else [0] * len(counts)
        return latency_of([new - old for new, old in zip(counts, before, strict=True)])

    def _ask_processes(self, now: int) -> None:
        if now - self._asked < PROCESSES_EVERY:
            return
        self._asked = now
        for name, probe in self._probes.items():
            self._states[name] = probe.ask()

    def _set_strides(self, now: int) -> None:
        """As many samples as all rates together allow; who is slow is sampled whatever the others do."""
        rows = {row: self._page.row(row) for row in range(self._assembly.rows)}
        rates = {row: self._rate(row, words[tm.SENT], now) for row, words in rows.items()}
        busy = tm.stride_for(sum(rates.values()))
        for row, words in rows.items():
            stride = busy if rates[row] > SLOW else 1
            if stride != words[tm.STRIDE]:
                self._page.set_stride(row, stride)

    def _rate(self, row: int, count: int, now: int) -> float:
        """Messages sent a second since the last look; of a lock's user, acquisitions (the same word)."""
        then, before = self._counts.get(row, (now, count))
        self._counts[row] = (now, count)
        return (count - before) * 1e9 / (now - then) if now > then else 0.0

    def _watching(self, now: int, channels: list[ev.ChannelState]) -> ev.Watching:
        """The workers' counting at the present rates, and the supervisor's own processor time."""
        wall, used = self._own
        if now - wall >= 1_000_000_000:
            own = time.process_time_ns()
            counting = self._counting(channels)
            self._share = (own - used + counting - self._worked) / (now - wall)
            self._own, self._worked = (now, own), counting
        strides = [end.stride for channel in channels for end in channel.ends]
        stride = max(strides, default=1)
        per_message = self._cost.counted + (self._cost.sampled - self._cost.counted) / stride
        return ev.Watching(round(per_message, 1), round(self._share, 5))

    def _counting(self, channels: list[ev.ChannelState]) -> float:
        """Nanoseconds that workers have spent on counting so far, by the calibrated cost."""
        messages = sum(end.received for channel in channels for end in channel.ends)
        stamped = sum(
            sum(self.latency(made.first_row, len(made.chosen.endpoints))) for made in self._assembly.channels
        )
        return messages * self._cost.counted + stamped * (self._cost.sampled - self._cost.counted)


class _RowNames:
    """What a telemetry row stands for, to turn a sample into an event."""

    def __init__(self, assembly: Assembly) -> None:
        self._channels = {
            made.first_row + number: made
            for made in assembly.channels
            for number in range(len(made.chosen.endpoints))
        }
        self._locks = {
            made.first_row + number: made.chosen.declaration.name
            for made in assembly.locks
            for number in range(len(made.chosen.declaration.users))
        }

    def event(self, sample: tm.Sample, process: str, origin: int) -> ev.Message | ev.LockEvent:
        if sample.kind != tm.MESSAGE:
            actions = {tm.LOCK_WAITED: "waited", tm.LOCK_ACQUIRED: "acquired", tm.LOCK_RELEASED: "released"}
            return ev.LockEvent(
                t=sample.ended - origin,
                lock=self._locks[sample.row],
                process=process,
                action=actions[sample.kind],  # type: ignore[arg-type]
                waited=sample.began,
            )
        chosen = self._channels[sample.row].chosen
        return ev.Message(
            t=sample.ended - origin,
            channel=chosen.name,
            sender=chosen.endpoints[sample.sender].process,
            receiver=process,
            sequence=sample.sequence,
            sent=sample.began - origin,
            size=sample.size,
            payload=sample.preview,
        )


def latency_of(counts: list[int]) -> ev.Latency:
    """Percentiles of a histogram, in microseconds."""
    p50, p99 = (percentile(counts, part) for part in (0.5, 0.99))
    if p50 is None or p99 is None:
        return ev.Latency()
    return ev.Latency(round(p50 / 1000, 3), round(p99 / 1000, 3), sum(counts))
