"""Findings: whole sentences about what is wrong; below them what is over, and what the processes printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ipcviz import units
from ipcviz.events import FindingRaised, Note
from ipcviz.tui.lines import Line, Piece, fit, line, width_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import FAR, Panel, scrolled
from ipcviz.tui.panels.finding_keys import key_rows, keys_of
from ipcviz.tui.panels.finding_order import GRAVE, Entry, entries_of
from ipcviz.tui.selection import Kind, Selection
from ipcviz.units import SECOND
from ipcviz.view import View

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


class Findings(Panel):
    """The newest finding first, or by `sort_next` the gravest; one of them is under the cursor."""

    heading = "Findings"
    number = 5

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.top = 0
        self._entries: list[Entry] = []
        self._chosen = ""
        self.weighed = False
        """The gravest are first, and not the newest."""
        self._seeks = False
        """The cursor has moved, and is to be brought into view."""
        self._owners: list[str] = []
        """The key of each row that is shown, "" for those of no finding."""

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Sentences, wrapped, with the keys of the chosen one; what room they leave is for notes."""
        self._entries = entries_of(view, self.weighed)
        self._adopt(view)
        rows: list[Line] = []
        owners: list[str] = []
        if not view.findings:
            rows, owners = [line(("  Nothing is wrong.", "dim"))], [""]
        for entry in self._entries:
            told = self._told(entry, width)
            rows += told
            owners += [entry.key] * len(told)
        keys = self._keys(view, width)
        if len(rows) + len(keys) <= height:  # they belong to their finding; without room, to the panel's end
            place = max((row + 1 for row, key in enumerate(owners) if key == self.chosen_key), default=0)
            rows[place:place], owners[place:place], keys = keys, [self.chosen_key] * len(keys), []
        keys = keys[: max(0, min(2, height - 3))]
        height -= len(keys)
        notes = _last_notes(view.notes, height - len(rows))
        if self._seeks:
            self._seek(owners, height)
        self.top = scrolled(self.top, len(rows), height)
        self._owners = owners[self.top : self.top + height]
        self.note = self._summary(view, len(rows) - height)
        return [*rows[self.top : self.top + height], *notes, *keys]

    def _told(self, entry: Entry, width: int) -> list[Line]:
        marked = self.has_focus and entry.key == self.chosen_key
        cursor: Piece = (self.look.glyph("cursor") if marked else " ", "accent")
        return entry_rows(entry, width, self.look, cursor)

    def _keys(self, view: View, width: int) -> list[Line]:
        """The keys of the chosen entry; from elsewhere on the screen only those that break a deadlock."""
        entry = self._entry()
        actions = getattr(self.screen, "actions", ()) if self.is_attached else ()
        if entry is None or entry.over is not None or not actions:
            return []
        if not (self.has_focus or entry.finding.kind == "deadlock"):
            return []
        keys = keys_of(actions, self.screen.unable() if hasattr(self.screen, "unable") else frozenset())
        selection, before = self.selection, ""
        if not self.has_focus:  # with the keys, the panel chooses what the finding is about
            selection, before = Selection(), keys.get(f"panel({self.number})", "")
            place = place_of(entry.finding, view)
            if place is not None:
                selection.choose(*place)
        told = key_rows(entry.finding, view, selection, keys, self.look, width - _MARGIN, before)
        return [[(" " * _MARGIN, "text"), *row] for row in told]

    def _adopt(self, view: View) -> None:
        """With the keys, the entry under the cursor stays there, and is what the screen's keys act on."""
        key = self.chosen_key
        if not self.has_focus or not key or key == self._chosen:
            return
        self._chosen = key
        entry = self._entry()
        place = place_of(entry.finding, view) if entry else None
        if place is not None:
            self.selection.choose(*place)

    def on_focus(self) -> None:
        """What the keys act on is what the entry under the cursor is about."""
        if self.chosen_key:
            self._choose(self.chosen_key)
        super().on_focus()

    def sort_next(self) -> None:
        """The gravest first, or the newest again."""
        self.weighed = not self.weighed
        self._seeks = True
        self.redraw()

    def _summary(self, view: View, hidden: int) -> str:
        """How many there are, and whether some rows are out of sight."""
        standing = len(view.findings)
        over = len(self._entries) - standing
        parts = [str(standing) if standing else "", f"{over} over" if over else ""]
        parts += ["by weight"] if self.weighed and standing > 1 else []
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
    glyph = look.glyph("ended" if over else "failed" if finding.kind in GRAVE else "finding")
    rows: list[Line] = []
    for number, body in enumerate(bodies):
        head: Line = [cursor, (f"{glyph} ", style)] if number == 0 else [(" " * _MARGIN, "text")]
        rows.append(
            [*head, *((part, "dim" if over else style if how == "kind" else how) for part, how in body)]
        )
    tail: Piece = (_when(entry), "dim")
    if width_of(rows[-1]) + 1 + width_of([tail]) <= room + _MARGIN:
        rows[-1] += [(" ", "text"), tail]
    else:
        rows += [[(" " * _MARGIN, "text"), (piece, "dim")] for piece in wrap(tail[0], room)]
    return rows


def _when(entry: Entry) -> str:
    """When it was found; its figures are of the time when it was told last, which the other panels outrun."""
    if entry.over is not None:
        return f"Over since {units.clock(entry.over)}."
    found, told = entry.finding.since, entry.finding.t
    as_of = f", as of {units.clock(told)}" if told - found >= SECOND else ""
    return f"Found at {units.clock(found)}{as_of}."


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
