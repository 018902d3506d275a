"""The topology: processes, channels and locks as boxes, joined by what passes between them.

A channel's box holds its gauge; a held lock's link is dashed and points at its holder, a wait for a lock
is a solid line to the lock, and the ring of a deadlock is doubled while everything else steps back.
"""

from __future__ import annotations

from ipcviz import units
from ipcviz.tui.canvas import Canvas
from ipcviz.tui.graph.glyphs import draw
from ipcviz.tui.graph.model import Path, Spot, Style
from ipcviz.tui.lines import Line, cell, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.picture import Picture, end_key, lock_key, picture_of, reversed_path
from ipcviz.tui.selection import Selection
from ipcviz.tui.words import gauge, state_of
from ipcviz.view import ChannelView, LockView, ProcessView, View


class Topology(Panel):
    """The picture, and which part of it is in view."""

    heading = "Topology"
    number = 1

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.left = 0
        self.top = 0
        self._picture: Picture | None = None
        self._made_for: tuple[object, int, int] = (None, 0, 0)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The part of the picture that is in view."""
        picture = self._placed(view, width, height)
        if picture is None:
            return [line(("  Starting…", "dim"))]
        placement = picture.placement
        canvas = Canvas(max(width, placement.width), max(height, placement.height))
        draw_links(canvas, picture, view, self.look)
        draw_boxes(canvas, picture, view, self.look)
        self.left = max(0, min(self.left, placement.width - width))
        self.top = max(0, min(self.top, placement.height - height))
        self.note = self._note(picture, width, height)
        return [canvas.line(self.top + y, self.left, width) for y in range(height)]

    def move(self, columns: int, rows: int) -> None:
        """Bring another part into view."""
        self.left += 4 * columns
        self.top += rows
        self.redraw()

    def _placed(self, view: View, width: int, height: int) -> Picture | None:
        """The layout changes with the session and the size, and with nothing else."""
        if view.session is None:
            return None
        made_for = (view.session, width, height)
        if self._picture is None or self._made_for != made_for:
            self._picture = picture_of(view.session, width, height)
            self._made_for = made_for
        return self._picture

    @staticmethod
    def _note(picture: Picture, width: int, height: int) -> str:
        placement = picture.placement
        words = []
        if placement.width > width or placement.height > height:
            words.append("more: ← ↑ ↓ →")
        if picture.missing:
            words.append(f"{picture.missing} links not drawn")
        return "  ".join(words)


def draw_links(canvas: Canvas, picture: Picture, view: View, look: Look) -> None:
    """Quiet links first, then those on which something happens, then a deadlock's ring."""
    ring = ring_of(view)
    quiet: list[Path] = []
    pointed: list[Path] = []
    looks: dict[str, str] = {}
    styles: dict[str, Style] = {}
    for channel in view.channels:
        for end in channel.ends:
            key = end_key(channel.info.name, end.process, end.role)
            if key in picture.paths:
                pointed.append(picture.paths[key])
                if channel.info.kind == "call":
                    pointed.append(reversed_path(picture.paths[key]))
                rate = end.sent_rate + end.received_rate
                looks[key] = "dim" if ring else _flow_style(channel, rate)
                if channel.info.name in ring and end.process in ring:
                    looks[key], styles[key] = "ring", "double"
    for lock in view.locks:
        _sort_lock_links(lock, picture, ring, quiet, pointed, looks, styles)
    for paths, arrows in ((quiet, False), (pointed, True)):
        for (x, y), (glyph, key) in draw(paths, arrows, styles, look.glyphs).items():
            canvas.put(x, y, glyph, looks.get(key, "edge"))


def _sort_lock_links(
    lock: LockView,
    picture: Picture,
    ring: frozenset[str],
    quiet: list[Path],
    pointed: list[Path],
    looks: dict[str, str],
    styles: dict[str, Style],
) -> None:
    holders = {user.process for user in lock.holders}
    waiters = {user.process for user in lock.waiters}
    for user in lock.info.users:
        key = lock_key(lock.info.name, user)
        path = picture.paths.get(key)
        if path is None:
            continue
        in_ring = lock.info.name in ring and user in ring
        if user in holders:
            pointed.append(reversed_path(path))
            looks[key], styles[key] = ("ring", "double") if in_ring else ("accent", "dashed")
        elif user in waiters:
            pointed.append(path)
            looks[key], styles[key] = ("ring", "double") if in_ring else ("warn", "plain")
        else:
            quiet.append(path)
            looks[key] = "frame"


def ring_of(view: View) -> frozenset[str]:
    """The names of all processes, channels and locks of a deadlock."""
    return frozenset(name for finding in view.findings if finding.ring for name in finding.members)


def _flow_style(channel: ChannelView, rate: float) -> str:
    if channel.full >= 0.5:
        return "warn"
    return "flow" if rate > 0 else "edge"


def draw_boxes(canvas: Canvas, picture: Picture, view: View, look: Look) -> None:
    """All boxes, each with what is known of it now."""
    ring = ring_of(view)
    spots = picture.placement.spots
    for process in view.processes:
        _draw_process(canvas, spots[f"process:{process.name}"], process, view, look, ring)
    for channel in view.channels:
        _draw_channel(canvas, spots[f"channel:{channel.info.name}"], channel, look, ring)
    for lock in view.locks:
        _draw_lock(canvas, spots[f"lock:{lock.info.name}"], lock, look, ring)


def _draw_process(
    canvas: Canvas, spot: Spot, process: ProcessView, view: View, look: Look, ring: frozenset[str]
) -> None:
    over = process.status in ("ended", "failed")
    in_ring = process.name in ring
    edge = "ring" if in_ring else "dim" if over or ring else "title"
    canvas.frame(spot.x, spot.y, spot.width, spot.height, look.frame("double" if in_ring else "square"), edge)
    margin = 2 if spot.width >= 16 else 1
    inner = spot.width - 2 * margin
    _title(canvas, spot, process.name, "ring" if in_ring else "dim" if over else "strong", look)
    glyph, words, style = state_of(process, view, look)
    told = _outcome(process) if over and spot.height == 3 else ""
    canvas.put(spot.x + margin, spot.y + 1, cell(f"{glyph} {told or _short(words)}", inner), style)
    if spot.height > 3:
        second = _second_line(process, look, inner)
        canvas.put(spot.x + margin, spot.y + 2, cell(second, inner), "dim" if over else "text")
    if spot.height > 4 and not over:
        kernel = process.kernel
        words = f"{kernel.cpu:.0f} % cpu  {units.size(kernel.memory)}"
        canvas.put(spot.x + margin, spot.y + 3, cell(words, inner), "dim")


def _outcome(process: ProcessView) -> str:
    """What a process that has ended well came to, where there is room for a word: its first report."""
    reports = process.reports.values() if process.status == "ended" and process.signal is None else ()
    return next((units.printable(str(value)) for value in reports), "")


_SHORT = {"sending": "send", "receiving": "recv", "waiting": "wait"}


def _short(words: str) -> str:
    """What fits into a box: the wait's first word, and how long."""
    for verb in _SHORT:
        if words.startswith(verb):
            _, comma, lasted = words.partition(", ")
            return f"{_SHORT[verb]} {lasted.replace(' ', '')}" if comma else verb
    words = words.replace("was killed by signal", "signal").replace("ended with status", "status")
    return words.removesuffix(", as meant")


def _second_line(process: ProcessView, look: Look, room: int) -> str:
    if process.status == "failed":
        return process.reason
    if process.status == "ended" and process.signal is not None:
        return process.reason.removeprefix("it was meant to be killed: ")
    if process.status == "ended":
        return units.printable(" ".join(f"{name}={value}" for name, value in process.reports.items()))
    parts = []
    if process.received_rate:
        parts.append(f"{look.glyph('in')}{units.rate(process.received_rate)}")
    if process.sent_rate:
        parts.append(f"{look.glyph('out')}{units.rate(process.sent_rate)}")
    while len(parts) > 1 and len(" ".join(parts)) > room:
        parts.pop()
    if not parts:
        parts = [f"{name}={value}" for name, value in process.reports.items()]
    return units.printable(" ".join(parts))


def _title(canvas: Canvas, spot: Spot, name: str, style: str, look: Look) -> None:
    """The name in the upper edge of a box."""
    room = spot.width - 4
    canvas.put(spot.x + 1, spot.y, f" {_initials(name, room)} "[: spot.width - 2], style)


def _draw_channel(canvas: Canvas, spot: Spot, channel: ChannelView, look: Look, ring: frozenset[str]) -> None:
    in_ring = channel.info.name in ring
    full = channel.full >= 0.5
    edge = "ring" if in_ring else "dim" if ring else "warn" if full else "edge"
    canvas.frame(spot.x, spot.y, spot.width, spot.height, look.frame("double" if in_ring else "round"), edge)
    name = middle_cut(channel.info.name, spot.width - 4)
    _title(canvas, spot, name, "ring" if in_ring else "accent", look)
    text, style = gauge(channel, spot.width - 2, look)
    canvas.put(spot.x + 1, spot.y + 1, text, style)
    rate = f" {units.rate(_rate(channel))} "
    canvas.put(spot.x + 1, spot.y + 2, rate, "text" if channel.rate else "dim")
    if channel.dropped:
        words = f" {units.count(channel.dropped)} lost "
        if spot.width - 3 - len(rate) >= len(words):
            canvas.put(spot.x + spot.width - 1 - len(words), spot.y + 2, words, "bad")
    elif full and spot.width - 3 - len(rate) >= 6:
        canvas.put(spot.x + spot.width - 7, spot.y + 2, " full ", "bad")


def _rate(channel: ChannelView) -> float:
    """Messages received a second; of a region, reads and writes."""
    written = sum(end.sent_rate for end in channel.ends) if channel.is_region else 0.0
    return channel.rate + written


def _draw_lock(canvas: Canvas, spot: Spot, lock: LockView, look: Look, ring: frozenset[str]) -> None:
    in_ring = lock.info.name in ring
    edge = "ring" if in_ring else "dim" if ring else "warn" if lock.waiters else "edge"
    canvas.frame(spot.x, spot.y, spot.width, spot.height, look.frame("double" if in_ring else "round"), edge)
    _title(canvas, spot, lock.info.name, "ring" if in_ring else "accent", look)
    glyph = look.glyph("held" if lock.holders else "free")
    words, style = "free", "dim"
    if lock.holders and lock.info.count == 1:
        words, style = lock.holders[0].process, "text"
    elif lock.holders:
        words, style = f"{len(lock.holders)} of {lock.info.count}", "text"
    canvas.put(
        spot.x + 1, spot.y + 1, cell(f"{glyph} {_initials(words, spot.width - 5)}", spot.width - 2), style
    )
    if lock.waiters:
        canvas.put(spot.x + 1, spot.y + 2, f" {len(lock.waiters)} waiting "[: spot.width - 2], "warn")


def _initials(name: str, room: int) -> str:
    """A name that is too long keeps its number, philosopher 3 becomes phil. 3, or at least its end."""
    if len(name) <= room:
        return name
    stem, _, number = name.rpartition(" ")
    if stem and number.isdigit() and room - len(number) - 2 >= 1:
        return f"{stem[: room - len(number) - 2]}. {number}"
    return middle_cut(name, room)
