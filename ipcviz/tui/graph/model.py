"""The words the graph modules share: boxes, links, where they are put, and the paths between them.

Every length and coordinate is in terminal cells; x grows to the right, y grows downwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Cell = tuple[int, int]
"""One terminal cell as (x, y)."""

Role = Literal["process", "channel", "lock"]
Shape = Literal["layers", "circle", "star", "lattice"]
Flow = Literal["right", "down", "free"]
Side = Literal["right", "down", "left", "up"]
Style = Literal["plain", "dashed", "double"]
GlyphSet = Literal["unicode", "plain", "ascii"]
Sides = Mapping[tuple[str, str], Side]
"""By which side of the first of two boxes a link with the second is to pass, where that matters."""


@dataclass(frozen=True, slots=True)
class Box:
    """A thing to place; width and height are in cells and include its frame.

    Links meet a narrow box only in the middle of its sides: they are to go on straight through it.
    """

    name: str
    width: int
    height: int
    role: Role
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A directed connection between two boxes, known by its unique key."""

    source: str
    target: str
    key: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A placed box: its top left cell and its size in cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The last column the box covers."""
        return self.x + self.width - 1

    @property
    def bottom(self) -> int:
        """The last row the box covers."""
        return self.y + self.height - 1

    def covers(self, cell: Cell) -> bool:
        """Tell whether the cell lies inside the box."""
        return self.x <= cell[0] <= self.right and self.y <= cell[1] <= self.bottom

    def overlaps(self, other: Spot) -> bool:
        """Tell whether the two boxes have a cell in common."""
        across = self.x <= other.right and other.x <= self.right
        return across and self.y <= other.bottom and other.y <= self.bottom


@dataclass(frozen=True, slots=True)
class Placement:
    """Where every box is, the size of the whole picture in cells, the way it reads, which are narrow."""

    spots: dict[str, Spot]
    width: int
    height: int
    flow: Flow = "free"
    narrow: frozenset[str] = frozenset()
    sides: Sides = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Path:
    """The cells of one link, from just outside its source to just outside its target.

    `leaves` is the side of the source it starts at; `enters` is the way it moves into the target.
    Either may be None, and is then read off the cells where there are at least two.
    """

    key: str
    cells: tuple[Cell, ...]
    leaves: Side | None = None
    enters: Side | None = None
