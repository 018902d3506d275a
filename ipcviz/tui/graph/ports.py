"""The cells beside a box where a link may leave or enter it, and how much each is liked."""

from __future__ import annotations

from collections.abc import Iterator

from ipcviz.tui.graph.board import DOWN, LEFT, RIGHT, SIDES, UP
from ipcviz.tui.graph.model import Cell, Flow, Placement, Spot

AGAINST_FLOW = 130
SIDEWAYS = 60
AWAY = 150
UNWANTED = 300
CORNER = 320
NEAR_CORNER = 50
WIDE = 6
OFF_MIDDLE = 16
OFF_SHARED_MIDDLE = 50


def ports(placement: Placement, name: str, to: str, shared: bool) -> Iterator[tuple[Cell, int, int]]:
    """Yield each cell beside the box with the direction out of it and its cost towards the other.

    Where a port is likely to be shared by several links, the middle of a side is wanted more; a narrow
    box has no other.
    """
    box, narrow = placement.spots[name], name in placement.narrow
    facing = facing_sides(box, placement.spots[to])
    wanted = placement.sides.get((name, to))
    for side in (RIGHT, DOWN, LEFT, UP):
        if wanted is None:
            dislike = side_cost(side, facing, placement.flow)
        else:
            dislike = 0 if SIDES[side] == wanted else UNWANTED
        length = box.height if side in (RIGHT, LEFT) else box.width
        for offset in (length // 2,) if narrow else range(length):
            yield port_cell(box, side, offset), side, dislike + offset_cost(offset, length, shared)


def facing_sides(box: Spot, other: Spot) -> set[int]:
    """Return the sides of the box beyond which the other box lies entirely."""
    beyond = {
        RIGHT: other.x > box.right,
        DOWN: other.y > box.bottom,
        LEFT: other.right < box.x,
        UP: other.bottom < box.y,
    }
    return {side for side, lies_there in beyond.items() if lies_there}


def side_cost(side: int, facing: set[int], flow: Flow) -> int:
    """Return how much a side is disliked: those facing the other box, along the flow, cost nothing."""
    along = {"right": (RIGHT, LEFT), "down": (DOWN, UP), "free": (RIGHT, DOWN, LEFT, UP)}[flow]
    if side in facing and (side in along or not facing.intersection(along)):
        return 0
    if (side + 2) % 4 in facing:
        return AWAY
    return SIDEWAYS if flow == "free" or not facing.intersection(along) else AGAINST_FLOW


def port_cell(box: Spot, side: int, offset: int) -> Cell:
    """Return the cell outside the given side, so many cells from its top or left end."""
    if side in (RIGHT, LEFT):
        return (box.right + 1 if side == RIGHT else box.x - 1, box.y + offset)
    return (box.x + offset, box.bottom + 1 if side == DOWN else box.y - 1)


def offset_cost(offset: int, length: int, shared: bool) -> int:
    """Return how much a place on a side is disliked: the middle costs nothing, corners most."""
    # Counted in half cells: an even length has two middle cells, both half a cell off.
    away = (abs(2 * offset - (length - 1)) - (length - 1) % 2) // 2
    from_end = min(offset, length - 1 - offset)
    cost = away * (OFF_SHARED_MIDDLE if shared else OFF_MIDDLE)
    if length > 2 and from_end == 0:
        return cost + CORNER
    return cost + (NEAR_CORNER if length > WIDE and from_end == 1 else 0)
