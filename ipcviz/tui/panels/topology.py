"""The topology: processes, channels and locks, joined by what passes between them.

A channel shows how full it is; a held lock's link is dashed and points at its holder, a wait for a lock
is a solid line to the lock, and the ring of a deadlock is doubled while everything else steps back.
Marks move along the links at one speed: the closer they are, the higher the measured rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from textual.message import Message

from ipcviz.events import Message as EventMessage
from ipcviz.events import SessionStarted
from ipcviz.tui.boxes import Drawing
from ipcviz.tui.canvas import Canvas
from ipcviz.tui.crossing import crossing_glyph
from ipcviz.tui.edges import Edges, mark_glyph
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.paint import paint, ring_of
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.topology_placing import Key, Placer
from ipcviz.tui.panels.topology_steering import Sight, box_at, first_box, neighbour
from ipcviz.tui.picture import Picture
from ipcviz.tui.plans import Wish, Zoom
from ipcviz.tui.scene import Node
from ipcviz.tui.selection import Kind, Selection
from ipcviz.view import View


class Topology(Panel):
    """The picture, and which part of it is in view."""

    heading = "Topology"
    number = 1

    class Placed(Message):
        """A picture that was placed in the background is there."""

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.motion = True
        """Marks move along the links; without it nothing moves."""
        self.crossing: Sequence[EventMessage] | None = None
        """The messages on their way, each of which gets a mark in place of those that tell of rates."""
        self.sight = Sight()
        self.wish = Wish()
        self._placer = Placer(self._tell_placed)
        self._edges: Edges | None = None
        self._followed: tuple[str, str] = ("", "")

    @property
    def picture(self) -> Picture | None:
        """What was drawn last."""
        return self._edges.picture if self._edges else None

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The part of the picture that is in view; the one before while a new one is being placed."""
        if view.session is None:
            return [line(("  Starting…", "dim"))]
        edges = self._placed(view.session, width, height)
        if edges is None:
            return [line(("  Placing…", "dim"))]
        self._follow(edges.picture, width, height)
        self.sight = self.sight.within(edges.picture, width, height)
        canvas = Canvas(width, height, self.sight.left, self.sight.top)
        drawing = Drawing(canvas, view, self.look, self.selection, ring_of(view))
        paint(drawing, edges, self.motion and view.status != "ended", crossing=self.crossing)
        self.note = self._note(edges.picture, view, width, height)
        return canvas.lines()

    def move(self, columns: int, rows: int) -> None:
        """Choose the next box that way, or scroll by more than one at once."""
        picture = self.picture
        if abs(rows) > 1 or abs(columns) > 1:
            self.scroll_view(columns, rows)
        elif picture is not None and picture.scene.nodes:
            chosen = self.chosen
            key = neighbour(picture, chosen.key, columns, rows) if chosen else first_box(picture)
            if key is not None:
                self._choose(picture.scene.nodes[key])
            elif chosen is not None:
                self.scroll_view(4 * columns, rows)

    def scroll_view(self, columns: int, rows: int) -> None:
        """Bring another part into view, by so many cells."""
        self.sight = self.sight.moved(columns, rows)
        self.redraw()

    def closer(self, steps: int) -> None:
        """A step larger (1) or smaller (-1): folded, ordinary, large. A chosen pool is unfolded or folded."""
        chosen, picture = self.chosen, self.picture
        head = self._pool_of(chosen) if chosen else None
        if head is not None and picture is not None and self.wish.zoom < 1:
            folded = head in picture.folded
            if steps > 0 and folded:
                self.wish = Wish(self.wish.zoom, self.wish.unfolded | {head}, self.wish.folded - {head})
                self.redraw()
                return
            if steps < 0 and not folded:
                self.wish = Wish(self.wish.zoom, self.wish.unfolded - {head}, self.wish.folded | {head})
                self.redraw()
                return
        level = cast(Zoom, max(-1, min(1, self.wish.zoom + steps)))
        if level != self.wish.zoom:
            self.wish = Wish(level)
            self.redraw()

    def point(self, column: int, row: int) -> None:
        """Choose the box under the mouse."""
        if self.picture is not None:
            key = box_at(self.picture, column + self.sight.left, row + self.sight.top)
            if key is not None:
                self._choose(self.picture.scene.nodes[key])

    @property
    def chosen(self) -> Node | None:
        """The box of what is chosen on the screen."""
        if self.picture is None or not self.selection.kind:
            return None
        return self.picture.scene.node_of(self.selection.kind, self.selection.name)

    def _tell_placed(self) -> None:
        if self.is_attached and self.is_running:
            self.post_message(self.Placed())

    def on_topology_placed(self) -> None:
        """Show it, also while no new views come."""
        self.redraw()

    def _choose(self, node: Node) -> None:
        kind = cast(Kind, node.kind)
        chosen = self.selection.name if self.selection.kind == kind else ""
        # Once more on the same pool goes on to its next member: all of them can be reached.
        if chosen in node.members and len(node.members) > 1:
            chosen = node.members[(node.members.index(chosen) + 1) % len(node.members)]
        else:
            chosen = node.members[0]
        self.choose(kind, chosen)

    def _pool_of(self, node: Node) -> str | None:
        """The first member of the pool that the process belongs to."""
        if node.kind != "process" or self.picture is None:
            return None
        return next((head for head, inside in self.picture.pools.items() if node.members[0] in inside), None)

    def _placed(self, session: SessionStarted, width: int, height: int) -> Edges | None:
        """The layout changes with the session, the size and the zoom, and with nothing else."""
        key = Key(session, width, height, self.wish)
        picture = self._placer.picture(key, wait=not self.is_attached)
        if picture is not None and self.picture is not picture:
            self._edges = Edges(picture, self.look)
            self._followed = ("", "")
        return self._edges

    def _follow(self, picture: Picture, width: int, height: int) -> None:
        """Bring what was chosen into view, once."""
        now = (self.selection.kind, self.selection.name)
        if now != self._followed:
            self._followed = now
            chosen = self.chosen
            if chosen is not None:
                self.sight = self.sight.showing(picture.placement.spots[chosen.key], width, height)

    def _note(self, picture: Picture, view: View, width: int, height: int) -> str:
        words = ["placing…"] if self._placer.is_busy else []
        words += [{-1: "folded", 1: "large"}.get(self.wish.zoom, "")] if self.wish.zoom else []
        if not picture.fits(width, height):
            words.append("more: Shift+arrows")
        if picture.missing:
            words.append(f"{picture.missing} links not drawn")
        if self.crossing is not None and view.channels:
            words.append(f"{crossing_glyph(self.look)} a message on its way")
        elif self.motion and view.status != "ended" and any(channel.rate for channel in view.channels):
            words.append(f"{mark_glyph(self.look)} one step denser: rate ×10")
        return "  ".join(words)
