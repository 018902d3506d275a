"""The base of the panels that list things: sorted as asked, scrolled by whole entries, chosen by a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeVar

from ipcviz.tui.lines import Line
from ipcviz.tui.look import Look
from ipcviz.tui.panel import ListPanel
from ipcviz.tui.selection import Selection
from ipcviz.tui.words import harmless
from ipcviz.units import SECOND

Item = TypeVar("Item")

CALM = 2 * SECOND
"""Nanoseconds for which an order stands: rows that change places ten times a second cannot be read."""


class Entries(ListPanel):
    """A list of entries of some rows each."""

    orders: ClassVar[tuple[str, ...]] = ("",)
    """What the entries may be sorted by; "" is the order of the topology."""

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.order = ""
        self._sorted: tuple[str, int, frozenset[str]] = ("", -1, frozenset())
        self._ranks: dict[str, int] = {}
        self._first = 0
        self._owners: list[int] = []

    def sort_next(self) -> None:
        """Sort by the next of `orders`."""
        self.order = self.orders[(self.orders.index(self.order) + 1) % len(self.orders)]
        self.redraw()

    def point(self, column: int, row: int) -> None:
        """Choose the entry under the mouse."""
        owner = self._owners[row] if 0 <= row < len(self._owners) else -1
        if 0 <= owner < len(self.names):
            self.choose(self.kind, self.names[owner])

    def sorted_by(
        self, items: Mapping[str, Item], at: int, key: Callable[[Item], tuple[float | str, ...]] | None
    ) -> list[Item]:
        """The items, by name, in order as of `at` (ns): it changes at most every `CALM`; ties keep theirs."""
        names = list(items)
        if key is not None:
            made_for = (self.order, at // CALM, frozenset(names))
            if made_for != self._sorted:
                self._sorted = made_for
                ordered = sorted(names, key=lambda name: key(items[name]))
                self._ranks = {name: rank for rank, name in enumerate(ordered)}
            names.sort(key=lambda name: self._ranks[name])
        self.choose_among(names)
        return [items[name] for name in names]

    def scrolled_entries(
        self, count: int, rows: int, height: int, make: Callable[[int], list[Line]], head: Sequence[Line] = ()
    ) -> list[Line]:
        """The head, and as many entries of so many rows each as fit, the chosen one among them."""
        fit = max(1, (height - len(head) + 1) // rows if rows > 1 else height - len(head))
        cursor = self.cursor
        self._first = max(0, min(self._first, cursor, count - fit))
        self._first = max(self._first, cursor - fit + 1)
        lines = list(head)
        self._owners = [-1] * len(head)
        for number in range(self._first, min(count, self._first + fit)):
            made = make(number)
            lines += made
            self._owners += [number] * len(made)
        return harmless(lines[:height])

    def told_order(self, count: int, fit: int) -> str:
        """The note: what it is sorted by, and which part of it is in view."""
        words = [f"by {self.order}"] if self.order else []
        if fit < count:
            words.append(f"{self._first + 1}-{min(count, self._first + fit)} of {count}")
        return "  ".join(words)
