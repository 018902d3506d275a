"""Placing boxes in a room of terminal cells, by the links between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ipcviz.tui.graph.circle import circle_draft, find_ring
from ipcviz.tui.graph.draft import Draft, best_draft, draft_of, shift
from ipcviz.tui.graph.groups import find_groups, packed_drafts
from ipcviz.tui.graph.lattice import find_lattice, lattice_drafts
from ipcviz.tui.graph.layers import layer_drafts, linked_names, stack, wrapped_drafts
from ipcviz.tui.graph.model import Box, Link, Placement, Shape, Spot
from ipcviz.tui.graph.star import find_star, star_drafts

MARGIN = 1
GRID_GAP_ACROSS = 3
GRID_GAP_DOWN = 1


def place(
    boxes: Sequence[Box], links: Sequence[Link], width: int, height: int, shape: Shape | None = None
) -> Placement:
    """Place the boxes in a room of `width` by `height` cells.

    Without a shape, a single ring of alternating processes and other things becomes a circle, a hub with
    its leaves a star, what is joined in rows and columns a lattice, and everything else layers; so does
    what has no room for its shape. Where the boxes do not fit, the placement is larger than the room.
    """
    known = {box.name for box in boxes}
    inner = [
        link for link in links if link.source in known and link.target in known and link.source != link.target
    ]
    touched = linked_names(inner)
    linked = [box for box in boxes if box.name in touched]
    alone = [box for box in boxes if box.name not in touched]
    draft = best_draft(drafts(linked, alone, inner, width, height, shape), width, height)
    return centred(draft, width, height, frozenset(box.name for box in boxes if box.narrow))


def drafts(
    linked: Sequence[Box],
    alone: Sequence[Box],
    links: Sequence[Link],
    width: int,
    height: int,
    shape: Shape | None,
) -> Iterator[Draft]:
    """Yield the layouts to choose from, with the boxes that have no links in a grid below."""
    grid = grid_draft(alone, width, height)
    if shape == "circle" and not linked:
        yield circle_draft(alone, width, height) if alone else grid
        return
    if not linked:
        yield grid
        return
    gap = GRID_GAP_DOWN + 1 if alone else 0
    for draft in main_drafts(linked, links, width, height - grid.height - gap, shape):
        yield stack(draft, grid, gap) if alone else draft


def main_drafts(
    linked: Sequence[Box], links: Sequence[Link], width: int, height: int, shape: Shape | None
) -> Iterator[Draft]:
    """Yield the layouts for the boxes that have links."""
    wanted = shape or shape_of(linked, links)
    if wanted == "circle":
        yield circle_draft(find_ring(linked, links) or linked, width, height)
        # A ring too long to stand around the room is read to and fro.
        if shape is None:
            yield from wrapped_drafts(linked, links, width, height)
        return
    shaped = list(shaped_drafts(linked, links, width, height, wanted))
    yield from shaped
    if shape is None or not shaped:
        yield from layer_drafts(linked, links, width, height)
        groups = find_groups(linked, links)
        further = packed_drafts if len(groups) > 1 else wrapped_drafts
        yield from further(linked, links, width, height)


def shape_of(boxes: Sequence[Box], links: Sequence[Link]) -> Shape:
    """The shape that the links give the boxes: told by what joins what, and not by any name."""
    touched = linked_names(links)
    linked = [box for box in boxes if box.name in touched]
    if find_ring(linked, links) is not None:
        return "circle"
    if find_star(linked, links) is not None:
        return "star"
    return "layers" if find_lattice(linked, links) is None else "lattice"


def shaped_drafts(
    linked: Sequence[Box], links: Sequence[Link], width: int, height: int, shape: Shape
) -> Iterator[Draft]:
    """Yield the layouts of a star or a lattice; none where the boxes are not one."""
    star = find_star(linked, links) if shape == "star" else None
    if star is not None:
        yield from star_drafts(star, width, height)
    lattice = find_lattice(linked, links) if shape == "lattice" else None
    if lattice is not None:
        yield from lattice_drafts(lattice, width, height)


def grid_draft(boxes: Sequence[Box], width: int, height: int) -> Draft:
    """Place boxes in rows of equal cells, as near to the proportions of the room as fits its width."""
    if not boxes:
        return draft_of({}, "free")
    wide = max(box.width for box in boxes) + GRID_GAP_ACROSS
    tall = max(box.height for box in boxes) + GRID_GAP_DOWN
    fitting = max(1, (width + GRID_GAP_ACROSS) // wide)
    square = math.ceil(math.sqrt(len(boxes) * tall * max(1, width) / (wide * max(1, height))))
    columns = min(fitting, max(1, square), len(boxes))
    spots: dict[str, Spot] = {}
    for index, box in enumerate(boxes):
        row, column = divmod(index, columns)
        missing = columns - min(columns, len(boxes) - row * columns)
        x = column * wide + missing * wide // 2 + (wide - GRID_GAP_ACROSS - box.width) // 2
        spots[box.name] = Spot(
            x, row * tall + (tall - GRID_GAP_DOWN - box.height) // 2, box.width, box.height
        )
    return draft_of(spots, "free")


def centred(draft: Draft, width: int, height: int, narrow: frozenset[str] = frozenset()) -> Placement:
    """Centre the draft in the room; an axis that overflows grows, with a margin for links to pass."""
    full_width = width if draft.width <= width else draft.width + 2 * MARGIN
    full_height = height if draft.height <= height else draft.height + 2 * MARGIN
    spots = shift(draft.spots, (full_width - draft.width) // 2, (full_height - draft.height) // 2)
    return Placement(spots, full_width, full_height, draft.flow, narrow, draft.sides)
