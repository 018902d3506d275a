"""The supervisor: a small process that makes a run, watches it, and leaves nothing behind.

Started as `python -m ipcviz.runtime.supervisor`, with a `SessionRequest` as the first line of its
standard input and the stream of events as its standard output. When its input ends, it stops everything.
"""

from __future__ import annotations

import os
import platform
import secrets
import signal
import socket
from datetime import datetime
from pathlib import Path

import msgspec

from ipcviz import __version__, catalog
from ipcviz import events as ev
from ipcviz.catalog import CatalogError
from ipcviz.choice import ChoiceError, choose_channels, choose_locks
from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import CannotCreate
from ipcviz.runtime import ledger as ledgers
from ipcviz.runtime.assembly import Assembly
from ipcviz.runtime.ledger import Ledger
from ipcviz.runtime.request import SessionRequest
from ipcviz.runtime.run import Run
from ipcviz.runtime.stream import Stream
from ipcviz.runtime.telemetry import Page
from ipcviz.runtime.workers import LineReader, Workers
from ipcviz.topology import Topology


class Refusal(Exception):
    """The run cannot start; the message is a sentence for the user, `detail` more lines."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


def main() -> None:
    """Serve one session."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stream = Stream(_private_output())
    control = LineReader(0)
    request = _first_line(control)
    if request is None:
        return
    try:
        _serve(request, stream, control)
    except Refusal as refusal:
        stream.put(ev.Refused(t=0, sentence=str(refusal), detail=refusal.detail))
    stream.finish(seconds=5)


def _private_output() -> int:
    """The stream's descriptor, out of reach of whatever a demo prints."""
    output = os.dup(1)
    os.dup2(2, 1)
    return output


def _first_line(control: LineReader) -> SessionRequest | None:
    """The request; None if nobody asked for anything."""
    os.set_blocking(control.descriptor, True)
    lines: list[bytes] = []
    while not lines and not control.ended:
        lines = control.read()
    os.set_blocking(control.descriptor, False)
    return msgspec.json.decode(lines[0], type=SessionRequest) if lines else None


def _serve(request: SessionRequest, stream: Stream, control: LineReader) -> None:
    for dead in ledgers.dead_runs():
        ledgers.clean(dead)
    demo_path, topology, parameters = _declare(request)
    try:
        channels = choose_channels(topology, request.mechanisms)
        locks = choose_locks(topology, request.locks)
    except ChoiceError as error:
        raise Refusal(str(error)) from None
    run_id = f"{os.getpid()}-{secrets.token_hex(3)}"
    try:
        ledger = Ledger(run_id)
    except OSError as error:
        raise Refusal(f"The list of what a run makes cannot be kept: {error.strerror}.") from None
    assembly = Assembly(run_id, ledger)
    workers = Workers(ledger)
    try:
        try:
            assembly.make(channels, locks)
        except CannotCreate as error:
            raise Refusal(f"{error}.") from None
        libc.adopt_orphans()
        page = Page(assembly.rows, len(topology.processes))
        try:
            for declaration in topology.processes.values():
                workers.fork(declaration, demo_path, assembly, page)
        except OSError as error:
            raise Refusal(
                f"Process {declaration.name!r} could not be started: {error.strerror}; fewer may fit."
            ) from None
        assembly.release()
        started = _session_started(topology, parameters, assembly, request)
        Run(request, started, assembly, page, workers, stream, control).live()
    finally:
        workers.end_at_once()
        assembly.destroy()
        ledger.close()


def _declare(request: SessionRequest) -> tuple[Path, Topology, dict[str, ev.Plain]]:
    try:
        demo = catalog.load(catalog.find(request.demo))
        chosen = catalog.values(demo, request.settings)
        topology = catalog.build(demo, chosen)
    except CatalogError as error:
        raise Refusal(str(error), error.detail) from None
    return demo.path, topology, {name: _plain(value) for name, value in chosen.items()}


def _plain(value: object) -> ev.Plain:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _session_started(
    topology: Topology, parameters: dict[str, ev.Plain], assembly: Assembly, request: SessionRequest
) -> ev.SessionStarted:
    return ev.SessionStarted(
        t=0,
        topology=topology.name,
        about=topology.about,
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


if __name__ == "__main__":
    main()
