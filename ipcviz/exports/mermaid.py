"""A sequence diagram for mermaid, which documents and code hosts draw: who sent what to whom, one by one.

Processes are columns, and so are the locks that were used; a lock has a bar while it is held. Messages stand
where they were received. A diagram that can be read is short: of a longer window the first steps are shown,
what is left out is counted, and findings are told all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from ipcviz import events as ev
from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports import mermaid_text as text
from ipcviz.exports.options import Options
from ipcviz.exports.reading import told
from ipcviz.exports.steps import Lock, Messages, Note, Step, steps

MOST_STEPS = 200
MOST_NOTES_AFTER = 20
"""Notes that are told of what is left out."""
MOST_TEXT = 36_000
MOST_TEXT_AFTER = 8_000
"""Of steps, and of notes after them: mermaid takes no diagram of more than 50,000 (maxTextSize)."""


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the diagram of the window."""
    start, end = options.window(recording)
    diagram = Diagram()
    for step in steps(told(recording, end, progress), start):
        diagram.add(step)
    session = recording.session
    title = f"{recording.title or session.topology}, {units.span(start)} to {units.span(end)}"
    for line in diagram.lines(title, session.processes, [lock.name for lock in session.locks]):
        out.write(line.encode("utf-8", "replace") + b"\n")
    progress(1.0)


class Diagram:
    """Takes steps; gives lines."""

    def __init__(self) -> None:
        self._kept: list[Step] = []
        self._after: list[Note] = []
        self._left_out = {"messages": 0, "turns of locks": 0, "notes": 0}
        self._full_since: int | None = None
        self._names: set[str] = set()
        self._room, self._room_after = MOST_TEXT, MOST_TEXT_AFTER

    def add(self, step: Step) -> None:
        """One more, if there is room."""
        if self._full_since is None:
            size = self._size_of(step)
            if len(self._kept) < MOST_STEPS and size <= self._room:
                self._kept.append(step)
                self._room -= size
                return
            self._full_since = step.t
        if isinstance(step, Note):
            size = text.length_of(text.note("P1", "P1", step.text))
            if len(self._after) < MOST_NOTES_AFTER and size <= self._room_after:
                self._after.append(step)
                self._room_after -= size
                return
        what = {Messages: "messages", Lock: "turns of locks", Note: "notes"}[type(step)]
        self._left_out[what] += step.samples if isinstance(step, Messages) else 1

    def lines(self, title: str, processes: list[str], locks: list[str]) -> Iterable[str]:
        """The whole diagram; columns stand in the order of `processes`, then of `locks`."""
        shown = [*self._kept, *self._rest(), *self._after]
        if not shown:
            shown = [Note(0, "Nothing was seen in this window.")]
        columns = _Columns(processes, locks, shown)
        yield "sequenceDiagram"
        yield f"    title {text.escaped(title)}"
        yield from (line for _, line in columns.heads())
        yield from columns.lines(shown)
        yield from columns.ends()

    def _rest(self) -> Iterable[Note]:
        told = [f"{count:,} {what}" for what, count in self._left_out.items() if count]
        if told and self._full_since is not None:
            since = units.span(self._full_since)
            yield Note(self._full_since, f"Left out from here, {since}, on: {units.listed(told)}.")

    def _size_of(self, step: Step) -> int:
        """Of its lines, and of the columns that it needs."""
        columns = _Columns([], [], [step])
        heads = [line for name, line in columns.heads() if name not in self._names]
        self._names |= {name for name, _ in columns.heads()}
        return sum(map(text.length_of, [*heads, *columns.lines([step])]))


class _Columns:
    """The columns of a diagram, and the lines that stand between them."""

    def __init__(self, processes: list[str], locks: list[str], shown: list[Step]) -> None:
        wanted: dict[str, None] = {}
        used: dict[str, None] = {}
        for step in shown:
            if isinstance(step, Messages):
                wanted |= dict.fromkeys((step.first.sender, step.first.receiver))
            elif isinstance(step, Lock):
                wanted[step.event.process] = None
                used[step.event.lock] = None
            else:
                wanted |= dict.fromkeys(member for member in step.members if member in processes)
        order = _ordered(wanted, processes) or processes[:MOST_STEPS] or [""]
        self._processes = {name: f"P{number}" for number, name in enumerate(order, 1)}
        self._locks = {name: f"L{number}" for number, name in enumerate(_ordered(used, locks), 1)}
        self._held = dict.fromkeys(self._locks, 0)

    def heads(self) -> Iterable[tuple[str, str]]:
        """What each column is about, and its line."""
        for name, number in self._processes.items():
            yield name, text.participant(number, name)
        for name, number in self._locks.items():
            yield f"lock {name}", text.participant(number, f"lock {name}")

    def lines(self, shown: Iterable[Step]) -> Iterable[str]:
        """The lines of the steps."""
        for step in shown:
            if isinstance(step, Messages):
                ends = self._processes[step.first.sender], self._processes[step.first.receiver]
                yield text.arrow(*ends, step.text(), step.answers)
            elif isinstance(step, Lock):
                yield from self._turn(step.event)
            else:
                yield text.note(*self._over(step.members), step.text)

    def ends(self) -> Iterable[str]:
        """The bars of locks that are held to the end."""
        for name, count in self._held.items():
            yield from [f"    deactivate {self._locks[name]}"] * count

    def _turn(self, event: ev.LockEvent) -> Iterable[str]:
        process, lock = self._processes[event.process], self._locks[event.lock]
        if event.action == "waited":
            yield text.arrow(process, lock, "waits")
        elif event.action == "acquired":
            waited = units.micros(event.waited / 1000)
            if event.waited:
                yield text.arrow(lock, process, f"acquired after {waited}", answers=True)
            else:
                yield text.arrow(process, lock, "acquires")
            self._held[event.lock] += 1
            yield f"    activate {lock}"
        else:
            yield text.arrow(process, lock, "releases")
            if self._held[event.lock]:
                self._held[event.lock] -= 1
                yield f"    deactivate {lock}"

    def _over(self, members: Iterable[str]) -> tuple[str, str]:
        """The first and the last column of those; of all, if none of them is there."""
        numbers = list(self._processes.values())
        places = sorted(numbers.index(self._processes[name]) for name in members if name in self._processes)
        return (numbers[places[0]], numbers[places[-1]]) if places else (numbers[0], numbers[-1])


def _ordered(wanted: Iterable[str], order: list[str]) -> list[str]:
    """Those in that order, then what it does not have."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(wanted, key=lambda name: places.get(name, len(places)))
