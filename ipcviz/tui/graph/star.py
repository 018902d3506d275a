"""Stars, one process joined with each of the others: finding them, and placing the hub in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ipcviz.tui.graph.draft import Draft, draft_of, widest_gap
from ipcviz.tui.graph.layers import linked_names
from ipcviz.tui.graph.model import Box, Link, Side, Spot

LEAST = 4
LEAST_BOTH_WAYS = 3
"""Leaves that make a star; with fewer a row or a fan reads better."""
MOST_OWN = 2
"""Things that join a leaf alone with the hub: one each way."""
LEAVES_FOR_ANOTHER = 3
"""For each box that belongs to no leaf there are at least so many leaves."""
MOST_OF_OTHERS = 2
"""What belongs to no leaf is joined with no more than so many."""

GAPS_ACROSS = (11, 9, 7, 6, 5, 4, 3)
GAPS_DOWN = (3, 2, 1)
GAPS_BETWEEN = (3, 2, 1, 0)
OUTSIDE = 2
"""Columns at each side for the links that go around the leaves."""
BELOW = 2
"""Rows from the lowest leaf to the middle of what is shared: one is left free between leaf and links."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A process, and what joins it with the hub alone; the first of two is what the hub gives it."""

    box: Box
    own: list[Box]

    @property
    def tall(self) -> int:
        """Rows that it takes, with what belongs to it beside it."""
        return max(self.box.height, stacked_height(self.own))


@dataclass(frozen=True, slots=True)
class Star:
    """The hub, the leaves in order, the thing that the hub shares with several of them, and what is left."""

    hub: Box
    leaves: list[Leaf]
    shared: Box | None
    others: list[Box]

    @property
    def is_simple(self) -> bool:
        """Each leaf is joined by one thing only."""
        return self.shared is None and all(len(leaf.own) == 1 for leaf in self.leaves)


def find_star(boxes: Sequence[Box], links: Sequence[Link]) -> Star | None:
    """The star that the boxes are: one process joined with nearly all others, and hardly any of these
    with anything else; else None.
    """
    around = linked_names(links)
    processes = [box for box in boxes if box.role == "process"]
    hub = max(processes, key=lambda box: len(around.get(box.name, ())), default=None)
    if hub is None:
        return None
    own: dict[str, list[Box]] = {box.name: [] for box in processes if box is not hub}
    shared: list[Box] = []
    others: list[Box] = []
    for thing in boxes:
        if thing.role == "process":
            continue
        joined = around.get(thing.name, [])
        ends = [name for name in joined if name != hub.name]
        if not ends or hub.name not in joined or not own.keys() >= set(ends):
            others.append(thing)
        else:
            (own[ends[0]] if len(ends) == 1 else shared).append(thing)
    others += [box for box in processes if box is not hub and not own[box.name]]
    if len(shared) > 1 or any(len(around.get(box.name, ())) > MOST_OF_OTHERS for box in others):
        return None
    given = {link.target for link in links if link.source == hub.name}
    leaves = [
        Leaf(box, sorted(own[box.name], key=lambda thing: thing.name not in given))
        for box in processes
        if box is not hub and own[box.name]
    ]
    star = Star(hub, leaves, shared[0] if shared else None, others)
    return star if is_starlike(star) else None


def is_starlike(star: Star) -> bool:
    """There are enough leaves, each joined by few things, and not much that belongs to no leaf."""
    if any(len(leaf.own) > MOST_OWN for leaf in star.leaves):
        return False
    least = LEAST if star.is_simple else LEAST_BOTH_WAYS
    return len(star.leaves) >= least and len(star.others) * LEAVES_FOR_ANOTHER <= len(star.leaves)


def star_drafts(star: Star, width: int, height: int) -> Iterator[Draft]:
    """Yield the leaves on all sides of the hub, then those with leaves at its left and right only."""
    if star.is_simple:
        above = star.leaves[:1]
        below = star.leaves[-1:] if len(star.leaves) % 2 == 0 else []
        rest = star.leaves[1 : len(star.leaves) - len(below)]
        yield star_draft(Parts(star, rest[::2], rest[1::2], above, below), width, height)
    yield star_draft(Parts(star, star.leaves[::2], star.leaves[1::2]), width, height)


@dataclass(frozen=True, slots=True)
class Parts:
    """A star's leaves by where they are to stand, from the top, or from the left, on."""

    star: Star
    left: list[Leaf]
    right: list[Leaf]
    above: list[Leaf] = field(default_factory=list)
    below: list[Leaf] = field(default_factory=list)


def star_draft(parts: Parts, width: int, height: int) -> Draft:
    """Place the hub around cell (0, 0), and everything else around it."""
    star = parts.star
    outside = OUTSIDE if star.shared else 0
    spots = {star.hub.name: spot_around(star.hub, 0, 0)}
    place_above_and_below(parts, spots, height)
    place_at_the_sides(parts, spots, width - 2 * outside, height)
    if star.shared is not None:
        place_shared(star.shared, star.hub, spots)
    place_others(star.others, spots)
    return draft_of(spots, "right", wanted_sides(parts, spots), outside)


def spot_around(box: Box, x: int, y: int) -> Spot:
    """The box with its middle in this cell, where the links that go straight through it lie."""
    return Spot(x - box.width // 2, y - box.height // 2, box.width, box.height)


def stacked_height(things: Sequence[Box]) -> int:
    """Rows that they take, one above the other: those of one row close together."""
    return sum(box.height + (box.height > 1) for box in things) - (things[-1].height > 1 if things else 0)


def place_above_and_below(parts: Parts, spots: dict[str, Spot], height: int) -> None:
    """The leaves straight above and below the hub, what joins them in between."""
    steps = [(leaf, -1) for leaf in parts.above] + [(leaf, 1) for leaf in parts.below]
    used = parts.star.hub.height + sum(leaf.box.height + leaf.own[0].height for leaf, _ in steps)
    gap = widest_gap(height, used, 2 * len(steps), GAPS_DOWN)
    for leaf, way in steps:
        before = spots[parts.star.hub.name]
        for box in (leaf.own[0], leaf.box):
            top = before.bottom + gap + 1 if way > 0 else before.y - gap - box.height
            before = Spot(-(box.width // 2), top, box.width, box.height)
            spots[box.name] = before


def place_at_the_sides(parts: Parts, spots: dict[str, Spot], width: int, height: int) -> None:
    """The leaves in a column at each side, what joins them in a column between these and the hub."""
    leaves = [*parts.left, *parts.right]
    things = max(box.width for leaf in leaves for box in leaf.own)
    wide = max(leaf.box.width for leaf in leaves)
    first, last = min(spot.x for spot in spots.values()), max(spot.right for spot in spots.values())
    gap = widest_gap(width, last - first + 1 + 2 * (things + wide), 4, GAPS_ACROSS)
    tall = max(leaf.tall for leaf in leaves)
    most = len(parts.left)
    shared = parts.star.shared
    room = height - (BELOW + (shared.height - 1) // 2 if shared else 0)
    pitch = tall + widest_gap(room, most * tall, most - 1, GAPS_BETWEEN)
    # The middle columns of the boxes: links go on straight through the things, so these must agree.
    lanes = (
        (parts.left, first - gap - (things + 1) // 2, first - 2 * gap - things - (wide + 1) // 2),
        (parts.right, last + 1 + gap + things // 2, last + 1 + 2 * gap + things + wide // 2),
    )
    for column, near, far in lanes:
        for index, leaf in enumerate(column):
            y = (2 * index - len(column) + 1) * pitch // 2
            spots[leaf.box.name] = spot_around(leaf.box, far, y)
            top = y - stacked_height(leaf.own) // 2
            # What the hub gives stands outermost, so that the links of the two kinds need not cross.
            for box in leaf.own if y <= 0 else leaf.own[::-1]:
                spots[box.name] = Spot(near - box.width // 2, top, box.width, box.height)
                top += box.height + (box.height > 1)


def place_shared(box: Box, hub: Box, spots: dict[str, Spot]) -> None:
    """Straight below the hub, and so low that the links around the leaves reach its sides."""
    lowest = max(spot.bottom for spot in spots.values())
    top = max(lowest + BELOW - box.height // 2, spots[hub.name].bottom + 2)
    spots[box.name] = Spot(-(box.width // 2), top, box.width, box.height)


def place_others(boxes: Sequence[Box], spots: dict[str, Spot]) -> None:
    """In a row below everything."""
    middle = (
        max(spot.bottom for spot in spots.values())
        + BELOW
        + max((box.height for box in boxes), default=0) // 2
    )
    gap = GAPS_ACROSS[-1]
    left = -(sum(box.width + gap for box in boxes) - gap) // 2
    for box in boxes:
        spots[box.name] = Spot(left, middle - box.height // 2, box.width, box.height)
        left += box.width + gap


def wanted_sides(parts: Parts, spots: dict[str, Spot]) -> dict[tuple[str, str], Side]:
    """By which side of the first a link with the second is to pass.

    What is shared is reached around the leaves; of two things between the hub and a leaf, one is reached
    from above or below, the other from the side.
    """
    star, found = parts.star, dict[tuple[str, str], Side]()
    ways: tuple[tuple[list[Leaf], Side], ...] = ((parts.left, "left"), (parts.right, "right"))
    for column, side in ways:
        for leaf in column:
            if star.shared is not None:
                found[leaf.box.name, star.shared.name] = side
                found[star.shared.name, leaf.box.name] = side
            row = spots[leaf.box.name].y + leaf.box.height // 2
            if len(leaf.own) == MOST_OWN and row:
                given, taken = leaf.own
                found[star.hub.name, given.name] = "up" if row < 0 else "down"
                found[star.hub.name, taken.name] = side
    return found
