"""A layout being tried: box positions before they are centred in the room there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ipcviz.tui.graph.model import Flow, Sides, Spot


@dataclass(frozen=True, slots=True)
class Draft:
    """Spots in cells from the top left corner of their common outline, and the outline's size.

    `sides` are those by which links are to pass, as in a placement.
    """

    spots: dict[str, Spot]
    width: int
    height: int
    flow: Flow
    sides: Sides = field(default_factory=dict)

    def overflow(self, width: int, height: int) -> int:
        """Tell by how much it is larger than the room; a row weighs as much as two columns."""
        return max(0, self.width - width) + 2 * max(0, self.height - height)


def draft_of(spots: Mapping[str, Spot], flow: Flow, sides: Sides | None = None, beside: int = 0) -> Draft:
    """Move the spots so that their outline begins at cell (0, 0); `beside` it so many columns stay free."""
    left = min((spot.x for spot in spots.values()), default=0)
    top = min((spot.y for spot in spots.values()), default=0)
    moved = shift(spots, beside - left, -top)
    width = max((spot.right + 1 for spot in moved.values()), default=0) + beside
    height = max((spot.bottom + 1 for spot in moved.values()), default=0)
    return Draft(moved, width, height, flow, sides or {})


def shift(spots: Mapping[str, Spot], across: int, down: int) -> dict[str, Spot]:
    """Move every spot by so many columns and rows."""
    return {
        name: Spot(spot.x + across, spot.y + down, spot.width, spot.height) for name, spot in spots.items()
    }


def best_draft(drafts: Iterable[Draft], width: int, height: int) -> Draft:
    """Return the first draft that fits, else the one which overflows least."""
    tried: list[Draft] = []
    for draft in drafts:
        if draft.overflow(width, height) == 0:
            return draft
        tried.append(draft)
    return min(tried, key=lambda draft: draft.overflow(width, height))


def widest_gap(room: int, used: int, gaps: int, choices: Sequence[int]) -> int:
    """Pick the first gap of the choices (wide to narrow) that fits the room, else the last."""
    return next((gap for gap in choices if used + gaps * gap <= room), choices[-1])
