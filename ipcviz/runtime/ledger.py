"""The ledger: what a run has made in the system, written down before it is made.

One folder a user and one file a run. If the supervisor is killed, the next run or `ipcviz clean`
removes what the ledger of a dead run lists, and only that. A creator is known by its pid, its start
time and the machine's boot id, so that a reused pid or a restart does not mislead.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipcviz.mechanisms import libc

_FILE = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a run: a kernel object by its name, or a worker by its pid and start time."""

    kind: str
    name: str
    start: int = 0


def base_folder() -> Path:
    """Where this user's runs are listed: under XDG_RUNTIME_DIR, else in the temporary folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.access(runtime, os.W_OK | os.X_OK):
        return Path(runtime) / "ipcviz"
    return Path(tempfile.gettempdir()) / f"ipcviz-{os.getuid()}"


def start_time(pid: int) -> int | None:
    """When it started, in clock ticks since boot (proc_pid_stat(5), field 22); None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def boot_id() -> str:
    """This boot of the machine (random(4))."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class Ledger:
    """One run's list."""

    def __init__(self, run: str) -> None:
        """Begin it; raises `OSError` if its folder cannot be made, or is somebody else's."""
        self._base = base_folder()
        _own_folder(self._base)
        self.folder = self._base / run
        self.folder.mkdir(mode=0o700)
        self._file = open(self.folder / _FILE, "x", encoding="utf-8")  # noqa: SIM115
        self._write({"run": run, "pid": os.getpid(), "start": start_time(os.getpid()), "boot": boot_id()})

    def add(self, entry: Entry) -> None:
        """Write it down, before the thing is made."""
        self._write({"kind": entry.kind, "name": entry.name, "start": entry.start})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Everything listed is gone: so is the list."""
        self._file.close()
        _remove_folder(self.folder)


@dataclass(frozen=True, slots=True)
class DeadRun:
    """A run whose supervisor is gone, and what it had listed."""

    folder: Path
    entries: tuple[Entry, ...]


def dead_runs() -> list[DeadRun]:
    """This user's runs that ended without tidying up."""
    base = base_folder()
    try:
        folders = sorted(path for path in base.iterdir() if path.is_dir())
        _own_folder(base)
    except OSError:
        return []
    found = (_dead_run(folder) for folder in folders)
    return [run for run in found if run is not None]


def clean(run: DeadRun) -> list[Entry]:
    """Remove what the run has left, then its list; what was really still there."""
    removed = [entry for entry in run.entries if _REMOVERS.get(entry.kind, _leave)(entry)]
    _remove_folder(run.folder)
    return removed


def _dead_run(folder: Path) -> DeadRun | None:
    try:
        lines = (folder / _FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    records = [record for record in map(_parsed, lines) if record is not None]
    if records and _alive(records[0]):
        return None
    entries = [
        Entry(str(record["kind"]), str(record["name"]), int(record.get("start") or 0))
        for record in records
        if "kind" in record and "name" in record
    ]
    same_boot = bool(records) and records[0].get("boot") == boot_id()
    return DeadRun(folder, tuple(entry for entry in entries if same_boot or entry.kind != "process"))


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None  # the last line of a run that was killed while writing
    return record if isinstance(record, dict) else None


def _alive(header: dict[str, Any]) -> bool:
    pid = header.get("pid")
    same = header.get("boot") == boot_id()
    return same and isinstance(pid, int) and header.get("start") == start_time(pid)


def _removed(remove: Callable[[str], None], name: str) -> bool:
    if not name.startswith("ipcviz-"):
        return False  # never anything that ipcviz would not have named
    try:
        remove(name)
    except OSError:
        return False
    return True


def _kill(entry: Entry) -> bool:
    pid = int(entry.name)
    if start_time(pid) != entry.start:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True


def _leave(entry: Entry) -> bool:
    return False


_REMOVERS: dict[str, Callable[[Entry], bool]] = {
    "shm": lambda entry: _removed(lambda name: os.unlink(f"/dev/shm/{name}"), entry.name),
    "posix-mq": lambda entry: _removed(lambda name: libc.mq_unlink(f"/{name}"), entry.name),
    "posix-sem": lambda entry: _removed(lambda name: libc.sem_unlink(f"/{name}"), entry.name),
    "process": _kill,
}


def _own_folder(folder: Path) -> None:
    """Make it, or see that it is ours alone: in a shared temporary folder anybody could have made it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise PermissionError(
            0, f"{folder} belongs to somebody else; set XDG_RUNTIME_DIR to a folder of yours"
        )


def _remove_folder(folder: Path) -> None:
    try:
        (folder / _FILE).unlink(missing_ok=True)
        folder.rmdir()
        folder.parent.rmdir()  # only when it was the last run
    except OSError:
        return
