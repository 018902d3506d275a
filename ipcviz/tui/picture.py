"""A scene, placed and routed in so many cells: of all sizes and folds, the one that is best to read.

Larger boxes are better than small ones, as long as everything fits, every link has its path, and the paths
are straight and do not cross. Pure, and the same for the same session, size and zoom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from ipcviz.events import SessionStarted
from ipcviz.tui.graph.circle import find_ring
from ipcviz.tui.graph.draft import shift
from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Cell, Path, Placement
from ipcviz.tui.graph.route import route
from ipcviz.tui.scene import Scene, pools_of, scene_of, woven_pools
from ipcviz.tui.sizes import FLAT, LARGE, ORDINARY, ROWS, THIN_ROWS, TIGHT, TRIED, Sizes, boxes_of

Zoom = Literal[-1, 0, 1]
"""Folded, ordinary, large."""

MANY = 40
"""With more nodes than this only one picture is routed, and not several to compare."""
AROUND = ((2, 1, 1), (2, 0, 1))
"""Columns at each side, and rows above and below, left free for links that have to go around everything."""

_HOPELESS = 300
"""With so much disorder smaller boxes do not help: more has to be folded."""

_LOST, _CROSSED, _BENT, _TOUCHING, _SMALLER, _FOLDED, _WOVEN = 400, 14, 3, 1, 9, 60, 200
_FLATTENED = 12
"""A ring that is drawn as a row to and fro: a step smaller is better."""


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


ORDINARILY = Wish()


@dataclass(frozen=True, slots=True)
class _Plan:
    """One way to draw it, and how much that way is disliked."""

    dislike: int
    sizes: Sizes
    folded: frozenset[str]


def picture_of(session: SessionStarted, width: int, height: int, wish: Wish = ORDINARILY) -> Picture:
    """The best picture of the session in so many cells; larger than these where nothing fits."""
    pools = pools_of(session)
    best: Picture | None = None
    least = 0
    plans = _large_plans(session, wish) if wish.zoom > 0 else _plans(session, pools, wish)
    hopeless: set[frozenset[str]] = set()
    for plan in plans:
        if plan.folded in hopeless or (best is not None and plan.dislike >= least):
            continue
        scene = scene_of(session, plan.folded)
        placement = _placed(scene, plan.sizes, width, height)
        if placement.width > width or placement.height > height:
            continue
        picture = _routed(scene, placement, plan, pools)
        if disorder(picture) >= _HOPELESS and plan.folded != plans[-1].folded:
            hopeless.add(plan.folded)
        elif len(scene.nodes) <= MANY and disorder(picture) >= _CROSSED:
            picture = _roomier(picture, width, height)
        cost = plan.dislike + disorder(picture) + _FLATTENED * is_flattened(picture)
        if best is None or cost < least:
            best, least = picture, cost
    return best or _overflowing(session, pools, wish, width, height)


def _overflowing(
    session: SessionStarted, pools: Mapping[str, tuple[str, ...]], wish: Wish, width: int, height: int
) -> Picture:
    """A picture to scroll in: readable boxes if they take two pages, else rows if these save pages."""
    if wish.zoom > 0:
        plan = _large_plans(session, wish)[0]
        scene = scene_of(session, plan.folded)
        return _routed(scene, _placed(scene, plan.sizes, width, height), plan, pools)
    folded = (frozenset(pools) - wish.unfolded) | wish.folded
    scene = scene_of(session, folded)
    tried = [(sizes, _placed(scene, sizes, width, height)) for sizes in (FLAT, TIGHT, ROWS, THIN_ROWS)]

    def pages(item: tuple[Sizes, Placement]) -> int:
        return max(2, -(-item[1].width // width) * -(-item[1].height // height))

    sizes, placement = min(tried, key=pages)
    return _routed(scene, placement, _Plan(0, sizes, folded), pools)


def _large_plans(session: SessionStarted, wish: Wish) -> list[_Plan]:
    """Nothing is folded unless that was asked for."""
    return [_Plan(0, LARGE if _count(session) <= 2 * MANY else FLAT, wish.folded)]


def _plans(session: SessionStarted, pools: Mapping[str, tuple[str, ...]], wish: Wish) -> list[_Plan]:
    """What to try: from large to small, and folded more and more."""
    every = frozenset(pools) - wish.unfolded
    sizes = (*TRIED, ROWS, THIN_ROWS)
    if wish.zoom < 0:
        return [_Plan(_SMALLER * n, size, every | wish.folded) for n, size in enumerate(sizes[1:])]
    woven = woven_pools(session)
    some = frozenset(head for head in every if len(pools[head]) > 2) - woven
    folds = list(dict.fromkeys((wish.folded, some | wish.folded, every | wish.folded)))
    if _count(session) > MANY and len(folds) > 1:
        folds = folds[1:]
    return [
        _Plan(
            _SMALLER * (n + 3 * (size.process_height == 1)) + _FOLDED * fold + _WOVEN * len(folded & woven),
            size,
            folded,
        )
        for fold, folded in enumerate(folds)
        for n, size in enumerate(sizes)
    ]


def _count(session: SessionStarted) -> int:
    return len(session.processes) + len(session.channels) + len(session.locks)


def disorder(picture: Picture) -> int:
    """How hard the links are to follow: those without a path, crossings and bends."""
    bends = sum(_bends(path.cells) for path in picture.paths.values())
    crossed = _CROSSED * _crossings(picture)
    return _LOST * picture.missing + crossed + _BENT * bends + _TOUCHING * _touching(picture)


def is_flattened(picture: Picture) -> bool:
    """It is one ring, and does not stand around the room."""
    placement = picture.placement
    if placement.flow == "free":
        return False
    links = [tie.link for tie in picture.scene.ties.values()]
    return find_ring(boxes_of(picture.scene, picture.sizes), links) is not None


def _bends(cells: tuple[Cell, ...]) -> int:
    ways = [(there[0] - here[0], there[1] - here[1]) for here, there in pairwise(cells)]
    return sum(one != two for one, two in pairwise(ways))


def _touching(picture: Picture) -> int:
    """How many boxes without a frame stand right below another: whose gauge it is would be hard to tell."""
    spots = [picture.placement.spots[key] for key in picture.placement.narrow]
    ends = {(spot.x, spot.bottom + 1) for spot in spots if spot.height > 1}
    return sum((spot.x, spot.y) in ends for spot in spots)


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


def _routed(scene: Scene, placement: Placement, plan: _Plan, pools: Mapping[str, tuple[str, ...]]) -> Picture:
    links = [tie.link for tie in scene.ties.values()]
    paths = {path.key: path for path in route(placement, links)}
    return Picture(scene, placement, paths, len(links) - len(paths), plan.sizes, plan.folded, pools)


def _roomier(picture: Picture, width: int, height: int) -> Picture:
    """The picture with free cells around it for links to pass, if that is better and fits."""
    links = [tie.link for tie in picture.scene.ties.values()]
    boxes = boxes_of(picture.scene, picture.sizes)
    plan = _Plan(0, picture.sizes, picture.folded)
    tried = [picture]
    for across, above, below in AROUND:
        room = width - 2 * across, height - above - below
        inner = place(boxes, links, *room)
        if (inner.width, inner.height) == room:
            spots = shift(inner.spots, across, above)
            placement = Placement(spots, width, height, inner.flow, inner.narrow)
            tried.append(_routed(picture.scene, placement, plan, picture.pools))
    return min(tried, key=disorder)
