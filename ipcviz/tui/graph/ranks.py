"""Sorting boxes into ranks by the flow of their links, and ordering each rank to avoid crossings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ipcviz.tui.graph.model import Link

Arc = tuple[str, str]

SWEEPS = 4


def rank_boxes(names: Sequence[str], links: Sequence[Link]) -> list[list[str]]:
    """Group the names into ranks in reading order, each rank ordered to keep crossings few."""
    arcs = break_cycles(names, balance_stars(forward_arcs(names, links)))
    level = pull_towards_targets(names, arcs, longest_paths(names, arcs))
    ranks: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in names:
        ranks[level[name]].append(name)
    return order_ranks([rank for rank in ranks if rank], arcs)


def forward_arcs(names: Iterable[str], links: Sequence[Link]) -> list[tuple[Arc, bool]]:
    """List each linked pair once, the way its first link goes, and whether links go both ways."""
    known = set(names)
    pairs = [
        (link.source, link.target)
        for link in links
        if link.source != link.target and link.source in known and link.target in known
    ]
    every = set(pairs)
    arcs: dict[Arc, bool] = {}
    for source, target in pairs:
        if (target, source) not in arcs:
            arcs[source, target] = (target, source) in every
    return list(arcs.items())


def balance_stars(arcs: Sequence[tuple[Arc, bool]]) -> list[Arc]:
    """Turn half the arcs of a two-way star around, so that its hub comes to stand in the middle."""
    touching: dict[str, list[tuple[Arc, bool]]] = {}
    for arc, both_ways in arcs:
        for end in arc:
            touching.setdefault(end, []).append((arc, both_ways))
    turned: set[Arc] = set()
    for hub, around in touching.items():
        if len(around) > 2 and is_two_way_star(hub, around, touching):
            half = (len(around) + 1) // 2
            chosen = around[:half] if around[0][0][0] == hub else around[half:]
            turned.update(arc for arc, _ in chosen)
    return [(arc[1], arc[0]) if arc in turned else arc for arc, _ in arcs]


def is_two_way_star(
    hub: str, around: Sequence[tuple[Arc, bool]], touching: Mapping[str, Sequence[tuple[Arc, bool]]]
) -> bool:
    """Tell whether all neighbours of the hub have only the hub, are two-way, and face the same way."""
    outward = around[0][0][0] == hub
    return all(
        both_ways and (source == hub) == outward and len(touching[target if source == hub else source]) == 1
        for (source, target), both_ways in around
    )


def neighbours(arcs: Iterable[Arc]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return what follows each box and what precedes it."""
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for source, target in arcs:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    return after, before


def break_cycles(names: Sequence[str], arcs: Sequence[Arc]) -> list[Arc]:
    """Turn around the arcs which lead back to a box that is still being explored depth first."""
    after, before = neighbours(arcs)
    # Where everything goes round, the reading begins at the hub.
    inside = sorted((name for name in names if name in before), key=lambda name: -len(after.get(name, ())))
    roots = [name for name in names if name not in before] + inside
    backward: set[Arc] = set()
    open_boxes: set[str] = set()
    seen: set[str] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        open_boxes.add(root)
        stack = [(root, iter(after.get(root, ())))]
        while stack:
            name, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                open_boxes.discard(name)
                stack.pop()
            elif target in open_boxes:
                backward.add((name, target))
            elif target not in seen:
                seen.add(target)
                open_boxes.add(target)
                stack.append((target, iter(after.get(target, ()))))
    return [(arc[1], arc[0]) if arc in backward else arc for arc in arcs]


def longest_paths(names: Sequence[str], arcs: Sequence[Arc]) -> dict[str, int]:
    """Give each box the length of the longest chain of arcs that leads to it."""
    after, before = neighbours(arcs)
    waiting = {name: len(before.get(name, ())) for name in names}
    level = dict.fromkeys(names, 0)
    ready = [name for name in names if waiting[name] == 0]
    for name in ready:
        for target in after.get(name, ()):
            level[target] = max(level[target], level[name] + 1)
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    return level


def pull_towards_targets(
    names: Sequence[str], arcs: Sequence[Arc], level: Mapping[str, int]
) -> dict[str, int]:
    """Move boxes which nothing leads to up to just before the first box they lead to."""
    after, before = neighbours(arcs)
    return {
        name: min(level[target] for target in after[name]) - 1
        if name in after and name not in before
        else level[name]
        for name in names
    }


def order_ranks(ranks: list[list[str]], arcs: Sequence[Arc]) -> list[list[str]]:
    """Order each rank by where its neighbours are, sweeping both ways, and keep the best order."""
    after, before = neighbours(arcs)
    best, fewest = ranks, crossings(ranks, arcs)
    current = ranks
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        current = sweep_ranks(current, before if forward else after, forward)
        count = crossings(current, arcs)
        if count < fewest:
            best, fewest = current, count
    return best


def sweep_ranks(
    ranks: Sequence[Sequence[str]], beside: Mapping[str, Sequence[str]], forward: bool
) -> list[list[str]]:
    """Sort every rank by the mean place of the neighbours that were sorted before it."""
    done: list[list[str]] = []
    place = {name: spot for rank in ranks for name, spot in shares(rank)}
    for rank in ranks if forward else list(reversed(ranks)):
        wish = {
            name: sum(place[other] for other in beside[name]) / len(beside[name])
            if beside.get(name)
            else place[name]
            for name in rank
        }
        ordered = sorted(rank, key=lambda name: wish[name])
        place.update(shares(ordered))
        done.append(ordered)
    return done if forward else done[::-1]


def shares(rank: Sequence[str]) -> list[tuple[str, float]]:
    """Spread a rank over the range 0 to 1, so that ranks of different sizes can be compared."""
    return [(name, (index + 0.5) / len(rank)) for index, name in enumerate(rank)]


def crossings(ranks: Sequence[Sequence[str]], arcs: Sequence[Arc]) -> int:
    """Count the pairs of arcs between the same two ranks which must cross."""
    where = {name: (level, index) for level, rank in enumerate(ranks) for index, name in enumerate(rank)}
    between: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for source, target in arcs:
        (low, first), (high, last) = where[source], where[target]
        between.setdefault((low, high), []).append((first, last))
    return sum(
        (one[0] - two[0]) * (one[1] - two[1]) < 0
        for ends in between.values()
        for index, one in enumerate(ends)
        for two in ends[:index]
    )
