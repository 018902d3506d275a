"""The wait-for graph in rows of text: who waits for whom through what, and who could let it go."""

from __future__ import annotations

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, cell, line, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.words import state_of
from ipcviz.view import LockView, ProcessView, View
from ipcviz.waits import Stuck, rings, stuck_processes, waiting_processes

VERBS = {"locking": "waits for", "sending": "sends on", "receiving": "receives from"}


def wait_rows(view: View, width: int, look: Look) -> list[Line]:
    """The rings first, then every other process that waits for a lock; nothing when nobody does."""
    stuck = stuck_processes(view)
    inside: set[str] = set()
    rows: list[Line] = []
    for ring in rings(stuck):
        rows += _ring_rows(ring, stuck, view, width, look)
        inside.update(ring)
    waiting = {
        name: found
        for name, found in waiting_processes(view).items()
        if name not in inside and found.wait.what == "locking"
    }
    if waiting:
        rows.append(line(("  Who waits for whom", "title")))
    for name, found in waiting.items():
        rows.append(_waiter_row(name, found, view, width, look, name in stuck))
    return rows


def _ring_rows(ring: list[str], stuck: dict[str, Stuck], view: View, width: int, look: Look) -> list[Line]:
    """A box open to the right: the last waits for the first again."""
    top_left, _, bottom_left, _, level, upright = tuple(look.frame("double"))
    head = f"  {look.glyph('finding')} A ring of {len(ring)}: nobody in it can go on"
    rows = [line((head, "ring"))]
    names = max(len(name) for name in ring)
    for place, name in enumerate(ring):
        corner = top_left if place == 0 else bottom_left if place == len(ring) - 1 else upright
        edge = level if corner != upright else " "
        wait = stuck[name].wait
        after = ring[(place + 1) % len(ring)]
        row = line(
            (f"  {corner}{edge} ", "ring"),
            (cell(name, names), "strong"),
            f" {VERBS[wait.what]} ",
            (wait.name, "accent"),
        )
        lasted = f", {units.span(max(0, view.framed - wait.since))}"
        rows.append(
            _as_fits(row, width, (lasted, "dim"), (_by(wait.what, after), "text"), _meanwhile(name, view))
        )
    return rows


def _waiter_row(name: str, found: Stuck, view: View, width: int, look: Look, hopeless: bool) -> Line:
    """One wait: for what, since when, until who lets it go, and what that one does now."""
    wait = found.wait
    lasted = units.span(max(0, view.framed - wait.since))
    row = line(
        (f"  {look.glyph('blocked')} ", "bad" if hopeless else "warn"),
        (name, "strong"),
        f" {VERBS[wait.what]} ",
        (wait.name, "accent"),
        (f" {lasted}", "warn"),
    )
    if not found.by:
        return [*row, (", and nobody alive holds it" if not hopeless else ", and nobody can end it", "bad")]
    until = _until(wait.name, sorted(found.by), view, look)
    return _as_fits(row, width, (until, "text"), _meanwhile(name, view))


def _until(lock: str, holders: list[str], view: View, look: Look) -> str:
    """Who could let it go: all that read together, or else any one of those that hold it."""
    found = next((item for item in view.locks if item.info.name == lock), None)
    together = found is not None and all(user.shared for user in found.holders)
    if len(holders) == 1:
        return f", until {_releaser(holders[0], view, look)} gives it back"
    if together:
        return f", until all {len(holders)} that read give it back: {units.listed(holders)}"
    return f", until one of {len(holders)} gives it back: {units.listed(holders)}"


def _as_fits(row: Line, width: int, *tails: Piece) -> Line:
    """The row with as many of the tails as there is room for, the first first."""
    for tail in tails:
        if width_of(row) + width_of([tail]) <= width:
            row = [*row, tail]
    return row


def _releaser(name: str, view: View, look: Look) -> str:
    process = _process(view, name)
    if process is None:
        return name
    _, words, _ = state_of(process, view, look)
    return f"{name} ({words})"


def _by(what: str, other: str) -> str:
    if what == "locking":
        return f", held by {other}"
    return f", until {other} {'receives' if what == 'sending' else 'sends'}"


def _meanwhile(name: str, view: View) -> Piece:
    """The locks that a waiter holds meanwhile."""
    held = [lock.info.name for lock in view.locks if _holds(lock, name)]
    return f"; holds {units.listed(held)} meanwhile" if held else "", "dim"


def _holds(lock: LockView, name: str) -> bool:
    return any(user.process == name for user in lock.holders)


def _process(view: View, name: str) -> ProcessView | None:
    return next((process for process in view.processes if process.name == name), None)
