"""The command line as a person has it: a process of its own in a folder of its own; its leavings are counted.

Everything that a test starts inherits the test's XDG_RUNTIME_DIR: so it is found in /proc whatever became of
its parents, and the lists of what runs have made are the test's alone. After each test nothing may be left.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ipcviz.mechanisms import libc

PATIENCE = 20.0
"""Seconds after which what has not happened is not going to."""

Event = dict[str, Any]


@dataclass
class Result:
    """What a command said, and how it ended; where it has saved the last minute of a run stands apart."""

    status: int
    out: str
    err: str
    saved: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """Its output as events; fails where a line is none."""
        events = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(event, dict) and isinstance(event["type"], str) for event in events)
        return events

    @property
    def summary(self) -> Event:
        """The last event."""
        last = self.events[-1]
        assert last["type"] == "summary"
        return last

    def of(self, kind: str) -> list[Event]:
        """The events of one type."""
        return [event for event in self.events if event["type"] == kind]


@dataclass
class Live:
    """A command that runs; it is read as it goes."""

    process: subprocess.Popen[bytes]
    runtime: Path
    events: list[Event] = field(default_factory=list)
    supervisor: int | None = None
    queues: set[str] = field(default_factory=set)
    _rest: bytes = b""
    _out: bytes = b""

    def find_supervisor(self) -> int:
        """The supervisor's pid, as soon as there is one."""
        wait_for(lambda: children(self.process.pid) or self.process.poll() is not None)
        self.supervisor, *_ = children(self.process.pid)
        return self.supervisor

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """Read on until there is such an event."""
        deadline = time.monotonic() + PATIENCE
        seen = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while True:
                for event in self.events[seen:]:
                    seen += 1
                    if wanted(event):
                        return event
                assert selector.select(deadline - time.monotonic()), "it never happened"
                piece = os.read(self.output, 1 << 16)
                assert piece, f"it ended without: {self.process.stderr and self.process.stderr.read()!r}"
                self._take(piece)

    def until_type(self, kind: str, /, **values: object) -> Event:
        """Read on until there is an event of that type with these values."""
        return self.until(lambda e: e["type"] == kind and all(e[k] == v for k, v in values.items()))

    def started(self) -> dict[str, int]:
        """Wait until it has begun and every worker has; their pids by name."""
        self.find_supervisor()
        names = self.until_type("session_started")["processes"]
        pids = {name: self.until_type("process_started", process=name)["pid"] for name in names}
        self.until_type("frame")
        for file in self.runtime.glob(f"ipcviz/{self.supervisor}-*/ledger.jsonl"):
            entries = [json.loads(line) for line in file.read_text().splitlines()]
            self.queues |= {entry["name"] for entry in entries if entry.get("kind") == "posix-mq"}
        return pids

    def send(self, number: int) -> None:
        """A signal to the command itself."""
        self.process.send_signal(number)

    def end(self) -> Result:
        """Wait until it has ended by itself."""
        out, err = self.process.communicate(timeout=PATIENCE)
        self._take(out)
        said = err.decode().splitlines(keepends=True)
        saved = [line for line in said if line.startswith("ipcviz: The last minute is saved")]
        rest = "".join(line for line in said if line not in saved)
        return Result(self.process.returncode, self._out.decode(), rest, saved)

    @property
    def output(self) -> int:
        """The reading end of its output."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def _take(self, piece: bytes) -> None:
        self._out += piece
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self.events += [json.loads(line) for line in lines if line.startswith(b"{")]


class Commands:
    """`ipcviz` in a folder of its own."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self.folder = folder
        self.runtime = runtime
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PYTHONWARNINGS": "error",
        }
        self.program = [sys.executable, "-m", "ipcviz"]
        self.started: list[Live] = []

    def start(self, *arguments: str, **keywords: Any) -> Live:
        """Begin it."""
        environment = {**self.environment, **keywords.pop("environment", {})}
        program = keywords.pop("program", self.program)
        settings: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.folder,
            **keywords,
        }
        live = Live(subprocess.Popen([*program, *arguments], env=environment, **settings), self.runtime)
        self.started.append(live)
        return live

    def __call__(self, *arguments: str, **keywords: Any) -> Result:
        """Run it to its end."""
        live = self.start(*arguments, **keywords)
        if arguments[:1] == ("run",):
            # So that what it leaves behind can be looked for by name.
            wait_for(lambda: children(live.process.pid) or live.process.poll() is not None)
            live.supervisor = next(iter(children(live.process.pid)), None)
        return live.end()

    def demo(self, source: str, name: str = "mine.py") -> str:
        """Write a demo; what `ipcviz run` takes."""
        (self.folder / name).write_text("from ipcviz import *\n" + textwrap.dedent(source))
        return f"./{name}"

    def close(self) -> None:
        """End what a failed test has left running, and close the pipes."""
        for live in self.started:
            if live.process.poll() is None:
                live.process.kill()
            live.process.wait()
            for pipe in (live.process.stdout, live.process.stderr):
                if pipe is not None:
                    pipe.close()

    def processes(self) -> dict[int, str]:
        """Every process that has come from here, with its command line."""
        mark = f"XDG_RUNTIME_DIR={self.runtime}".encode()
        found = {}
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                    found[int(name)] = Path(f"/proc/{name}/cmdline").read_text().replace("\0", " ")
        return found

    def left_behind(self) -> list[str]:
        """Files and kernel objects of our runs that are still there."""
        pids = [live.supervisor for live in self.started if live.supervisor]
        names = tuple(f"{prefix}ipcviz-{pid}-" for pid in pids for prefix in ("", "sem."))
        queues = {name for live in self.started for name in live.queues if _queue_exists(name)}
        memory = {name for name in os.listdir("/dev/shm") if name.startswith(names)}
        return sorted({*queues, *memory, *map(str, self.runtime.rglob("*"))})


def children(pid: int) -> list[int]:
    """The processes that it has started, by whichever of its threads."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE, step: float = 0.002) -> None:
    """Until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(step)


def is_gone(pid: int) -> bool:
    """It does not run any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def _queue_exists(name: str) -> bool:
    try:
        os.close(libc.mq_open(f"/{name}", os.O_RDONLY))
    except OSError:
        return False
    return True


@pytest.fixture(autouse=True)
def _interruptible() -> None:
    """A suite that was started in the background ignores SIGINT, and so would everything it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def ipcviz(tmp_path: Path) -> Iterator[Commands]:
    """The program; after the test it must have left nothing behind."""
    with tempfile.TemporaryDirectory(prefix="run-") as runtime:  # short: a socket's path may have 107 bytes
        commands = Commands(tmp_path, Path(runtime))
        yield commands
        commands.close()
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not commands.processes(), step=0.05)
        assert commands.processes() == {}
        assert commands.left_behind() == []


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process has ended."""
    return is_gone
