"""Peers for the contract suites: every endpoint in a process of its own, steered from the test.

A peer obeys orders that come over a connection and answers with what came of each, an exception included.
For the in-memory double a peer is a thread.
"""

from __future__ import annotations

import contextlib
import itertools
import mmap
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from ipcviz.mechanisms import LOCKS, MECHANISMS, libc
from ipcviz.mechanisms.contract import (
    OPENED,
    KernelChannel,
    KernelLock,
    LockPlan,
    Mechanism,
    Options,
    Plan,
)
from ipcviz.mechanisms.memory import Memory, MemoryChannel
from ipcviz.mechanisms.tcp import TcpOptions
from ipcviz.mechanisms.zeromq import ZmqOptions
from ipcviz.options import options_of, split
from ipcviz.traits import AfterDeath, LockTraits

ANSWER_S = 30
CHANNELS = {name: entry for name, entry in MECHANISMS.items() if "channel" in entry.traits.kinds}
ALL: dict[str, Mechanism] = {**CHANNELS, "memory": Memory()}
"""What carries messages one way; test_rpc.py has what carries calls only."""
OPTIONS: dict[str, Options] = {
    "tcp": TcpOptions(sndbuf=65536, rcvbuf=65536),
    "zmq-ipc": ZmqOptions(hwm=10, sndbuf=65536, rcvbuf=65536),
    "zmq-tcp": ZmqOptions(hwm=10, sndbuf=65536, rcvbuf=65536),
}
"""Buffers of a known size, which do not grow, and short queues."""
Until = Callable[[Callable[[], object]], None]
_numbers = itertools.count(1)


def kernel_name() -> str:
    return f"ipcviz-test-{os.getpid()}-{next(_numbers)}"


class Recorder:
    """A Watch that remembers what it is told, and shows in shared memory if its end waits or is closed."""

    def __init__(self, shown: memoryview) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.shown = shown
        self._stamps = itertools.count(1000)

    def stamp(self) -> int:
        stamp = next(self._stamps)
        self.heard.append(("stamp", stamp))
        return stamp

    def sent(self, size: int) -> None:
        self.heard.append(("sent", size))
        self._count(4)

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        self.heard.append(("received", size, stamp, sender, sequence, payload))
        self._count(8)

    def _count(self, place: int) -> None:
        count = int.from_bytes(self.shown[place : place + 4], "little") + 1
        self.shown[place : place + 4] = count.to_bytes(4, "little")

    def blocked(self, activity: int) -> None:
        self.heard.append(("blocked", activity))
        self.shown[0] = activity

    def unblocked(self) -> None:
        self.heard.append(("unblocked",))
        self.shown[0] = 0

    def closed(self) -> None:
        self.heard.append(("closed",))
        self.shown[1] = 1

    def opened(self, descriptor: int) -> None:
        self.shown[2] = descriptor + 1

    def attached(self, end: object) -> None:
        pass

    # The words of a lock's watch.

    def waiting(self, timed: bool) -> None:
        self.heard.append(("waiting", timed))
        self.shown[0] = 1

    def acquired(self, contended: bool, shared: bool = False) -> None:
        self.heard.append(("acquired", contended, *(["shared"] if shared else [])))
        self.shown[0] = 0

    def gave_up(self) -> None:
        self.heard.append(("gave up",))
        self.shown[0] = 0

    def released(self) -> None:
        self.heard.append(("released",))


class Orders:
    """What a peer can be told to do besides the methods of its end."""

    def __init__(self, end: Any, watch: Recorder) -> None:
        self.end, self.watch = end, watch

    def send_all(self, payloads: list[bytes]) -> int:
        for payload in payloads:
            self.end.send(payload)
        return len(payloads)

    def fill(self, payload: bytes) -> int:
        """Send until it does not fit, nor a moment later (TCP's window grows); how many did."""
        count = 0
        while True:
            try:
                self.end.send(payload, timeout=0.1)
            except TimeoutError:
                return count
            count += 1

    def receive_some(self, count: int) -> list[bytes]:
        return [self.end.receive() for _ in range(count)]

    def drain(self) -> list[bytes]:
        return list(self.end)

    def answer_all(self) -> int:
        """As a responder: answer each request with itself in upper case; how many there were."""
        count = 0
        for request in self.end:
            request.reply(request.payload.upper())
            count += 1
        return count

    def answer_one(self, reply: bytes) -> bytes:
        request = self.end.receive()
        request.reply(reply)
        return bytes(request.payload)

    def send_open(self, payload: bytes, path: str) -> None:
        """Open a file, and send its descriptor along."""
        descriptor = os.open(path, os.O_RDONLY)
        self.end.send_descriptors(payload, [descriptor])
        os.close(descriptor)

    def receive_open(self) -> tuple[bytes, bytes]:
        """The payload, and what is read from the descriptor that came with it."""
        payload, (descriptor,) = self.end.receive_descriptors()
        content = os.read(descriptor, 1000)
        os.close(descriptor)
        return payload, content

    def limit_files(self, size: int) -> None:
        """No file may grow beyond that size from now on."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    def heard(self) -> list[tuple[Any, ...]]:
        return self.watch.heard

    def largest(self) -> int:
        return int(self.end.largest)

    def add_slowly(self, path: str, times: int) -> None:
        """Under the lock: read a number, let others run, write one more."""
        file = os.open(path, os.O_RDWR)
        for _ in range(times):
            with self.end:
                value = int.from_bytes(os.pread(file, 8, 0), "little")
                os.sched_yield()
                os.pwrite(file, (value + 1).to_bytes(8, "little"), 0)

    def crowd(self, path: str, place: int, times: int) -> int:
        """Under the lock: put up a flag of one's own, and see how many are up; the most seen."""
        file = os.open(path, os.O_RDWR)
        most = 0
        for _ in range(times):
            with self.end:
                os.pwrite(file, b"\1", place)
                os.sched_yield()
                most = max(most, sum(os.pread(file, 64, 0)))
                os.pwrite(file, b"\0", place)
        return most


def obey(connection: Connection, open_end: Callable[[], Any], watch: Recorder) -> None:
    """A peer's life: it opens its end, says that it has, and obeys."""
    orders = Orders(open_end(), watch)
    watch.shown[3] = 1
    while True:
        try:
            name, arguments, keywords = connection.recv()
        except (EOFError, OSError):
            return
        try:
            target = orders if hasattr(orders, name) else orders.end
            outcome: Any = getattr(target, name)(*arguments, **keywords)
        except BaseException as error:
            outcome = error
        connection.send(outcome)


class Peer:
    """One endpoint, elsewhere."""

    def __init__(self, connection: Connection, shown: memoryview, until: Until) -> None:
        self._connection, self._shown, self._until = connection, shown, until

    def begin(self, order: str, *arguments: Any, **keywords: Any) -> None:
        """Order something and do not wait for its outcome."""
        self._connection.send((order, arguments, keywords))

    def answer(self) -> Any:
        """The outcome of what was begun; raises what it raised."""
        assert self._connection.poll(ANSWER_S), "the peer does not answer"
        outcome = self._connection.recv()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def ask(self, order: str, *arguments: Any, **keywords: Any) -> Any:
        """Order something and wait for its outcome."""
        self.begin(order, *arguments, **keywords)
        return self.answer()

    @property
    def answered(self) -> bool:
        """It has finished what was begun."""
        return self._connection.poll(0)

    @property
    def has_closed(self) -> bool:
        """Its end said that it is closed."""
        return bool(self._shown[1])

    @property
    def opened(self) -> int:
        """The descriptor that its end has opened by itself; -1 for none."""
        return self._shown[2] - 1

    @property
    def is_ready(self) -> bool:
        """Its end is open."""
        return bool(self._shown[3])

    def counted(self) -> tuple[int, int]:
        """Messages that its end has sent and received."""
        return tuple(int.from_bytes(self._shown[place : place + 4], "little") for place in (4, 8))

    def until_it_waits(self) -> None:
        """Until its end says that it waits."""
        self._until(lambda: self._shown[0])

    def end(self) -> None:
        """Let it end in order: what it has open is closed."""
        self._connection.close()


class ProcessPeer(Peer):
    """In a child process, which keeps no descriptors but its own."""

    def __init__(
        self, open_end: Callable[[], Any], keep: tuple[int, ...], recorder: Recorder, until: Until
    ) -> None:
        mine, theirs = multiprocessing.Pipe()
        self.ended = False
        self.pid = os.fork()
        if self.pid == 0:
            try:
                libc.die_with_parent(signal.SIGKILL)
                _close_all_but({0, 1, 2, theirs.fileno(), *keep})
                obey(theirs, open_end, recorder)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        theirs.close()
        self.pidfd = os.pidfd_open(self.pid)
        super().__init__(mine, recorder.shown, until)

    def until_it_waits(self) -> None:
        """Also until the kernel has put it to sleep."""
        super().until_it_waits()
        self._until(lambda: _stat(self.pid)[0] == "S")

    def spent(self) -> tuple[int, ...]:
        """Processor time in ticks and context switches: what changes whenever it runs."""
        fields = _stat(self.pid)
        status = Path(f"/proc/{self.pid}/status").read_text().split("\n")
        switches = [int(line.split()[1]) for line in status if "ctxt_switches" in line]
        return int(fields[11]), int(fields[12]), *switches

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.reap()

    def end(self) -> None:
        """Wait until it is gone."""
        super().end()
        self.reap()

    def reap(self) -> None:
        if not self.ended:
            self.ended = True
            os.waitpid(self.pid, 0)
            os.close(self.pidfd)


class ThreadPeer(Peer):
    """In a thread; for the double."""

    def __init__(self, open_end: Callable[[], Any], recorder: Recorder, until: Until) -> None:
        mine, self._theirs = multiprocessing.Pipe()
        super().__init__(mine, recorder.shown, until)
        self._thread = threading.Thread(target=obey, args=(self._theirs, open_end, recorder), daemon=True)
        self._thread.start()

    def end(self) -> None:
        super().end()
        self._thread.join(ANSWER_S)
        self._theirs.close()


def _close_all_but(keep: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _stat(pid: int) -> list[str]:
    """The fields of proc_pid_stat(5) from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


class Carrier:
    """Channels of one mechanism, their peers, and the view of a supervisor onto both."""

    def __init__(self, mechanism: Mechanism, until: Until) -> None:
        self.mechanism = mechanism
        self.until = until
        self.folder = tempfile.mkdtemp(prefix="ipcviz-test-")
        self.peers: dict[int, Peer] = {}
        self._page = mmap.mmap(-1, 4096)
        self._made: list[KernelChannel] = []

    def __str__(self) -> str:
        return self.mechanism.name

    def plan(self, senders: int = 1, receivers: int = 1, kind: Any = "channel") -> Plan:
        into, out_of = range(senders), range(senders, senders + receivers)
        options = OPTIONS.get(self.mechanism.name, self.mechanism.options())
        return Plan("talk", kind, tuple(into), tuple(out_of), kernel_name(), self.folder, options)

    def create(self, plan: Plan) -> KernelChannel:
        channel = self.mechanism.create(plan)
        self._made.append(channel)
        return channel

    @property
    def channel(self) -> KernelChannel:
        """The channel that was made last."""
        return self._made[-1]

    def start(
        self, senders: int = 1, receivers: int = 1, kind: str = "channel"
    ) -> tuple[list[Any], list[Any]]:
        """A channel with a peer for every endpoint, released by us: senders and receivers."""
        plan = self.plan(senders, receivers, kind)
        self.create(plan)
        return self.start_peers()

    def start_peers(self) -> tuple[list[Any], list[Any]]:
        plan = self.channel.plan
        for endpoint in (*plan.senders, *plan.receivers):
            self.peers[endpoint] = self._peer(endpoint)
        for peer in self.peers.values():
            self.until(lambda peer=peer: peer.is_ready)
        self.channel.release()
        return [self.peers[end] for end in plan.senders], [self.peers[end] for end in plan.receivers]

    def _peer(self, endpoint: int) -> Peer:
        shown = memoryview(self._page)[12 * endpoint : 12 * endpoint + 12]
        shown[:] = bytes(12)
        recorder = Recorder(shown)
        channel = self.channel
        if self.mechanism.name == "memory":
            return ThreadPeer(lambda: channel.open(endpoint, recorder), recorder, self.until)
        keep = tuple(channel.descriptors(endpoint))
        return ProcessPeer(lambda: channel.open(endpoint, recorder), keep, recorder, self.until)

    def borrow(self, endpoint: int, descriptor: int) -> int | None:
        """A Reach; see the contract."""
        peer = self.peers[endpoint]
        assert isinstance(peer, ProcessPeer)
        descriptor = peer.opened if descriptor == OPENED else descriptor
        if peer.ended or peer.has_closed or descriptor < 0:
            return None
        try:
            return libc.pidfd_getfd(peer.pidfd, descriptor)
        except PermissionError:
            raise
        except OSError:
            return None

    def counted(self) -> tuple[int, int]:
        """A Reach; see the contract."""
        counts = [peer.counted() for peer in self.peers.values()]
        return sum(sent for sent, _ in counts), sum(received for _, received in counts)

    def depth(self) -> Any:
        return self.channel.depth(self)

    def close(self) -> None:
        for channel in self._made:
            if isinstance(channel, MemoryChannel):
                _let_go(channel)
        for peer in self.peers.values():
            if isinstance(peer, ProcessPeer) and not peer.ended:
                peer.kill()
            elif isinstance(peer, ThreadPeer):
                peer.end()
        for channel in self._made:
            channel.release()
            channel.destroy()
        assert os.listdir(self.folder) == []
        os.rmdir(self.folder)


def _let_go(channel: MemoryChannel) -> None:
    """Whatever thread still waits in it: it ends."""
    with channel.changed:
        channel.senders.clear()
        channel.receivers.clear()
        channel.changed.notify_all()


class Askable:
    """A lock, with what it knows as a method that a peer can be asked for."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.acquire, self.release = lock.acquire, lock.release

    def __enter__(self) -> None:
        self.lock.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.lock.__exit__(*error)

    def is_recovered(self) -> bool:
        return bool(self.lock.recovered)

    def read_beside(self) -> bool:
        """Hold it together with others that read, for a moment."""
        with self.lock.shared():
            return True


class Locker:
    """Locks of one kind, and the processes that use them; `choice` is as of `-l`."""

    def __init__(self, choice: str, until: Until) -> None:
        self.choice, self.until = choice, until
        name, options = split(choice)
        self.mechanism = LOCKS[name]
        self.options = options_of(self.mechanism.options, name, options)
        self.folder = tempfile.mkdtemp(prefix="ipcviz-test-")
        self.peers: list[ProcessPeer] = []
        self._page = mmap.mmap(-1, 4096)
        self._made: list[KernelLock] = []

    def __str__(self) -> str:
        return self.choice

    @property
    def traits(self) -> LockTraits:
        return self.mechanism.traits

    @property
    def after_death(self) -> AfterDeath:
        return self.mechanism.after_death(self.options)

    def create(self, count: int = 1, name: str | None = None, shared: bool = False) -> KernelLock:
        self._made.append(self.mechanism.create(self.plan(count, name, shared)))
        return self._made[-1]

    def plan(self, count: int = 1, name: str | None = None, shared: bool = False) -> LockPlan:
        return LockPlan("door", count, shared, name or kernel_name(), self.folder, self.options)

    def start(self, users: int, count: int = 1, shared: bool = False) -> list[ProcessPeer]:
        """A lock, and so many processes that use it."""
        lock = self.create(count, shared=shared)
        keep = tuple(lock.descriptors())
        return [self.join(lambda recorder: Askable(lock.open(recorder)), keep) for _ in range(users)]

    def join(self, open_lock: Callable[[Recorder], Any], keep: tuple[int, ...] = ()) -> ProcessPeer:
        """One more process, which has opened its lock."""
        number = len(self.peers)
        recorder = Recorder(memoryview(self._page)[12 * number : 12 * number + 12])
        peer = ProcessPeer(partial(open_lock, recorder), keep, recorder, self.until)
        self.peers.append(peer)
        self.until(lambda: peer.is_ready)
        return peer

    @property
    def lock(self) -> KernelLock:
        return self._made[-1]

    def close(self) -> None:
        for peer in self.peers:
            if not peer.ended:
                peer.kill()
        for lock in self._made:
            lock.destroy()
        assert os.listdir(self.folder) == []
        os.rmdir(self.folder)


LOCK_CHOICES = [*LOCKS, "sysv-sem:undo=false"]


@pytest.fixture(params=LOCK_CHOICES)
def locker(request: pytest.FixtureRequest, until: Until) -> Iterator[Locker]:
    """Every lock of the registry."""
    made = Locker(request.param, until)
    yield made
    made.close()


@pytest.fixture(params=list(ALL))
def carrier(request: pytest.FixtureRequest, until: Until) -> Iterator[Carrier]:
    """Every mechanism of the registry, and the double."""
    made = Carrier(ALL[request.param], until)
    yield made
    made.close()
