"""A scene, placed and routed in so many cells: of all sizes and folds, the one that is best to read.

Larger boxes are better than small ones, as long as everything fits, every link has its path, and the paths
are straight and do not cross. Pure, and the same for the same session, size and zoom.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from ipcviz.events import SessionStarted
from ipcviz.tui.graph.draft import shift
from ipcviz.tui.graph.layout import place
from ipcviz.tui.graph.model import Cell, Link, Path, Placement, Shape
from ipcviz.tui.graph.route import route
from ipcviz.tui.plans import MANY, Plan, Pools, Wish, last_plan, plans_of, shape_in_scene
from ipcviz.tui.scene import Scene, pools_of, scene_of
from ipcviz.tui.sizes import DENSE, FLAT, LOW, ORDINARY, ROWS, THIN_ROWS, TIGHT, Sizes, boxes_of

AROUND = ((2, 1, 1), (2, 0, 1))
"""Columns at each side, and rows above and below, left free for links that have to go around everything."""

_HOPELESS = 300
"""With so much disorder smaller boxes do not help: more has to be folded."""

_LOST, _CROSSED, _BENT, _TOUCHING = 400, 14, 3, 1
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
    pools: Pools = field(default_factory=dict)
    """All pools, folded or not, by their first member."""

    def fits(self, width: int, height: int) -> bool:
        """Nothing needs to be scrolled to."""
        return self.placement.width <= width and self.placement.height <= height


ORDINARILY = Wish()


def picture_of(session: SessionStarted, width: int, height: int, wish: Wish = ORDINARILY) -> Picture:
    """The best picture of the session in so many cells; larger than these where nothing fits."""
    pools = pools_of(session)
    best: Picture | None = None
    least = 0
    plans = plans_of(session, pools, wish)
    hopeless: set[tuple[frozenset[str], Shape | None]] = set()
    for plan in plans:
        if (plan.folded, plan.shape) in hopeless or (best is not None and plan.dislike >= least):
            continue
        scene = scene_of(session, plan.folded)
        placement = _placed(scene, plan, width, height)
        if placement.width > width or placement.height > height:
            continue
        picture = _routed(scene, placement, plan, pools)
        if disorder(picture) >= _HOPELESS and plan.folded != plans[-1].folded:
            hopeless.add((plan.folded, plan.shape))
        elif len(scene.nodes) <= MANY and disorder(picture) >= _CROSSED:
            picture = _roomier(picture, plan, width, height)
        cost = plan.dislike + disorder(picture) + _FLATTENED * is_flattened(picture)
        if best is None or cost < least:
            best, least = picture, cost
    return best or _overflowing(session, pools, wish, width, height)


def _overflowing(session: SessionStarted, pools: Pools, wish: Wish, width: int, height: int) -> Picture:
    """A picture to scroll in: readable boxes if they take two pages, else rows if these save pages."""
    if wish.zoom > 0:
        plan = plans_of(session, pools, wish)[0]
        scene = scene_of(session, plan.folded)
        return _routed(scene, _placed(scene, plan, width, height), plan, pools)
    folded, is_lattice = last_plan(session, pools, wish)
    scene = scene_of(session, folded)
    sizes = (FLAT, LOW, ROWS, DENSE) if is_lattice else (FLAT, TIGHT, ROWS, THIN_ROWS)
    plans = [Plan(0, size, folded, "lattice" if is_lattice else None) for size in sizes]
    tried = [(plan, _placed(scene, plan, width, height)) for plan in plans]

    def pages(item: tuple[Plan, Placement]) -> int:
        return max(2, -(-item[1].width // width) * -(-item[1].height // height))

    plan, placement = min(tried, key=pages)
    return _routed(scene, placement, plan, pools)


def disorder(picture: Picture) -> int:
    """How hard the links are to follow: those without a path, crossings and bends."""
    bends = sum(_bends(path.cells) for path in picture.paths.values())
    crossed = _CROSSED * _crossings(picture)
    return _LOST * picture.missing + crossed + _BENT * bends + _TOUCHING * _touching(picture)


def is_flattened(picture: Picture) -> bool:
    """It is one ring, and does not stand around the room."""
    return picture.placement.flow != "free" and shape_in_scene(picture.scene) == "circle"


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


def _placed(scene: Scene, plan: Plan, width: int, height: int) -> Placement:
    return place(boxes_of(scene, plan.sizes), _links(scene), width, height, plan.shape)


def _links(scene: Scene) -> list[Link]:
    return [tie.link for tie in scene.ties.values()]


def _routed(scene: Scene, placement: Placement, plan: Plan, pools: Pools) -> Picture:
    links = _links(scene)
    paths = {path.key: path for path in route(placement, links)}
    return Picture(scene, placement, paths, len(links) - len(paths), plan.sizes, plan.folded, pools)


def _roomier(picture: Picture, plan: Plan, width: int, height: int) -> Picture:
    """The picture with free cells around it for links to pass, if that is better and fits."""
    tried = [picture]
    for across, above, below in AROUND:
        room = width - 2 * across, height - above - below
        inner = _placed(picture.scene, plan, *room)
        if (inner.width, inner.height) == room:
            spots = shift(inner.spots, across, above)
            placement = replace(inner, spots=spots, width=width, height=height)
            tried.append(_routed(picture.scene, placement, plan, picture.pools))
    return min(tried, key=disorder)
