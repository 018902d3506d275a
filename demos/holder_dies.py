"""A process dies while it holds a lock, once for each kind of lock: what becomes of those who wait for it?

Look at `outcome`, beside the waiters. The kernel releases what it knows the holder of (flock, fcntl, ofd,
sysv-sem with undo); a robust mutex is passed on with a warning that what it protects may be half done
(recovered); a plain semaphore stays as it is, and who waits for it waits for ever (stuck). `waited_ms` ends
with that. A kind that this machine lacks is replaced by the default; -l flock makes all of them flock.
"""

from __future__ import annotations

import time
from typing import Annotated

from msgspec import Meta

from ipcviz import Lock, Topology, die, report

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
LOOK = 0.02  # seconds between two looks of a waiter whether the lock is taken already

Seconds = Annotated[float, Meta(ge=0, le=60)]


def build(hold: Seconds = 1.0, patience: Seconds = 2.0) -> Topology:
    """A holder dies after `hold` seconds; who has waited `patience` seconds longer is stuck."""
    topology = Topology(
        "holder_dies",
        about="A process is killed while it holds a lock: some locks are released, some never will be.",
        teaches="When things fail",
    )
    for name, kind in KINDS.items():
        lock = topology.lock(name, prefer=kind)
        topology.process(f"{name} holder", hold_and_die, lock, hold)
        topology.process(f"{name} waiter", wait, lock, hold + patience)
    return topology


def hold_and_die(lock: Lock, hold: float) -> None:
    """Take the lock, and be killed with it."""
    with lock:
        time.sleep(hold)
        die("killed while it held the lock")


def wait(lock: Lock, patience: float) -> None:
    """Wait for a lock that somebody holds, and tell what came of it."""
    began = time.monotonic()
    while (outcome := tried(lock, 0)) == "released" and time.monotonic() < began + patience:
        time.sleep(LOOK)  # its holder has not taken it yet
    if outcome == "stuck":
        began = time.monotonic()
        outcome = tried(lock, patience)
    report(outcome=outcome, waited_ms=round((time.monotonic() - began) * 1000))


def tried(lock: Lock, timeout: float) -> str:
    """What becomes of an attempt to take the lock."""
    if not lock.acquire(timeout=timeout):
        return "stuck"
    recovered = lock.recovered
    lock.release()
    return "recovered" if recovered else "released"
