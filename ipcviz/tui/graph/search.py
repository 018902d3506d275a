"""Finding the cheapest way over the board between given starts and ends (A*)."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from ipcviz.tui.graph.board import BEND, BESIDE, CROSS, HORIZONTAL, RELATED, STEP, VERTICAL, Board
from ipcviz.tui.graph.model import Link, Spot

JOIN = 24
MOST_STATES = 20_000
TURNS = ((0, 1, 3), (1, 2, 0), (2, 3, 1), (3, 0, 2))
LINES = (HORIZONTAL, VERTICAL, HORIZONTAL, VERTICAL)

State = int
"""A cell number times four, plus the direction it was entered in."""


@dataclass(slots=True)
class Task:
    """One search: where it may start and end, and at what cost.

    `starts` maps states to costs. `ports` maps the cells beside the target to the direction into it
    and the cost. `joints` maps cells of paths to the same target to the cost of following them.
    """

    link: Link
    target: Spot
    starts: dict[State, int] = field(default_factory=dict)
    ports: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    joints: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The states of a found way, and the direction into the target; None where it joins a path."""

    states: list[State]
    enters: int | None


def search(board: Board, task: Task) -> Found | None:
    """Return the cheapest way, or None where there is none."""
    ahead = LeastCosts(board, task)
    best = dict(task.starts)
    came: dict[State, State] = {}
    heap: list[tuple[int, int, State, int]] = []
    for state, cost in task.starts.items():
        heappush(heap, (cost + ahead.at(state >> 2), -cost, state, -1))
        for total, enters in port_ends(task, state, cost):
            heappush(heap, (total, -total, state, enters))
    for _ in range(MOST_STATES):
        if not heap:
            break
        _, negative, state, enters = heappop(heap)
        if enters >= 0:
            return Found(trace(came, state), enters if enters < 4 else None)
        if -negative > best[state]:
            continue
        for following, total in moves(board, task, state, -negative):
            if total >= best.get(following, total + 1):
                continue
            best[following] = total
            came[following] = state
            number = following >> 2
            if number not in task.joints:
                heappush(heap, (total + ahead.at(number), -total, following, -1))
            if number in task.joints or number in task.ports:
                for final, side in ends(task, following, total):
                    heappush(heap, (final, -final, following, side))
    return None


def moves(board: Board, task: Task, state: State, cost: int) -> list[tuple[State, int]]:
    """Return the states that can follow a state, each with the cost of getting there."""
    number, way = state >> 2, state & 3
    taken, blocked, steps = board.taken, board.blocked, board.steps
    possible: list[tuple[State, int]] = []
    # A taken cell that was not started from is being crossed, which goes straight on.
    straight = taken[number] and state not in task.starts
    for turn in (way,) if straight else TURNS[way]:
        there = number + steps[turn]
        if blocked[there]:
            continue
        total = cost + board.costs[turn][there] + (0 if turn == way else BEND)
        if taken[there]:
            price = entry_price(board, task, there, turn)
            if price is None:
                continue
            total += price
        aside = steps[turn ^ 1]
        if (taken[there + aside] | taken[there - aside]) & LINES[turn]:
            total += BESIDE
        possible.append((there * 4 + turn, total))
    return possible


def entry_price(board: Board, task: Task, number: int, way: int) -> int | None:
    """Return what entering a taken cell costs, None where it is neither a joint nor to be crossed."""
    taken = board.taken[number]
    if number in task.joints:
        return None if taken & 1 << (way + 2) % 4 else 0
    if taken != LINES[(way + 1) % 4]:
        return None
    ends_here = (task.link.source, task.link.target)
    related = any(user.source in ends_here or user.target in ends_here for user in board.users[number])
    return RELATED if related else CROSS


def ends(task: Task, state: State, cost: int) -> list[tuple[int, int]]:
    """Return the total costs of ending the way here, with the direction into the target or 4 to join."""
    number = state >> 2
    if number in task.joints:
        return [(cost + JOIN + task.joints[number], 4)]
    return port_ends(task, state, cost)


def port_ends(task: Task, state: State, cost: int) -> list[tuple[int, int]]:
    """Return the total costs of entering the target from this cell, with the direction into it."""
    number, way = state >> 2, state & 3
    return [
        (cost + price + (0 if enters == way else 2 * BEND), enters)
        for enters, price in task.ports.get(number, ())
        if (enters + 2) % 4 != way
    ]


def trace(came: dict[State, State], state: State) -> list[State]:
    """Follow a way back to its start."""
    way = [state]
    while state in came:
        state = came[state]
        way.append(state)
    return way[::-1]


class LeastCosts:
    """The least it can cost from a cell to the target: its distance, one turn, and the end."""

    def __init__(self, board: Board, task: Task) -> None:
        """Work out the distance once for every column and every row."""
        target, rows = task.target, board.size // board.stride
        self._stride = board.stride
        self._across = [max(target.x - x, 0, x - target.right) for x in range(-1, board.stride - 1)]
        self._down = [max(target.y - y, 0, y - target.bottom) for y in range(-1, rows - 1)]
        self._turn = JOIN if task.joints else BEND
        ends = [price for port in task.ports.values() for _, price in port]
        ends += [cost - self.distance(number) * STEP for number, cost in task.joints.items()]
        self._end = max(0, min(ends, default=0))

    def distance(self, number: int) -> int:
        """Return how many steps the nearest cell beside the target is away."""
        row, column = divmod(number, self._stride)
        return self._across[column] + self._down[row] - 1

    def at(self, number: int) -> int:
        """Return the least cost from a numbered cell."""
        row, column = divmod(number, self._stride)
        across, down = self._across[column], self._down[row]
        return (across + down - 1) * STEP + (self._turn if across and down else 0) + self._end
