"""Workers compute in phases, and nobody begins the next one before all have ended this one.

Look at `waited`, beside the workers: the seconds each has spent at the barrier, waiting for the slowest. The
last to arrive opens the other gate, with one place for each. There are two gates because a fast worker would
otherwise come round and take a place in the same phase again that a slow one has not taken yet.
"""

from __future__ import annotations

import random
import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Lock, Topology, report
from ipcviz.ends import Region

ARRIVED, CLOSED = 0, 1  # words: how many have ended the phase; whether the odd gate was closed at the start
FIRST = 2  # the words from here on: the phase that each worker has ended


def build(
    workers: Annotated[int, Meta(ge=2, le=16)] = 4,
    work: Annotated[float, Meta(ge=0, le=10)] = 0.5,
    slowest: Annotated[float, Meta(ge=0, le=10)] = 0.3,
) -> Topology:
    """A phase takes each up to `work` seconds, and worker 1 `slowest` seconds more."""
    topology = Topology(
        "barrier",
        about="Workers compute in phases; at the end of each, everybody waits for the slowest.",
        teaches="Locks",
    )
    arrivals = topology.region("arrivals", 8 * (FIRST + workers))
    counting = topology.lock("counting")
    gates = [topology.lock(name, count=workers) for name in ("even gate", "odd gate")]
    for number in range(workers):
        extra = 0 if number else slowest
        topology.process(
            f"worker {number + 1}", compute, number, workers, arrivals.writer, counting, gates, work, extra
        )
    return topology


def compute(
    number: int, workers: int, arrivals: Region, counting: Lock, gates: list[Lock], work: float, extra: float
) -> None:
    """Pass a gate, work, arrive, for ever; who finds others in another phase says so."""
    chance = random.Random(number)
    waited, ahead = 0.0, 0
    close_at_first(workers, arrivals, counting, gates[1])
    for phase in count():
        arrived_at = time.monotonic()
        gates[phase % 2].acquire()
        waited += time.monotonic() - arrived_at
        ahead += any(arrivals.load(FIRST + other) < phase for other in range(workers))
        report(waited=round(waited, 2), phase=phase, ahead=ahead)
        time.sleep(chance.uniform(0, work) + extra)
        arrivals.store(phase + 1, FIRST + number)
        arrive(workers, arrivals, counting, gates[(phase + 1) % 2])


def close_at_first(workers: int, arrivals: Region, counting: Lock, gate: Lock) -> None:
    """A semaphore begins with all of its places free: the first to come takes them away."""
    with counting:
        if not arrivals.load(CLOSED):
            for _ in range(workers):
                gate.acquire()
            arrivals.store(1, CLOSED)


def arrive(workers: int, arrivals: Region, counting: Lock, gate: Lock) -> None:
    """Count oneself; the last of all opens the gate to the next phase, with a place for each."""
    with counting:
        arrived = arrivals.load(ARRIVED) + 1
        arrivals.store(arrived % workers, ARRIVED)
    if arrived == workers:
        for _ in range(workers):
            gate.release()
