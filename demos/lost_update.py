"""Several processes add to one counter, and additions get lost.

Look at `lost`, beside the checker: adding is load, think, store, and whoever loads between another's load and
store overwrites what that one added. With lock=yes only one adds at a time: it takes longer, and nothing is
lost.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz import Lock, Topology, report
from ipcviz.ends import Region

COUNTER = 0  # the word that all add to; behind it one for each process, which nobody else writes
LOOK = 0.05  # seconds between two looks of the checker


def build(
    n: Annotated[int, Meta(ge=1, le=32)] = 3,
    times: Annotated[int, Meta(ge=1)] = 100,
    think: Annotated[float, Meta(ge=0, le=10)] = 0.01,
    lock: Literal["no", "yes"] = "no",
) -> Topology:
    """Each of `n` processes adds one, `times` times; `think` is the seconds between load and store."""
    topology = Topology(
        "lost_update",
        about="Processes add to a shared counter: without a lock they overwrite each other's additions.",
        teaches="Shared state",
    )
    counter = topology.region("counter", 8 * (1 + n))
    turn = topology.lock("turn") if lock == "yes" else None
    for number in range(1, n + 1):
        topology.process(f"adder {number}", add, counter.writer, number, times, think, turn)
    topology.process("checker", check, counter.reader, n, times)
    return topology


def add(counter: Region, own: int, times: int, think: float, turn: Lock | None) -> None:
    """Add one again and again, and note in a word of one's own how often."""
    for added in range(1, times + 1):
        with turn or nullcontext():
            value = counter.load(COUNTER)
            time.sleep(think)
            counter.store(value + 1, COUNTER)
        counter.store(added, own)
        report(added=added)


def check(counter: Region, n: int, times: int) -> None:
    """Compare what was added with what is there, until everybody has finished."""
    expected = 0
    while expected < n * times:
        time.sleep(LOOK)
        expected = sum(counter.load(own) for own in range(1, n + 1))
        got = counter.load(COUNTER)  # read last: what was noted is in it
        report(lost=max(0, expected - got), expected=expected, got=got)
