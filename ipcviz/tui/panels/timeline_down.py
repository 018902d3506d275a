"""Time downwards: one lifeline a process, a message as an arrow where it was received; locks at the right.

In order: a row for each time that a message was sent or received, whatever lies between. In real time: a row
is a step of time, and arrows that share a row are counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from rich.cells import cell_len

from ipcviz import units
from ipcviz.events import Message
from ipcviz.lanes import Mark
from ipcviz.tui.lines import Line, cell
from ipcviz.tui.look import Look
from ipcviz.tui.panels import timeline_glyphs as glyphs
from ipcviz.tui.panels.timeline_across import short_name
from ipcviz.tui.panels.timeline_scale import Scale, time_label
from ipcviz.tui.panels.timeline_sheet import Sheet
from ipcviz.tui.panels.timeline_states import SETTLED, States, codes_at, lock_codes_at
from ipcviz.tui.panels.timeline_traffic import Traffic, in_view
from ipcviz.tui.selection import Selection
from ipcviz.view import View

STAMP = 13
"""Columns of the time at the left."""
NARROWEST = 9
ENOUGH = 12
WIDEST = 34
LOCK = 9
"""Columns of a lock."""
_received_at = attrgetter("t")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the lifelines stand: a column for each process in view, from number `first` on, and for as many
    locks as have room.
    """

    places: dict[str, int]
    width: int
    first: int
    hidden: int
    locks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """A row in order: at `t`, a message was sent, or received."""

    t: int
    sent: bool
    message: Message


def columns_of(view: View, width: int, first: int) -> Columns:
    """Share the width among the processes; those that do not fit are to the side. Locks take a third, or
    what the processes can do without.
    """
    names = [lane.name for lane in view.lanes.processes]
    room = width - STAMP
    beside = max(room // 3, room - len(names) * ENOUGH) // LOCK
    locks = [lane.name for lane in view.lanes.locks][:beside]
    room -= len(locks) * LOCK
    each = max(NARROWEST, min(WIDEST, room // max(1, len(names))))
    fit = max(1, room // each)
    first = max(0, min(first, len(names) - fit))
    shown = names[first : first + fit]
    places = {name: STAMP + number * each + each // 2 for number, name in enumerate(shown)}
    begin = STAMP + room + LOCK // 2
    lock_places = {name: begin + number * LOCK for number, name in enumerate(locks)}
    return Columns(places, each, first, len(names) - len(shown), lock_places)


class Down:
    """The picture with time downwards."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._states = States()
        self._traffic = Traffic()
        self._table = list(zip(glyphs.DOWN[look.glyphs], glyphs.STYLES, strict=True))
        self._kept: dict[int, Line] = {}
        self._kept_for: object = None
        self.words = ""
        """What an arrow stands for, for the legend."""
        self.codes: set[int] = set()
        """The states in view."""
        self.rows: list[Event] = []
        """In order: what each row shows."""

    def in_order(
        self, view: View, columns: Columns, edge: int, selection: Selection, width: int, height: int
    ) -> list[Line]:
        """A row for each event, the last at or before `edge`."""
        sheet = Sheet(width, height, self._look.glyphs, (STAMP, width, 1))
        self._heads(sheet, columns, selection)
        self.rows = events_before(view, edge, height - 1)
        if len(self.rows) < height - 1:
            self.rows = first_events(view, height - 1)
        self.codes, self.words = set(), ""
        for number, event in enumerate(self.rows, 1):
            sheet.put(0, number, f"{units.stamp(event.t):>{STAMP - 2}}", "dim")
        lanes = [lane for lane in view.lanes.processes if lane.name in columns.places]
        for lane in lanes:
            shown = codes_at(lane, view.lanes.until, [event.t for event in self.rows])
            self._life(sheet, columns.places[lane.name], shown)
        for lock in view.lanes.locks:
            if lock.name in columns.locks:
                shown = lock_codes_at(lock, view.lanes.until, [event.t for event in self.rows])
                self._life(sheet, columns.locks[lock.name], shown)
        for number, event in enumerate(self.rows, 1):
            self._event(sheet, columns, number, event, event.message == selection.message)
        self._marks(sheet, columns, [event.t for event in self.rows], view.lanes.marks)
        self._link(sheet, columns, selection)
        sheet.finish()
        return [sheet.line(y) for y in range(height)]

    def in_time(
        self, view: View, columns: Columns, scale: Scale, selection: Selection, width: int
    ) -> list[Line]:
        """A row for each step of time."""
        sheet = Sheet(width, scale.cells + 1, self._look.glyphs, (STAMP, width, 1))
        self._heads(sheet, columns, selection)
        self.codes, self.rows, self.words = set(), [], ""
        for number in range(scale.cells):
            t = scale.start + number * scale.step
            sheet.put(
                0, number + 1, f"{time_label(t, scale.step):>{STAMP - 2}}", "dim" if t >= 0 else "frame"
            )
        for lane in view.lanes.processes:
            if lane.name in columns.places:
                cells = self._states.of_process(lane, view.lanes, scale)
                self._life(sheet, columns.places[lane.name], [shown.code for shown in cells])
        for lock in view.lanes.locks:
            if lock.name in columns.locks:
                cells = self._states.of_lock(lock, view.lanes, scale)
                self._life(sheet, columns.locks[lock.name], [shown.code for shown in cells])
        times = [scale.start + number * scale.step for number in range(1, scale.cells + 1)]
        self._marks(sheet, columns, times, [mark for mark in view.lanes.marks if mark.t >= scale.start])
        found, all_of_them = in_view(view.messages, scale, max(4, scale.cells))
        chosen = selection.message
        seen = chosen is not None and chosen.t >= scale.start and chosen.sent < scale.end
        if chosen is not None and seen and not all_of_them:
            found = [chosen]
        kept = {} if found or all_of_them else self._kept_rows(columns, scale, width)
        if not all_of_them:
            self._counted(sheet, columns, scale, view, kept)
        for message in found:
            self._slope(sheet, columns, scale, message, message == chosen)
        sheet.finish()
        lines = [sheet.line(0)]
        settled = (view.lanes.until - SETTLED) // scale.step
        for number in range(scale.first, scale.first + scale.cells):
            line = kept.get(number) or sheet.line(number - scale.first + 1)
            if number < settled:
                kept[number] = line
            lines.append(line)
        return lines

    def _kept_rows(self, columns: Columns, scale: Scale, width: int) -> dict[int, Line]:
        """The rows with counted arrows that will not change any more."""
        made_for = (tuple(columns.places.items()), scale.step, width)
        if made_for != self._kept_for or len(self._kept) > 20 * scale.cells:
            self._kept, self._kept_for = {}, made_for
        return self._kept

    def _heads(self, sheet: Sheet, columns: Columns, selection: Selection) -> None:
        for name, x in columns.places.items():
            text = short_name(name, columns.width - 2)
            style = "selected" if selection.is_on("process", name) else "strong"
            sheet.put(x - cell_len(text) // 2, 0, text, style)

        for name, x in columns.locks.items():
            text = short_name(name, LOCK - 1)
            sheet.put(
                x - cell_len(text) // 2, 0, text, "selected" if selection.is_on("lock", name) else "dim"
            )

    def _marks(self, sheet: Sheet, columns: Columns, times: list[int], marks: Sequence[Mark]) -> None:
        """Beside the time of the first row that is as late; the words of a mark have the room behind it."""
        room = min(columns.places.values(), default=sheet.width) - STAMP - 1
        for mark in marks:
            row = bisect_left(times, mark.t)
            if not times or row == len(times) or (row == 0 and mark.t < times[0]):
                continue
            glyph, style = glyphs.mark_of(mark.kind, self._look.glyphs)
            sheet.put(STAMP - 2, row + 1, glyph, style)
            if mark.kind not in ("ended", "failed") and room >= 4:
                text = units.printable(mark.text)
                sheet.put(STAMP, row + 1, cell(text, min(cell_len(text), room)), "dim")

    def _life(self, sheet: Sheet, x: int, states: list[int]) -> None:
        self.codes.update(states)
        table = self._table
        for row, code in zip(sheet.rows[1:], states, strict=False):
            row[x] = table[code]

    def _event(self, sheet: Sheet, columns: Columns, y: int, event: Event, chosen: bool) -> None:
        message = event.message
        begin, end = columns.places.get(message.sender), columns.places.get(message.receiver)
        style = "accent" if chosen else "text"
        name = f"{message.channel} {message.sequence}"
        if event.sent:
            if begin is not None:
                sheet.put(begin, y, glyphs.SENT[self._look.glyphs], style)
                right = end is None or end >= begin
                text = cell(name, min(len(name), columns.width - 4))
                x = begin + 2 if right else begin - 1 - len(text)
                sheet.put(x, y, text, "accent" if chosen else "dim")
            return
        took = units.micros((message.t - message.sent) / 1000)
        if begin is None or end is None or begin == end:
            at = end if end is not None else begin
            if at is not None:
                sheet.put(at, y, glyphs.TAKEN_DOWN[self._look.glyphs], style)
                sheet.put(at + 2, y, cell(f"{name} {took}", columns.width - 3), "dim")
            return
        self._level(sheet, begin, end, y, [f" {name}  {took} ", f" {took} "], chosen)

    def _level(self, sheet: Sheet, begin: int, end: int, y: int, texts: list[str], chosen: bool) -> None:
        """An arrow along a row, with the longest text that it has room for."""
        left, right, level = glyphs.ARROWS[self._look.glyphs]
        low, high = min(begin, end) + 1, max(begin, end) - 1
        style = "accent" if chosen else "edge"
        line = glyphs.CHOSEN_LEVEL[self._look.glyphs] if chosen else level
        sheet.put(low, y, line * (high - low + 1), style)
        sheet.put(
            high if end > begin else low, y, right if end > begin else left, "accent" if chosen else "text"
        )
        for text in texts:
            if len(text) <= high - low - 2:
                middle = low + (high - low - len(text)) // 2
                sheet.put(middle, y, text, "accent" if chosen else "text")
                return

    def _link(self, sheet: Sheet, columns: Columns, selection: Selection) -> None:
        """The chosen message's way along its sender's lifeline, from where it was sent."""
        rows = [number for number, event in enumerate(self.rows, 1) if event.message == selection.message]
        message = selection.message
        if message is None or not rows or message.sender not in columns.places:
            return
        first = rows[0] if self.rows[rows[0] - 1].sent else 1
        last = rows[-1] if not self.rows[rows[-1] - 1].sent else len(self.rows)
        x = columns.places[message.sender]
        corner = self._look.frame("round")[2 if columns.places.get(message.receiver, x) >= x else 3]
        for y in range(first + 1, last):
            sheet.put(x, y, sheet.rows[y][x][0], "accent")
        if last == rows[-1] and not self.rows[last - 1].sent:
            sheet.put(x, last, corner, "accent")

    def _slope(self, sheet: Sheet, columns: Columns, scale: Scale, message: Message, chosen: bool) -> None:
        begin, end = columns.places.get(message.sender), columns.places.get(message.receiver)
        y, to_y = scale.place(message.sent) + 1, scale.place(message.t) + 1
        style = "accent" if chosen else "text"
        texts = [f" {message.channel} {message.sequence}  {_took(message)} ", f" {_took(message)} "]
        if begin is not None and end is not None and begin != end and y == to_y:
            self._level(sheet, begin, end, y, texts, chosen)
        if begin is not None and 1 <= y <= scale.cells:
            sheet.put(begin, y, glyphs.SENT[self._look.glyphs], style)
        if begin is None or end is None or begin == end or y == to_y:
            return
        left, right, _ = glyphs.ARROWS[self._look.glyphs]
        if 1 <= to_y <= scale.cells:
            sheet.put(end + (-1 if end > begin else 1), to_y, right if end > begin else left, style)
        low, high = max(y, -3 * scale.cells), min(to_y, 4 * scale.cells)
        sheet.diagonal(begin, low, end, high, "accent" if chosen else "edge")

    def _counted(
        self, sheet: Sheet, columns: Columns, scale: Scale, view: View, kept: dict[int, Line]
    ) -> None:
        """Arrows by row and pair of processes, each with how many; those without room are counted, too."""
        self.words = "arrows stand where messages were received, with how many"
        self._traffic.count(view.messages, view.messages_seen, scale)
        more = [0] * (scale.cells + 1)
        for y in range(1, scale.cells + 1):
            taken = 0
            number = scale.first + y - 1
            pairs = {} if number in kept else self._traffic.pairs.get(number, {})
            for (sender, receiver), count in sorted(pairs.items(), key=lambda pair: -pair[1]):
                begin, end = columns.places.get(sender), columns.places.get(receiver)
                low, high = sorted((begin or 0, end or 0))
                cells = (1 << high) - (1 << low)
                if begin is None or end is None or begin == end or taken & cells:
                    more[y] += count
                    continue
                taken |= cells
                self._level(sheet, begin, end, y, [f" {count:,} " if count > 1 else ""], False)
        for y, count in enumerate(more):
            if count:
                text = f"+{count:,}"
                sheet.put(sheet.width - len(text), y, text, "dim")


def first_events(view: View, most: int) -> list[Event]:
    """The first events that are kept, in the order of their times."""
    items = view.messages.items[: min(view.messages.end, most)]
    events = [Event(m.t, False, m) for m in items] + [Event(m.sent, True, m) for m in items]
    return sorted(events, key=lambda event: (event.t, not event.sent))[: max(0, most)]


def events_before(view: View, edge: int, most: int) -> list[Event]:
    """The last events at or before an instant, in the order of their times."""
    items, end = view.messages.items, view.messages.end
    last = bisect_left(items, edge + 1, 0, end, key=_received_at)
    events = [Event(m.t, False, m) for m in items[max(0, last - most) : last]]
    first = events[0].t if len(events) == most else 0
    near = items[max(0, last - most) : min(end, last + 10 * most)]
    events += [Event(m.sent, True, m) for m in near if first <= m.sent <= edge]
    return sorted(events, key=lambda event: (event.t, not event.sent))[-most:] if most > 0 else []


def _took(message: Message) -> str:
    return units.micros((message.t - message.sent) / 1000)
