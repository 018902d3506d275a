"""Philosophers around a table: each needs the forks on both sides to eat.

With strategy=naive everybody takes the left fork first, and sooner or later all of them hold one and wait
for the other for ever. `ordered` takes the fork with the lower number first; `waiter` lets all but one
sit down at a time. Neither can deadlock. With -l fcntl the kernel itself refuses the wait that would close
the ring.

Between the first fork and the second everybody hesitates, and longer after each meal: so there is something
to see before it happens, and it does happen.
"""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz import Lock, Topology, WouldDeadlock, report

THINK = 0.2  # seconds at most, as are the others
EAT = 0.1
LONGER = 1.3
LONGEST = 1


def build(
    n: Annotated[int, Meta(ge=2, le=20)] = 5,
    strategy: Literal["naive", "ordered", "waiter"] = "naive",
    hesitate: Annotated[float, Meta(ge=0, le=10)] = 0.01,
) -> Topology:
    """`hesitate` is the seconds between the first fork and the second, at first."""
    topology = Topology(
        "philosophers",
        about="Everybody needs two forks, and there are as many forks as philosophers.",
        teaches="Locks",
    )
    forks = [topology.lock(f"fork {number}") for number in range(1, n + 1)]
    seats = topology.lock("waiter", count=n - 1) if strategy == "waiter" else None
    for number in range(n):
        left, right = number, (number + 1) % n
        if strategy == "ordered":
            left, right = min(left, right), max(left, right)
        topology.process(
            f"philosopher {number + 1}", dine, forks[left], forks[right], seats, hesitate, number
        )
    return topology


def dine(first: Lock, second: Lock, seats: Lock | None, hesitate: float, number: int) -> None:
    """Think, take both forks, eat, for ever."""
    chance = random.Random(number)
    meals = refused = 0
    while True:
        time.sleep(chance.uniform(0, THINK))
        with ExitStack() as held:
            if seats is not None:
                held.enter_context(seats)
            held.enter_context(first)
            time.sleep(hesitate)
            try:
                held.enter_context(second)
            except WouldDeadlock:  # only some locks say so: put the first fork back, and begin again
                refused += 1
                report(refused=refused)
                continue
            time.sleep(chance.uniform(0, EAT))
        hesitate = max(hesitate, min(LONGEST, hesitate * LONGER))
        meals += 1
        report(meals=meals)
