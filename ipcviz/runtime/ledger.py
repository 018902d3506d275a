"""The ledger: what a run has made in the system, written down before it is made.

One folder a user and one file a run. If the supervisor is killed, the next run or `ipcviz clean`
removes what the ledger of a dead run lists, and only that. A creator is known by its pid, its start
time and the machine's boot id, so that a reused pid or a restart does not mislead.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipcviz.runtime import names
from ipcviz.runtime.request import MARK

_FILE = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a run: a kernel object by its name, or a worker by its pid and start time.

    The `start` of a kernel object is the second, since 1970, before which it cannot have been made.
    """

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
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def boot_id() -> str:
    """This boot of the machine (random(4))."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def run_id(mark: str) -> str:
    """The name of this process's run: its pid, and the mark that all it starts carries."""
    return f"{os.getpid()}-{mark}"


def pid_namespace() -> str:
    """Where this process's pids mean something (pid_namespaces(7))."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


class Ledger:
    """One run's list."""

    def __init__(self, run: str) -> None:
        """Begin it; raises `OSError` if its folder cannot be made, or is somebody else's."""
        self._entries: list[Entry] = []
        self.folder = _new_folder(base_folder(), run)
        self._file = open(self.folder / _FILE, "x", encoding="utf-8")  # noqa: SIM115
        own = os.getpid()
        header = {"run": run, "pid": own, "start": start_time(own), "boot": boot_id()}
        self._write({**header, "namespace": pid_namespace()})

    def add(self, entry: Entry) -> None:
        """Write it down, before the thing is made."""
        if entry.kind in names.KINDS:
            # The kernel's own count of seconds lags behind its clock by up to a tick.
            entry = Entry(entry.kind, entry.name, int(time.time()) - 1)
        self._entries.append(entry)
        self._write({"kind": entry.kind, "name": entry.name, "start": entry.start})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        """The run is over: what was made only by half goes too, and then the list."""
        for entry in filter(_ours, self._entries):
            _remove(entry, self.folder)
        with contextlib.suppress(OSError):  # a full disk: nothing of the list is needed any more
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
        _check_own(base)
        folders = sorted(path for path in base.iterdir() if path.is_dir())
    except OSError:
        return []
    found = (_dead_run(folder) for folder in folders)
    return [run for run in found if run is not None]


def still_there(run: DeadRun) -> list[Entry]:
    """What the run has left, processes first; its list itself comes last."""
    left = [entry for entry in run.entries if entry.kind == "process" and _process_there(entry)]
    known = {entry.name for entry in left}
    left += [entry for entry in _marked(run.folder.name) if entry.name not in known]
    left += [entry for entry in run.entries if _ours(entry) and _there(entry, run.folder)]
    return [*left, Entry("list", str(run.folder))]


def clean(run: DeadRun) -> list[Entry]:
    """Remove what the run has left, then its list; what was really removed."""
    *left, itself = still_there(run)
    removed = [entry for entry in left if _remove(entry, run.folder)]
    if not any(_ours(entry) and _there(entry, run.folder) for entry in left):
        _remove_folder(run.folder)
    return removed if run.folder.exists() else [*removed, itself]


def _dead_run(folder: Path) -> DeadRun | None:
    pid, dash, _ = folder.name.partition("-")
    if not dash or not pid.isdecimal():
        return None  # no run of ours is called like that
    try:
        lines = (folder / _FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    except OSError:
        return None
    records = [record for record in map(_parsed, lines) if record is not None]
    # Without its first line it is as young as can be, or its supervisor died right then.
    alive = _alive(records[0]) if records else start_time(int(pid)) is not None
    if alive:
        return None
    entries = [
        Entry(str(record["kind"]), str(record["name"]), _number(record.get("start")))
        for record in records
        if "kind" in record and "name" in record
    ]
    same_boot = bool(records) and records[0].get("boot") == boot_id()
    lasting = (entry for entry in entries if same_boot or entry.kind not in names.OF_THIS_BOOT)
    return DeadRun(folder, tuple(lasting))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None  # the last line of a run that was killed while writing
    return record if isinstance(record, dict) else None


def _alive(header: dict[str, Any]) -> bool:
    pid = header.get("pid")
    same = header.get("boot") == boot_id()
    if same and header.get("namespace", pid_namespace()) != pid_namespace():
        return True  # its pids mean nothing here: whoever shares its namespace will see to it
    return same and isinstance(pid, int) and header.get("start") == start_time(pid)


def _ours(entry: Entry) -> bool:
    """Never anything that ipcviz would not have named."""
    return entry.kind in names.KINDS and entry.name.startswith("ipcviz-") and "/" not in entry.name


def _there(entry: Entry, folder: Path) -> bool:
    return names.there(entry.kind, entry.name, folder, entry.start)


def _process_there(entry: Entry) -> bool:
    return entry.name.isdecimal() and entry.start != 0 and start_time(int(entry.name)) == entry.start


def _marked(run: str) -> list[Entry]:
    """The processes that carry the run's mark: what its workers started, whatever became of those."""
    mark = f"{MARK}={run.partition('-')[2]}".encode()
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            environment = Path(f"/proc/{name}/environ").read_bytes()
        except OSError:
            continue  # gone, or somebody else's
        start = start_time(int(name))
        if start and int(name) != os.getpid() and mark in environment.split(b"\0"):
            found.append(Entry("process", name, start))
    return found


def _remove(entry: Entry, folder: Path) -> bool:
    try:
        if entry.kind == "process":
            return _kill(entry)
        return _ours(entry) and names.remove(entry.kind, entry.name, folder, entry.start)
    except OSError:
        return False


def _kill(entry: Entry) -> bool:
    """By a descriptor of the process, so that a pid that was given away meanwhile is not hit."""
    pidfd = os.pidfd_open(int(entry.name))
    try:
        if not _process_there(entry):
            return False
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    finally:
        os.close(pidfd)
    return True


def _new_folder(base: Path, run: str) -> Path:
    """The run's own; the last run of somebody else may just be removing the one above."""
    for _ in range(100):
        base.mkdir(mode=0o700, exist_ok=True)
        try:
            _check_own(base)
            (base / run).mkdir(mode=0o700)
        except FileNotFoundError:
            continue
        return base / run
    raise FileNotFoundError(0, f"{base} cannot be made")


def _check_own(folder: Path) -> None:
    """See that it is ours alone: in a shared temporary folder anybody could have made it."""
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
