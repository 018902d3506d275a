"""Locks: who holds each, who waits for it and for how long; below them, who waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import ClassVar

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, line, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.entries import Entries
from ipcviz.tui.panels.lock_words import (
    TIME,
    contention,
    holders,
    kernel_words,
    lock_glyph,
    percentiles,
    readers_only,
    taken_row,
    waited_in_all,
    waiters,
    waits_row,
)
from ipcviz.tui.panels.wait_graph import wait_rows
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import harmless
from ipcviz.view import LockView, View

TALL = (6, 5)
"""Rows of a lock where there is room, and where there is less: five or four, and an empty one."""
NARROW = 36
"""Cells below which an entry has fewer rows."""
SHORT = (3, 2)
"""Rows of a lock in a narrow panel: with its kind, and without."""

Make = Callable[[LockView, View, int, int, int], list[Line]]
"""Makes an entry of a lock: its number, the panel's width, and the rows of an entry."""

_KEYS: dict[str, Callable[[LockView], tuple[float | str, ...]]] = {
    "name": lambda lock: (lock.info.name,),
    "waiters": lambda lock: (-len(lock.waiters),),
    "rate": lambda lock: (-lock.rate,),
    "longest": lambda lock: (min((user.since for user in lock.waiters), default=inf),),
    "p99": lambda lock: (-(lock.wait.p99 or 0.0),),
    "contention": lambda lock: (-contention(lock),),
}


class Locks(Entries):
    """All locks: five rows each, or four, where it is narrow three or two, or a table; the graph below."""

    heading = "Locks"
    number = 4
    kind = "lock"
    orders: ClassVar[tuple[str, ...]] = ("", *_KEYS)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The tallest entries that all fit; what is left of the room tells who waits for whom.

        Only a ring takes room from them: who waits otherwise is named in the entries, which stay as they are
        when waits come and go.
        """
        if not view.locks:
            self.note = ""
            return [line(("  This topology has no locks.", "dim"))]
        named = {lock.info.name: lock for lock in view.locks}
        locks = self.sorted_by(named, view.framed, _KEYS.get(self.order))
        waits = wait_rows(view, width, self.look)
        below = len(waits) + 1 if waits else 0
        first = waits[0][0][1] if waits else ""
        rows = _rows(len(locks), width, height - (min(below, 5) if first == "ring" else 0))
        if width < NARROW:
            made = self._entries(locks, view, width, height, self._short, rows)
        elif rows:
            made = self._entries(locks, view, width, height, self._tall, rows)[: len(locks) * rows - 1]
        else:
            made = self._table(locks, view, width, height, below)
        room = height - len(made) - 1
        if len(waits) > room and first == "title":
            waits = waits[1:]
        return [*made, [], *harmless(_cut_rows(waits, room))] if 0 < min(2, len(waits)) <= room else made

    def _entries(
        self, locks: list[LockView], view: View, width: int, height: int, make: Make, rows: int
    ) -> list[Line]:
        """Of so many rows each; where not all fit, those that fit whole."""
        fit = max(1, (height + (width >= NARROW)) // rows)
        room = height if width >= NARROW else fit * rows
        made = self.scrolled_entries(
            len(locks), rows, room, lambda number: make(locks[number], view, number, width, rows)
        )
        self.note = self.told_order(len(locks), fit)
        return made[:height]

    def _table(self, locks: list[LockView], view: View, width: int, height: int, below: int) -> list[Line]:
        """A row each; where not all fit, the graph gets a part of the room all the same."""
        rows = len(locks) + 1
        room = max(min(rows, height // 2), height - below) if below and rows > height else height
        columns = columns_that_fit(lock_columns(locks, view, self.look, width), width - 3)
        made = self.scrolled_entries(
            len(locks), 1, room, lambda n: [[self.mark(n), *row_of(columns, locks[n])]], [head_of(columns)]
        )
        self.note = self.told_order(len(locks), room - 1)
        return made

    def _tall(self, lock: LockView, view: View, number: int, width: int, rows: int) -> list[Line]:
        """Waits in a row of their own, or behind how often it was taken."""
        mechanism, kernel = lock.info.mechanism, kernel_words(lock)
        name = middle_cut(lock.info.name, max(8, width - len(mechanism) - 18))
        head = line(self.mark(number), *self._sign(lock), (name, "strong"), f"  {mechanism}")
        gap = width - 1 - width_of(head) - len(kernel)
        if gap >= 2:
            head.append((" " * gap + kernel, "dim" if lock.quality in ("exact", "unknown") else "warn"))
        held = "read" if readers_only(lock) else "held"
        figures = [taken_row(lock, width)]
        if rows == TALL[0]:
            figures.append(waits_row(lock, view, width, line(("    waits    ", "dim"))))
        else:
            figures = [waits_row(lock, view, width, figures[0])]
        return [
            head,
            line((f"    {held} by  ", "dim"), _holders(lock, width - 14, view, labelled=True)),
            line(("    waiting  ", "dim"), _waiters(lock, width - 14, view)),
            *figures,
            [],
        ]

    def _short(self, lock: LockView, view: View, number: int, width: int, rows: int) -> list[Line]:
        """Who holds it and who waits, as far as there is room for names."""
        start = line(self.mark(number), *self._sign(lock))
        waiting = line(("    wait ", "dim"), _waiters(lock, width - 9, view))
        room = width - width_of(start)
        if rows == SHORT[0]:
            kind = "  " + lock.info.mechanism
            name = middle_cut(lock.info.name, max(8, room - len(kind) - 1))
            kind = kind if cell_len(name) + len(kind) < room else ""
            held = "read" if readers_only(lock) else "held"
            by = _holders(lock, width - 9, view, "by nobody", labelled=True)
            return [[*start, (name, "strong"), (kind, "text")], line((f"    {held} ", "dim"), by), waiting]
        name = middle_cut(lock.info.name, 8)
        by = _holders(lock, room - cell_len(name) - 3, view, "free")
        return [[*start, (name, "strong"), ("  ", "text"), by], waiting]

    def _sign(self, lock: LockView) -> Line:
        glyph, style = lock_glyph(lock, self.look)
        return [(f"{glyph} ", style)]


def _rows(count: int, width: int, height: int) -> int:
    """Of an entry, the empty one after it included; 0 where a wide panel has room for a table only."""
    if width < NARROW:
        return next((rows for rows in SHORT if count * rows <= height), SHORT[-1])
    return next((rows for rows in TALL if count * rows - 1 <= height), 0)


def _holders(lock: LockView, width: int, view: View, nobody: str = "nobody", labelled: bool = False) -> Piece:
    return (holders(lock, view, width, labelled), "text") if lock.holders else (nobody, "dim")


def _waiters(lock: LockView, width: int, view: View, nobody: str = "nobody") -> Piece:
    return (waiters(lock, view, width), "warn") if lock.waiters else (nobody, "dim")


def lock_columns(locks: list[LockView], view: View, look: Look, width: int) -> list[Column[LockView]]:
    """Who holds and who waits before all else; widths depend on names, so that times move nothing."""
    user = widest((name for lock in locks for name in lock.info.users), 4, 33) + TIME
    holder = user + (len(" reads") if any(lock.info.shared for lock in locks) else 0)
    alone = all(lock.info.count == 1 and not lock.info.shared for lock in locks)
    queue = max(len(lock.info.users) for lock in locks) - 1
    name = widest((lock.info.name for lock in locks), 4, 20)
    both = (width - 9 - len(look.glyph("held")) - name) // 2
    most = max(6, min(18 if width < 100 else 22, both))
    kind = widest((lock.info.mechanism for lock in locks), 4, 16)
    whole = "all" if any(percentiles(lock, view)[1] for lock in locks) else "2 s"
    held, waiting = partial(_holders, view=view, nobody="free"), partial(_waiters, view=view, nobody="")
    return [
        Column("", len(look.glyph("held")), lambda lock, _: lock_glyph(lock, look)),
        Column("lock", name, lambda lock, width: (middle_cut(lock.info.name, width), "strong")),
        Column("kind", kind, lambda lock, _: (lock.info.mechanism, "dim"), 4),
        Column("held by", min(most, holder), held, 1, stretch=True, most=user if alone else 40),
        Column("waiting", min(most, user), waiting, stretch=True, most=min(40, max(1, queue) * (user + 2))),
        Column("taken", 7, lambda lock, _: (units.count(lock.acquisitions), "text"), 5, right=True),
        Column("rate", 8, lambda lock, _: (units.rate(lock.rate), "text"), 6, right=True),
        Column("had to wait", 11, lambda lock, _: (units.percent(contention(lock)), "text"), 3, right=True),
        Column("waited", 7, partial(_waited, view=view), 8, right=True),
        Column(f"p50, {whole}", 8, lambda lock, _: _part(percentiles(lock, view)[0].p50), 9, right=True),
        Column(f"p99, {whole}", 8, lambda lock, _: _part(percentiles(lock, view)[0].p99), 7, right=True),
        Column("", 30, lambda lock, _: (kernel_words(lock), "dim"), 10, stretch=True, most=50),
    ]


def _waited(lock: LockView, _width: int, view: View) -> Piece:
    waited = waited_in_all(lock, view)
    return units.lasted(waited) if waited else units.micros(None), "dim"


def _part(value: float | None) -> Piece:
    return units.micros(value), "text"


def _cut_rows(rows: list[Line], room: int) -> list[Line]:
    """As many as fit; the last says how many do not."""
    if len(rows) <= room:
        return rows
    return [*rows[: room - 1], line((f"    … and {len(rows) - room + 1} more rows", "dim"))]
