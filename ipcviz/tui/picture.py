"""A scene, placed and routed in so many cells: of all sizes and folds, the one that is best to read.

Larger boxes are better than small ones, as long as everything fits, every link has its path, and the paths
are straight and do not cross. Pure, and the same for the same session, size and zoom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from rich.cells import cell_len

from ipcviz.events import SessionStarted
from ipcviz.tui.graph.draft import shift
from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Box, Cell, Path, Placement, Side
from ipcviz.tui.graph.route import route
from ipcviz.tui.scene import Node, Scene, pools_of, scene_of
from ipcviz.units import printable

Zoom = Literal[-1, 0, 1]
"""Folded, ordinary, large."""

_OPPOSITE: dict[Side, Side] = {"right": "left", "left": "right", "up": "down", "down": "up"}

MANY = 40
"""With more nodes than this only one picture is routed, and not several to compare."""
AROUND = (2, 1)
"""Columns and rows left free at each side for links that have to go around everything."""

_LOST, _CROSSED, _BENT, _SMALLER, _FOLDED = 400, 14, 3, 9, 60


@dataclass(frozen=True, slots=True)
class Sizes:
    """Cells of the boxes: least and most width of each kind, and heights.

    Channels between two processes lie on their link, without a frame, where `open`.
    """

    process: tuple[int, int]
    process_height: int
    channel: tuple[int, int]
    channel_height: int
    lock: tuple[int, int]
    lock_height: int
    open: bool = True


LARGE = Sizes((24, 28), 5, (26, 30), 5, (20, 26), 4, open=False)
ORDINARY = Sizes((16, 24), 4, (16, 22), 3, (14, 20), 3)
SMALL = Sizes((14, 20), 4, (13, 16), 3, (12, 16), 3)
FLAT = Sizes((16, 22), 3, (14, 18), 3, (13, 18), 3)
TIGHT = Sizes((13, 14), 3, (11, 13), 3, (11, 12), 3)
ROWS = Sizes((12, 28), 1, (16, 20), 1, (10, 24), 1)
THIN_ROWS = Sizes((12, 22), 1, (12, 16), 1, (10, 18), 1)
TRIED = (LARGE, ORDINARY, SMALL, FLAT, TIGHT)
"""From the largest boxes to the smallest."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A scene in cells; `paths` by the key of their link, `missing` the links that have none."""

    scene: Scene
    placement: Placement
    paths: dict[str, Path]
    missing: int
    sizes: Sizes = ORDINARY
    folded: frozenset[str] = frozenset()
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All pools, folded or not, by their first member."""

    def fits(self, width: int, height: int) -> bool:
        """Nothing needs to be scrolled to."""
        return self.placement.width <= width and self.placement.height <= height


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: how large, and which pools (by their first member) to unfold or to fold."""

    zoom: Zoom = 0
    unfolded: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()


def picture_of(session: SessionStarted, width: int, height: int, wish: Wish = Wish()) -> Picture:
    """The best picture of the session in so many cells; larger than these where nothing fits."""
    pools = pools_of(session)
    best: Picture | None = None
    least = 0
    widest: tuple[Scene, Placement, Sizes, frozenset[str]] | None = None
    for penalty, sizes, folded in _plans(pools, wish):
        if best is not None and penalty >= least:
            continue
        scene = scene_of(session, folded)
        placement = _placed(scene, sizes, width, height)
        if placement.width > width or placement.height > height:
            widest = widest or (scene, placement, sizes, folded)
            continue
        picture = _routed(scene, placement, sizes, folded, pools)
        if len(scene.nodes) <= MANY and disorder(picture) >= _CROSSED:
            picture = _roomier(picture, width, height)
        cost = penalty + disorder(picture)
        if best is None or cost < least:
            best, least = picture, cost
        if len(scene.nodes) > MANY and not picture.missing:
            break
    if best is not None and (wish.zoom < 1 or widest is None):
        return best
    if wish.zoom < 1:
        folded = (frozenset(pools) - wish.unfolded) | wish.folded
        sizes = FLAT if len(session.processes) <= MANY else TIGHT
        scene = scene_of(session, folded)
        return _routed(scene, _placed(scene, sizes, width, height), sizes, folded, pools)
    if widest is None:  # every plan fits
        raise AssertionError("no plan was tried")
    return _routed(*widest, pools)


def _plans(pools: dict[str, tuple[str, ...]], wish: Wish) -> Iterator[tuple[int, Sizes, frozenset[str]]]:
    """What to try, each with how much it is disliked; the folded ones last."""
    every = frozenset(pools) - wish.unfolded
    some = frozenset(head for head in every if len(pools[head]) > 2)
    if wish.zoom > 0:
        yield 0, LARGE, wish.folded
        return
    sizes = (*TRIED, ROWS, THIN_ROWS)
    if wish.zoom < 0:
        yield from ((_SMALLER * n, size, every) for n, size in enumerate(sizes[1:]))
        return
    folds = list(dict.fromkeys((wish.folded, some | wish.folded, every | wish.folded)))
    for fold, folded in enumerate(folds):
        yield from ((_SMALLER * n + _FOLDED * fold, size, folded) for n, size in enumerate(TRIED))
    for fold, folded in enumerate(folds):
        yield _SMALLER * 9 + _FOLDED * fold, ROWS, folded
        yield _SMALLER * 10 + _FOLDED * fold, THIN_ROWS, folded


def disorder(picture: Picture) -> int:
    """How hard the links are to follow: those without a path, crossings and bends."""
    bends = sum(_bends(path.cells) for path in picture.paths.values())
    return _LOST * picture.missing + _CROSSED * _crossings(picture) + _BENT * bends


def _bends(cells: tuple[Cell, ...]) -> int:
    ways = [(there[0] - here[0], there[1] - here[1]) for here, there in pairwise(cells)]
    return sum(one != two for one, two in pairwise(ways))


def _crossings(picture: Picture) -> int:
    """Cells that are passed both ways: along the row by one link, along the column by another."""
    level: set[Cell] = set()
    upright: set[Cell] = set()
    for path in picture.paths.values():
        for before, here, after in zip(path.cells, path.cells[1:], path.cells[2:], strict=False):
            if before[1] == after[1]:
                level.add(here)
            elif before[0] == after[0]:
                upright.add(here)
    return len(level & upright)


def _placed(scene: Scene, sizes: Sizes, width: int, height: int) -> Placement:
    return place(boxes_of(scene, sizes), [tie.link for tie in scene.ties.values()], width, height)


def _routed(
    scene: Scene,
    placement: Placement,
    sizes: Sizes,
    folded: frozenset[str],
    pools: Mapping[str, tuple[str, ...]],
) -> Picture:
    links = [tie.link for tie in scene.ties.values()]
    paths = {path.key: path for path in route(placement, links)}
    return Picture(scene, placement, paths, len(links) - len(paths), sizes, folded, pools)


def _roomier(picture: Picture, width: int, height: int) -> Picture:
    """The picture with free cells around it for links to pass, if that is better and fits."""
    links = [tie.link for tie in picture.scene.ties.values()]
    boxes = boxes_of(picture.scene, picture.sizes)
    across, down = 2 * AROUND[0], 2 * AROUND[1]
    inner = place(boxes, links, width - across, height - down)
    if inner.width > width - across or inner.height > height - down:
        return picture
    spots = shift(inner.spots, *AROUND)
    placement = Placement(spots, width, height, inner.flow, inner.narrow)
    other = _routed(picture.scene, placement, picture.sizes, picture.folded, picture.pools)
    return other if disorder(other) < disorder(picture) else picture


def boxes_of(scene: Scene, sizes: Sizes) -> list[Box]:
    """A box for each node, those of one kind equally wide."""
    widths = {
        "process": _width(scene.nodes.values(), "process", sizes.process, sizes.process_height),
        "channel": _width(scene.nodes.values(), "channel", sizes.channel, sizes.channel_height),
        "lock": _width(scene.nodes.values(), "lock", sizes.lock, sizes.lock_height),
    }
    heights = {"process": sizes.process_height, "channel": sizes.channel_height, "lock": sizes.lock_height}
    return [
        Box(node.key, widths[node.kind], heights[node.kind], node.kind, is_open(node, sizes))
        for node in scene.nodes.values()
    ]


def is_open(node: Node, sizes: Sizes) -> bool:
    """It lies on its link, and has no frame."""
    return sizes.open and node.kind == "channel" and node.on_link


def _width(nodes: Iterable[Node], kind: str, limits: tuple[int, int], height: int) -> int:
    """Wide enough for the names, and the states of a folded pool, as far as the limits allow."""
    least, most = limits
    margin = 4 if height > 1 else 6 if kind == "process" else 4
    wanted = [
        max(
            cell_len(printable(node.name)) + margin,
            len(node.members) + margin if kind == "process" and len(node.members) > 1 else 0,
        )
        for node in nodes
        if node.kind == kind
    ]
    return max(least, min(most, max(wanted, default=0)))


def reversed_path(path: Path) -> Path:
    """The same cells the other way: from the lock to the process that holds it."""
    leaves = _OPPOSITE[path.enters] if path.enters else None
    enters = _OPPOSITE[path.leaves] if path.leaves else None
    return Path(path.key, path.cells[::-1], leaves, enters)
