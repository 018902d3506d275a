"""The worker: what a forked process does from its first moment to its last.

It keeps only the descriptors of its own ends, dies with the supervisor, and runs the author's function
with real ends in place of references. SIGTERM stops it in order: `Stopped` is raised where nothing is
half done. It never returns to the supervisor's code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ipcviz import ends
from ipcviz.catalog import author_traceback
from ipcviz.mechanisms import libc
from ipcviz.mechanisms.call_ends import CallerEnd, ResponderEnd
from ipcviz.mechanisms.ends import BroadcastEnd, ReceiverEnd, SenderEnd
from ipcviz.runtime.assembly import MadeChannel, Share
from ipcviz.runtime.moments import nothing_half_done
from ipcviz.runtime.telemetry import Board, EndWatch, LockUseWatch, Page, Ring
from ipcviz.runtime.worker_acts import POKE, WorkerActs
from ipcviz.topology import (
    Endpoint,
    EndReference,
    LockReference,
    ProcessDeclaration,
    replace_references,
)
from ipcviz.traits import Role

LONGEST_REASON = 2000
"""Characters of an exception's message that are told, and of its traceback twice as many."""
AGAIN_S = 0.001
"""How soon a stop is tried again that came in the middle of a message."""


_stop_asked: list[int] = []
"""In a worker: the signals that asked it to stop."""


class Stopped(BaseException):
    """The supervisor asked this worker to end."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is told before it is forked."""

    process: str
    number: int
    demo: Path
    supervisor: int
    reports: int
    output: int
    start: int


def work(orders: Orders, declaration: ProcessDeclaration, share: Share, page: Page) -> NoReturn:
    """Be this worker, a fork of the supervisor; ends the process."""
    become_worker(orders, share, page)
    perform(orders, declaration, share, page)


def become_worker(orders: Orders, share: Share, page: Page, keep: tuple[int, ...] = ()) -> None:
    """Leave the supervisor's life behind; of its descriptors the worker keeps its own and `keep`."""
    os.setsid()
    libc.die_with_parent(signal.SIGKILL)
    if os.getppid() != orders.supervisor:
        os._exit(0)  # it died before the kernel was told to tell us
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(POKE, signal.SIG_IGN)
    libc.set_process_name(orders.process)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(orders.output, 1)
    os.dup2(orders.output, 2)
    own = share.descriptors(orders.process)
    _close_others({0, 1, 2, orders.reports, orders.start, page.descriptor, *own, *keep})


def perform(orders: Orders, declaration: ProcessDeclaration, share: Share, page: Page) -> NoReturn:
    """Open the ends, wait for the start, run the author's function; ends the process."""
    status = 1
    try:
        sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        status = _run(orders, declaration, share, page)
    except Stopped:
        status = 0
    except SystemExit as error:
        status = _status_of(orders, error)
    except BaseException as error:
        if isinstance(error, ends.ChannelError) and _stop_asked:
            status = 0  # the others were stopped, too, and some were faster
        else:
            _tell_failure(orders, error)
    finally:
        _flush()
        os._exit(status)


def _close_others(keep: set[int]) -> None:
    """An end inherited by mistake would keep a pipe alive and hide its end."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue


def _run(orders: Orders, declaration: ProcessDeclaration, share: Share, page: Page) -> int:
    acts = WorkerActs(page, orders.number, lambda number, trouble: _tell_of_hand(orders, number, trouble))
    opened = _Opened(orders.process, share, page, page.ring(orders.number), acts)
    arguments, keywords = replace_references((declaration.arguments, declaration.keywords), opened.real)
    _tell(orders, {"ready": True})
    os.read(orders.start, 1)  # until the supervisor says so, or is gone
    ends.on_report(_Reports(page.board(orders.number)).add)
    ends.on_death(lambda reason: _tell(orders, {"meant": reason}))
    signal.signal(signal.SIGTERM, _stop)
    acts.begin()
    try:
        declaration.function(*arguments, **keywords)
    except BaseException:
        _stop_no_more()
        acts.end_all()
        opened.close()
        raise
    _stop_no_more()
    acts.end_all()
    if _stop_asked:
        _leave(signal.SIGTERM, None)
    signal.signal(signal.SIGTERM, _leave)  # what is still in this process's memory may take long to go
    opened.close()
    return 0


class _Reports:
    """Everything that this worker has reported, the latest of each name."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._values: dict[str, ends.Value] = {}

    def add(self, values: dict[str, ends.Value]) -> None:
        """Put it up for the supervisor to see."""
        self._values.update(values)
        self._board.write(json.dumps(self._values, default=str).encode())


class _Opened:
    """The real ends of this worker, each opened once."""

    def __init__(self, process: str, share: Share, page: Page, ring: Ring, acts: WorkerActs) -> None:
        self._process, self._share, self._page, self._ring, self._acts = process, share, page, ring, acts
        self._ends: dict[object, Any] = {}

    def real(self, reference: EndReference | LockReference) -> Any:
        """The end that stands behind a reference."""
        if isinstance(reference, LockReference):
            key: object = ("lock", reference.lock)
            if key not in self._ends:
                self._ends[key] = self._lock(reference.lock)
            return self._ends[key]
        key = (reference.channel, reference.role)
        if key not in self._ends:
            self._ends[key] = self._end(reference)
        return self._ends[key]

    def close(self) -> None:
        """Close every end that is still open."""
        for end in self._ends.values():
            if hasattr(end, "close"):
                end.close()

    def _lock(self, name: str) -> Any:
        (made,) = (made for made in self._share.locks if made.chosen.declaration.name == name)
        row = made.first_row + made.chosen.declaration.users.index(self._process)
        return made.kernel.open(LockUseWatch(self._page, row, self._ring))

    def _end(self, reference: EndReference) -> Any:
        made = list(self._share.parts(reference.channel))
        if made[0].chosen.part_of is None:
            return self._open(made[0], reference.role)
        if reference.role in ("caller", "responder"):
            return self._call_of_channels(made, reference.role)
        mine = [part for part in made if Endpoint(self._process, reference.role) in part.chosen.endpoints]
        if reference.role == "receiver":
            return self._open(mine[0], "receiver")
        return BroadcastEnd(reference.channel, [self._open(part, "sender") for part in mine])

    def _call_of_channels(self, made: list[MadeChannel], role: Role) -> CallerEnd | ResponderEnd:
        """A call over one-way channels: the first carries requests, the others one caller's replies each."""
        requests, *replies = made
        if role == "caller":
            (mine,) = replies
            return CallerEnd(self._open(requests, "sender"), self._open(mine, "receiver"))
        callers: Mapping[int, SenderEnd] = {
            number: self._open(reply, "sender") for number, reply in enumerate(replies)
        }
        receiver: ReceiverEnd = self._open(requests, "receiver")
        return ResponderEnd(receiver, callers)

    def _open(self, made: MadeChannel, role: Role) -> Any:
        number = made.chosen.endpoints.index(Endpoint(self._process, role))
        row = made.first_row + number
        acts = self._acts.end(row, made.first_row, role, made.chosen.kind)
        return made.kernel.open(number, EndWatch(self._page, row, self._ring, acts.attach))


def _stop(number: int, frame: FrameType | None) -> None:
    """SIGTERM: raise `Stopped` unless a message or a lock is half done; then try again soon."""
    _stop_asked.append(number)
    if nothing_half_done(frame):
        _stop_no_more()
        raise Stopped
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S)


def _leave(number: int, frame: FrameType | None) -> None:
    """SIGTERM after the author's function has ended well: what was not sent by now stays unsent."""
    _flush()
    os._exit(0)


def _stop_no_more() -> None:
    """The author's function is over: a stop that was put off must not come in the middle of the rest."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if signal.getsignal(signal.SIGALRM) is _stop:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _tell(orders: Orders, record: Mapping[str, object]) -> None:
    try:
        os.write(orders.reports, json.dumps(record, default=str).encode() + b"\n")
    except OSError:
        return  # nobody listens any more


def _tell_of_hand(orders: Orders, number: int, trouble: str) -> None:
    """What became of a message that was to be sent by hand."""
    _tell(orders, {"by_hand": number, "trouble": _shortened(trouble, LONGEST_REASON)})


def _tell_failure(orders: Orders, error: BaseException) -> None:
    line, detail = author_traceback(error, orders.demo)
    where = f" ({orders.demo.name}, line {line})" if line else ""
    text = _shortened(_message(error), LONGEST_REASON)
    reason = f"{type(error).__name__}: {text}" if text else type(error).__name__
    failure = {
        "reason": f"{reason}{where}.",
        "detail": detail if len(detail) <= 2 * LONGEST_REASON else f"    …{detail[-2 * LONGEST_REASON :]}",
        "channel": isinstance(error, ends.ChannelError),
    }
    _tell(orders, {"failure": failure})


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:
        return f"(its message cannot be shown: {type(second).__name__})"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _status_of(orders: Orders, error: SystemExit) -> int:
    """What sys.exit() meant: a status, or a sentence and 1."""
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    _tell_failure(orders, error)
    return 1


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
