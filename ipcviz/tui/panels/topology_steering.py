"""Getting about in a picture: which part of it is in view, what is under the mouse, what lies that way."""

from __future__ import annotations

from dataclasses import dataclass

from ipcviz.tui.graph.model import Spot
from ipcviz.tui.picture import Picture


@dataclass(frozen=True, slots=True)
class Sight:
    """The cell of the picture that is at the top left of the panel."""

    left: int = 0
    top: int = 0

    def moved(self, columns: int, rows: int) -> Sight:
        """So many cells further."""
        return Sight(self.left + columns, self.top + rows)

    def within(self, picture: Picture, width: int, height: int) -> Sight:
        """The nearest that shows nothing beyond the picture."""
        placed = picture.placement
        left = max(0, min(self.left, placed.width - width))
        return Sight(left, max(0, min(self.top, placed.height - height)))

    def showing(self, spot: Spot, width: int, height: int) -> Sight:
        """The nearest that shows all of the box, with a cell around it where there is room."""
        left = max(min(self.left, spot.x - 1), spot.right + 2 - width)
        top = max(min(self.top, spot.y - 1), spot.bottom + 2 - height)
        return Sight(left, top)


def box_at(picture: Picture, column: int, row: int) -> str | None:
    """The key of the box that covers a cell of the picture."""
    spots = picture.placement.spots.items()
    return next((key for key, spot in spots if spot.covers((column, row))), None)


def first_box(picture: Picture) -> str | None:
    """Where choosing begins: the box nearest to the top left corner."""
    spots = picture.placement.spots
    return min(spots, key=lambda key: spots[key].x + 2 * spots[key].y, default=None)


def neighbour(picture: Picture, key: str, columns: int, rows: int) -> str | None:
    """The nearest box that way: straight on before aside, a row counting as two columns."""
    spots = picture.placement.spots
    here = middle(spots[key])
    best, least = None, 0.0
    for other, spot in spots.items():
        there = middle(spot)
        across, down = there[0] - here[0], 2 * (there[1] - here[1])
        along = across * columns + down * rows
        aside = abs(down) if columns else abs(across)
        if other == key or along <= 0 or aside > 3 * along:
            continue
        cost = along + 2 * aside
        if best is None or cost < least:
            best, least = other, cost
    return best


def middle(spot: Spot) -> tuple[float, float]:
    """The middle of a box, in cells."""
    return spot.x + (spot.width - 1) / 2, spot.y + (spot.height - 1) / 2
