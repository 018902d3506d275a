"""A session as a real one of that size tells it: 50 channels, 200 messages a second, 20 frames a second.

Twenty-five processes ask twenty-five others, by pipe, at times that chance tells, four times a second each.
Counters, waits, latencies, histograms and depths go together as in a run; the same at every call.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import deque
from collections.abc import Iterator

from ipcviz import events as ev
from ipcviz.runtime.histogram import BUCKETS, bucket_of, filled
from ipcviz.runtime.sampler import latency_of
from ipcviz.units import SECOND

PAIRS = 25
RATE = 4.0
TICK = SECOND // 20
LATENCY_WINDOW = 40
"""Frames."""
CAPACITY = 1 << 16


def session() -> ev.SessionStarted:
    """What runs."""
    channels = []
    for n in range(PAIRS):
        for name, sender, receiver in (
            (f"orders {n}", "asker", "answerer"),
            (f"answers {n}", "answerer", "asker"),
        ):
            ends = [
                ev.EndpointInfo(f"{sender} {n}", "sender"),
                ev.EndpointInfo(f"{receiver} {n}", "receiver"),
            ]
            channels.append(ev.ChannelInfo(name, "channel", "pipe", ends, 1_048_560))
    return ev.SessionStarted(
        t=0,
        topology="market",
        about="Fifty channels, for a benchmark.",
        parameters={"pairs": PAIRS, "rate": RATE},
        processes=[f"{who} {n}" for n in range(PAIRS) for who in ("asker", "answerer")],
        channels=channels,
        locks=[],
        host=ev.Host("here", "Linux", 2, "3.11", "0"),
        started_at="2026-01-01T00:00:00.000+00:00",
        tick=TICK // 1_000_000,
    )


class _Channel:
    """One direction between two processes, and what has gone through it."""

    def __init__(self, name: str, sender: str, receiver: str) -> None:
        self.name, self.sender, self.receiver = name, sender, receiver
        self.sent = self.sent_bytes = self.received = self.blocked = 0
        self.waits_since: int | None = 0
        self.counts = [0] * BUCKETS
        self.kept: deque[list[int]] = deque(maxlen=LATENCY_WINDOW)
        self.queued = self.highest = 0

    def pass_on(self, sent: int, latency: int, payload: bytes) -> ev.Message:
        """One message, received `latency` ns after it was sent."""
        t = sent + latency
        self.sent += 1
        self.received += 1
        self.sent_bytes += len(payload)
        if self.waits_since is not None:
            self.blocked += max(0, t - self.waits_since)
        self.waits_since = None
        self.counts[bucket_of(latency)] += 1
        return ev.Message(
            t=t,
            channel=self.name,
            sender=self.sender,
            receiver=self.receiver,
            sequence=self.sent,
            sent=sent,
            size=len(payload),
            payload=payload[:64],
        )

    def state(self, t: int) -> ev.ChannelState:
        """The channel at an instant."""
        waits = self.waits_since is not None and self.waits_since < t
        since = self.waits_since if waits else 0
        received = ev.EndState(
            received=self.received,
            received_bytes=self.sent_bytes,
            activity="receiving" if waits else "",
            since=since or 0,
            blocked_receive=self.blocked + (t - (since or 0) if waits else 0),
        )
        self.kept.append(list(self.counts))
        recent = [now - then for now, then in zip(self.counts, self.kept[0], strict=True)]
        self.highest = max(self.highest, self.queued)
        depth = ev.Depth(self.queued, self.highest, CAPACITY, "bytes", "exact")
        ends = [ev.EndState(sent=self.sent, sent_bytes=self.sent_bytes), received]
        return ev.ChannelState(ends, depth, latency_of(recent), histogram=filled(self.counts))


class _Session:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        names = [(f"asker {n}", f"answerer {n}") for n in range(PAIRS)]
        self._orders = [_Channel(f"orders {n}", *pair) for n, pair in enumerate(names)]
        self._answers = [_Channel(f"answers {n}", *pair[::-1]) for n, pair in enumerate(names)]
        for answers in self._answers:
            answers.waits_since = None
        self._next = [(self._pause(), n) for n in range(PAIRS)]
        heapq.heapify(self._next)
        self._processes = [[0.0, 22_000_000 + 4096 * n, 30, 2] for n in range(2 * PAIRS)]

    def until(self, t: int) -> list[ev.Message]:
        """The messages up to then, in the order of their receipt."""
        messages: list[ev.Message] = []
        while self._next[0][0] < t:
            when, n = heapq.heappop(self._next)
            messages += self._exchange(when, n)
            heapq.heappush(self._next, (messages[-1].t + self._pause(), n))
        return sorted(messages, key=lambda message: message.t)

    def frame(self, t: int, number: int) -> ev.Frame:
        """All counters."""
        pairs = zip(self._orders, self._answers, strict=True)
        for orders in self._orders:
            orders.queued = 43 * self._chance.choice((0,) * 30 + (1, 2))
        channels = [channel.state(t) for pair in pairs for channel in pair]
        if number % 10 == 0:
            for process in self._processes:
                process[0] = self._chance.choice((0.0, 0.0, 2.0))
                process[2] += self._chance.randrange(1, 5)
                process[3] += self._chance.randrange(8) == 0
        share = 0.05 + self._chance.random() / 100 if number % 20 == 0 else 0.055
        return ev.Frame(
            t=t,
            channels=channels,
            locks=[],
            processes=[
                ev.ProcessState("sleeping", cpu, int(memory), int(voluntary), int(involuntary), 8)
                for cpu, memory, voluntary, involuntary in self._processes
            ],
            watching=ev.Watching(1018.3, round(share, 5)),
        )

    def _exchange(self, when: int, n: int) -> list[ev.Message]:
        chance, number = self._chance, self._orders[n].sent + 1
        count = chance.randrange(9)
        item = f"item-{chance.randrange(100)}"
        asked = json.dumps({"order": number, "item": item, "count": count}).encode()
        order = self._orders[n].pass_on(when, int(chance.lognormvariate(11.3, 0.5)), asked)
        self._answers[n].waits_since = when + 9_000
        answered = json.dumps({"order": number, "price": count * 7, "ok": True}).encode()
        sent = order.t + 550_000 + chance.randrange(90_000)
        answer = self._answers[n].pass_on(sent, int(chance.lognormvariate(10.6, 0.4)), answered)
        self._orders[n].waits_since = sent + 8_000
        return [order, answer]

    def _pause(self) -> int:
        return int(self._chance.expovariate(RATE) * SECOND)


def events(seconds: int, seed: int = 5) -> Iterator[ev.AnyEvent]:
    """The whole session, but for its summary."""
    made = _Session(seed)
    started = session()
    yield started
    for number, name in enumerate(started.processes):
        yield ev.ProcessStarted(t=1_000_000 + number * 500_000, process=name, pid=4_000 + number)
    chance = random.Random(seed)
    for number in range(1, seconds * SECOND // TICK + 1):
        t = number * TICK + chance.randrange(2_000_000)
        messages = made.until(t)
        yield made.frame(t, number)
        yield from messages
