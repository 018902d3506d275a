"""How a worker ended, as the stream tells it: whether it was meant to, and why."""

from __future__ import annotations

import signal

from ipcviz import events as ev
from ipcviz.runtime.request import plain
from ipcviz.runtime.workers import Worker
from ipcviz.units import SECOND

GRACE = SECOND
"""Nanoseconds that workers have to end by themselves before they are killed."""


def how_it_exited(worker: Worker, t: int, stopping: bool) -> ev.ProcessExited:
    """Of a worker that was reaped; `stopping` if the whole run was asked to end before."""
    meant, reason = _meant(worker, stopping)
    return ev.ProcessExited(
        t=t,
        process=worker.name,
        pid=worker.pid,
        exit=worker.exit,
        signal=worker.signal,
        failed=worker.failed and not meant,
        reason=reason,
        detail="" if meant else str(plain(worker.failure.get("detail", ""))),
    )


def _meant(worker: Worker, stopping: bool) -> tuple[bool, str]:
    was_killed = worker.signal == signal.SIGKILL
    if worker.meant is not None:
        return True, f"it was meant to be killed: {plain(worker.meant)}"
    if worker.killed and was_killed:
        return True, "it was killed by hand"
    if stopping and was_killed:
        return True, f"it did not stop within {GRACE // SECOND} s and was killed"
    if stopping and worker.failure.get("channel", False):
        return True, "the others had stopped before it"
    if stopping and not worker.failed:
        return False, "it was stopped with the run"
    return False, str(plain(worker.failure.get("reason", "")))
