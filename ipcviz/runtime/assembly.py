"""The kernel objects of one run: made from a topology and its chosen mechanisms, and removed again.

Rows of the telemetry page are given out here, in the order of the events: the endpoints of each
channel, then the users of each lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ipcviz.choice import CarriedChannel, ChosenLock
from ipcviz.events import ChannelInfo, EndpointInfo, LockInfo
from ipcviz.mechanisms.contract import KernelChannel, KernelLock, Plan
from ipcviz.runtime.ledger import Entry, Ledger
from ipcviz.traits import Kind


@dataclass(slots=True)
class MadeChannel:
    """A channel that exists; endpoint i has telemetry row `first_row + i`."""

    chosen: CarriedChannel
    kernel: KernelChannel
    first_row: int

    def info(self) -> ChannelInfo:
        """What the stream says of it."""
        chosen = self.chosen
        ends = [EndpointInfo(end.process, end.role) for end in chosen.endpoints]
        largest = chosen.mechanism.largest(len(self.kernel.plan.senders))
        return ChannelInfo(chosen.name, chosen.kind, chosen.mechanism.name, ends, largest, chosen.part_of)


@dataclass(slots=True)
class MadeLock:
    """A lock that exists; user i has telemetry row `first_row + i`."""

    chosen: ChosenLock
    kernel: KernelLock
    first_row: int

    def info(self) -> LockInfo:
        """What the stream says of it."""
        declaration = self.chosen.declaration
        return LockInfo(
            declaration.name, self.chosen.mechanism.name, declaration.count, list(declaration.users)
        )


class Assembly:
    """Everything that was made."""

    def __init__(self, run: str, ledger: Ledger) -> None:
        self.run = run
        self.channels: list[MadeChannel] = []
        self.locks: list[MadeLock] = []
        self.rows = 0
        self._ledger = ledger

    def make(self, channels: list[CarriedChannel], locks: list[ChosenLock]) -> None:
        """Make all of it, each thing entered in the ledger first; raises `CannotCreate`."""
        for chosen in channels:
            plan = self._plan(chosen)
            for kind, name in chosen.mechanism.names(plan):
                self._ledger.add(Entry(kind, name))
            self.channels.append(MadeChannel(chosen, chosen.mechanism.create(plan), self.rows))
            self.rows += len(chosen.endpoints)
        for lock in locks:
            name = self._kernel_name(lock.declaration.name, "lock", len(self.locks))
            for kind, entry in lock.mechanism.names(name):
                self._ledger.add(Entry(kind, entry))
            made = lock.mechanism.create(lock.declaration.name, lock.declaration.count, name)
            self.locks.append(MadeLock(lock, made, self.rows))
            self.rows += len(lock.declaration.users)

    def parts(self, name: str) -> Iterator[MadeChannel]:
        """The channels that were made for the declared one of that name."""
        return (made for made in self.channels if name in (made.chosen.name, made.chosen.part_of))

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
        into = ("sender", "caller")
        senders = [number for number, end in enumerate(chosen.endpoints) if end.role in into]
        others = [number for number, end in enumerate(chosen.endpoints) if end.role not in into]
        kind: Kind = chosen.kind
        name = self._kernel_name(chosen.name, "channel", len(self.channels))
        return Plan(chosen.name, kind, tuple(senders), tuple(others), name)

    def _kernel_name(self, name: str, what: str, number: int) -> str:
        """Unique by the run and the number; the rest is for people who look into the system."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
        return f"ipcviz-{self.run}-{what}{number}-{slug}".rstrip("-")
