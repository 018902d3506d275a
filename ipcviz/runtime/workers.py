"""The supervisor's workers: forked, started together, watched by pidfd, stopped, and none left over."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import OPENED
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.runtime.assembly import Assembly, MadeChannel
from ipcviz.runtime.fault_words import done
from ipcviz.runtime.ledger import Entry, Ledger, start_time
from ipcviz.runtime.stranger import become_stranger
from ipcviz.runtime.telemetry import CLOSED, OPENED_DESCRIPTOR, RECEIVED, SENT, Board, Page
from ipcviz.runtime.worker import Orders, work
from ipcviz.topology import ProcessDeclaration

LINE_BYTES = 16384
"""A longer line that a worker prints is cut into pieces of this size."""
REPORT_BYTES = 1 << 20
"""What a worker tells of its own failure is never as long as this."""
STOPS = (signal.SIGTERM, signal.SIGIO)
"""What ends a supervisor whose run has not begun."""


class LineReader:
    """Lines from a non-blocking descriptor."""

    def __init__(self, descriptor: int, longest: int = LINE_BYTES) -> None:
        self.descriptor = descriptor
        self._longest = longest
        self.ended = False
        self._rest = b""
        os.set_blocking(descriptor, False)

    def read(self, most: int = 65536) -> list[bytes]:
        """The whole lines that are there now; at the end of file also the last, unfinished one.

        Nothing once it is closed: its number may be another's by then.
        """
        if self.ended:
            return []
        try:
            piece = os.read(self.descriptor, most)
        except BlockingIOError:
            return []
        if not piece:
            self.ended = True
            last, self._rest = self._rest, b""
            return [last] if last else []
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > self._longest:
            lines.append(self._rest)
            self._rest = b""
        return lines

    def close(self) -> None:
        """Close it."""
        close_quietly(self.descriptor)
        self.ended = True


@dataclass(slots=True)
class Worker:
    """One worker as the supervisor knows it."""

    name: str
    pid: int
    pidfd: int
    reports: LineReader
    output: LineReader
    board: Board
    exit: int | None = None
    signal: int | None = None
    ended: bool = False
    ready: bool = False
    meant: str | None = None
    killed: bool = False
    """By an act on the run."""
    by_hand: list[tuple[int, str]] = field(default_factory=list)
    """Of messages by hand, what it said became of them: their numbers, and what was wrong."""
    failure: dict[str, Any] = field(default_factory=dict)

    def hear(self) -> None:
        """Take what it tells of itself: that it is ready, why it fails, that it means to die."""
        for line in self.reports.read():
            told = parse_object(line)
            self.ready = self.ready or bool(told.get("ready"))
            self.failure = told.get("failure", self.failure)
            self.meant = told.get("meant", self.meant)
            if "by_hand" in told:
                self.by_hand.append((told["by_hand"], str(told.get("trouble", ""))))

    @property
    def failed(self) -> bool:
        """It ended by a signal, or with another status than 0."""
        return self.ended and (self.signal is not None or bool(self.exit))


@dataclass(frozen=True, slots=True)
class Job:
    """What all workers of a run have in common."""

    demo: Path
    parameters: dict[str, Any]
    assembly: Assembly
    page: Page


class Workers:
    """All workers of a run."""

    def __init__(self, ledger: Ledger) -> None:
        self.all: dict[str, Worker] = {}
        self._ledger = ledger
        self._start: tuple[int, ...] = os.pipe2(os.O_CLOEXEC)

    def fork(self, declaration: ProcessDeclaration, job: Job) -> Worker:
        """Make the process; it opens its ends and waits until `start`.

        A stop waits until this is done: what a handler raises while Python prepares a fork goes nowhere.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            return self._fork(declaration, job)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def _fork(self, declaration: ProcessDeclaration, job: Job) -> Worker:
        reports_read, reports_write = os.pipe2(os.O_CLOEXEC)
        output_read, output_write = os.pipe2(os.O_CLOEXEC)
        name = declaration.name
        orders = Orders(
            name, len(self.all), job.demo, os.getpid(), reports_write, output_write, self._start[0]
        )
        pid = os.fork()
        if pid == 0:
            _hear_no_stops()
            share = job.assembly.of(name)
            if name in job.assembly.strangers:
                become_stranger(orders, job.parameters, share, job.page)
            work(orders, declaration, share, job.page)
        close_quietly(reports_write, output_write)
        try:
            self._ledger.add(Entry("process", str(pid), start_time(pid) or 0))
            pidfd = os.pidfd_open(pid)
        except OSError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            close_quietly(reports_read, output_read)
            raise
        reports, output = LineReader(reports_read, REPORT_BYTES), LineReader(output_read)
        board = job.page.board(len(self.all))
        worker = Worker(declaration.name, pid, pidfd, reports, output, board)
        self.all[worker.name] = worker
        return worker

    def until_ready(self) -> None:
        """Wait until every worker has opened its ends, or has ended."""
        waiting = {worker.reports.descriptor: worker for worker in self.all.values()}
        with selectors.DefaultSelector() as selector:
            for worker in waiting.values():
                selector.register(worker.reports.descriptor, selectors.EVENT_READ)
            while waiting:
                for key, _ in selector.select():
                    worker = waiting[key.fd]
                    worker.hear()
                    if worker.ready or worker.reports.ended:
                        selector.unregister(key.fd)
                        del waiting[key.fd]

    def start(self) -> None:
        """Let all of them go at once; idempotent."""
        close_quietly(*self._start)
        self._start = ()

    @property
    def living(self) -> list[Worker]:
        """Those that have not ended."""
        return [worker for worker in self.all.values() if not worker.ended]

    def reap(self, worker: Worker) -> None:
        """Take the status of one that has ended, and end what it may have started itself."""
        _kill_group(worker.pid)
        _, status = os.waitpid(worker.pid, 0)
        worker.ended = True
        if os.WIFSIGNALED(status):
            worker.signal = os.WTERMSIG(status)
        else:
            worker.exit = os.waitstatus_to_exitcode(status)
        close_quietly(worker.pidfd)

    def signal(self, number: int) -> list[Worker]:
        """Send it to all that live; those that got it."""
        reached = []
        for worker in self.living:
            try:
                signal.pidfd_send_signal(worker.pidfd, number)
            except ProcessLookupError:
                continue
            reached.append(worker)
        return reached

    def end_at_once(self) -> None:
        """Whatever else went wrong: nobody is left, and who has not begun does not begin."""
        for worker in self.living:
            _kill_group(worker.pid)
        for worker in self.living:
            self.reap(worker)
        self.start()
        _end_adopted()


def _hear_no_stops() -> None:
    """In a new worker: a stop is the supervisor's, until there is something of the worker's own to stop."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def _kill_group(pid: int) -> None:
    """A worker leads its own group, unless it was killed before it could."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except OSError:
            continue


def _end_adopted() -> None:
    """End what workers started and left behind, which is ours by now (see `libc.adopt_orphans`)."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _children():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)  # its own children, if it had any, are ours now


def _children() -> Iterator[int]:
    """The processes whose parent is this one; none of them can be reaped by anybody else."""
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{name}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            yield int(name)


class WorkerReach:
    """How the probes of one channel look into its workers; see `contract.Reach`."""

    def __init__(self, made: MadeChannel, workers: Workers, page: Page) -> None:
        self._made, self._workers, self._page = made, workers, page

    def borrow(self, endpoint: int, descriptor: int) -> int | None:
        """A duplicate, or None if that worker or its end is gone."""
        worker = self._workers.all.get(self._made.chosen.endpoints[endpoint].process)
        words = self._page.row(self._made.first_row + endpoint)
        if descriptor == OPENED:
            descriptor = words[OPENED_DESCRIPTOR] - 1
        if worker is None or worker.ended or words[CLOSED] or descriptor < 0:
            return None
        try:
            return libc.pidfd_getfd(worker.pidfd, descriptor)
        except PermissionError:
            raise
        except OSError:
            return None

    def counted(self) -> tuple[int, int]:
        """The sums over the rows of its endpoints; what a fault has dropped never went in."""
        first = self._made.first_row
        numbers = range(first, first + len(self._made.chosen.endpoints))
        rows = [self._page.row(row) for row in numbers]
        dropped = sum(done(self._page.fault_words(row), "drop") for row in numbers)
        return sum(words[SENT] for words in rows) - dropped, sum(words[RECEIVED] for words in rows)


def parse_object(line: bytes) -> dict[str, Any]:
    """A JSON object from a worker; empty if a dying one cut it off."""
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def readable(descriptor: int) -> bool:
    """Something, or the end of file, can be read at once."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))
