"""The kernel objects of one run: made from a topology and its chosen mechanisms, and removed again.

Rows of the telemetry page are given out here, in the order of the events: the endpoints of each
channel, then the users of each lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ipcviz.choice import CarriedChannel, ChosenLock, exec_processes
from ipcviz.events import ChannelInfo, EndpointInfo, LockInfo
from ipcviz.mechanisms.contract import KernelChannel, KernelLock, LockPlan, Plan
from ipcviz.options import chosen_words
from ipcviz.runtime.ledger import Entry, Ledger
from ipcviz.traits import AfterDeath, gives


@dataclass(slots=True)
class MadeChannel:
    """A channel that exists; endpoint i has telemetry row `first_row + i`."""

    chosen: CarriedChannel
    kernel: KernelChannel
    first_row: int

    def info(self) -> ChannelInfo:
        """What the stream says of it."""
        chosen, mechanism = self.chosen, self.chosen.mechanism
        return ChannelInfo(
            name=chosen.name,
            kind=chosen.kind,
            mechanism=mechanism.name,
            endpoints=[EndpointInfo(end.process, end.role) for end in chosen.endpoints],
            largest=mechanism.largest(len(self.kernel.plan.senders)),
            part_of=chosen.part_of,
            options=chosen_words(chosen.options),
            address=self.kernel.address(),
            source=mechanism.depth_source,
            size=chosen.size,
            lossless=mechanism.traits.lossless,
            backpressure=mechanism.traits.backpressure,
            priorities=mechanism.traits.priorities,
        )


@dataclass(slots=True)
class MadeLock:
    """A lock that exists; user i has telemetry row `first_row + i`."""

    chosen: ChosenLock
    kernel: KernelLock
    first_row: int

    def info(self) -> LockInfo:
        """What the stream says of it."""
        declaration, mechanism = self.chosen.declaration, self.chosen.mechanism
        return LockInfo(
            name=declaration.name,
            mechanism=mechanism.name,
            count=declaration.count,
            users=list(declaration.users),
            shared=declaration.shared,
            options=chosen_words(self.chosen.options),
            after_death=after_death(self.chosen),
            source=mechanism.depth_source,
        )


@dataclass(slots=True)
class Share:
    """What one process uses: enough for its worker, and what an exec'd one is handed."""

    channels: list[MadeChannel]
    locks: list[MadeLock]

    def parts(self, name: str) -> Iterator[MadeChannel]:
        """The channels that were made for the declared one of that name."""
        return (made for made in self.channels if name in (made.chosen.name, made.chosen.part_of))

    def descriptors(self, process: str) -> Iterator[int]:
        """The inherited descriptors that its worker keeps."""
        for made in self.channels:
            for number, endpoint in enumerate(made.chosen.endpoints):
                if endpoint.process == process:
                    yield from made.kernel.descriptors(number)
        for lock in self.locks:
            yield from lock.kernel.descriptors()


class Assembly:
    """Everything that was made."""

    def __init__(self, run: str, ledger: Ledger) -> None:
        self.run = run
        self.channels: list[MadeChannel] = []
        self.locks: list[MadeLock] = []
        self.rows = 0
        self.strangers: frozenset[str] = frozenset()
        self._ledger = ledger

    def make(self, channels: list[CarriedChannel], locks: list[ChosenLock]) -> None:
        """Make all of it, each thing entered in the ledger first; raises `CannotCreate`."""
        self.strangers = exec_processes(channels)
        for chosen in channels:
            plan = self._plan(chosen)
            for kind, name in chosen.mechanism.names(plan):
                self._ledger.add(Entry(kind, name))
            self.channels.append(MadeChannel(chosen, chosen.mechanism.create(plan), self.rows))
            self.rows += len(chosen.endpoints)
        for lock in locks:
            lock_plan = self._lock_plan(lock)
            for kind, entry in lock.mechanism.names(lock_plan):
                self._ledger.add(Entry(kind, entry))
            self.locks.append(MadeLock(lock, lock.mechanism.create(lock_plan), self.rows))
            self.rows += len(lock.declaration.users)

    def of(self, process: str) -> Share:
        """What that process uses of it."""
        return Share(
            [made for made in self.channels if any(end.process == process for end in made.chosen.endpoints)],
            [made for made in self.locks if process in made.chosen.declaration.users],
        )

    def release(self) -> None:
        """Close the supervisor's own descriptors of ends: from now on only workers hold them."""
        for made in self.channels:
            made.kernel.release()

    def destroy(self) -> None:
        """Remove everything; one failure does not keep the rest from going."""
        errors = []
        for kernel in [made.kernel for made in self.channels] + [made.kernel for made in self.locks]:
            try:
                kernel.destroy()
            except OSError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _plan(self, chosen: CarriedChannel) -> Plan:
        numbered = list(enumerate(chosen.endpoints))
        return Plan(
            channel=chosen.name,
            kind=chosen.kind,
            senders=tuple(number for number, end in numbered if gives(end.role)),
            receivers=tuple(number for number, end in numbered if not gives(end.role)),
            kernel_name=self._kernel_name(chosen.name, "channel", len(self.channels)),
            folder=str(self._ledger.folder),
            options=chosen.options,
            size=chosen.size,
        )

    def _lock_plan(self, chosen: ChosenLock) -> LockPlan:
        declaration = chosen.declaration
        name = self._kernel_name(declaration.name, "lock", len(self.locks))
        folder = str(self._ledger.folder)
        return LockPlan(declaration.name, declaration.count, declaration.shared, name, folder, chosen.options)

    def _kernel_name(self, name: str, what: str, number: int) -> str:
        """Unique by the run and the number; the rest is for people who look into the system."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
        return f"ipcviz-{self.run}-{what}{number}-{slug}".rstrip("-")


def after_death(chosen: ChosenLock) -> AfterDeath:
    """What becomes of this lock when its holder is killed."""
    return chosen.mechanism.after_death(chosen.options)
