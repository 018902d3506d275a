"""Processes: state, processor time, memory and switches, from /proc through psutil."""

from __future__ import annotations

import time

import psutil

from ipcviz.events import ProcessState

_WORDS = {
    psutil.STATUS_RUNNING: "running",
    psutil.STATUS_SLEEPING: "sleeping",
    psutil.STATUS_DISK_SLEEP: "waiting for disk",
    psutil.STATUS_STOPPED: "stopped",
    psutil.STATUS_TRACING_STOP: "stopped",
    psutil.STATUS_ZOMBIE: "ended",
    psutil.STATUS_DEAD: "ended",
}


class ProcessProbe:
    """One process, asked again and again."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._process: psutil.Process | None = None
        self._before = (0.0, 0.0)

    def ask(self) -> ProcessState:
        """The state now; processor time in percent of one core since the last question."""
        try:
            if self._process is None:
                self._process = psutil.Process(self._pid)
            process = self._process
            with process.oneshot():
                used = process.cpu_times()
                switches = process.num_ctx_switches()
                state = _WORDS.get(process.status(), str(process.status()))
                memory = process.memory_info().rss
                descriptors = self._descriptors(process)
        except psutil.Error:
            return ProcessState()
        cpu = self._share(used.user + used.system)
        return ProcessState(state, cpu, memory, switches.voluntary, switches.involuntary, descriptors)

    def _descriptors(self, process: psutil.Process) -> int | None:
        """How many it has open; None where nobody may count them (proc(5)), or it has just ended."""
        try:
            return process.num_fds()
        except psutil.Error:
            return None

    def _share(self, used: float) -> float:
        now = time.monotonic()
        then, before = self._before
        self._before = (now, used)
        return 100 * (used - before) / (now - then) if then and now > then else 0.0
