"""Sources of a session's events: a live run, or a stream that was saved as JSON lines.

Nothing downstream can tell which: both give events in their order, in batches, and say when it is over.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol

from ipcviz.events import AnyEvent, Refused, StreamError, Summary, decode
from ipcviz.runtime.request import MARK, Command, SessionRequest, encode_line

LONGEST_LINE = 64 << 20
"""Bytes; no event comes near, so a longer line is no stream of ours."""
PATIENCE_S = 5.0
"""How long a supervisor may take to tidy up before it is killed and its ledger does it."""


class Source(Protocol):
    """Where events come from."""

    @property
    def over(self) -> bool:
        """Nothing will come any more."""

    def take(self) -> list[AnyEvent]:
        """What has come since the last time; never waits. Raises `StreamError`."""

    def fileno(self) -> int:
        """A descriptor that is readable when `take` has something."""

    def stop(self) -> None:
        """Ask the session to end; its last events still come."""

    def command(self, command: Command) -> bool:
        """Act on the run; False where that cannot be (it is over, or it is a recording)."""

    def close(self) -> None:
        """Leave nothing behind; idempotent."""


class LineSplitter:
    """Cuts bytes into lines, however they come."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that are whole now; raises `StreamError` when one has no end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise StreamError("this is not an ipcviz stream: a line has no end")
        return lines


class LiveSource:
    """A supervisor of our own, started with a request."""

    def __init__(self, request: SessionRequest) -> None:
        # Kept in memory: a disk that is full must not hide why a run failed.
        self._errors = open(os.memfd_create("ipcviz-errors"), "r+b")  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            # -P: a file of the user's that is called like a module of Python's must not be taken for it.
            [sys.executable, "-P", "-m", "ipcviz.runtime.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env=_environment(),
        )
        self._lines = LineSplitter()
        self._output = self._pipe(self._process.stdout)
        self._control = self._pipe(self._process.stdin)
        self._ended = False
        self._printed = ""
        self.finished = False
        """Its last event has come: the summary, or a refusal."""
        os.set_blocking(self._output, False)
        with contextlib.suppress(BrokenPipeError):
            os.write(self._control, encode_line(request))

    @property
    def pid(self) -> int:
        """The supervisor's pid."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """The supervisor has said everything, or is gone."""
        return self._ended

    def fileno(self) -> int:
        """The reading end of the stream."""
        return self._output

    def take(self) -> list[AnyEvent]:
        """The events that have come."""
        events: list[AnyEvent] = []
        while not self._ended and len(events) < 20_000:
            try:
                piece = os.read(self._output, 1 << 18)
            except BlockingIOError:
                break
            if not piece:
                self._ended = True
            events.extend(decode(line) for line in self._lines.feed(piece))
        self.finished = self.finished or any(isinstance(event, Summary | Refused) for event in events)
        return events

    def wait(self, seconds: float | None) -> bool:
        """Until something can be taken; False if nothing came within so many seconds."""
        return bool(select.select([self._output], [], [], seconds)[0])

    def stop(self) -> None:
        """Ask it to end the run."""
        self.command(Command("stop"))

    def command(self, command: Command) -> bool:
        """Ask it to act on the run; False if it is over."""
        if self._ended:
            return False
        try:
            os.write(self._control, encode_line(command))
        except OSError:
            return False
        return True

    def close(self, patience: float = PATIENCE_S) -> None:
        """Close its control pipe, wait until it has tidied up, and kill it if it does not."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        if not self._errors.closed:
            self._errors.seek(0)
            self._printed = self._errors.read(1 << 16).decode("utf-8", "replace").strip()
            self._errors.close()
        self._ended = True

    @property
    def was_killed(self) -> bool:
        """After `close`: it could not tidy up, so that its ledger has to."""
        return (self._process.returncode or 0) < 0

    def how_it_died(self) -> str:
        """After `close`, for a supervisor that did not say the last word: a sentence, and what it printed."""
        code = self._process.returncode
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with status {code}"
        return f"The supervisor {how}." + (f"\n{self._printed}" if self._printed else "")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> int:
        assert pipe is not None
        return pipe.fileno()


class SavedSource:
    """A stream that `ipcviz run --json` printed, from a file; all of it can be taken at once."""

    def __init__(self, path: Path) -> None:
        self._events: Iterator[AnyEvent] = read_stream(path)
        self._file = os.open(os.devnull, os.O_RDONLY)
        self._ended = False

    @property
    def over(self) -> bool:
        """The file is read."""
        return self._ended

    def fileno(self) -> int:
        """Always readable."""
        return self._file

    def take(self) -> list[AnyEvent]:
        """Everything that is left."""
        events = list(self._events)
        self._ended = True
        return events

    def stop(self) -> None:
        """There is nothing to stop."""

    def command(self, command: Command) -> bool:
        """What is saved has happened."""
        return False

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def read_stream(path: Path) -> Iterator[AnyEvent]:
    """The events of a saved stream, one by one; a cut-off last line ends it.

    Raises `StreamError` for a line that is no event, with its number, and `OSError`.
    """
    with path.open("rb") as file:
        yield from events_of(file)


def events_of(lines: Iterable[bytes]) -> Iterator[AnyEvent]:
    """The events of lines that each end with a newline."""
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        try:
            yield decode(line)
        except StreamError as error:
            raise StreamError(f"line {number}: {error}") from None


def drain(source: LiveSource, seconds: float = PATIENCE_S) -> Iterator[AnyEvent]:
    """After `stop`: what still comes, until it is over or takes too long."""
    until = time.monotonic() + seconds
    while not source.over and time.monotonic() < until:
        if source.wait(max(0.0, until - time.monotonic())):
            yield from source.take()


def _environment() -> dict[str, str]:
    """The supervisor finds the same ipcviz as this process; and all that it starts carries a mark."""
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, MARK: secrets.token_hex(6)}
    if root.name not in ("site-packages", "dist-packages"):
        paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment
