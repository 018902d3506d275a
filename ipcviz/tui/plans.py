"""The ways to draw a session: what is folded, the size of boxes, the shape, and how much each is disliked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ipcviz.events import SessionStarted
from ipcviz.tui.graph.layout import shape_of
from ipcviz.tui.graph.model import Shape
from ipcviz.tui.scene import Scene, scene_of, woven_pools
from ipcviz.tui.sizes import FLAT, LARGE, ORDINARY, ROWS, SHAPED, THIN_ROWS, TRIED, Sizes, boxes_of

Zoom = Literal[-1, 0, 1]
"""Folded, ordinary, large."""

MANY = 40
"""With more nodes than this only one picture is routed, and not several to compare."""

Pools = Mapping[str, tuple[str, ...]]

_SMALLER, _FOLDED, _WOVEN = 9, 60, 200
_SHAPED = 60
"""A star or a lattice drawn as what it is: six or seven steps smaller are still better than layers."""
_OF_A_ROW = 3
"""Steps that boxes of one row count more: they tell less."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: how large, and which pools (by their first member) to unfold or to fold."""

    zoom: Zoom = 0
    unfolded: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to draw it, and how much that way is disliked; without a shape, that which its links have."""

    dislike: int
    sizes: Sizes
    folded: frozenset[str]
    shape: Shape | None = None


def plans_of(session: SessionStarted, pools: Pools, wish: Wish) -> list[Plan]:
    """What to try: from large to small, and folded more and more."""
    every = (frozenset(pools) - wish.unfolded) | wish.folded
    if wish.zoom > 0:
        # Nothing is folded unless that was asked for.
        shape = shape_in(session, wish.folded)
        size = LARGE if _count(session) <= 2 * MANY else FLAT
        return [Plan(0, size, wish.folded, shape if shape in ("star", "lattice") else None)]
    if wish.zoom < 0:
        return [plan for plan in _sized(session, 0, every) if plan.sizes != LARGE]
    if shape_in(session, wish.folded) == "lattice":
        return _sized(session, 0, wish.folded)
    woven = woven_pools(session)
    some = frozenset(head for head in every - wish.folded if len(pools[head]) > 2) - woven
    folds = list(dict.fromkeys((wish.folded, some | wish.folded, every)))
    if _count(session) > MANY and len(folds) > 1:
        folds = folds[1:]
    return [
        plan
        for fold, folded in enumerate(folds)
        for plan in _sized(session, _FOLDED * fold + _WOVEN * len(folded & woven), folded)
    ]


def last_plan(session: SessionStarted, pools: Pools, wish: Wish) -> tuple[frozenset[str], bool]:
    """What is folded in a picture to scroll in, where nothing fits, and whether it is a lattice."""
    if wish.zoom == 0 and shape_in(session, wish.folded) == "lattice":
        return wish.folded, True
    return (frozenset(pools) - wish.unfolded) | wish.folded, False


def shape_in(session: SessionStarted, folded: frozenset[str]) -> Shape:
    """The shape that the session has where these pools are folded."""
    return shape_in_scene(scene_of(session, folded))


def shape_in_scene(scene: Scene) -> Shape:
    """The shape that the nodes have by their links."""
    return shape_of(boxes_of(scene, ORDINARY), [tie.link for tie in scene.ties.values()])


def _sized(session: SessionStarted, dislike: int, folded: frozenset[str]) -> list[Plan]:
    """One fold in all sizes: in the shape it has, and in layers."""
    shape = shape_in(session, folded)
    if shape not in ("star", "lattice"):
        return _steps(dislike, folded, (*TRIED, ROWS, THIN_ROWS), None)
    layers = _steps(dislike, folded, (*TRIED, ROWS, THIN_ROWS), "layers")
    return [*_steps(dislike - _SHAPED, folded, SHAPED, shape), *layers]


def _steps(dislike: int, folded: frozenset[str], sizes: tuple[Sizes, ...], shape: Shape | None) -> list[Plan]:
    return [
        Plan(dislike + _SMALLER * (step + _OF_A_ROW * (size.process_height == 1)), size, folded, shape)
        for step, size in enumerate(sizes)
    ]


def _count(session: SessionStarted) -> int:
    return len(session.processes) + len(session.channels) + len(session.locks)
