"""A picture drawn into a window of cells: links, marks on them, and boxes, as a view has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ipcviz.events import Message
from ipcviz.tui.boxes import Drawing
from ipcviz.tui.boxes_channel import draw_channel
from ipcviz.tui.boxes_lock import draw_lock
from ipcviz.tui.boxes_process import draw_process, draw_still_process
from ipcviz.tui.canvas import Canvas
from ipcviz.tui.crossing import Ways, crossing_glyph
from ipcviz.tui.edges import Edges, mark_glyph
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.scene import Node
from ipcviz.tui.sizes import is_open
from ipcviz.view import ChannelView, LockView, ProcessView, View

Thing = TypeVar("Thing", ProcessView, ChannelView, LockView)


def paint(
    drawing: Drawing,
    edges: Edges,
    motion: bool = False,
    still: bool = False,
    crossing: Sequence[Message] | None = None,
) -> None:
    """Draw all links, then all boxes; `still` is a picture of what does not run.

    With `crossing`, each of these messages has a mark where it is, and marks that tell of rates are left out.
    """
    _paint_links(drawing, edges, motion and crossing is None)
    picture, view = edges.picture, drawing.view
    processes = {process.name: process for process in view.processes}
    channels = {} if still else {channel.info.name: channel for channel in view.channels}
    locks = {} if still else {lock.info.name: lock for lock in view.locks}
    for key, node in picture.scene.nodes.items():
        spot = picture.placement.spots[key]
        if not is_in(drawing.canvas, spot):
            continue
        if node.kind == "process" and still:
            draw_still_process(drawing, spot, node)
        elif node.kind == "process":
            draw_process(drawing, spot, node, _found(processes, node))
        elif node.kind == "channel":
            on_link = is_open(node, picture.sizes)
            draw_channel(drawing, spot, node, _found(channels, node), on_link, key in edges.through)
        else:
            draw_lock(drawing, spot, node, _found(locks, node))

    if crossing:
        _paint_crossing(drawing, edges, crossing)


def _paint_crossing(drawing: Drawing, edges: Edges, crossing: Sequence[Message]) -> None:
    """Over the boxes, too: a message that lies in a channel is drawn in its place there."""
    chosen = drawing.selection.message
    for (x, y), message in Ways(edges).marks(crossing, drawing.view.t).items():
        style = "selected" if message == chosen else "key"
        drawing.canvas.set(x, y, crossing_glyph(drawing.look), style)


def _found(things: Mapping[str, Thing], node: Node) -> Sequence[Thing]:
    return [things[name] for name in node.members if name in things]


def is_in(canvas: Canvas, spot: Spot) -> bool:
    """Some of it can be seen."""
    across = spot.x < canvas.left + canvas.width and spot.right >= canvas.left
    return across and spot.y < canvas.top + canvas.height and spot.bottom >= canvas.top


def _paint_links(drawing: Drawing, edges: Edges, motion: bool) -> None:
    lines = edges.lines(drawing.view, drawing.selection, drawing.ring)
    put: Callable[[int, int, str, str], None] = drawing.canvas.set
    looks = lines.looks
    for (x, y), (glyph, key) in edges.cells(lines).items():
        put(x, y, glyph, looks.get(key, "edge"))
    if motion or lines.lit:
        glyph = mark_glyph(drawing.look)
        for (x, y), style in edges.marks(lines, drawing.view.t, motion).items():
            put(x, y, glyph, style)


def ring_of(view: View) -> frozenset[str]:
    """The names of all processes, channels and locks of a deadlock."""
    return frozenset(name for finding in view.findings if finding.ring for name in finding.members)
