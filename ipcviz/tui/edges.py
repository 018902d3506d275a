"""The links of a picture: lines, arrows, what they tell by colour and glyph, and marks that move on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ipcviz.tui.graph.glyph_tables import MARKS
from ipcviz.tui.graph.glyphs import draw
from ipcviz.tui.graph.model import Cell, Path, Side, Style
from ipcviz.tui.look import Look
from ipcviz.tui.picture import Picture
from ipcviz.tui.scene import Tie
from ipcviz.tui.selection import Selection
from ipcviz.tui.sizes import is_open
from ipcviz.units import SECOND
from ipcviz.view import ChannelView, EndView, LockView, View

CELLS_A_SECOND = 10
"""The speed of all marks, however long their link."""

SPACING = ((10_000, 2), (1_000, 3), (100, 4), (10, 6), (1, 8), (0, 12))
"""Messages a second from which on marks are so many cells apart: a step for each factor of ten."""


@dataclass(slots=True)
class Lines:
    """How each link is drawn now: arrows at its ends, line style, colour, and the rates along it."""

    heads: set[str] = field(default_factory=set)
    tails: set[str] = field(default_factory=set)
    styles: dict[str, Style] = field(default_factory=dict)
    looks: dict[str, str] = field(default_factory=dict)
    forth: dict[str, float] = field(default_factory=dict)
    back: dict[str, float] = field(default_factory=dict)
    lit: set[str] = field(default_factory=set)

    def shape(self) -> tuple[object, ...]:
        """What the characters depend on; the colours do not."""
        return frozenset(self.heads), frozenset(self.tails), frozenset(self.styles.items())


def through_paths(picture: Picture) -> dict[str, Path]:
    """For each channel on its link that is passed along the row: the cells within, after the link into it."""
    found = {}
    into, out = _around_open(picture)
    for node, first in into.items():
        second = out.get(node)
        start, end = picture.paths.get(first), picture.paths.get(second or "")
        if (
            start is None
            or end is None
            or start.enters != end.leaves
            or start.enters not in ("left", "right")
        ):
            continue
        spot = picture.placement.spots[node]
        if spot.height < 3:
            continue
        columns = range(spot.x, spot.right + 1)
        row = spot.y + spot.height // 2
        ordered = columns if start.enters == "right" else reversed(columns)
        side: Side = start.enters
        found[node] = Path(f"{first} on", tuple((x, row) for x in ordered), side, side)
    return found


def _around_open(picture: Picture) -> tuple[dict[str, str], dict[str, str]]:
    """The links into and out of each channel that lies on its link."""
    into: dict[str, str] = {}
    out: dict[str, str] = {}
    for key, tie in picture.scene.ties.items():
        channel = tie.link.target if tie.gives else tie.link.source
        if tie.kind == "channel" and is_open(picture.scene.nodes[channel], picture.sizes):
            (into if tie.gives else out)[channel] = key
    return into, out


class Edges:
    """The links of one picture; the characters are made again only when a line changes its kind."""

    def __init__(self, picture: Picture, look: Look) -> None:
        self.picture = picture
        self.look = look
        self.through = through_paths(picture)
        self._into, self._out = _around_open(picture)
        self._paths = [*picture.paths.values(), *self.through.values()]
        self._made_for: tuple[object, ...] = ()
        self._cells: dict[Cell, tuple[str, str]] = {}

    def cells(self, lines: Lines) -> Mapping[Cell, tuple[str, str]]:
        """The character of each cell, with the key of the link it belongs to."""
        made_for = lines.shape()
        if made_for != self._made_for:
            self._cells = draw(self._paths, lines.heads, lines.styles, self.look.glyphs, lines.tails)
            self._made_for = made_for
        return self._cells

    def lines(self, view: View, selection: Selection, ring: AbstractSet[str]) -> Lines:
        """How all links are drawn in this view."""
        lines = Lines()
        channels = {channel.info.name: channel for channel in view.channels}
        locks = {lock.info.name: lock for lock in view.locks}
        ends = {
            (channel.info.name, end.process, end.role): end
            for channel in view.channels
            for end in channel.ends
        }
        for key, tie in self.picture.scene.ties.items():
            if tie.kind == "channel":
                self._channel_line(lines, key, tie, channels, ends, selection, ring)
            else:
                _lock_line(lines, key, tie, locks, ring)
        for node, path in self.through.items():
            self._carry_on(lines, self._into[node], path.key)
        return lines

    def _channel_line(
        self,
        lines: Lines,
        key: str,
        tie: Tie,
        channels: Mapping[str, ChannelView],
        ends: Mapping[tuple[str, str, str], EndView],
        selection: Selection,
        ring: AbstractSet[str],
    ) -> None:
        channel = tie.link.target if tie.gives else tie.link.source
        on_link = channel in self._into or channel in self._out
        if not (tie.gives and on_link):
            lines.heads.add(key)
        if tie.both and (tie.gives or not on_link):
            lines.tails.add(key)
        here = [ends[use] for use in tie.uses if use in ends]
        put, taken = sum(end.sent_rate for end in here), sum(end.received_rate for end in here)
        lines.forth[key] = put if tie.gives else taken
        if tie.both:
            lines.back[key] = taken if tie.gives else put
        full = any(channels[name].full >= 0.5 for name, _, _ in tie.uses if name in channels)
        lines.looks[key] = "dim" if ring else "warn" if full else "flow" if put + taken > 0 else "edge"
        if any(name in ring and process in ring for name, process, _ in tie.uses):
            lines.looks[key], lines.styles[key] = "ring", "double"
        elif any(selection.touches(name, process) for name, process, _ in tie.uses):
            lines.looks[key] = "selected"
            lines.lit.add(key)

    @staticmethod
    def _carry_on(lines: Lines, before: str, key: str) -> None:
        """Within a channel the line is that which leads into it."""
        lines.looks[key] = lines.looks.get(before, "edge")
        for rates in (lines.forth, lines.back):
            if before in rates:
                rates[key] = rates[before]
        if before in lines.styles:
            lines.styles[key] = lines.styles[before]
        if before in lines.lit:
            lines.lit.add(key)

    def marks(self, lines: Lines, t: int, motion: bool) -> dict[Cell, str]:
        """Where marks are at that instant, with their style: the same for the same time and rates."""
        step = t * CELLS_A_SECOND // SECOND
        marked: dict[Cell, str] = {}
        offsets = self._offsets()
        for path in self._paths:
            key = path.key
            cells = path.cells[(key in lines.tails) : len(path.cells) - (key in lines.heads)]
            first = offsets.get(key, 0) + (key in lines.tails)
            if motion and lines.looks.get(key) != "dim":
                style = "warn" if lines.looks.get(key) == "warn" else "strong"
                for rates, sign in ((lines.forth, 1), (lines.back, -1)):
                    _mark(marked, cells, first - sign * step, spacing(rates.get(key, 0.0)), style)
            if key in lines.lit:
                _mark(marked, cells, first, 2, "selected")
        return marked

    def _offsets(self) -> dict[str, int]:
        """How far each path of a link that goes on begins from the start, in cells."""
        found = {}
        for node, first in self._into.items():
            before = len(self.picture.paths[first].cells) if first in self.picture.paths else 0
            found[f"{first} on"] = before
            if node in self._out:
                found[self._out[node]] = before + self.picture.placement.spots[node].width
        return found


def spacing(rate: float) -> int:
    """Cells from one mark to the next; 0 without any."""
    return next((cells for least, cells in SPACING if rate >= least), 0) if rate > 0 else 0


def _mark(marked: dict[Cell, str], cells: Iterable[Cell], first: int, apart: int, style: str) -> None:
    if apart:
        marked.update((cell, style) for index, cell in enumerate(cells, first) if index % apart == 0)


def _lock_line(
    lines: Lines, key: str, tie: Tie, locks: Mapping[str, LockView], ring: AbstractSet[str]
) -> None:
    """Dashed to the holder, solid to the lock that is waited for, doubled in a deadlock."""
    holding = waiting = knotted = False
    for name, process, _ in tie.uses:
        lock = locks.get(name)
        holds = lock is not None and any(user.process == process for user in lock.holders)
        waits = lock is not None and any(user.process == process for user in lock.waiters)
        holding, waiting = holding or holds, waiting or waits
        knotted = knotted or ((holds or waits) and name in ring and process in ring)
    lines.looks[key] = "dim" if ring else "frame"
    to_process, to_lock = (lines.tails, lines.heads) if tie.gives else (lines.heads, lines.tails)
    if holding:
        to_process.add(key)
        lines.looks[key] = "dim" if ring else "accent"
        lines.styles[key] = "dashed"
    if waiting:
        to_lock.add(key)
        lines.looks[key] = "dim" if ring else "warn"
        lines.styles.pop(key, None)
    if knotted:
        lines.looks[key], lines.styles[key] = "ring", "double"


def mark_glyph(look: Look) -> str:
    """What moves."""
    return MARKS[look.glyphs]
