"""Routing links between placed boxes, each on its own path of cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set

from ipcviz.tui.graph.board import SIDES, STEP, Board
from ipcviz.tui.graph.elbow import elbow
from ipcviz.tui.graph.model import Cell, Link, Path, Placement, Side
from ipcviz.tui.graph.ports import ports
from ipcviz.tui.graph.search import Found, Task, search

APART = 60
"""What starting or ending away from the links of the same box costs."""

CROWDED = 70
TRIES = 3
MOST_RETRIED = 40


def route(placement: Placement, links: Sequence[Link]) -> tuple[Path, ...]:
    """Find a path for each link, in the order of the links.

    Paths cross where they must, but share cells only with paths from the same source (at their
    beginning) or to the same target (at their end). Links between unknown boxes, from a box to
    itself, or without any free way are left out.
    """
    best: dict[str, Path] = {}
    first: set[str] = set()
    # Links that found no way get their turn before the others in the next try.
    for _ in range(TRIES if len(links) <= MOST_RETRIED else 1):
        router = Router(placement)
        paths = {path.key: path for path in router.route(links, first)}
        best = max(best, paths, key=len)
        missing = router.missing(links)
        if not missing:
            break
        first |= missing
    return tuple(best[link.key] for link in links if link.key in best)


class Router:
    """The board of a placement with the paths found on it so far."""

    def __init__(self, placement: Placement) -> None:
        """Begin with the boxes alone."""
        self._placement = placement
        self._board = Board(placement)
        self._paths: dict[str, tuple[Link, Path]] = {}
        self._leaving: Counter[str] = Counter()
        self._entering: Counter[str] = Counter()

    def route(self, links: Sequence[Link], first: Set[str]) -> list[Path]:
        """Route the links, the straightest and shortest first but for those to come before them."""
        possible = [link for link in links if self._is_possible(link)]
        self._leaving = Counter(link.source for link in possible)
        self._entering = Counter(link.target for link in possible)
        for link in sorted(possible, key=lambda link: (link.key not in first, self._difficulty(link))):
            path = self._find(link)
            if path is not None:
                self._paths[link.key] = link, path
                self._board.take(link, path)
        return [path for _, path in self._paths.values()]

    def missing(self, links: Sequence[Link]) -> set[str]:
        """Return the keys of the links between known boxes for which no path was found."""
        return {link.key for link in links if self._is_possible(link)} - set(self._paths)

    def _is_possible(self, link: Link) -> bool:
        spots = self._placement.spots
        return link.source in spots and link.target in spots and link.source != link.target

    def _difficulty(self, link: Link) -> tuple[int, int]:
        source, target = self._placement.spots[link.source], self._placement.spots[link.target]
        across = max(target.x - source.right, source.x - target.right, 0)
        down = max(target.y - source.bottom, source.y - target.bottom, 0)
        return (1 if across and down else 0, across + down)

    def _find(self, link: Link) -> Path | None:
        task = self._task(link)
        found = search(self._board, task)
        if found is None:
            return elbow(self._board, link, self._placement)
        return self._joined(link, found)

    def _task(self, link: Link) -> Task:
        """Collect where the link may start and end: beside its boxes and on related paths."""
        board = self._board
        task = Task(link, self._placement.spots[link.target])
        self._add_trunks(task)
        self._add_joints(task)
        apart = APART if task.starts else 0
        for cell, side, cost in self._ports(link.source, link.target, self._leaving[link.source] > 1):
            if self._is_free(number := board.number(cell)):
                task.starts[number * 4 + side] = cost + apart + self._crowding(number, side)
        apart = APART if task.joints else 0
        for cell, side, cost in self._ports(link.target, link.source, self._entering[link.target] > 1):
            if self._is_free(number := board.number(cell)):
                price = cost + apart + self._crowding(number, side)
                task.ports.setdefault(number, []).append(((side + 2) % 4, price))
        return task

    def _crowding(self, number: int, side: int) -> int:
        """Return what a port costs more for having another link right beside it."""
        aside = self._board.steps[(side + 1) % 4]
        return CROWDED if self._board.taken[number + aside] or self._board.taken[number - aside] else 0

    def _is_free(self, number: int) -> bool:
        return not self._board.blocked[number] and not self._board.taken[number]

    def _add_trunks(self, task: Task) -> None:
        """Let the link branch off the paths that leave its source, where no others run along."""
        board, source, target = self._board, task.link.source, task.link.target
        prices: dict[Cell, int] = {}
        closed: set[int] = set()
        for link, path in self._paths.values():
            if link.source != source:
                continue
            port = path.cells[0]
            if port not in prices:
                prices[port] = self._port_price(port, source, target)
            before, way = -1, start_way(path)
            for index, cell in enumerate(path.cells[:-1][: self._sharable(link, len(path.cells))]):
                number = board.number(cell)
                way = board.direction(before, number) if index else way
                before, state = number, number * 4 + way
                if state in task.starts:
                    continue
                alone = board.sources[number] == {source}
                if number in closed or target in board.targets[number] or self._merges(number, link, alone):
                    closed.add(number)
                    break
                if alone:
                    task.starts[state] = prices[port] + index * STEP

    def _add_joints(self, task: Task) -> None:
        """Let the link join the paths that enter its target, where no others run along."""
        board, source, target = self._board, task.link.source, task.link.target
        prices: dict[Cell, int] = {}
        closed: set[int] = set()
        for link, path in self._paths.values():
            if link.target != target:
                continue
            port = path.cells[-1]
            if port not in prices:
                prices[port] = self._port_price(port, target, source)
            for left, cell in enumerate(path.cells[::-1][: self._sharable(link, len(path.cells))]):
                number = board.number(cell)
                if number in task.joints:
                    continue
                alone = board.targets[number] == {target}
                if number in closed or source in board.sources[number] or self._branches(number, link, alone):
                    closed.add(number)
                    break
                if left and alone:
                    task.joints[number] = prices[port] + left * STEP

    def _merges(self, number: int, link: Link, alone: bool) -> bool:
        """Tell whether a link of another source runs along with this one, not merely across it."""
        users = self._board.users[number]
        return not alone and any(user.target == link.target and user.source != link.source for user in users)

    def _branches(self, number: int, link: Link, alone: bool) -> bool:
        """Tell whether a link to another target runs along with this one, not merely across it."""
        users = self._board.users[number]
        return not alone and any(user.source == link.source and user.target != link.target for user in users)

    def _sharable(self, link: Link, length: int) -> int:
        """Return how many cells at one end of a path others may share.

        Where both boxes have more links, half of a path is kept for each end.
        """
        both = self._leaving[link.source] > 1 and self._entering[link.target] > 1
        return length // 2 if both else length

    def _port_price(self, port: Cell, name: str, other: str) -> int:
        """Return what using a cell beside the box as its port costs a link with the other box."""
        return min(cost for cell, _, cost in self._ports(name, other, shared=True) if cell == port)

    def _ports(self, name: str, other: str, shared: bool) -> Iterator[tuple[Cell, int, int]]:
        return ports(self._placement, name, other, shared)

    def _joined(self, link: Link, found: Found) -> Path:
        """Complete a found way with the trunk it branches off and the path it joins."""
        board = self._board
        numbers = [state >> 2 for state in found.states]
        cells = [board.cell(number) for number in numbers]
        leaves: Side | None = SIDES[found.states[0] & 3]
        if board.taken[numbers[0]]:
            trunk = self._path_through(numbers[0], link.source, None)
            cells = [*trunk.cells[: trunk.cells.index(cells[0])], *cells]
            leaves = trunk.leaves
        if found.enters is not None:
            return Path(link.key, tuple(cells), leaves, SIDES[found.enters])
        rest = self._path_through(numbers[-1], None, link.target)
        cells += rest.cells[rest.cells.index(cells[-1]) + 1 :]
        return Path(link.key, tuple(cells), leaves, rest.enters)

    def _path_through(self, number: int, source: str | None, target: str | None) -> Path:
        """Return the first path over the cell that has the given source or target."""
        keys = [user.key for user in self._board.users[number] if source in (None, user.source)]
        wanted = [key for key in keys if target in (None, self._paths[key][0].target)]
        return self._paths[wanted[0]][1]


def start_way(path: Path) -> int:
    """Return the direction in which a path leaves its source."""
    return SIDES.index(path.leaves) if path.leaves is not None else 0
