"""What all boxes of the picture have in common: frames, names, and the labels in their edges."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rich.cells import cell_len

from ipcviz.tui.canvas import Canvas
from ipcviz.tui.graph.glyph_tables import TIMES
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.lines import cell, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.scene import Node
from ipcviz.tui.selection import Selection
from ipcviz.units import printable
from ipcviz.view import View


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on, of what, and how; `ring` are the names of those in a deadlock."""

    canvas: Canvas
    view: View
    look: Look
    selection: Selection
    ring: AbstractSet[str] = frozenset()

    def is_chosen(self, node: Node) -> bool:
        """A person has chosen it, or one of its members."""
        return self.selection.kind == node.kind and self.selection.name in node.members

    def is_knotted(self, node: Node) -> bool:
        """It is part of a deadlock."""
        return not self.ring.isdisjoint(node.members)

    def mood(self, node: Node, style: str) -> str:
        """The style, or dim for all that is not part of a deadlock."""
        return "dim" if self.ring and not self.is_knotted(node) else style


def draw_frame(drawing: Drawing, spot: Spot, node: Node, frame: str, edge: str, title: str) -> None:
    """The frame with the name in its upper edge; the chosen one has a sign before it."""
    look, canvas = drawing.look, drawing.canvas
    knotted, chosen = drawing.is_knotted(node), drawing.is_chosen(node)
    kind = "double" if knotted else frame
    edge = "ring" if knotted else "focus" if chosen else drawing.mood(node, edge)
    canvas.frame(spot.x, spot.y, spot.width, spot.height, look.frame(kind), edge)
    name = short_name(shown_name(node, look), spot.width - 4)
    style = "selected" if chosen else "ring" if knotted else drawing.mood(node, title)
    sign = look.glyph("cursor") if chosen else " "
    canvas.put(spot.x + 1, spot.y, f"{sign}{name} ", style)


def draw_label(
    drawing: Drawing, spot: Spot, words: str, style: str, used: int = 0, right: bool = True
) -> bool:
    """A label in the lower edge, if there is room beside the `used` cells at its left; tells whether."""
    room = spot.width - 3 - used
    text = f" {words} "
    if cell_len(text) > room:
        return False
    x = spot.right - 1 - cell_len(text) if right else spot.x + 1
    drawing.canvas.put(x, spot.bottom, text, style)
    return True


def draw_rows(drawing: Drawing, spot: Spot, rows: list[tuple[str, str]]) -> None:
    """The texts inside the frame, from the top, each cut to the room there is."""
    margin = 2 if spot.width >= 16 else 1
    for number, (text, style) in enumerate(rows[: spot.height - 2], 1):
        if text:
            drawing.canvas.put(spot.x + margin, spot.y + number, cell(text, spot.width - 2 * margin), style)


def centred(spot: Spot, text: str) -> int:
    """The column at which a text stands in the middle of the box, over a line that runs down there."""
    return max(spot.x + 1, spot.x + spot.width // 2 - cell_len(text) // 2)


def shown_name(node: Node, look: Look) -> str:
    """The name as this terminal can show it."""
    return printable(node.name).replace("×", TIMES[look.glyphs])


def short_name(name: str, room: int) -> str:
    """A name that is too long keeps its number, philosopher 3 becomes phil. 3, or at least its end."""
    if cell_len(name) <= room:
        return name
    stem, _, number = name.rpartition(" ")
    if stem and number.lstrip("×x").isdigit() and name.isascii() and room - len(number) - 2 >= 1:
        return f"{stem[: room - len(number) - 2]}. {number}"
    return middle_cut(name, max(2, room))
