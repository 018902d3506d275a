"""multiprocessing.Queue, shown as what it is: a pipe, a thread in each sender, and a semaphore.

Python's own queue: a put takes a place of the semaphore and leaves the object to a thread of the process,
which pickles it into a pipe; a get takes it out under a lock and gives the place back. It has no end of
messages, so it has a lifeline.
"""

from __future__ import annotations

import multiprocessing
import queue as queues
import select
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    TIMED,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import close_quietly, reason_of
from ipcviz.mechanisms.ends import Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.frames import LARGEST_FRAME
from ipcviz.mechanisms.records import Lifeline
from ipcviz.mechanisms.waiting import Waiter, interruptible
from ipcviz.traits import Traits

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

LARGEST = LARGEST_FRAME - ENVELOPE
LOOK_S = 0.05
"""How often a sender that waits for a place looks whether anybody is left to make one."""
_BREATH_MS = 2
"""Long enough for a stop that is tried again every millisecond (runtime/worker.py)."""


class MpQueueOptions(Options, frozen=True):
    """What can be chosen of a multiprocessing queue."""

    messages: Annotated[int, Meta(ge=1, le=32767, description="messages that it holds (maxsize)")] = 16


class MpPut(Put):
    """Puts into the queue, through the thread."""

    def __init__(self, queue: Queue[bytes], lifeline: int, watch: Watch) -> None:
        self._queue, self._lifeline, self._watch = queue, lifeline, watch
        self._pulse = select.poll()
        self._pulse.register(lifeline, 0)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message."""
        if self._pulse.poll(0):
            raise Gone
        try:
            self._queue.put(message, block=False)
        except queues.Full:
            self._wait(message, deadline)

    def _wait(self, message: bytes, deadline: float | None) -> None:
        self._watch.blocked(SENDING | (0 if deadline is None else TIMED))
        try:
            while True:
                left = LOOK_S if deadline is None else min(LOOK_S, deadline - time.monotonic())
                try:
                    return self._queue.put(message, timeout=max(0.0, left))
                except queues.Full:
                    pass
                self._breathe()
                if self._pulse.poll(0):
                    raise Gone
                if deadline is not None and time.monotonic() >= deadline:
                    raise TimeoutError
        finally:
            self._watch.unblocked()

    @interruptible
    def _breathe(self) -> None:
        self._pulse.poll(_BREATH_MS)

    def close(self) -> None:
        """Wait until the thread has written everything, unless nobody reads it."""
        self._queue.close()
        if self._pulse.poll(0):
            self._queue.cancel_join_thread()
        else:
            self._queue.join_thread()
        close_quietly(self._lifeline)


class MpTake(Take):
    """Gets from the queue."""

    def __init__(self, queue: Queue[bytes], reader: int, lifeline: int, watch: Watch) -> None:
        self._queue, self._lifeline = queue, lifeline
        self._waiter = Waiter(watch, RECEIVING, {reader: select.POLLIN, lifeline: 0})
        self._reader = reader
        self._hung_up = False

    def take(self, deadline: float | None) -> bytes:
        """One message; what was put before the last sender went is still taken."""
        while True:
            try:
                return self._queue.get(block=False)
            except queues.Empty:
                if self._hung_up:
                    raise Ended from None
            ready = dict(self._waiter.wait(deadline))
            self._hung_up = self._lifeline in ready and self._reader not in ready
            if self._reader in ready:
                # Somebody else may be taking it, or have died with the lock: then this waits for the lock.
                try:
                    return self._queue.get(timeout=LOOK_S)
                except queues.Empty:
                    continue

    def close(self) -> None:
        """Let go of the lifeline; the pipe stays with the queue."""
        close_quietly(self._lifeline)


class MpQueueChannel(KernelChannel):
    """One queue and its lifeline."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._capacity = plan.options.messages
        try:
            self._queue: Queue[bytes] = multiprocessing.get_context("fork").Queue(self._capacity)
        except OSError as error:
            raise CannotCreate(
                f"channel {plan.channel!r}: a multiprocessing queue could not be made ({reason_of(error)})"
            ) from None
        # Both ends of its pipe, which every process of such a queue has.
        self._pipe = (self._queue._reader.fileno(), self._queue._writer.fileno())  # type: ignore[attr-defined]
        self._open = True
        try:
            self._lifeline = Lifeline(plan)
        except CannotCreate:
            self._close()
            raise

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The pipe and the lifeline; the semaphores are inherited memory."""
        return (*self._pipe, self._lifeline.descriptor(endpoint))

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """The end itself."""
        lifeline = self._lifeline.descriptor(endpoint)
        if endpoint in self.plan.senders:
            put = MpPut(self._queue, lifeline, watch)
            return SenderEnd(self.plan.channel, endpoint, LARGEST, put, watch)
        return ReceiverEnd(self.plan.channel, MpTake(self._queue, self._pipe[0], lifeline, watch), watch)

    def release(self) -> None:
        """Let go of the lifeline; the queue itself is needed to ask it."""
        self._lifeline.release()

    def depth(self, reach: Reach) -> Depth:
        """The places taken, by the value of the semaphore (sem_getvalue(3))."""
        return Depth(self.in_flight(), None, self._capacity, "messages", "exact")

    def hold(self, reach: Reach) -> None:
        """The supervisor's own semaphore is enough."""

    def in_flight(self) -> int:
        """The places taken."""
        return self._queue.qsize() if self._open else 0

    def destroy(self) -> None:
        """Close what is ours; the kernel frees the rest."""
        self.release()
        self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._queue._reader.close()  # type: ignore[attr-defined]
            self._queue._writer.close()  # type: ignore[attr-defined]


class MpQueue(Mechanism):
    """The registry's entry."""

    name = "mp-queue"
    family = "message queue"
    about = "Python's multiprocessing.Queue: a pipe, a thread in each sender, and a semaphore."
    depth_source = "sem_getvalue(3) of its semaphore: the places taken"
    manual = ("multiprocessing (Python library)", "pipe(7)", "sem_overview(7)")
    good = "Any Python object, any number of processes, and nothing to set up."
    bad = "A process that is killed in a get leaves the lock taken, and all the others wait for ever."
    traits = Traits(
        kinds=("channel", "broadcast", "call"), related_only=True, boundaries=True, in_kernel=False
    )
    options = MpQueueOptions
    survives_exec = False

    def unavailable(self) -> str | None:
        """Its semaphores are POSIX ones."""
        try:
            multiprocessing.get_context("fork").Semaphore(1)
        except (OSError, ImportError) as error:
            return f"multiprocessing cannot make a semaphore here ({error}); it needs a writable /dev/shm"
        return None

    def limits(self) -> Limits:
        """As it is made here."""
        return {"messages": MpQueueOptions().messages, "largest_message_bytes": LARGEST}

    def largest(self, senders: int) -> int:
        """Any length would do; this is what a stream carries."""
        return LARGEST

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """Its semaphores have lost their names when they are made."""
        return ()

    def create(self, plan: Plan) -> MpQueueChannel:
        """Make the queue."""
        return MpQueueChannel(plan)
