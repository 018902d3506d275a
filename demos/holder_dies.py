"""A process dies while it holds a lock, once for each kind of lock: what becomes of those who wait for it?

Look at `outcome`, beside the waiters. The kernel releases what it knows the holder of (flock, fcntl, ofd,
sysv-sem with undo); a robust mutex is passed on with a warning that what it protects may be half done
(recovered); a plain semaphore stays as it is, and who waits for it waits for ever (stuck). `after_ms` counts
from the death. A kind that this machine lacks is replaced by the default; -l flock makes all of them flock.
"""

from __future__ import annotations

import time
from typing import Annotated

from msgspec import Meta

from ipcviz import Lock, Topology, die, report
from ipcviz.ends import Region

KINDS = {
    "posix-sem": "posix-sem",
    "sysv-sem, no undo": "sysv-sem:undo=no",
    "sysv-sem": "sysv-sem:undo=yes",
    "flock": "flock",
    "fcntl": "fcntl",
    "ofd": "ofd",
    "mp-lock": "mp-lock",
    "robust-mutex": "robust-mutex",
}
LOOK = 0.01  # seconds between two looks of a waiter whether the lock is taken already

Seconds = Annotated[float, Meta(ge=0, le=60)]


def build(hold: Seconds = 1.0, patience: Seconds = 2.0) -> Topology:
    """A holder dies after `hold` seconds; who has waited `patience` seconds longer is stuck."""
    topology = Topology(
        "holder_dies",
        about="A process is killed while it holds a lock: some locks are released, some never will be.",
        teaches="When things fail",
    )
    times = topology.region("times", 16 * len(KINDS))
    for number, (name, kind) in enumerate(KINDS.items()):
        lock = topology.lock(name, prefer=kind)
        topology.process(f"{name} holder", hold_and_die, lock, times.writer, number, hold)
        topology.process(f"{name} waiter", wait, lock, times.reader, number, hold + patience)
    return topology


def hold_and_die(lock: Lock, times: Region, number: int, hold: float) -> None:
    """Take the lock, note when, note when it is over, and be killed."""
    with lock:
        times.store(time.monotonic_ns(), 2 * number)
        time.sleep(hold)
        times.store(time.monotonic_ns(), 2 * number + 1)
        die("killed while it held the lock")


def wait(lock: Lock, times: Region, number: int, patience: float) -> None:
    """Wait for a lock that is taken, and tell what came of it."""
    while not times.load(2 * number):
        time.sleep(LOOK)
    outcome = "stuck"
    if lock.acquire(timeout=patience):
        outcome = "recovered" if lock.recovered else "released"
        lock.release()
    died = times.load(2 * number + 1)
    report(outcome=outcome, after_ms=round((time.monotonic_ns() - died) / 1e6, 1) if died else None)
