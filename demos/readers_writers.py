"""Many may read a record at once, but whoever writes it must be alone.

Look at `writes`, beside the writers, and at how long they wait for the `lock`: with strategy=naive some
reader always has it, the next one comes before the last one leaves, and the writers starve. With fair
everybody passes the lock `door` first, and a writer keeps that while it waits: readers who come later queue
up behind it, and the writers' `longest_wait` is that of one reading.
"""

from __future__ import annotations

import random
import time
from contextlib import nullcontext
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz import Lock, Topology, report
from ipcviz.ends import Region

PAUSE = 0.1  # of what a reader's or writer's work takes, it pauses so much between

Few = Annotated[int, Meta(ge=1, le=20)]
Seconds = Annotated[float, Meta(ge=0, le=10)]


def build(
    readers: Few = 4,
    writers: Few = 2,
    strategy: Literal["naive", "fair"] = "naive",
    read: Seconds = 0.2,
    write: Seconds = 0.05,
) -> Topology:
    """`read` and `write`: the seconds that it takes, on average."""
    topology = Topology(
        "readers_writers",
        about="Readers share a record and writers need it alone: who comes first may come for ever.",
        teaches="Locks",
    )
    record = topology.region("record", 16)
    lock = topology.lock("lock", shared=True)
    door = topology.lock("door") if strategy == "fair" else None
    for number in range(1, readers + 1):
        topology.process(f"reader {number}", read_often, record.reader, lock, door, number, read)
    for number in range(1, writers + 1):
        topology.process(f"writer {number}", write_often, record.writer, lock, door, number, write)
    return topology


def read_often(record: Region, lock: Lock, door: Lock | None, number: int, takes: float) -> None:
    """Read both words, with time between; nobody may write in the meantime."""
    chance = random.Random(number)
    reads = torn = 0
    while True:
        with door or nullcontext():
            lock.acquire(shared=True)
        first = record.load(0)
        time.sleep(takes * chance.uniform(0.5, 1.5))
        torn += record.load(1) != first
        lock.release()
        reads += 1
        report(reads=reads, torn=torn)
        time.sleep(takes * PAUSE)


def write_often(record: Region, lock: Lock, door: Lock | None, number: int, takes: float) -> None:
    """Count both words up, with time between."""
    chance = random.Random(-number)
    writes, longest = 0, 0.0
    report(writes=writes)
    while True:
        came = time.monotonic()
        with door or nullcontext():
            lock.acquire()
        longest = max(longest, time.monotonic() - came)
        value = record.load(0) + 1
        record.store(value, 0)
        time.sleep(takes * chance.uniform(0.5, 1.5))
        record.store(value, 1)
        lock.release()
        writes += 1
        report(writes=writes, longest_wait=round(longest, 2))
        time.sleep(takes)
