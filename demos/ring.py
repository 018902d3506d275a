"""A token goes round, and only who has it may work.

Look at the ring: one message is under way, everybody else waits, and a lap takes as long as the work of all.
With --set work=0 what remains is the mechanism itself: `lap_ms` over `n` is the time of one hand-over. Try
-m tcp against -m shm. A token that is lost or damaged on its way does not come back: after a while the first
begins a new lap, and the old token, should it come after all, is taken off the ring.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import EndOfMessages, Receiver, Sender, Topology, report

PATIENCE = 2  # seconds, beside the work of two laps, until the token is taken for lost


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
    laps = lost = 0
    for lap in count(1):
        begun = time.monotonic()
        after.send(b"lap %d sum 1" % lap)
        try:
            came_back(before, b"lap %d sum %d" % (lap, n * (n + 1) // 2), PATIENCE + 2 * n * work)
        except TimeoutError:
            lost += 1
            continue
        except EndOfMessages:
            return
        time.sleep(work)
        laps += 1
        report(lap_ms=round((time.monotonic() - begun) * 1000, 2), laps=laps, lost=lost)


def came_back(before: Receiver, token: bytes, patience: float) -> None:
    """Wait for this token, whatever else comes; raises `TimeoutError`."""
    until = time.monotonic() + patience
    while before.receive(max(0, until - time.monotonic())) != token:
        continue


def pass_on(before: Receiver, after: Sender, number: int, work: float) -> None:
    """Add this process's number to the token, and hand it on."""
    for token in before:
        front, _, total = token.rpartition(b" ")
        time.sleep(work)
        after.send(b"%b %d" % (front, int(total) + number) if total.isdigit() else token)
