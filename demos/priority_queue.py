"""Urgent and ordinary jobs in one queue: with priorities the urgent ones do not wait in line.

Ordinary jobs come in bursts, urgent ones now and then. Look at `urgent_ms` and `ordinary_ms`, half of the
jobs waited less than that, and at how many ordinary ones were `overtaken`. With --set priorities=no an
urgent job waits behind all that came before it.
"""

from __future__ import annotations

import re
import time
from collections import deque
from itertools import count
from statistics import median
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report

ORDINARY, URGENT = 0, 9
JOB = re.compile(rb"(urgent|ordinary) \d+ (\d+)")
REMEMBERED = 100  # jobs of each kind, for the median


def build(
    priorities: bool = True,
    urgent: Annotated[float, Meta(ge=0)] = 3,
    burst: Annotated[int, Meta(ge=1, le=1000)] = 8,
    work: Annotated[float, Meta(ge=0, le=10)] = 0.08,
) -> Topology:
    """`urgent` jobs a second, 0 for as fast as it goes, and one `burst` of ordinary jobs; `work`: seconds
    that a job takes.
    """
    topology = Topology(
        "priority_queue",
        about="Urgent jobs overtake ordinary ones in the same queue.",
        teaches="Full and empty",
    )
    jobs = topology.channel("jobs", prefer="posix-mq", needs=("priorities",) if priorities else ())
    topology.process("ordinary", ask, jobs.sender, "ordinary", ORDINARY, burst, 1.0)
    topology.process("urgent", ask, jobs.sender, "urgent", URGENT if priorities else ORDINARY, 1, urgent)
    topology.process("worker", work_off, jobs.receiver, work)
    return topology


def ask(jobs: Sender, kind: str, priority: int, burst: int, rate: float) -> None:
    """Send `burst` jobs at once, `rate` times a second, each with the time at which it was asked for."""
    for turn in paced(count(), rate):
        for number in range(turn * burst + 1, (turn + 1) * burst + 1):
            job = f"{kind} {number} {time.monotonic_ns()}".encode()
            jobs.send(job, priority=priority)
        report(asked=(turn + 1) * burst)


def work_off(jobs: Receiver, work: float) -> None:
    """Do one job after the other, and note how long each has waited."""
    waited: dict[str, deque[float]] = {kind: deque(maxlen=REMEMBERED) for kind in ("urgent", "ordinary")}
    overtaken = latest_urgent = 0
    for job in filter(None, map(JOB.fullmatch, jobs)):  # what is damaged is no job
        kind, asked = job[1].decode(), int(job[2])
        waited[kind].append((time.monotonic_ns() - asked) / 1e6)
        if kind == "urgent":
            latest_urgent = max(latest_urgent, asked)
        else:
            overtaken += asked < latest_urgent
        urgent_ms, ordinary_ms = (round(median(times)) if times else None for times in waited.values())
        report(urgent_ms=urgent_ms, ordinary_ms=ordinary_ms, overtaken=overtaken)
        time.sleep(work)
