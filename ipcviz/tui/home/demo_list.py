"""The list of what can be run or played, by what it teaches, and the filter that is typed over it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.home.entries import SHIPPED, Entry, best, matching, nearest
from ipcviz.tui.home.field import Field
from ipcviz.tui.home.part import Part
from ipcviz.tui.lines import Line, cell, fit, middle_cut, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import scrolled

FIRST = "pipeline"
"""The demo that is chosen at the beginning."""
WIDE = 56
"""Columns from which on there is room for what a demo is about."""
NAME = 22
"""Cells of a name where something follows it."""


class DemoList(Part):
    """Groups of entries, one of which is chosen; whatever is typed narrows them down."""

    heading = "Demos"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.entries: list[Entry] = []
        self.loaded = False
        self.shown_entries: list[Entry] = []
        self.field = Field()
        self.note = ""
        self._at = 0
        self._top = 0
        self._rows: list[int | str] = []
        """Of each row under the filter the entry's number, or the heading of a group."""

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        return self.shown_entries[self._at] if self.shown_entries else None

    def show(self, entries: Sequence[Entry]) -> None:
        """These are the entries; the chosen one stays chosen if it is still there."""
        before = self.chosen
        self.entries, self.loaded = list(entries), True
        key = before.key if before else FIRST
        self._narrow(key)

    def clear(self) -> bool:
        """Show all again; False if nothing was typed."""
        if not self.field.text:
            return False
        chosen = self.chosen
        self.field = Field()
        self._narrow(chosen.key if chosen else FIRST)
        return True

    def move(self, columns: int, rows: int) -> None:
        """Choose another entry."""
        self._choose(self._at + rows)

    def first_or_last(self, last: bool) -> None:
        """Choose the first or the last entry."""
        self._choose(len(self.shown_entries) - 1 if last else 0)

    def point(self, column: int, row: int) -> None:
        """Choose the entry under the mouse."""
        number = row - 1 + self._top
        if row >= 1 and 0 <= number < len(self._rows):
            target = self._rows[number]
            if isinstance(target, int):
                self._choose(target)

    def take(self, key: str, character: str | None) -> bool:
        """Whatever can be typed goes into the filter."""
        if key in ("left", "right", "home", "end", "delete"):
            return False
        if (character == " " or key in ("backspace", "ctrl+u", "ctrl+w")) and not self.field.text:
            return True
        before = self.field.text
        if not self.field.take(key, character):
            return False
        if self.field.text != before:
            self._narrow()
        return True

    def paste(self, text: str) -> None:
        """Into the filter."""
        self.field.insert(text.strip())
        self._narrow()

    def rows(self, width: int, height: int) -> list[Line]:
        """The filter, and below it the entries in view."""
        body = self._body(width, height - 1)
        return [self._filter_row(width), *body]

    def _narrow(self, key: str = "") -> None:
        before = self.chosen
        self.shown_entries = matching(self.entries, self.field.text)
        keys = [entry.key for entry in self.shown_entries]
        self._at = keys.index(key) if key in keys else best(self.shown_entries, self.field.text)
        self._at = max(0, min(self._at, len(keys) - 1))
        if before is not self.chosen:
            self.tell()
        self.redraw()

    def _choose(self, number: int) -> None:
        number = max(0, min(number, len(self.shown_entries) - 1))
        if number != self._at:
            self._at = number
            self.tell()
        self.redraw()

    def _filter_row(self, width: int) -> Line:
        if not self.field.text:
            hint = "type to find" if self.is_current else ""
            return [(f"  {hint}", "dim")]
        count = f" {len(self.shown_entries)} of {len(self.entries)} "
        room = width - len(count) - 2
        return [("  ", "text"), *self.field.line(room, "strong"), (count, "dim")]

    def _body(self, width: int, height: int) -> list[Line]:
        if not self.loaded:
            return [[], [("  Loading the demos…", "dim")]]
        if not self.shown_entries:
            return self._nothing(width)
        spaced = self._laid_out(airy=True)
        self._rows = spaced if len(spaced) <= height else self._laid_out(airy=False)
        at = self._rows.index(self._at)
        above = 1 if at and isinstance(self._rows[at - 1], str) else 0
        self._top = scrolled(max(at - height + 1, min(self._top, at - above)), len(self._rows), height)
        shown = self._rows[self._top : self._top + height]
        self.tail = "" if len(self._rows) <= height else f"{self._at + 1} of {len(self.shown_entries)}"
        return [self._row(target, width) for target in shown]

    def _laid_out(self, airy: bool) -> list[int | str]:
        rows: list[int | str] = []
        numbered = enumerate(self.shown_entries)
        for group, members in groupby(numbered, key=lambda item: item[1].group):
            if rows and airy:
                rows.append("")
            rows += [group, *(number for number, _ in members)]
        return rows

    def _row(self, target: int | str, width: int) -> Line:
        if isinstance(target, str):
            return [(f" {units.printable(target)}", "title")]
        entry = self.shown_entries[target]
        chosen = target == self._at
        mark = self.look.glyph("cursor") if chosen else " "
        style = "strong" if chosen else "text"
        beside = self._beside(entry)
        room = width - 4
        if width >= WIDE and entry.kind != "recording":
            beside, size = cell(units.printable(entry.about), width - NAME - 5), NAME
        else:
            size = room - len(beside) - 1 if beside else room
        name = middle_cut(units.printable(entry.title), size)
        row: Line = [
            (f" {mark} ", "accent" if self.is_current else "dim"),
            *self._marked(name, style),
            (" " * (size - cell_len(name) + 1) if beside else "", "text"),
            (beside, "dim"),
        ]
        if chosen and self.is_current:
            return [(text, "selected") for text, _ in fit(row, width)]
        return row

    @staticmethod
    def _beside(entry: Entry) -> str:
        """Of a recording, how large and how old it is."""
        if entry.kind != "recording" or entry.group == SHIPPED:
            return ""
        return f"{units.size(entry.size)}  {age(time.time() - entry.changed)}"

    def _marked(self, name: str, style: str) -> Line:
        """The name with what was typed standing out."""
        word = self.field.text.strip().casefold()
        at = name.casefold().find(word) if word else -1
        if at < 0:
            return [(name, style)]
        return [(name[:at], style), (name[at : at + len(word)], "key"), (name[at + len(word) :], style)]

    def _nothing(self, width: int) -> list[Line]:
        typed = units.printable(self.field.text.strip())
        near = nearest(self.entries, self.field.text)
        told = [f"Nothing here has {typed}."]
        if near:
            told.append(f"Did you mean {near}?")
        told.append("Esc shows all again.")
        rows: list[Line] = [[]]
        for sentence in told:
            rows += [[("  " + text, "dim")] for text in wrap(sentence, width - 3)]
        return rows


def age(seconds: float) -> str:
    """How long ago, in one unit: now, 5 min, 3 h, 12 d."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "now"
