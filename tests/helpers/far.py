"""The far side of a line: what runs there, and what runs have made there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path

from helpers.sshd import Sshd

from ipcviz.mechanisms import libc


class Far:
    """The far side: what runs there, and what runs have made."""

    def __init__(self, server: Sshd, runtime: Path, processes: Callable[[], Collection[object]]) -> None:
        """`runtime` is the XDG_RUNTIME_DIR of its sessions, `processes` tells all that have it."""
        self.server = server
        self._runtime = runtime
        self._processes = processes
        self._names: set[str] = set()

    def shows_a_run(self) -> None:
        """There are a supervisor and workers, and what could be left behind is known."""
        (ledger,) = self._runtime.glob("ipcviz/*/ledger.jsonl")
        entries = [json.loads(line) for line in ledger.read_text().splitlines()]
        self._names = {str(entry["name"]) for entry in entries if "name" in entry}
        assert {"posix-mq", "shm"} <= {entry.get("kind") for entry in entries}
        assert len(self._processes()) >= 5
        assert self._left()

    def nothing_is_left(self) -> bool:
        """No process, queue, shared memory, list or folder."""
        return not (self._processes() or self._left() or list(self._runtime.rglob("*")))

    def _left(self) -> list[str]:
        memory = [name for name in os.listdir("/dev/shm") if name in self._names]
        return memory + [name for name in self._names if _queue_exists(name)]


def _queue_exists(name: str) -> bool:
    try:
        os.close(libc.mq_open(f"/{name}", os.O_RDONLY))
    except OSError:
        return False
    return True
