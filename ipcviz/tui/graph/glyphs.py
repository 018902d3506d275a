"""Turning paths into characters: lines, joins where they meet, and arrow heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ipcviz.tui.graph.glyph_tables import ARROWS, DASHES, line_glyph
from ipcviz.tui.graph.model import Cell, GlyphSet, Path, Side, Style

RANKS: dict[Style, int] = {"plain": 0, "dashed": 1, "double": 2}
STEPS: dict[Cell, Side] = {(1, 0): "right", (0, 1): "down", (-1, 0): "left", (0, -1): "up"}
OPPOSITE: dict[Side, Side] = {"right": "left", "left": "right", "up": "down", "down": "up"}


def draw(
    paths: Sequence[Path],
    heads: Set[str],
    styles: Mapping[str, Style],
    glyph_set: GlyphSet,
    tails: Set[str] = frozenset(),
) -> dict[Cell, tuple[str, str]]:
    """Return the character of every cell the paths cover, with the key of the path that owns it.

    Those named in `heads` have an arrow head into their target, those in `tails` one into their source.
    A cell belongs to the path drawn last over it, where double paths are drawn after dashed ones and
    those after plain ones. Paths without a style are plain.
    """
    ordered = sorted(paths, key=lambda path: RANKS[styles.get(path.key, "plain")])
    arms: dict[Cell, dict[Side, Style]] = {}
    owners: dict[Cell, str] = {}
    arrows: dict[Cell, Side] = {}
    for path in ordered:
        style = styles.get(path.key, "plain")
        for cell, sides in path_arms(path):
            owners[cell] = path.key
            arms.setdefault(cell, {}).update(dict.fromkeys(sides, style))
        start, end = first_direction(path), last_direction(path)
        if path.key in tails and start is not None:
            arrows[path.cells[0]] = OPPOSITE[start]
        if path.key in heads and end is not None:
            arrows[path.cells[-1]] = end
    return {
        cell: (
            ARROWS[glyph_set][arrows[cell]] if cell in arrows else cell_glyph(sides, glyph_set),
            owners[cell],
        )
        for cell, sides in arms.items()
    }


def path_arms(path: Path) -> list[tuple[Cell, set[Side]]]:
    """Return each cell of the path with the sides its line reaches, including those at the boxes."""
    cells = path.cells
    arms: list[tuple[Cell, set[Side]]] = [(cell, set()) for cell in cells]
    for index in range(len(cells) - 1):
        way = direction(cells[index], cells[index + 1])
        arms[index][1].add(way)
        arms[index + 1][1].add(OPPOSITE[way])
    first, last = first_direction(path), last_direction(path)
    if first is not None:
        arms[0][1].add(OPPOSITE[first])
    if last is not None:
        arms[-1][1].add(last)
    return arms


def direction(start: Cell, end: Cell) -> Side:
    """Return the way from a cell to the one next to it."""
    return STEPS[end[0] - start[0], end[1] - start[1]]


def first_direction(path: Path) -> Side | None:
    """Return the way the path leaves its source, None where that cannot be known."""
    if path.leaves is not None or len(path.cells) < 2:
        return path.leaves
    return direction(path.cells[0], path.cells[1])


def last_direction(path: Path) -> Side | None:
    """Return the way the path enters its target, None where that cannot be known."""
    if path.enters is not None or len(path.cells) < 2:
        return path.enters
    return direction(path.cells[-2], path.cells[-1])


def cell_glyph(arms: Mapping[Side, Style], glyph_set: GlyphSet) -> str:
    """Return the character for a cell whose lines reach the given sides."""
    level = [arms[side] for side in ("left", "right") if side in arms]
    upright = [arms[side] for side in ("up", "down") if side in arms]
    if not (level and upright) and set(level or upright) == {"dashed"}:
        return DASHES[glyph_set][0 if level else 1]
    return line_glyph(frozenset(arms), "double" in level, "double" in upright, glyph_set)
