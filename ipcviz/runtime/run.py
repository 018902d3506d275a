"""The supervisor's main loop: one run, from the start of its workers to its summary."""

from __future__ import annotations

import contextlib
import selectors
import signal
import sys
import time
from collections.abc import Callable

import msgspec

from ipcviz import events as ev
from ipcviz.runtime.assembly import Assembly
from ipcviz.runtime.exits import GRACE, how_it_exited
from ipcviz.runtime.faults import Faults
from ipcviz.runtime.leftovers import Leftovers
from ipcviz.runtime.request import Act, SessionRequest, parse_command, plain
from ipcviz.runtime.sampler import Sampler
from ipcviz.runtime.stream import Stream
from ipcviz.runtime.summing import summary_of, whole_latencies
from ipcviz.runtime.telemetry import Page
from ipcviz.runtime.telling import FindingTeller
from ipcviz.runtime.workers import LineReader, Worker, WorkerReach, Workers, parse_object, readable
from ipcviz.units import SECOND
from ipcviz.world import World

READS_AT_THE_END = 4
"""Of what a worker has printed, 64 KiB each; whoever else holds its output may go on for ever."""


class Run:
    """A run that has been made; `live` returns when it is over."""

    def __init__(
        self,
        request: SessionRequest,
        started: ev.SessionStarted,
        assembly: Assembly,
        page: Page,
        workers: Workers,
        stream: Stream,
        control: LineReader,
    ) -> None:
        self._request, self._assembly, self._page = request, assembly, page
        self._workers, self._stream, self._control = workers, stream, control
        self._origin = time.monotonic_ns()
        self._world = World(lanes=False)
        self._sampler = Sampler(assembly, page, self._origin, list(workers.all))
        self._reach = {made.chosen.name: WorkerReach(made, workers, page) for made in assembly.channels}
        self._selector = selectors.DefaultSelector()
        self._faults = Faults(assembly, page, workers, self._tell, self._now)
        self._has_heard_nonsense = False
        self._acts = sorted(request.acts, key=_when)
        self._poke_due: int | None = None
        self._stop_asked = False
        self._stopping_since: int | None = None
        self._before_stop: ev.Frame | None = None
        self._lock_waits: list[ev.Latency] = []
        self._findings = FindingTeller()
        self._leftovers = Leftovers()
        self._untold: dict[str, dict[str, ev.Plain]] = {}
        self._emit(started)

    def live(self) -> None:
        """Start the workers, tick until they have ended, sum up."""
        signal.signal(signal.SIGTERM, lambda *_: self._ask_to_stop())
        self._register()
        for worker in self._workers.all.values():
            self._emit(ev.ProcessStarted(t=self._now(), process=worker.name, pid=worker.pid))
            self._sampler.watch(worker.name, worker.pid)
            self._leftovers.watch(worker.name, worker.pid)
        self._stream.flush()  # whatever a worker does now, it is known who they are
        self._workers.start()
        tick = self._request.tick * 1_000_000
        due = self._now() + tick
        while self._workers.living:
            self._wait(max(0, min([due, *self._other_dues()]) - self._now()))
            self._act()
            if self._now() >= due:
                self._tick()
                due = max(due + tick, self._now())
            self._stop_if_due()
        self._finish()

    def _now(self) -> int:
        return time.monotonic_ns() - self._origin

    def _emit(self, event: ev.AnyEvent, always: bool = False) -> bool:
        """Into the stream, and into this process's own world; False if it is full.

        Of messages, that world needs only their order.
        """
        if not self._stream.put(event, always):
            return False
        if isinstance(event, ev.Message):
            self._world.note_order(event)
        elif not isinstance(event, ev.LockEvent | ev.Note):
            self._world.apply(event)
        return True

    def _register(self) -> None:
        self._selector.register(self._control.descriptor, selectors.EVENT_READ, self._obey)
        self._leftovers.register(self._selector)
        for worker in self._workers.all.values():
            self._watch(worker.pidfd, self._ended, worker)
            self._watch(worker.reports.descriptor, self._hear, worker)
            self._watch(worker.output.descriptor, self._note, worker)

    def _watch(self, descriptor: int, action: Callable[[Worker], None], worker: Worker) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, lambda: action(worker))

    def _unwatch(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(descriptor)

    def _wait(self, nanoseconds: int) -> None:
        self._watch_output()
        for key, _ in self._selector.select(nanoseconds / SECOND):
            # Who comes before may have closed it: a worker's end closes what it was heard through.
            if self._selector.get_map().get(key.fd) == key:
                key.data()
        self._stream.flush()
        if self._stream.broken:
            self._ask_to_stop()

    def _watch_output(self) -> None:
        registered = self._stream.fileno() in self._selector.get_map()
        if self._stream.waiting and not registered:
            self._selector.register(self._stream.fileno(), selectors.EVENT_WRITE, self._stream.flush)
        elif registered and not self._stream.waiting:
            self._selector.unregister(self._stream.fileno())

    def _obey(self) -> None:
        """Commands; the end of the pipe says stop. What is no command is left alone, and told once."""
        for line in self._control.read():
            command = parse_command(line)
            if command is None:
                self._hear_nonsense()
            elif command.do == "stop":
                self._ask_to_stop()
            else:
                self._faults.obey(command)
        if self._control.ended:
            self._unwatch(self._control.descriptor)
            self._ask_to_stop()

    def _hear_nonsense(self) -> None:
        if not self._has_heard_nonsense:
            self._has_heard_nonsense = True
            print("ipcviz: a line on the control pipe was no command.", file=sys.stderr)

    def _tell(self, event: ev.AnyEvent) -> None:
        """What must not be missed."""
        self._emit(event, always=True)

    def _other_dues(self) -> list[int]:
        """When there is something to do before the next tick, in ns."""
        acts = [_when(act) for act in self._acts[:1]] if self._stopping_since is None else []
        return acts if self._poke_due is None else [*acts, self._poke_due]

    def _act(self) -> None:
        """Whatever is to be done at this time."""
        while self._acts and _when(self._acts[0]) <= self._now() and self._stopping_since is None:
            self._faults.obey(self._acts.pop(0).command)
        self._poke_due = self._faults.poke()

    def _ask_to_stop(self) -> None:
        self._stop_asked = True

    def _hear(self, worker: Worker) -> None:
        worker.hear()
        self._faults.heard(worker)
        if worker.reports.ended:
            self._unwatch(worker.reports.descriptor)
            worker.reports.close()

    def _note(self, worker: Worker) -> None:
        for line in worker.output.read():
            text = line.decode("utf-8", "backslashreplace")
            self._emit(ev.Note(t=self._now(), process=worker.name, text=text))
        if worker.output.ended:
            self._unwatch(worker.output.descriptor)
            worker.output.close()

    def _ended(self, worker: Worker) -> None:
        self._unwatch(worker.pidfd)
        self._workers.reap(worker)
        for reader, take in ((worker.reports, self._hear), (worker.output, self._note)):
            for _ in range(READS_AT_THE_END):
                if not reader.ended and readable(reader.descriptor):
                    take(worker)
            self._unwatch(reader.descriptor)
            reader.close()
        self._read_board(worker)
        self._sampler.forget(worker.name)
        self._leftovers.forget(worker.name)
        self._faults.ended(worker)
        self._emit(how_it_exited(worker, self._now(), self._stopping_since is not None))

    def _tick(self) -> None:
        self._take_samples()
        if self._stopping_since is not None:
            return
        # Without room for a frame this world stands still, and there is nothing new to find in it.
        if self._emit(self._sampler.frame(self._reach)):
            self._tell_findings()

    def _take_samples(self) -> None:
        for worker in self._workers.living:
            self._read_board(worker)
        for event in self._sampler.samples():
            self._emit(event)
        self._stream.count_lost(self._sampler.missed, self._now())

    def _read_board(self, worker: Worker) -> None:
        report = worker.board.read()
        if report is not None:
            values = {name: plain(value) for name, value in parse_object(report).items()}
            self._untold[worker.name] = values
        if worker.name in self._untold:
            self._tell_report(worker.name)

    def _tell_report(self, name: str, always: bool = False) -> None:
        """Where the stream is full, the latest one waits."""
        if self._emit(ev.Reported(t=self._now(), process=name, values=self._untold[name]), always):
            del self._untold[name]

    def _tell_findings(self, last: bool = False) -> None:
        """What is wrong now; after a stop, only what is left behind by those who were asked to end."""
        self._leftovers.look(last)
        view, now = self._world.view(), self._now()
        left = self._leftovers.findings(view)
        stops = self._stopping_since is not None
        for event in self._findings.added(left, now) if stops else self._findings.news(view, now, last, left):
            self._emit(event)

    def _stop_if_due(self) -> None:
        seconds = self._request.seconds
        if seconds is not None and self._now() >= seconds * SECOND:
            self._stop_asked = True
        if self._stopping_since is not None:
            if self._now() - self._stopping_since > GRACE:
                self._workers.signal(signal.SIGKILL)
        elif self._stop_asked and self._workers.living:
            self._stop()

    def _stop(self) -> None:
        """Look a last time, keep what is needed to count what is left, and ask all workers to end."""
        self._tick()
        self._tell_findings(last=True)
        self._before_stop = self._sampler.frame(self._reach)
        self._lock_waits = self._whole_lock_waits()
        self._stopping_since = self._now()
        for made in self._assembly.channels:
            with contextlib.suppress(PermissionError):
                made.kernel.hold(self._reach[made.chosen.name])
        for worker in self._workers.signal(signal.SIGTERM):
            event = ev.ProcessSignalled(t=self._now(), process=worker.name, signal=signal.SIGTERM)
            self._emit(event)
        self._faults.let_end()

    def _finish(self) -> None:
        self._take_samples()
        for name in list(self._untold):
            self._tell_report(name, always=True)
        self._emit(self._last_frame(), always=True)
        self._tell_findings(last=True)
        self._leftovers.close()
        channels = [(made.first_row, len(made.chosen.endpoints)) for made in self._assembly.channels]
        in_flight = [made.kernel.in_flight() for made in self._assembly.channels]
        self._stream.count_lost(self._sampler.missed, self._now())
        summary = summary_of(
            self._world.view(),
            whole_latencies(self._sampler, channels),
            self._lock_waits or self._whole_lock_waits(),
            in_flight,
            self._stream.events,
            self._stream.lost + self._sampler.missed,
            [made.kernel.found() for made in self._assembly.channels],
        )
        self._emit(summary)

    def _whole_lock_waits(self) -> list[ev.Latency]:
        rows = [(made.first_row, len(made.chosen.declaration.users)) for made in self._assembly.locks]
        return whole_latencies(self._sampler, rows)

    def _last_frame(self) -> ev.Frame:
        """The final counts; after a stop, with depths and locks as they were before it undid them."""
        last = self._sampler.frame(self._reach)
        before = self._before_stop
        if before is None:
            return last
        channels = [
            msgspec.structs.replace(now, depth=then.depth, latency=then.latency)
            for now, then in zip(last.channels, before.channels, strict=True)
        ]
        return msgspec.structs.replace(last, channels=channels, locks=before.locks)


def _when(act: Act) -> int:
    return round(act.at * SECOND)
