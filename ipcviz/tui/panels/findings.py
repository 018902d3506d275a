"""Findings: whole sentences about what is wrong; below them what is over, and what the processes printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from ipcviz import units
from ipcviz.events import FindingKind, FindingRaised, Note
from ipcviz.tui.lines import Line, Piece, fit, line, width_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import FAR, Panel, scrolled
from ipcviz.tui.selection import Kind, Selection
from ipcviz.view import View

GRAVE: tuple[FindingKind, ...] = ("deadlock", "failed process", "orphaned lock")
"""Something does not go on any more."""
AT_ONCE = units.SECOND // 10
"""Nanoseconds within which failures may be one the cause of the other, whichever was told first."""
_PLACES: dict[str, tuple[Kind, ...]] = {
    "deadlock": ("process", "lock", "channel"),
    "failed process": ("process", "lock", "channel"),
    "leaked object": ("process", "lock", "channel"),
    "died holding": ("lock", "process", "channel"),
    "orphaned lock": ("lock", "process", "channel"),
    "starvation": ("lock", "process", "channel"),
    "convoy": ("lock", "process", "channel"),
}
_CHANNEL_FIRST: tuple[Kind, ...] = ("channel", "process", "lock")
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding in the list; `over` is when it ended, None while it stands."""

    finding: FindingRaised
    over: int | None = None

    @property
    def key(self) -> str:
        """The same while the entry lasts."""
        return self.finding.key


class Findings(Panel):
    """The gravest finding first, of the same kind the newest; one of them is under the cursor."""

    heading = "Findings"
    number = 5

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.top = 0
        self._entries: list[Entry] = []
        self._chosen = ""
        self._seeks = False
        """The cursor has moved, and is to be brought into view."""
        self._owners: list[str] = []
        """The key of each row that is shown, "" for those of no finding."""

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Sentences, wrapped; what room they leave is for notes."""
        self._entries = entries_of(view)
        rows: list[Line] = []
        owners: list[str] = []
        if not view.findings:
            rows, owners = [line(("  Nothing is wrong.", "dim"))], [""]
        for entry in self._entries:
            told = self._told(entry, width)
            rows += told
            owners += [entry.key] * len(told)
        notes = _last_notes(view.notes, height - len(rows))
        if self._seeks:
            self._seek(owners, height)
        self.top = scrolled(self.top, len(rows), height)
        self._owners = owners[self.top : self.top + height]
        self.note = self._summary(view, len(rows) - height)
        return [*rows[self.top : self.top + height], *notes]

    def _told(self, entry: Entry, width: int) -> list[Line]:
        marked = self.has_focus and entry.key == self.chosen_key
        cursor: Piece = (self.look.glyph("cursor") if marked else " ", "accent")
        return entry_rows(entry, width, self.look, cursor)

    def _summary(self, view: View, hidden: int) -> str:
        """How many there are, and whether some rows are out of sight."""
        standing = len(view.findings)
        over = len(self._entries) - standing
        parts = [str(standing) if standing else "", f"{over} over" if over else ""]
        return " · ".join(filter(None, [*parts, "more below" if hidden > 0 else ""]))

    def _seek(self, owners: list[str], height: int) -> None:
        """Scroll so far that the whole entry is seen, or as much of it as there is room for."""
        self._seeks = False
        mine = [row for row, key in enumerate(owners) if key == self._chosen]
        if mine:
            self.top = max(min(self.top, mine[0]), min(mine[0], mine[-1] - height + 1))

    @property
    def chosen_key(self) -> str:
        """The key of the entry under the cursor: the chosen one, or else the first; "" without any."""
        keys = [entry.key for entry in self._entries]
        return self._chosen if self._chosen in keys else next(iter(keys), "")

    def _entry(self) -> Entry | None:
        key = self.chosen_key
        return next((entry for entry in self._entries if entry.key == key), None)

    def chosen_members(self) -> tuple[str, ...]:
        """The names that the chosen finding tells, the place to look at first."""
        entry = self._entry()
        return tuple(entry.finding.members) if entry else ()

    def culprit(self) -> tuple[Kind, str] | None:
        """The process, channel or lock that the chosen finding names first; None without a finding."""
        entry = self._entry()
        return place_of(entry.finding, self.shown) if entry and self.shown else None

    def copied(self) -> str:
        """The chosen sentence."""
        entry = self._entry()
        return units.printable(entry.finding.sentence) if entry else ""

    def move(self, columns: int, rows: int) -> None:
        """Move the cursor by so many findings, or by a page."""
        keys = [entry.key for entry in self._entries]
        if not keys:
            return
        page = max(1, self._whole_entries()) * (1 if rows > 0 else -1)
        steps = rows if abs(rows) in (0, 1, FAR) else page
        place = max(0, min(keys.index(self.chosen_key) + steps, len(keys) - 1))
        self._choose(keys[place])

    def follow(self) -> None:
        """The last of them."""
        self.move(0, FAR)

    def scroll_view(self, columns: int, rows: int) -> None:
        """Show other rows, and leave the cursor where it is."""
        self.top = max(0, self.top + rows)
        self.redraw()

    def point(self, column: int, row: int) -> None:
        """Choose the finding under the mouse."""
        if 0 <= row < len(self._owners) and self._owners[row]:
            self._choose(self._owners[row])

    def _whole_entries(self) -> int:
        return len(set(filter(None, self._owners)))

    def _choose(self, key: str) -> None:
        """The whole screen marks the place, too."""
        self._chosen = key
        self._seeks = True
        culprit = self.culprit()
        if culprit is not None:
            self.choose(*culprit)
        else:
            self.redraw()


def entries_of(view: View) -> list[Entry]:
    """What stands, and below it what is over, the newest first; of one that came again only the last."""
    standing = [Entry(finding) for finding in by_weight(view.findings, killed_in(view))]
    known = {entry.key for entry in standing}
    past = []
    for gone in reversed(view.cleared):
        if gone.finding.key not in known:
            known.add(gone.finding.key)
            past.append(Entry(gone.finding, gone.since))
    return [*standing, *past]


def by_weight(
    findings: Iterable[FindingRaised], killed: AbstractSet[str] = frozenset()
) -> list[FindingRaised]:
    """Deadlocks first, then failures from the first to the last that it brought about, then the newest.

    Of failures at one time those of the `killed` come first: who is killed is told of as late as the others
    whom that ends, and has not failed because of them.
    """
    order = {kind: place for place, kind in enumerate(get_args(FindingKind))}

    def rank(found: FindingRaised) -> tuple[int, ...]:
        if found.kind == "failed process":
            after = not any(name in killed for name in found.members[:1])
            return order[found.kind], found.since // AT_ONCE, after, found.since
        return order[found.kind], found.since if found.kind == "deadlock" else -found.since

    return sorted(findings, key=rank)


def killed_in(view: View) -> frozenset[str]:
    """The processes that a signal has ended."""
    return frozenset(process.name for process in view.processes if process.signal is not None)


def place_of(finding: FindingRaised, view: View) -> tuple[Kind, str] | None:
    """The first of its members that there is; where one name stands for several, what the kind is about."""
    names: dict[Kind, set[str]] = {
        "process": {process.name for process in view.processes},
        "channel": {channel.info.name for channel in view.channels},
        "lock": {lock.info.name for lock in view.locks},
    }
    for member in finding.members:
        for kind in _PLACES.get(finding.kind, _CHANNEL_FIRST):
            if member in names[kind]:
                return kind, member
    return None


def finding_rows(finding: FindingRaised, width: int, look: Look, most: int = 100) -> list[Line]:
    """One finding in so many rows at most, 1 or more: its sentence, and since when."""
    rows = entry_rows(Entry(finding), width, look)
    if len(rows) <= most:
        return rows
    cut = rows[most - 1]
    whole = width_of(cut) <= width - 2
    return [*rows[: most - 1], [*cut, (" …", "text")] if whole else fit(cut, width - 2)]


def entry_rows(entry: Entry, width: int, look: Look, cursor: Piece = (" ", "text")) -> list[Line]:
    """The rows of one entry: what kind it is, the names in it marked, and behind it since when."""
    finding = entry.finding
    room = max(10, width - _MARGIN)
    text = units.printable(finding.sentence)
    bodies = _styled(text, tuple(map(units.printable, finding.members)), room)
    over = entry.over is not None
    style = "dim" if over else "bad" if finding.kind in GRAVE else "warn"
    glyph = look.glyph("ended" if over else "finding")
    rows: list[Line] = []
    for number, body in enumerate(bodies):
        head: Line = [cursor, (f"{glyph} ", style)] if number == 0 else [(" " * _MARGIN, "text")]
        rows.append(
            [*head, *((part, "dim" if over else style if how == "kind" else how) for part, how in body)]
        )
    when = "Since" if entry.over is None else "Over since"
    tail: Piece = (f"{when} {units.clock(finding.since if entry.over is None else entry.over)}.", "dim")
    if width_of(rows[-1]) + 1 + width_of([tail]) <= room + _MARGIN:
        rows[-1] += [(" ", "text"), tail]
    else:
        rows += [[(" " * _MARGIN, "text"), (piece, "dim")] for piece in wrap(tail[0], room)]
    return rows


@lru_cache(maxsize=512)
def _styled(text: str, members: tuple[str, ...], width: int) -> tuple[tuple[Piece, ...], ...]:
    """The sentence in rows: up to the first colon its kind, the names that it tells, the rest of it."""
    spans = _spans(text, members)
    rows, start = [], 0
    for row in wrap(text, width):
        start = max(start, text.find(row, start))
        rows.append(tuple(_pieces(text, start, start + len(row), spans)))
        start += len(row)
    return tuple(rows)


def _spans(text: str, members: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """What of it is more than text: from, to, style."""
    colon = text.find(":") + 1
    spans = [(0, colon, "kind")] if colon else []
    names = "|".join(re.escape(name) for name in sorted(members, key=len, reverse=True) if name)
    if names:
        found = re.finditer(rf"(?<!\w)(?:{names})(?!\w)", text[colon:])
        spans += [(colon + match.start(), colon + match.end(), "strong") for match in found]
    return spans


def _pieces(text: str, start: int, end: int, spans: list[tuple[int, int, str]]) -> Iterable[Piece]:
    place = start
    for first, last, style in spans:
        first, last = max(first, place), min(last, end)
        if first >= last:
            continue
        if place < first:
            yield text[place:first], "text"
        yield text[first:last], style
        place = last
    if place < end:
        yield text[place:end], "text"


def _last_notes(notes: tuple[Note, ...], room: int) -> list[Line]:
    """The latest lines that processes printed."""
    if room < 2 or not notes:
        return []
    return [
        line((f"   {units.printable(note.process)}: ", "dim"), (units.printable(note.text), "text"))
        for note in notes[-room:]
    ]
