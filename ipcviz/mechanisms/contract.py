"""The contract of a mechanism, on about a page, and what all ends have in common.

A mechanism is one file with one `Mechanism`. The supervisor calls `create` before the workers exist;
a worker calls `KernelChannel.open` for each endpoint that is its own, before anybody begins to work;
the supervisor then lets go of the descriptors (`release`) so that end of file and broken pipes reach the
workers as the kernel means them, asks for depths, and calls `destroy`, whoever died how.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import msgspec

from ipcviz.events import Depth, Quality
from ipcviz.traits import AfterDeath, Kind, LockTraits, Traits

ENVELOPE = 16
"""Bytes that ipcviz puts before each payload: u64 time stamp (0: not stamped), u32 endpoint, u32 sequence."""

Limits = dict[str, int | str]


class CannotCreate(Exception):
    """A kernel object could not be made; the message is a sentence that says why and what to do."""


class Options(msgspec.Struct, frozen=True):
    """What can be chosen of a mechanism (`-m tcp:nodelay=no`); one without options has these."""


NO_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a mechanism is asked to make: one channel of one run.

    `senders` and `receivers` are endpoint numbers; for a call, callers and the one responder; for a
    region, writers and readers, and `size` is its bytes.
    """

    channel: str
    kind: Kind
    senders: tuple[int, ...]
    receivers: tuple[int, ...]
    kernel_name: str
    """Unique on this machine, only letters, digits, '-': for what needs a name in the system."""
    folder: str = ""
    """The run's own, where files, sockets and FIFOs lie; nobody else may enter it."""
    options: Any = NO_OPTIONS
    """Of the mechanism's own class."""
    size: int = 0

    @property
    def path(self) -> str:
        """Where a file of this channel lies."""
        return f"{self.folder}/{self.kernel_name}"


@dataclass(frozen=True, slots=True)
class LockPlan:
    """What a kind of lock is asked to make; `count` may hold it at once, or with `shared` many readers."""

    lock: str
    count: int
    shared: bool
    kernel_name: str
    folder: str = ""
    options: Any = NO_OPTIONS

    @property
    def path(self) -> str:
        """Where a file of this lock lies."""
        return f"{self.folder}/{self.kernel_name}"


class Watch(Protocol):
    """What an end tells about itself; the worker's telemetry, or `Unwatched`."""

    def stamp(self) -> int:
        """The time to write into the next message, in ns; 0 if this one is not sampled."""

    def sent(self, size: int) -> None:
        """A message of `size` payload bytes is in the channel."""

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        """A message was taken out."""

    def blocked(self, activity: int) -> None:
        """This end waits from now on: SENDING or RECEIVING, and TIMED if it will give up by itself."""

    def unblocked(self) -> None:
        """The wait is over."""

    def closed(self) -> None:
        """This end was closed, or saw the end of messages."""

    def opened(self, descriptor: int) -> None:
        """This process opened that descriptor itself: the one that can be borrowed as `OPENED`."""

    def attached(self, end: object) -> None:
        """A `SenderEnd` or `ReceiverEnd` that tells this watch is there: acts on the run reach it so."""


class Unwatched:
    """A `Watch` that notes nothing: for tests, and for measuring what watching costs."""

    def stamp(self) -> int:
        """Never samples."""
        return 0

    def sent(self, size: int) -> None:
        """Notes nothing."""

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        """Notes nothing."""

    def blocked(self, activity: int) -> None:
        """Notes nothing."""

    def unblocked(self) -> None:
        """Notes nothing."""

    def closed(self) -> None:
        """Notes nothing."""

    def opened(self, descriptor: int) -> None:
        """Notes nothing."""

    def attached(self, end: object) -> None:
        """Nobody acts on it."""


OPENED = -1
"""Stands for the descriptor that an end has opened by itself."""


class Reach(Protocol):
    """How the supervisor looks at descriptors that only workers hold."""

    def borrow(self, endpoint: int, descriptor: int) -> int | None:
        """A duplicate of that worker's descriptor, to be closed at once; None if the worker is gone.

        `OPENED` is the one that its end has opened by itself. Raises `PermissionError` where the kernel
        does not allow it.
        """

    def counted(self) -> tuple[int, int]:
        """Messages sent and received so far, as the processes themselves count them.

        For a mechanism whose queue is in the memory of the processes, where no kernel knows it.
        """


class KernelChannel(ABC):
    """One channel's kernel objects. Everything but `open` is called by the supervisor.

    A worker that was exec'd gets it pickled, with the same numbers for its descriptors.
    """

    plan: Plan

    @abstractmethod
    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The inherited descriptors that this endpoint's worker keeps; it closes all others."""

    @abstractmethod
    def open(self, endpoint: int, watch: Watch) -> Any:
        """In the worker: the end itself (see `ipcviz.ends`). Others may not have opened theirs yet."""

    @abstractmethod
    def release(self) -> None:
        """Close the supervisor's own descriptors of ends; idempotent."""

    @abstractmethod
    def depth(self, reach: Reach) -> Depth:
        """What waits in the channel now; `max` is left to the caller. Never disturbs, never raises."""

    def dropped(self, reach: Reach) -> int | None:
        """Messages that the kernel says it has thrown away so far; None where it does not count any."""
        return None

    def content(self) -> bytes:
        """The first bytes of a region, now; of everything else, none."""
        return b""

    def found(self) -> int:
        """Messages that were there already when it was made: an earlier run has left them."""
        return 0

    def address(self) -> str:
        """Where other programs find it: a path, a name, host:port; empty if it has no name."""
        return ""

    @abstractmethod
    def hold(self, reach: Reach) -> None:
        """Keep what is needed to count what is left after the workers ended. For the end of a run only."""

    @abstractmethod
    def in_flight(self) -> int:
        """Whole messages still in the channel, after `hold` and the end of all workers."""

    @abstractmethod
    def destroy(self) -> None:
        """Close and remove everything; idempotent."""


class Mechanism(ABC):
    """A way to carry messages."""

    name: str
    family: str
    about: str
    traits: Traits
    depth_source: str
    """How the depth is known: the system call or file that is asked, or who counts."""
    manual: tuple[str, ...] = ()
    """The pages to read: manual pages, RFCs, a library's guide."""
    good: str = ""
    """What speaks for it, as a sentence."""
    bad: str = ""
    """What speaks against it, as a sentence."""
    options: ClassVar[type[Options]] = Options
    unrelated: ClassVar[bool] = False
    """Its processes find it by name alone: workers with an end of it are exec'd anew."""
    survives_exec: ClassVar[bool] = True
    """A worker that is exec'd anew can still open it; where not, its state is inherited memory."""

    def unavailable(self) -> str | None:
        """Why this machine cannot have it, as a sentence with the remedy; None if it can."""
        return None

    @abstractmethod
    def limits(self) -> Limits:
        """This machine's limits, read now; each key carries its unit."""

    @abstractmethod
    def largest(self, senders: int) -> int:
        """The largest payload in bytes when a channel has so many senders."""

    @abstractmethod
    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """What the ledger must list before `create`: pairs of a kind that the ledger knows, and a name."""

    @abstractmethod
    def create(self, plan: Plan) -> KernelChannel:
        """Make the kernel objects; raises `CannotCreate` and leaves nothing behind then."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the kernel says of a lock, without asking its users; None is not known, and `reason` why.

    `value` is how many could take it now, `waiters` how many wait, `holders` the pids that hold it.
    """

    value: int | None = None
    waiters: int | None = None
    holders: tuple[int, ...] | None = None
    quality: Quality = "exact"
    reason: str = ""


class KernelLock(ABC):
    """One lock's kernel object. A worker that was exec'd gets it pickled."""

    counts_the_dead: bool = False
    """A waiter that was killed is still counted."""

    def descriptors(self) -> Sequence[int]:
        """The inherited descriptors that a user's worker keeps."""
        return ()

    @abstractmethod
    def open(self, watch: LockWatch) -> Any:
        """In the worker: the lock itself (see `ipcviz.ends.Lock`)."""

    @abstractmethod
    def inspect(self) -> Inspection:
        """What the kernel says of it now. Never disturbs, never raises."""

    @abstractmethod
    def destroy(self) -> None:
        """Remove it; idempotent."""


class LockMechanism(ABC):
    """A kind of lock."""

    name: str
    family: str = "semaphore"
    about: str
    traits: LockTraits
    depth_source: str
    """How holders and waiters are known."""
    manual: tuple[str, ...] = ()
    good: str = ""
    bad: str = ""
    options: ClassVar[type[Options]] = Options
    survives_exec: ClassVar[bool] = True

    def unavailable(self) -> str | None:
        """Why this machine cannot have it; None if it can."""
        return None

    @abstractmethod
    def limits(self) -> Limits:
        """This machine's limits, read now."""

    def after_death(self, options: Any) -> AfterDeath:
        """What becomes of it, with these options, when its holder is killed."""
        return self.traits.after_death

    @abstractmethod
    def names(self, plan: LockPlan) -> Sequence[tuple[str, str]]:
        """What the ledger must list before `create`."""

    @abstractmethod
    def create(self, plan: LockPlan) -> KernelLock:
        """Make it; raises `CannotCreate`."""


class LockWatch(Protocol):
    """What a lock tells about its use in one process."""

    def waiting(self, timed: bool) -> None:
        """It was taken; this process waits from now on."""

    def acquired(self, contended: bool, shared: bool = False) -> None:
        """This process holds it, alone or with others that read."""

    def gave_up(self) -> None:
        """The wait ended without it."""

    def released(self) -> None:
        """This process gave it back."""


SENDING, RECEIVING, TIMED = 1, 2, 4
"""What `Watch.blocked` is told."""
