"""A token goes round, and only who has it may work.

Look at the ring: one message is under way, everybody else waits, and a lap takes as long as the work of all.
With --set work=0 what remains is the mechanism itself: `lap_ms` over `n` is the time of one hand-over. Try
-m tcp against -m shm.
"""

from __future__ import annotations

import time
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, report


def build(
    n: Annotated[int, Meta(ge=2, le=32)] = 6,
    work: Annotated[float, Meta(ge=0, le=10)] = 0.05,
) -> Topology:
    """`n` processes; each keeps the token for `work` seconds."""
    topology = Topology(
        "ring", about="A token goes round, and each adds its number to the sum.", teaches="One to many"
    )
    hops = [topology.channel(f"hop {number}", needs=("lossless",)) for number in range(1, n + 1)]
    topology.process("1 begins", lead, hops[-1].receiver, hops[0].sender, n, work)
    for number in range(2, n + 1):
        topology.process(
            str(number), pass_on, hops[number - 2].receiver, hops[number - 1].sender, number, work
        )
    return topology


def lead(before: Receiver, after: Sender, n: int, work: float) -> None:
    """Send the token round again and again, and check what the others made of it."""
    begun = time.monotonic()
    after.send(b"lap 1 sum 1")
    for lap, token in enumerate(before, 1):
        if token != b"lap %d sum %d" % (lap, n * (n + 1) // 2):
            raise ValueError(f"lap {lap} came back as {token!r}")
        time.sleep(work)
        now = time.monotonic()
        report(lap_ms=round((now - begun) * 1000, 2), laps=lap)
        begun = now
        after.send(b"lap %d sum 1" % (lap + 1))


def pass_on(before: Receiver, after: Sender, number: int, work: float) -> None:
    """Add this process's number to the token, and hand it on."""
    for token in before:
        front, _, total = token.rpartition(b" ")
        time.sleep(work)
        after.send(b"%b %d" % (front, int(total) + number))
