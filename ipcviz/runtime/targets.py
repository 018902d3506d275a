"""Whom an act on the run is meant for: names looked up among what the run has, or a sentence why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ipcviz.choice import near
from ipcviz.runtime.assembly import Assembly, MadeChannel
from ipcviz.runtime.telemetry import CLOSED, Page
from ipcviz.runtime.workers import Worker, Workers
from ipcviz.traits import gives


class CannotAct(Exception):
    """An act cannot be done; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class End:
    """One process's end of a channel."""

    made: MadeChannel
    number: int

    @property
    def row(self) -> int:
        """Of the telemetry page."""
        return self.made.first_row + self.number

    @property
    def process(self) -> str:
        """Whose it is."""
        return self.made.chosen.endpoints[self.number].process

    @property
    def role(self) -> str:
        """What it is for."""
        return self.made.chosen.endpoints[self.number].role

    @property
    def answers(self) -> bool:
        """Its messages are replies, each to a request."""
        return self.made.chosen.kind == "call" and self.role == "responder"

    @property
    def puts(self) -> bool:
        """Messages go in here: what a sender sends, a caller asks, a responder answers."""
        return gives(self.role) or self.answers

    @property
    def takes(self) -> bool:
        """Messages come out here."""
        return not gives(self.role) or self.role == "caller"


class Targets:
    """The processes and ends of a run."""

    def __init__(self, assembly: Assembly, page: Page, workers: Workers) -> None:
        self._assembly, self._page, self._workers = assembly, page, workers

    def process(self, name: str) -> Worker:
        """A process that has not ended; raises `CannotAct`."""
        worker = self._known(name)
        if worker.ended:
            raise CannotAct(f"{name} has ended.")
        return worker

    def channels(self, name: str) -> list[MadeChannel]:
        """The channel of that name, or all that were made for the call or broadcast; raises `CannotAct`."""
        known = self._assembly.channels
        exact = [made for made in known if made.chosen.name == name]
        found = exact or [made for made in known if made.chosen.part_of == name]
        if not found:
            names = {made.chosen.part_of or made.chosen.name: None for made in known}
            missing = f"There is no channel {name!r}; {near(name, names)}"
            raise CannotAct(missing if name else "No channel was named.")
        if found[0].chosen.kind == "region":
            raise CannotAct(f"{name} is a region: bytes that are shared, and no messages.")
        return found

    def ends(self, made: MadeChannel) -> list[End]:
        """All ends of it."""
        return [End(made, number) for number in range(len(made.chosen.endpoints))]

    def senders(self, made: MadeChannel, process: str = "") -> list[End]:
        """The ends that messages go in at and whose process lives; raises `CannotAct` if there are none."""
        name = made.chosen.name
        named = [end for end in self.ends(made) if end.puts and process in ("", end.process)]
        if process:
            self.process(process)
        if not named:
            raise CannotAct(f"{process} sends nothing into {name}.")
        living = [end for end in named if not self._workers.all[end.process].ended]
        opened = [end for end in living if not self.is_closed(end)]
        if not opened and process:
            raise CannotAct(f"{process} has closed its end of {name}.")
        if not opened:
            raise CannotAct(f"Nobody sends into {name} any more.")
        return opened

    def takers(self, process: str, channel: str) -> list[End]:
        """Where a living process takes messages; raises `CannotAct` if nowhere."""
        self.process(process)
        among = self.channels(channel) if channel else self._assembly.channels
        found = [
            end
            for made in among
            for end in self.ends(made)
            if end.takes and end.process == process and made.chosen.kind != "region"
        ]
        if not found:
            where = f" from {channel}" if channel else ""
            raise CannotAct(f"{process} takes no messages{where}.")
        opened = [end for end in found if not self.is_closed(end)]
        if not opened:
            raise CannotAct(f"{process} has closed its end of {found[0].made.chosen.name}.")
        return opened

    def is_closed(self, end: End) -> bool:
        """Its process has closed it, or has seen the end of messages."""
        return bool(self._page.row(end.row)[CLOSED])

    def workers_of(self, ends: Iterable[End]) -> list[Worker]:
        """Whose they are."""
        return [self._workers.all[name] for name in {end.process: None for end in ends}]

    def _known(self, name: str) -> Worker:
        worker = self._workers.all.get(name)
        if worker is None:
            missing = f"There is no process {name!r}; {near(name, self._workers.all)}"
            raise CannotAct(missing if name else "No process was named.")
        return worker
