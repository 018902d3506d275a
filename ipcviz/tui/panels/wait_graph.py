"""The wait-for graph in rows of text: who waits for whom through what, and who could let it go."""

from __future__ import annotations

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, cell, line, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.words import state_of
from ipcviz.view import View, Wait
from ipcviz.waits import Stuck, rings, stuck_processes, waiting_processes

TITLED = 36
"""Cells from which on the rows have a title; where it is narrow each row is wanted."""
MOST_CUT = 4
"""Cells of a name at least."""
LOST = (  # of a wait that nobody can end, the longest first
    ", and nobody who lives holds it",
    ", held by nobody",
)
VERBS = {"locking": "waits for", "sending": "sends on", "receiving": "receives from"}


def wait_rows(view: View, width: int, look: Look) -> list[Line]:
    """The rings first, then every other process that waits for a lock; nothing when nobody does."""
    return _Graph(view, width, look).rows()


class _Graph:
    """One View's graph, and the room for its rows."""

    def __init__(self, view: View, width: int, look: Look) -> None:
        self._view = view
        self._width = width
        self._look = look
        self._stuck = stuck_processes(view)
        self._processes = {process.name: process for process in view.processes}
        self._held: dict[str, list[str]] = {}
        for lock in view.locks:
            for user in lock.holders:
                self._held.setdefault(user.process, []).append(lock.info.name)

    def rows(self) -> list[Line]:
        """All of them."""
        inside: set[str] = set()
        made: list[Line] = []
        for ring in rings(self._stuck):
            made += self._ring(ring)
            inside.update(ring)
        others = [
            self._waiter(name, found)
            for name, found in waiting_processes(self._view).items()
            if name not in inside and found.wait.what == "locking"
        ]
        if others and self._width >= TITLED:
            made.append(line(("  Who waits for whom", "title")))
        return [*made, *others]

    def _ring(self, ring: list[str]) -> list[Line]:
        """A box open to the right: the last waits for the first again."""
        top_left, _, bottom_left, _, level, upright = tuple(self._look.frame("double"))
        head = f"  {self._look.glyph('finding')} A ring of {len(ring)}: nobody in it can go on"
        if cell_len(head) > self._width:
            head = f"  {self._look.glyph('finding')} A ring of {len(ring)}: stuck"
        rows = [line((head, "ring"))]
        names, locks, verbs = self._ring_widths(ring)
        for place, name in enumerate(ring):
            corner = top_left if place == 0 else bottom_left if place == len(ring) - 1 else upright
            edge = level if corner != upright else " "
            wait = self._stuck[name].wait
            row = line(
                (f"  {corner}{edge} ", "ring"),
                (cell(middle_cut(name, names), names), "strong"),
                f" {VERBS[wait.what] if verbs else self._look.glyph('to')} ",
                (middle_cut(wait.name, locks), "accent"),
            )
            lasted = (f", {self._lasted(wait)}", "dim")
            by = (_by(wait.what, ring[(place + 1) % len(ring)]), "text")
            rows.append(self._as_fits(row, lasted, by, self._meanwhile(name)))
        return rows

    def _ring_widths(self, ring: list[str]) -> tuple[int, int, bool]:
        """Cells of its processes' names and of what they wait for, and whether verbs fit between them."""
        waits = [self._stuck[name].wait for name in ring]
        names = max(map(cell_len, ring))
        locks = max(cell_len(wait.name) for wait in waits)
        room = self._width - 7
        if names + locks + max(len(VERBS[wait.what]) for wait in waits) <= room:
            return names, locks, True
        room -= len(self._look.glyph("to"))
        locks = max(MOST_CUT, min(locks, room // 2, max(room // 3, room - names)))
        return max(MOST_CUT, min(names, room - locks)), locks, False

    def _waiter(self, name: str, found: Stuck) -> Line:
        """One wait: for what, since when, until who lets it go, and what that one does now."""
        hopeless = name in self._stuck
        glyph: Piece = (f"  {self._look.glyph('blocked')} ", "bad" if hopeless else "warn")
        tail = line((found.wait.name, "accent"), (f" {self._lasted(found.wait)}", "warn"))
        row = line(glyph, (name, "strong"), f" {VERBS[found.wait.what]} ", *tail)
        if width_of(row) > self._width:
            row = self._cut_waiter(glyph, name, tail)
        if not found.by:
            lost = next((tail for tail in LOST if width_of(row) + len(tail) <= self._width), "")
            return [*row, (lost, "bad")]
        if hopeless:
            row = self._as_fits(row, ("; it waits behind a ring", "bad"))
        short, names = self._until(found.wait.name, sorted(found.by))
        room = self._width - width_of(row)
        until = next((words for words in (short + names, short) if cell_len(words) <= room), "")
        return self._as_fits([*row, (until, "text")], self._meanwhile(name))

    def _cut_waiter(self, glyph: Piece, name: str, tail: Line) -> Line:
        """An arrow for the verb; where that does not do it the lock's name is cut, and then the waiter's."""
        arrow = f" {self._look.glyph('to')} "
        (lock, style), lasted = tail
        room = self._width - width_of([glyph, lasted]) - cell_len(arrow)
        lock = middle_cut(lock, max(MOST_CUT, room - cell_len(name)))
        return line(
            glyph,
            (middle_cut(name, max(MOST_CUT, room - cell_len(lock))), "strong"),
            arrow,
            (lock, style),
            lasted,
        )

    def _until(self, lock: str, holders: list[str]) -> tuple[str, str]:
        """Who could let it go: all that read together, or else any one of those that hold it; their names."""
        found = next((item for item in self._view.locks if item.info.name == lock), None)
        if len(holders) == 1:
            return f", until {self._releaser(holders[0])} gives it back", ""
        if found is not None and all(user.shared for user in found.holders):
            return f", until all {len(holders)} that read give it back", f": {units.listed(holders)}"
        return f", until one of {len(holders)} gives it back", f": {units.listed(holders)}"

    def _releaser(self, name: str) -> str:
        """Its name, and what it does instead of giving back."""
        process = self._processes.get(name)
        return name if process is None else f"{name} ({state_of(process, self._view, self._look)[1]})"

    def _meanwhile(self, name: str) -> Piece:
        """The locks that a waiter holds meanwhile."""
        held = self._held.get(name, [])
        return f"; holds {units.listed(held)} meanwhile" if held else "", "dim"

    def _lasted(self, wait: Wait) -> str:
        return units.lasted(max(0, self._view.framed - wait.since))

    def _as_fits(self, row: Line, *tails: Piece) -> Line:
        """The row with as many of the tails as there is room for, the first first."""
        for tail in tails:
            if width_of(row) + width_of([tail]) <= self._width:
                row = [*row, tail]
        return row


def _by(what: str, other: str) -> str:
    if what == "locking":
        return f", held by {other}"
    return f", until {other} {'receives' if what == 'sending' else 'sends'}"
