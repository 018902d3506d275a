"""Philosophers around a table: each needs the forks on both sides to eat.

With strategy=naive everybody takes the left fork first, and sooner or later all of them hold one and wait
for the other for ever. `ordered` takes the fork with the lower number first; `waiter` lets all but one
sit down at a time. Neither can deadlock.
"""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz import Lock, Topology, report


def build(
    n: Annotated[int, Meta(ge=2, le=20)] = 5,
    strategy: Literal["naive", "ordered", "waiter"] = "naive",
    reach: Annotated[float, Meta(ge=0, le=10)] = 0.05,
) -> Topology:
    """`reach` is the seconds that it takes from the first fork to the second."""
    topology = Topology("philosophers", about="Everybody needs two forks, and there are as many forks as philosophers.")
    forks = [topology.lock(f"fork {number}") for number in range(1, n + 1)]
    seats = topology.lock("waiter", count=n - 1) if strategy == "waiter" else None
    for number in range(n):
        left, right = number, (number + 1) % n
        if strategy == "ordered":
            left, right = min(left, right), max(left, right)
        topology.process(f"philosopher {number + 1}", dine, forks[left], forks[right], seats, reach, number)
    return topology


def dine(first: Lock, second: Lock, seats: Lock | None, reach: float, number: int) -> None:
    """Think, take both forks, eat, for ever."""
    chance = random.Random(number)
    meals = 0
    while True:
        time.sleep(chance.uniform(0, reach / 2))
        with ExitStack() as held:
            if seats is not None:
                held.enter_context(seats)
            held.enter_context(first)
            time.sleep(reach)
            held.enter_context(second)
            time.sleep(chance.uniform(0, reach / 2))
        meals += 1
        report(meals=meals)
