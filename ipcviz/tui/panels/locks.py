"""Locks: who holds each, who waits for it and for how long; below them, who waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, line, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.entries import Entries
from ipcviz.tui.panels.wait_graph import wait_rows
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import harmless
from ipcviz.view import LockUser, LockView, View

TALL = 5
"""Rows of a lock where there is room: four, and an empty one."""
SHORT = 3
"""Rows of a lock in a panel that is narrow."""

_KEYS: dict[str, Callable[[LockView], tuple[float | str, ...]]] = {
    "name": lambda lock: (lock.info.name,),
    "waiters": lambda lock: (-len(lock.waiters),),
    "rate": lambda lock: (-lock.rate,),
    "p99": lambda lock: (-(lock.wait.p99 or 0.0),),
    "contention": lambda lock: (-contention(lock),),
}


class Locks(Entries):
    """All locks: four rows each, three where it is narrow, or a table; below, who waits for whom."""

    heading = "Locks"
    number = 4
    kind = "lock"
    orders: ClassVar[tuple[str, ...]] = ("", *_KEYS)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Tall entries if all fit, else a row each; what is left of the room tells who waits for whom."""
        if not view.locks:
            self.note = ""
            return [line(("  This topology has no locks.", "dim"))]
        named = {lock.info.name: lock for lock in view.locks}
        locks = self.sorted_by(named, view.framed, _KEYS.get(self.order))
        count = len(locks)
        waits = wait_rows(view, width, self.look)
        below = len(waits) + 1 if waits else 0
        if count * TALL - 1 + min(below, 5) <= height and width >= 36:
            made = self.scrolled_entries(
                count, TALL, height, lambda number: [*self._tall(locks[number], view, number, width), []]
            )[: count * TALL - 1]
            self.note = self.told_order(count, count)
        elif count * SHORT <= height and width < 36:
            made = self.scrolled_entries(
                count, SHORT, height, lambda number: self._short(locks[number], view, number, width)
            )
            self.note = self.told_order(count, count)
        else:
            made = self._table(locks, view, width, height, below)
        room = height - len(made) - 1
        return [*made, [], *harmless(_cut_rows(waits, room))] if waits and room > 0 else made

    def _table(self, locks: list[LockView], view: View, width: int, height: int, below: int) -> list[Line]:
        """A row each; where not all fit, the graph gets a part of the room all the same."""
        rows = len(locks) + 1
        room = max(min(rows, height // 2), height - below) if below and rows > height else height
        columns = columns_that_fit(_columns(locks, view, self.look, width), width - 3)
        made = self.scrolled_entries(
            len(locks), 1, room, lambda n: [[self.mark(n), *row_of(columns, locks[n])]], [head_of(columns)]
        )
        self.note = self.told_order(len(locks), room - 1)
        return made

    def _tall(self, lock: LockView, view: View, number: int, width: int) -> list[Line]:
        glyph, style = _glyph(lock, self.look)
        name = middle_cut(lock.info.name, max(8, width - len(lock.info.mechanism) - 18))
        head = line(self.mark(number), (f"{glyph} ", style), (name, "strong"), f"  {lock.info.mechanism}")
        kernel = kernel_words(lock)
        gap = width - 1 - width_of(head) - len(kernel)
        if gap >= 2:
            head.append((" " * gap + kernel, "dim" if lock.quality in ("exact", "unknown") else "warn"))
        return [
            head,
            line(("    held by  ", "dim"), people(lock.holders, view, "nobody", "text")),
            line(("    waiting  ", "dim"), people(lock.waiters, view, "nobody", "warn")),
            _figures(lock, view, width),
        ]

    def _short(self, lock: LockView, view: View, number: int, width: int) -> list[Line]:
        """Who holds it and who waits, as far as there is room for names."""
        glyph, style = _glyph(lock, self.look)
        name = middle_cut(lock.info.name, max(8, width - len(lock.info.mechanism) - 7))
        held, held_style = _holders(lock, width - 9, view)
        waiting, waiting_style = _waiters(lock, width - 9, view)
        return [
            line(self.mark(number), (f"{glyph} ", style), (name, "strong"), f"  {lock.info.mechanism}"),
            line(("    held ", "dim"), (held if lock.holders else "by nobody", held_style)),
            line(("    wait ", "dim"), (waiting or "nobody", waiting_style if waiting else "dim")),
        ]


def contention(lock: LockView) -> float:
    """The part of all who wanted it that had to wait: of the acquisitions, and of those who wait now."""
    waiting = len(lock.waiters)
    wanted = lock.acquisitions + waiting
    return (lock.contended + waiting) / wanted if wanted else 0.0


def longest_wait(lock: LockView, view: View) -> int:
    """How long who waits longest has waited by now, in ns."""
    return max((view.framed - user.since for user in lock.waiters), default=0)


def kernel_words(lock: LockView) -> str:
    """The kernel's own word: the value, how many wait, the pids of holders; with how far to trust it."""
    words = []
    if lock.value is not None:
        words.append(f"value {lock.value}")
    if lock.kernel_waiters is not None:
        words.append(f"{lock.kernel_waiters} wait")
    if lock.kernel_holders:
        words.append(f"held by pid {', '.join(map(str, lock.kernel_holders))}")
    if not words:
        return "the kernel does not tell" if lock.quality == "unknown" else ""
    tail = "" if lock.quality == "exact" else f" ({lock.quality})"
    return f"kernel: {', '.join(words)}{tail}"


def people(users: tuple[LockUser, ...], view: View, nobody: str, style: str) -> Piece:
    """Names, each with how long it has held or waited."""
    if not users:
        return nobody, "dim"
    told = []
    for user in users:
        how = " (reads)" if user.shared else ""
        told.append(f"{user.process}{how} {units.lasted(max(0, view.framed - user.since))}")
    return ", ".join(told), style


def _figures(lock: LockView, view: View, width: int) -> Line:
    """How often it was taken, how many had to wait for it, and how long: of late, and who waits now."""
    row = line(
        ("    taken    ", "dim"),
        f"{units.count(lock.acquisitions)}",
        (f"  {units.rate(lock.rate)}", "dim"),
        ("   had to wait ", "dim"),
        (units.percent(contention(lock)), "warn" if contention(lock) >= 0.5 else "text"),
    )
    more = [(f"   p50 {units.micros(lock.wait.p50)}  p99 {units.micros(lock.wait.p99)}", "dim")]
    if lock.waiters:
        more.insert(0, (f"   longest now {units.lasted(max(0, longest_wait(lock, view)))}", "warn"))
    for words, style in more:
        if width_of(row) + len(words) < width:
            row.append((words, style))
    return row


def _glyph(lock: LockView, look: Look) -> Piece:
    style = "warn" if lock.waiters else "accent" if lock.holders else "dim"
    return look.glyph("held" if lock.holders else "free"), style


def _columns(locks: list[LockView], view: View, look: Look, width: int) -> list[Column[LockView]]:
    least = 14 if width >= 34 else 9  # who holds it is told before all else
    name = widest((lock.info.name for lock in locks), 4, 20)
    kind = widest((lock.info.mechanism for lock in locks), 4, 16)
    holders = widest((people(lock.holders, view, "free", "")[0] for lock in locks), 14, 40)
    waiters = widest((people(lock.waiters, view, "", "")[0] for lock in locks), 10, 40)
    return [
        Column("", len(look.glyph("held")), lambda lock, _: _glyph(lock, look)),
        Column("lock", name, lambda lock, width: (middle_cut(lock.info.name, width), "strong")),
        Column("kind", kind, lambda lock, _: (lock.info.mechanism, "dim"), 4),
        Column("held by", min(least, holders), partial(_holders, view=view), 1, stretch=True, most=holders),
        Column(
            "waiting" if width >= 34 else "wait",
            min(least if width >= 34 else 4, waiters),
            partial(_waiters, view=view),
            2,
            stretch=True,
            most=waiters,
        ),
        Column("taken", 7, lambda lock, _: (units.count(lock.acquisitions), "text"), 5, right=True),
        Column("rate", 8, lambda lock, _: (units.rate(lock.rate), "text"), 6, right=True),
        Column("had to wait", 11, lambda lock, _: (units.percent(contention(lock)), "text"), 3, right=True),
        Column("p50", 7, lambda lock, _: (units.micros(lock.wait.p50), "dim"), 8, right=True),
        Column("p99", 7, lambda lock, _: (units.micros(lock.wait.p99), "text"), 7, right=True),
        Column("", 30, lambda lock, _: (kernel_words(lock), "dim"), 9, stretch=True, most=50),
    ]


def _holders(lock: LockView, width: int, view: View) -> Piece:
    """Names; where there are more than fit, how many of how many may hold it."""
    told, style = people(lock.holders, view, "free", "text")
    if len(told) > width and len(lock.holders) > 1:
        of = f" of {lock.info.count}" if lock.info.count > 1 else " read"
        return f"{len(lock.holders)}{of}", style
    if lock.holders and len(told) > width:
        told = _one(lock.holders[0], units.lasted(max(0, view.framed - lock.holders[0].since)), width)
    return told, style


def _waiters(lock: LockView, width: int, view: View) -> Piece:
    """Names; where there are more than fit, how many, and how long who waits longest."""
    told, style = people(lock.waiters, view, "", "warn")
    if not lock.waiters or len(told) <= width:
        return told, style
    longest = units.lasted(max(0, longest_wait(lock, view)))
    if len(lock.waiters) == 1:
        return _one(lock.waiters[0], longest, width), style
    counted = f"{len(lock.waiters)}, {longest}"
    return counted if len(counted) <= width else str(len(lock.waiters)), style


def _one(user: LockUser, lasted: str, width: int) -> str:
    """A name that is cut, and how long, where that leaves some of the name."""
    room = width - len(lasted) - 1
    return f"{middle_cut(user.process, room)} {lasted}" if room >= 6 else middle_cut(user.process, width)


def _cut_rows(rows: list[Line], room: int) -> list[Line]:
    """As many as fit; the last says how many do not."""
    if len(rows) <= room:
        return rows
    return [*rows[: room - 1], line((f"    … and {len(rows) - room + 1} more rows", "dim"))]
