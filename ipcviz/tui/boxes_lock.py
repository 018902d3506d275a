"""The boxes of locks: free or held, by whom, and who waits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.boxes import Drawing, draw_frame, draw_label, draw_rows, short_name, shown_name
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.scene import Node
from ipcviz.view import LockView


def draw_lock(drawing: Drawing, spot: Spot, node: Node, locks: Sequence[LockView]) -> None:
    """One lock, or those alike."""
    held = any(lock.holders for lock in locks)
    waiting = sum(len(lock.waiters) for lock in locks)
    glyph = drawing.look.glyph("held" if held else "free")
    if spot.height == 1:
        _draw_row(drawing, spot, node, glyph if locks else "", "warn" if waiting else "accent")
        return
    draw_frame(drawing, spot, node, "round", "warn" if waiting else "edge", "accent")
    if not locks:
        return
    style = drawing.mood(node, "text" if held else "dim")
    first = f"{glyph} {short_name(holders_told(locks), spot.width - 3 - cell_len(glyph))}"
    drawing.canvas.put(spot.x + 1, spot.y + 1, first, style)
    draw_rows(drawing, spot, [("", "text"), (_use(locks, spot.width - 4), "dim")])
    if waiting:
        draw_label(drawing, spot, f"{waiting} waiting", drawing.mood(node, "warn"), right=False)


def holders_told(locks: Sequence[LockView]) -> str:
    """Free, the name of the only holder, or how many hold it; of several locks, how many are held."""
    if len(locks) > 1:
        held = sum(bool(lock.holders) for lock in locks)
        return f"{held} of {len(locks)} held" if held else "free"
    lock = locks[0]
    if not lock.holders:
        return "free"
    if lock.info.count == 1 and len(lock.holders) == 1:
        return units.printable(lock.holders[0].process)
    return f"{len(lock.holders)} hold it" if lock.info.shared else f"{len(lock.holders)} of {lock.info.count}"


def _use(locks: Sequence[LockView], room: int) -> str:
    """How often they were taken, and how often a second now, where there is room for both."""
    taken = f"taken {units.count(sum(lock.acquisitions for lock in locks))}"
    told = f"{taken}  {units.rate(sum(lock.rate for lock in locks))}"
    return told if len(told) <= room else taken


def _draw_row(drawing: Drawing, spot: Spot, node: Node, glyph: str, style: str) -> None:
    chosen, knotted = drawing.is_chosen(node), drawing.is_knotted(node)
    named = "selected" if chosen else "ring" if knotted else drawing.mood(node, style)
    sign = drawing.look.glyph("cursor") if chosen else " "
    name = short_name(shown_name(node, drawing.look), spot.width - 3 - cell_len(glyph))
    text = f"{sign}{glyph} {name}"
    drawing.canvas.put(spot.x, spot.y, text + " " * (spot.width - cell_len(text)), named)
