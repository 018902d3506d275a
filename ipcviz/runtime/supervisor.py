"""The supervisor: a small process that makes a run, watches it, and leaves nothing behind.

Started as `python -m ipcviz.runtime.supervisor`, with a `SessionRequest` as the first line of its
standard input and the stream of events as its standard output. When its input ends, it stops everything.
"""

from __future__ import annotations

import fcntl
import os
import platform
import secrets
import select
import signal
import socket
import sys
import traceback
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

from ipcviz import __version__, catalog
from ipcviz import events as ev
from ipcviz.catalog import CatalogError
from ipcviz.choice import CarriedChannel, ChoiceError, ChosenLock, choose_channels, choose_locks
from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import CannotCreate
from ipcviz.runtime import ledger as ledgers
from ipcviz.runtime.acts import WrongAct, check_names
from ipcviz.runtime.assembly import Assembly
from ipcviz.runtime.ledger import Ledger
from ipcviz.runtime.request import LONGEST_LINE, MARK, SessionRequest, plain
from ipcviz.runtime.run import Run
from ipcviz.runtime.stream import Stream
from ipcviz.runtime.telemetry import Page
from ipcviz.runtime.workers import STOPS, Job, LineReader, Workers
from ipcviz.topology import Topology

_heard: list[int] = []
"""The stops that came before there was a run; one that a demo's own code has swallowed still counts."""


class StoppedEarly(BaseException):
    """There is no run yet, and nobody wants one any more."""


class Refusal(Exception):
    """The run cannot start; the message is a sentence for the user, `detail` more lines."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


def main() -> None:
    """Serve one session."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop_early)
    libc.adopt_orphans()
    stream = Stream(_private_output())
    control = LineReader(_private_input(), LONGEST_LINE)
    try:
        request = _first_line(control)
        if request is None:
            return
        _stop_early_with(control)
        _serve(request, stream, control)
    except Refusal as refusal:
        stream.put(ev.Refused(t=0, sentence=str(refusal), detail=refusal.detail))
    except StoppedEarly:
        stream.put(ev.Refused(t=0, sentence="The run was stopped before it began."))
    # Everything is tidied up: whoever reads may take as long as they like, and if they go, so do we.
    stream.finish()


def _private_output() -> int:
    """The stream's descriptor, out of reach of whatever a demo prints."""
    output = os.dup(1)
    os.dup2(2, 1)
    return output


def _private_input() -> int:
    """The control pipe, out of reach of a demo that reads its standard input, which is empty."""
    control = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return control


def _stop_early(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    raise StoppedEarly


def _stop_if_heard() -> None:
    if _heard:
        raise StoppedEarly


def _stop_early_with(control: LineReader) -> None:
    """As long as the demo's own code runs, a word on the control pipe, or its end, comes as a signal."""
    signal.signal(signal.SIGIO, _stop_early)
    fcntl.fcntl(control.descriptor, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(control.descriptor, fcntl.F_GETFL)
    fcntl.fcntl(control.descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([control.descriptor], [], [], 0)[0]:
        raise StoppedEarly


def _stop_no_earlier(control: LineReader) -> None:
    """From here on the run itself listens."""
    _stop_if_heard()
    flags = fcntl.fcntl(control.descriptor, fcntl.F_GETFL)
    fcntl.fcntl(control.descriptor, fcntl.F_SETFL, flags & ~os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_IGN)


def _ignore_stops() -> None:
    """Tidying up is not broken off, not even by a stop that came just before it began."""
    while True:
        try:
            for number in STOPS:
                signal.signal(number, signal.SIG_IGN)
        except StoppedEarly:
            continue
        return


def _first_line(control: LineReader) -> SessionRequest | None:
    """The request; None if nobody asked for anything."""
    os.set_blocking(control.descriptor, True)
    lines: list[bytes] = []
    while not lines and not control.ended:
        lines = control.read()
    os.set_blocking(control.descriptor, False)
    if len(lines) > 1:
        raise StoppedEarly  # the word to stop came with it
    return msgspec.json.decode(lines[0], type=SessionRequest) if lines else None


def _serve(request: SessionRequest, stream: Stream, control: LineReader) -> None:
    for dead in ledgers.dead_runs():
        ledgers.clean(dead)
    demo_path, topology, chosen = _declare(request)
    _stop_if_heard()
    try:
        channels = choose_channels(topology, request.mechanisms)
        locks = choose_locks(topology, request.locks, channels)
        check_names(request.acts, topology.processes, channels)
    except (ChoiceError, WrongAct) as error:
        raise Refusal(str(error)) from None
    mark = os.environ.get(MARK) or secrets.token_hex(6)
    run_id = ledgers.run_id(mark)
    # From the ledger's first file on, a stop must not come where nobody would remove it again.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        ledger = Ledger(run_id)
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        base = ledgers.base_folder()
        why = f"{base}: {error.strerror}; set XDG_RUNTIME_DIR to a folder of yours"
        why = why if error.errno else str(error.strerror)  # a sentence of the ledger's own
        raise Refusal(f"The list of what a run makes cannot be kept. {why}.") from None
    assembly = Assembly(run_id, ledger)
    workers = Workers(ledger)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        page = _make(topology, assembly, channels, locks)
        _fork(topology, workers, Job(demo_path, chosen, assembly, page))
        parameters = {name: plain(value) for name, value in chosen.items()}
        started = _session_started(topology, parameters, assembly, request)
        _stop_no_earlier(control)
        Run(request, started, assembly, page, workers, stream, control).live()
    finally:
        _ignore_stops()
        workers.end_at_once()
        assembly.destroy()
        ledger.close()


def _make(
    topology: Topology, assembly: Assembly, channels: list[CarriedChannel], locks: list[ChosenLock]
) -> Page:
    """The kernel objects and the telemetry page."""
    try:
        assembly.make(channels, locks)
        return Page(assembly.rows, len(topology.processes))
    except CannotCreate as error:
        raise Refusal(f"{error}.") from None
    except OSError as error:
        raise Refusal(
            f"The channels and locks could not be made: {error.strerror}; fewer may fit, "
            "and `ipcviz doctor` says what this machine has."
        ) from None


def _fork(topology: Topology, workers: Workers, job: Job) -> None:
    """The workers: when all have opened their ends, the supervisor lets go of its own."""
    for declaration in topology.processes.values():
        try:
            workers.fork(declaration, job)
            _stop_if_heard()
        except OSError as error:
            raise Refusal(
                f"Process {declaration.name!r} could not be started: {error.strerror}; fewer may fit."
            ) from None
    workers.until_ready()
    job.assembly.release()


def _declare(request: SessionRequest) -> tuple[Path, Topology, dict[str, Any]]:
    try:
        path = catalog.find(request.demo)
        if not path.is_file():
            raise Refusal(f"{path} is not a file; a demo is a Python file.")
        sys.path.append(str(path.parent))  # a demo may import what lies beside it
        demo = catalog.load(path)
        chosen = catalog.values(demo, request.settings)
        topology = catalog.build(demo, chosen)
    except CatalogError as error:
        raise Refusal(str(error), error.detail) from None
    except (OSError, RuntimeError) as error:  # a name too long for a path, a ~user that nobody is
        raise Refusal(f"{request.demo} cannot be read: {error}.") from None
    except (Refusal, StoppedEarly):
        raise
    except BaseException as error:  # of the demo's own: KeyboardInterrupt, which is not ours, or any other
        line, detail = catalog.author_traceback(error, path)
        where = f"{path}, line {line}" if line else str(path)
        told = f"{where} raised {type(error).__name__} before it had said what it is"
        raise Refusal(f"{told}.", detail) from None
    return demo.path, topology, chosen


def _session_started(
    topology: Topology, parameters: dict[str, ev.Plain], assembly: Assembly, request: SessionRequest
) -> ev.SessionStarted:
    return ev.SessionStarted(
        t=0,
        topology=topology.name,
        about=str(plain(topology.about)),
        parameters=parameters,
        processes=list(topology.processes),
        channels=[made.info() for made in assembly.channels],
        locks=[made.info() for made in assembly.locks],
        host=ev.Host(
            socket.gethostname(),
            f"{platform.system()} {platform.release()}",
            len(os.sched_getaffinity(0)),
            platform.python_version(),
            __version__,
        ),
        started_at=datetime.now().astimezone().isoformat(timespec="milliseconds"),
        tick=request.tick,
    )


def _main_and_no_more() -> NoReturn:
    """End at once: threads and exit functions of a demo's own have no say in when the stream ends."""
    status = 1
    try:
        main()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _main_and_no_more()
