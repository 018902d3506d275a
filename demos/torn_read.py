"""A writer fills a record again and again while others read it, and they see halves of two records.

All numbers in a record are the same: a copy with different ones is torn. Look at `torn`, beside the readers:
with protect=nothing it grows. With protect=seqlock the writer counts before and after, and a reader that saw
the count change reads again (`retries`); with protect=lock whoever comes second waits. Neither is ever torn.
With pause=0 and rate=0 there is no pause left in the writing, and it still tears.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from itertools import count
from typing import Annotated, Literal

from msgspec import Meta

from ipcviz import Lock, Topology, paced, report
from ipcviz.ends import Region

PART = 512  # bytes that are written in one go
RECORD = 8 * PART
START = 8  # the record's first byte; before it is the seqlock's count, odd while somebody writes
AGAIN = 0.001  # seconds until a reader tries again

Pace = Annotated[float, Meta(ge=0)]
Protect = Literal["nothing", "seqlock", "lock"]


def build(
    readers: Annotated[int, Meta(ge=1, le=16)] = 2,
    protect: Protect = "nothing",
    rate: Pace = 20,
    reads: Pace = 33,
    pause: Annotated[float, Meta(ge=0, le=1)] = 0.002,
) -> Topology:
    """`rate` records a second are written, with `pause` seconds between parts; `reads` a second by each."""
    topology = Topology(
        "torn_read",
        about="Readers copy a shared record while it is being written: halves of two records.",
        teaches="Shared state",
    )
    record = topology.region("record", START + RECORD)
    lock = topology.lock("turn") if protect == "lock" else None
    topology.process("writer", write, record.writer, lock, protect == "seqlock", rate, pause)
    for number in range(1, readers + 1):
        topology.process(f"reader {number}", read, record.reader, lock, protect == "seqlock", reads)
    return topology


def write(record: Region, lock: Lock | None, counts: bool, rate: float, pause: float) -> None:
    """Fill the record with 1, with 2, with 3, ..."""
    for number in paced(count(1), rate):
        with lock or nullcontext():
            if counts:
                record.store(2 * number - 1)
            for part in range(START, START + RECORD, PART):
                record.write(number.to_bytes(8, "little") * (PART // 8), part)
                if pause:
                    time.sleep(pause)
            if counts:
                record.store(2 * number)
        report(written=number)


def read(record: Region, lock: Lock | None, counts: bool, rate: float) -> None:
    """Copy the record, and look whether all of its numbers are the same."""
    torn = retries = 0
    for reads in paced(count(1), rate):
        with lock or nullcontext():
            copy, again = unchanged_copy(record) if counts else (record.read(START), 0)
        torn += copy != copy[:8] * (RECORD // 8)
        retries += again
        report(torn=torn, reads=reads, retries=retries)


def unchanged_copy(record: Region) -> tuple[bytes, int]:
    """A copy during which nobody wrote, and how many were thrown away."""
    retries = 0
    while True:
        before = record.load()
        copy = record.read(START)
        if before % 2 == 0 and record.load() == before:
            return copy, retries
        retries += 1
        time.sleep(AGAIN)
