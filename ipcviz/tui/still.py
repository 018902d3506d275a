"""A declared topology as a still picture, without a run: its boxes, names, mechanisms and links."""

from __future__ import annotations

from rich.cells import cell_len

from ipcviz.events import SessionStarted
from ipcviz.tui.boxes import Drawing, centred, short_name
from ipcviz.tui.canvas import Canvas
from ipcviz.tui.edges import Edges
from ipcviz.tui.lines import Line
from ipcviz.tui.look import Look
from ipcviz.tui.paint import paint
from ipcviz.tui.picture import picture_of
from ipcviz.tui.selection import Selection
from ipcviz.tui.sizes import is_open
from ipcviz.units import printable
from ipcviz.world import World


def draw_still(session: SessionStarted, width: int, height: int, look: Look) -> list[Line]:
    """The topology in exactly `height` lines of `width` cells; what does not fit is cut off."""
    world = World()
    world.apply(session)
    picture = picture_of(session, width, height)
    canvas = Canvas(width, height)
    edges = Edges(picture, look)
    paint(Drawing(canvas, world.view(), look, Selection()), edges, still=True)
    _put_mechanisms(canvas, edges, session)
    return canvas.lines()


def _put_mechanisms(canvas: Canvas, edges: Edges, session: SessionStarted) -> None:
    """Below each name what carries it, where there is a row for it."""
    picture = edges.picture
    mechanisms = {f"channel:{info.name}": info.mechanism for info in session.channels}
    mechanisms |= {f"lock:{info.name}": info.mechanism for info in session.locks}
    for key, node in picture.scene.nodes.items():
        spot = picture.placement.spots[key]
        if node.kind == "process" or spot.height < 3:
            continue
        text = short_name(printable(mechanisms[f"{node.kind}:{node.members[0]}"]), spot.width - 2)
        if not is_open(node, picture.sizes):
            canvas.put(spot.x + 1, spot.y + 1, text + " " * (spot.width - 2 - cell_len(text)), "dim")
        elif key in edges.through:
            canvas.put(spot.x + 1, spot.bottom, text, "dim")
        else:
            canvas.put(centred(spot, text), spot.y + 1, text, "dim")
