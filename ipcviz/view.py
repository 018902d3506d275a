"""The View: the world at an instant, which later events do not change. What panels and findings read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from ipcviz import events as ev
from ipcviz.lanes import Lanes
from ipcviz.traits import gives

Payload = bytes


class EndView(msgspec.Struct, frozen=True, gc=False):
    """An endpoint: its counters, messages a second in both directions, and how it waited.

    `waited` is the part (0 to 1) of the last 10 s that it waited in the channel, to send and to receive. Who
    is paused by hand does not wait: `state` has neither an activity meanwhile nor that time in its counters.
    """

    process: str
    role: str
    state: ev.EndState
    sent_rate: float = 0.0
    received_rate: float = 0.0
    waited: float = 0.0


class Order(msgspec.Struct, frozen=True, gc=False):
    """What the samples of one sender's messages at one receiver say of their order.

    `highest` is the latest message's number (a sender counts from 1), `samples` how many were seen.
    `overtaken` came after one that was sent later, `repeated` had come before; `late` is the last that was
    overtaken, and the one before which it should have come.
    """

    sender: str
    receiver: str
    highest: int = 0
    samples: int = 0
    overtaken: int = 0
    repeated: int = 0
    late: tuple[int, int] | None = None


class Unread(msgspec.Struct, frozen=True):
    """Nobody is left to receive `since` then; `sent` messages have gone in after it was seen."""

    since: int
    sent: int


class ChannelView(msgspec.Struct, frozen=True):
    """A channel. Rates are over the last second, shares (0 to 1) over the last 10 s.

    What a broadcast sends counts once for each receiver; of a region, `sent` are writes, `received` reads.
    """

    info: ev.ChannelInfo
    ends: tuple[EndView, ...]
    sent: int
    received: int
    bytes: int
    rate: float
    bytes_rate: float
    depth: ev.Depth
    latency: ev.Latency
    stride: int
    blocked_send: float
    blocked_receive: float
    full: float
    history: tuple[float, ...]
    dropped: int | None = None
    content: Payload = b""
    faults: tuple[ev.FaultInjected, ...] = ()
    """The acts on its messages that still hold: a share of them delayed, dropped, duplicated, corrupted."""
    orders: tuple[Order, ...] = ()
    """For each pair of a sender and a receiver of which a message was sampled."""
    unread: Unread | None = None
    """None while somebody can receive."""
    steps: int = 0
    """Half seconds of which `history` and `depths` keep the last."""
    depths: tuple[int | None, ...] = ()
    """The most that a frame saw in it, every half second of the last minute; None where nobody knew."""
    histogram: tuple[int, ...] = ()
    """All its latencies so far, as in `ChannelState`."""
    histogram_before: tuple[int, ...] = ()
    """The same 10 s ago: the difference is what the last 10 s brought."""
    faulted: dict[str, int] = {}
    """By kind of fault, how many messages acts have hit so far."""
    pending: dict[str, int] = {}
    """How many of "the next so many" are still to be hit."""

    @property
    def is_region(self) -> bool:
        """Shared bytes, and no queue."""
        return self.info.kind == "region"

    @property
    def mechanism(self) -> str:
        """The mechanism with what was chosen of it, as it is typed: tcp:nodelay=no."""
        chosen = ",".join(f"{name}={value}" for name, value in self.info.options.items())
        return f"{self.info.mechanism}:{chosen}" if chosen else self.info.mechanism

    @property
    def number(self) -> int:
        """Of a region: its first bytes as a number, at most 8 of them."""
        return int.from_bytes(self.content[:8], "little")

    @property
    def givers(self) -> list[str]:
        """The processes that put something in."""
        return [end.process for end in self.ends if gives(end.role)]

    @property
    def takers(self) -> list[str]:
        """The processes that take out, or answer."""
        return [end.process for end in self.ends if not gives(end.role)]


class LockUser(msgspec.Struct, frozen=True, gc=False):
    """A process that holds or waits for a lock, since when, and whether its wait ends by itself.

    Who is paused by hand stays in the queue and gets no older in it; after that it waits since it goes on.
    `shared` if it holds it together with others that read.
    """

    process: str
    since: int
    timed: bool = False
    shared: bool = False


class Usage(msgspec.Struct, frozen=True, gc=False):
    """One process's use of a lock, counted over `LockView.window`; `waited` in ns, a lasting wait included.

    Time for which it was paused by hand is no part of `waited`.
    `passed` is how often others took it while this one waited, at least; `died` if it ended without giving
    it back.
    """

    process: str
    state: Literal["", "waiting", "holding"] = ""
    taken: int = 0
    contended: int = 0
    waited: int = 0
    passed: int = 0
    died: bool = False


class LockView(msgspec.Struct, frozen=True):
    """A lock; `value`, `kernel_waiters` and `kernel_holders` (pids) are the kernel's own words."""

    info: ev.LockInfo
    holders: tuple[LockUser, ...]
    waiters: tuple[LockUser, ...]
    acquisitions: int
    contended: int
    rate: float
    value: int | None
    kernel_waiters: int | None
    quality: ev.Quality
    reason: str
    wait: ev.Latency
    kernel_holders: tuple[int, ...] | None = None
    usages: tuple[Usage, ...] = ()
    """Of all its users, in their order."""
    window: int = 0
    """Nanoseconds that `usages` looks back: the last 10 s, or less in a younger run."""
    uses: tuple[ev.LockUse, ...] = ()
    """The same users' use since the start; no time counts as a wait for which they were paused by hand."""


class Wait(msgspec.Struct, frozen=True, gc=False):
    """What a process waits in: it sends on or receives from a channel, or locks a lock."""

    what: Literal["sending", "receiving", "locking"]
    name: str
    since: int
    timed: bool


class ProcessView(msgspec.Struct, frozen=True):
    """A process; `wait` if it waits in an end of ours, else `kernel` tells its state."""

    name: str
    pid: int | None = None
    status: Literal["starting", "running", "ended", "failed"] = "starting"
    wait: Wait | None = None
    kernel: ev.ProcessState = ev.ProcessState()
    exit: int | None = None
    signal: int | None = None
    reason: str = ""
    detail: str = ""
    sent_rate: float = 0.0
    received_rate: float = 0.0
    reports: dict[str, ev.Plain] = {}
    paused: bool = False
    """It was stopped by an act (SIGSTOP), and not yet let go on."""
    faults: tuple[ev.FaultInjected, ...] = ()
    """The acts on it that still hold: slow, rate."""
    ended: int | None = None
    """When that was seen."""
    gained: int = 0
    """How many descriptors more than 10 s ago are open, if they only ever became more."""
    started: int | None = None
    """When that was seen."""
    voluntary_rate: float = 0.0
    """Times a second that it gave the processor up, to wait."""
    involuntary_rate: float = 0.0
    """Times a second that the processor was taken from it."""
    steps: int = 0
    """Half seconds of which `cpu_history` keeps the last."""
    cpu_history: tuple[float, ...] = ()
    """Percent of one core, every half second of the last minute."""
    paused_for: int = 0
    """Nanoseconds that it was stopped by acts, as of the last frame; none of them counts as a wait."""
    paused_of_late: int = 0
    """The same of the last 10 s."""


class Slice(msgspec.Struct, frozen=True):
    """The items from `start` to `end` of a list that only grows; equal if what they show is equal."""

    items: Sequence[ev.Message]
    start: int
    end: int

    def __eq__(self, other: object) -> bool:
        """Compare what is shown."""
        return isinstance(other, Slice) and self.shown() == other.shown()

    def shown(self) -> list[ev.Message]:
        """The items themselves."""
        return list(self.items[self.start : self.end])


class Over(msgspec.Struct, frozen=True):
    """A finding that is no longer so, and since when."""

    finding: ev.FindingRaised
    since: int


class View(msgspec.Struct, frozen=True):
    """The world at an instant; `t` is that of the last event, `framed` that of the last frame.

    How long something has lasted is told as of the frame that saw it: later events say nothing of it.
    """

    status: Literal["waiting", "live", "ended", "refused"]
    t: int
    framed: int
    session: ev.SessionStarted | None
    channels: tuple[ChannelView, ...]
    locks: tuple[LockView, ...]
    processes: tuple[ProcessView, ...]
    messages: Slice
    messages_seen: int
    notes: tuple[ev.Note, ...]
    findings: tuple[ev.FindingRaised, ...]
    faults: tuple[ev.FaultInjected, ...]
    """Every act on the run, the newest last."""
    watching: ev.Watching
    lost: int
    refusal: str
    summary: ev.Summary | None
    lanes: Lanes = Lanes()
    cleared: tuple[Over, ...] = ()
    """The last findings that are over, the newest last."""
    chapters: tuple[ev.Chapter, ...] = ()
    """Those that have begun so far, in their order."""
