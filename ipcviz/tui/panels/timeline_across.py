"""Time to the right: one lane a process and one a lock, messages as lines from lane to lane.

Where too many messages are in view to draw each, bars under a lane tell how many it received in each cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, repeat
from operator import attrgetter

from rich.cells import cell_len

from ipcviz import units
from ipcviz.events import Message
from ipcviz.lanes import Mark
from ipcviz.tui.lines import Line, cell, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.panels import timeline_glyphs as glyphs
from ipcviz.tui.panels.timeline_scale import Scale, step_words
from ipcviz.tui.panels.timeline_sheet import Sheet
from ipcviz.tui.panels.timeline_states import Cell, States
from ipcviz.tui.panels.timeline_traffic import Traffic, in_view
from ipcviz.tui.selection import Selection
from ipcviz.view import View

PROFILE_FROM = 90
"""Columns from which there is room for the shares at the right."""
PROFILE = 20
PROFILED_EVERY = 500_000_000
MOST_GAPS = 9
NAMED_FROM = 9
"""Cells of a lock's turn in which its holder is named."""
HEAD = 2
"""Rows of the axis: the labels, and the marks."""
_holder_of = attrgetter("holder")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where everything stands: `left` columns of names, `cells` of time, and the rows of lanes."""

    left: int
    cells: int
    profile: int
    rows: dict[tuple[str, str], int]
    """The row of each lane in view, by kind and name."""
    gap: int
    hidden: int
    height: int


def framed(view: View, width: int, height: int, selection: Selection) -> Frame:
    """Share the room among the lanes."""
    names = [("process", lane.name) for lane in view.lanes.processes]
    names += [("lock", lane.name) for lane in view.lanes.locks]
    longest = max((len(name) for _, name in names), default=0)
    left = min(max(8, longest), 10 if width < 60 else 16) + 5
    profile = PROFILE if width >= PROFILE_FROM else 0
    room = max(1, height - HEAD)
    processes = len(view.lanes.processes)
    most_gaps = MOST_GAPS if view.channels else 2
    gap = max(0, min(most_gaps, (room - len(names)) // max(1, processes)))
    spare = room - len(names) - gap * processes
    lock_gap = 1 if spare >= 2 * len(view.lanes.locks) else 0
    first = 0
    if len(names) > room:
        chosen = (selection.kind, selection.name)
        at = names.index(chosen) if chosen in names else 0
        first = max(0, min(at - room // 2, len(names) - room))
    rows, y = {}, HEAD
    for kind, name in names[first : first + room]:
        rows[kind, name] = y
        y += 1 + (gap if kind == "process" else lock_gap)
    return Frame(left, max(1, width - left - profile), profile, rows, gap, len(names) - len(rows), height)


class Across:
    """The picture with time to the right."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._states = States()
        self._traffic = Traffic()
        self._table = list(zip(glyphs.ACROSS[look.glyphs], glyphs.STYLES, strict=True))
        self._profiles: dict[tuple[str, str], str] = {}
        self._profiled: object = None
        self.words = ""
        """What the bars and lines of messages stand for, for the legend."""
        self.codes: set[int] = set()
        """The states in view."""

    def lines(
        self, view: View, frame: Frame, scale: Scale, selection: Selection, width: int, follows: bool = False
    ) -> list[Line]:
        """The axis and the lanes; while it follows, the shares at the right are told twice a second."""
        now = view.lanes.until // PROFILED_EVERY
        profiled = (scale.step, scale.cells, follows, now if follows else (scale.first, view.lanes.until))
        if profiled != self._profiled:
            self._profiled, self._profiles = profiled, {}
        bounds = (frame.left, frame.left + frame.cells, HEAD)
        sheet = Sheet(width, frame.height, self._look.glyphs, bounds)
        self._axis(sheet, frame, scale)
        self._marks(sheet, frame, scale, view.lanes.marks)
        self.codes = set()
        for lane in view.lanes.processes:
            if ("process", lane.name) in frame.rows:
                cells = self._states.of_process(lane, view.lanes, scale)
                self._lane(sheet, frame, "process", lane.name, cells, selection)
        for lock in view.lanes.locks:
            if ("lock", lock.name) in frame.rows:
                cells = self._states.of_lock(lock, view.lanes, scale)
                self._lane(sheet, frame, "lock", lock.name, cells, selection)
                self._holders(sheet, frame, frame.rows["lock", lock.name], cells)
        self._messages(sheet, frame, scale, view, selection)
        sheet.finish()
        return [sheet.line(y) for y in range(frame.height)]

    def _axis(self, sheet: Sheet, frame: Frame, scale: Scale) -> None:
        ruler = glyphs.RULER[self._look.glyphs]
        sheet.put(frame.left, 1, ruler[1] * frame.cells, "frame")
        for place, label in scale.labels():
            if place + len(label) <= frame.cells:
                sheet.put(frame.left + place, 0, label, "dim")
            sheet.put(frame.left + place, 1, ruler[0], "edge")
        if frame.profile:
            sheet.put(sheet.width - frame.profile, 0, f"{'run':>6}{'receive':>8}{'stuck':>6}", "dim")

    def _marks(self, sheet: Sheet, frame: Frame, scale: Scale, marks: tuple[Mark, ...]) -> None:
        """On the ruler; the words of a mark follow it where the ruler is free."""
        seen = [(scale.place(mark.t), mark) for mark in marks if 0 <= scale.place(mark.t) < frame.cells]
        for number, (place, mark) in enumerate(seen):
            glyph, style = glyphs.mark_of(mark.kind, self._look.glyphs)
            after = seen[number + 1][0] if number + 1 < len(seen) else frame.cells
            room = after - place - 3
            if mark.kind not in ("ended", "failed") and room >= 12:
                text = units.printable(mark.text)
                sheet.put(frame.left + place + 1, 1, f" {cell(text, min(len(text), room))} ", "dim")
            sheet.put(frame.left + place, 1, glyph, style)

    def _lane(
        self, sheet: Sheet, frame: Frame, kind: str, name: str, cells: list[Cell], selection: Selection
    ) -> None:
        y = frame.rows[kind, name]
        chosen = (selection.kind, selection.name) == (kind, name)
        room = frame.left - 5
        cursor = self._look.glyph("cursor") if chosen else " "
        sheet.put(0, y, f"{cursor} ", "accent")
        x = 2
        if kind == "lock":
            held = next((shown.held for shown in reversed(cells) if shown.length), 0)
            glyph = self._look.glyph("held" if held else "free")
            sheet.put(x, y, f"{glyph} ", "accent" if held else "dim")
            x, room = x + len(glyph) + 1, room - len(glyph)
        sheet.put(x, y, cell(short_name(name, room), room), "strong" if chosen else "text")
        table = self._table
        row_codes = [shown.code for shown in cells]
        sheet.rows[y][frame.left : frame.left + len(cells)] = [table[code] for code in row_codes]
        self.codes.update(row_codes)
        if frame.profile:
            words = self._profiles.get((kind, name))
            if words is None:
                words = self._profiles[kind, name] = _profile(kind, cells)
            sheet.put(sheet.width - frame.profile, y, words, "strong" if chosen else "dim")

    def _holders(self, sheet: Sheet, frame: Frame, y: int, cells: list[Cell]) -> None:
        """The name of who held the lock, inside of a turn that is long enough."""
        column = frame.left
        for holder, turn in groupby(cells, key=_holder_of):
            width = sum(1 for _ in turn)
            if holder and width >= NAMED_FROM:
                text = short_name(holder, width - 4)
                sheet.put(column + (width - cell_len(text) - 2) // 2, y, f" {text} ", "text")
            column += width

    def _messages(self, sheet: Sheet, frame: Frame, scale: Scale, view: View, selection: Selection) -> None:
        self._traffic.count(view.messages, view.messages_seen, scale)
        self.words = ""
        lanes = sum(kind == "process" for kind, _ in frame.rows)
        most = max(4, frame.cells // 8)
        if frame.gap:  # lines between other lanes are not in the way
            most = max(4, min(frame.cells, frame.cells // 2 * max(1, lanes - 1)))
        found, all_of_them = in_view(view.messages, scale, most)
        if not all_of_them:
            self._bars(sheet, frame, scale)
        elif found:
            name = self._look.glyphs
            self.words = f"{glyphs.SENT[name]} sent   {glyphs.TAKEN_DOWN[name]} received"
        chosen = selection.message
        for message in found:
            if message != chosen:
                self._arrow(sheet, frame, scale, message, "edge")
        if chosen is not None and chosen.t >= scale.start and chosen.sent < scale.end:
            self._arrow(sheet, frame, scale, chosen, "accent")
            self._label(sheet, frame, scale, chosen)

    def _bars(self, sheet: Sheet, frame: Frame, scale: Scale) -> None:
        """Under each process, how many messages it received in each cell; what it sent where it got none."""
        taken, sent, none = self._traffic.received, self._traffic.sent, dict[int, int]()
        levels = glyphs.LEVELS[self._look.glyphs]
        names = [name for kind, name in frame.rows if kind == "process"]
        columns = range(scale.first, scale.first + frame.cells)
        rows: dict[str, tuple[list[int], str]] = {}
        for name in names:
            counts, style = list(map(taken.get(name, none).get, columns, repeat(0))), "flow"
            if not any(counts):
                counts, style = list(map(sent.get(name, none).get, columns, repeat(0))), "edge"
            rows[name] = counts, style
        most = max((max(counts) for counts, _ in rows.values()), default=0)
        if not most or not frame.gap:
            self.words = "more messages than can be drawn: + for less time" if most else ""
            return
        scaled_to = max(most, len(levels))
        for name, (counts, style) in rows.items():
            y = frame.rows["process", name] + 1
            row = sheet.rows[y] if y < sheet.height else []
            for column, count in enumerate(counts if row else []):
                if count:
                    level = levels[(count * len(levels) - 1) // scaled_to]
                    row[frame.left + column] = (level, style)
        self.words = (
            f"{levels[-1]} {scaled_to:,} messages received (or only sent) in {step_words(scale.step)}"
        )

    def _arrow(self, sheet: Sheet, frame: Frame, scale: Scale, message: Message, style: str) -> None:
        begin = frame.rows.get(("process", message.sender))
        end = frame.rows.get(("process", message.receiver))
        x, to_x = scale.place(message.sent), scale.place(message.t)
        name = self._look.glyphs
        bright = "accent" if style == "accent" else "text"
        if begin is not None and 0 <= x < frame.cells:
            sheet.put(frame.left + x, begin, glyphs.SENT[name], bright)
        if end is not None and 0 <= to_x < frame.cells:
            heads = glyphs.TAKEN_UP if begin is not None and begin > end else glyphs.TAKEN_DOWN
            sheet.put(frame.left + to_x, end, heads[name], bright)
        if begin is not None and end is not None and begin != end and frame.gap:
            low, high = max(x, -4 * frame.cells), min(to_x, 5 * frame.cells)
            sheet.diagonal(frame.left + low, begin, frame.left + high, end, style)

    def _label(self, sheet: Sheet, frame: Frame, scale: Scale, message: Message) -> None:
        """What it was, in free cells beside its line or its ends."""
        took = units.micros((message.t - message.sent) / 1000)
        text = f" {message.channel} {message.sequence}, {took} "
        begin = frame.rows.get(("process", message.sender), frame.height)
        end = frame.rows.get(("process", message.receiver), frame.height)
        x, to_x = scale.place(message.sent), scale.place(message.t)
        step = 1 if end > begin else -1
        for y in range(begin + step, end, step):
            share = (y - begin) / max(1, abs(end - begin))
            at = frame.left + x + round(abs(share) * (to_x - x)) + 2
            at = max(frame.left, min(at, frame.left + frame.cells - len(text)))
            if sheet.is_blank(at, y, len(text)):
                sheet.put(at, y, text, "accent")
                return


def short_name(name: str, room: int) -> str:
    """A name that is too long keeps its number: philosopher 3 becomes phil. 3, or at least its end."""
    if cell_len(name) <= room:
        return name
    stem, _, number = name.rpartition(" ")
    left = room - len(number) - 2
    if number.isdigit() and left >= 1 and stem.isascii():
        return f"{stem[:left].rstrip()}. {number}"
    return middle_cut(name, room)


def _profile(kind: str, cells: list[Cell]) -> str:
    """Of the time in view: the shares that it ran, received and was stuck; of a lock, that it was held."""
    length = sum(shown.length for shown in cells)
    if not length:
        return ""
    if kind == "lock":
        held = sum(shown.held for shown in cells)
        return f"{units.percent(held / length):>6} held"
    receiving = sum(shown.receiving for shown in cells)
    stuck = sum(shown.sending + shown.locking for shown in cells)
    running = max(0, length - receiving - stuck)
    parts = [units.percent(part / length) for part in (running, receiving, stuck)]
    return f"{parts[0]:>6}{parts[1]:>8}{parts[2]:>6}"
