"""System V message queue, msgop(2): whole messages, each of a type, kept by the kernel until removed.

A receiver that asks for the lowest type first takes by priority: a message of priority p has type
LOWEST_TYPE - p. Such a queue cannot be waited for together with anything else, so who waits sleeps in
msgrcv(2) or msgsnd(2), and the lifeline wakes it with a signal.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from typing import Any

from ipcviz.events import Depth
from ipcviz.mechanisms import sysv
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    TIMED,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.ends import HIGHEST_PRIORITY, Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.records import Lifeline
from ipcviz.mechanisms.settings import setting
from ipcviz.mechanisms.waking import Alarm
from ipcviz.traits import Traits

LOWEST_TYPE = HIGHEST_PRIORITY + 1


class SysvPut(Put):
    """Sends to the queue while the lifeline has a receiver."""

    def __init__(self, queue: Any, lifeline: int, watch: Watch) -> None:
        self._queue, self._watch = queue, watch
        self._alarm = Alarm(lifeline, os.O_WRONLY)

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message; its type is what its priority leaves."""
        kind = LOWEST_TYPE - priority
        if not _tried(lambda block: self._queue.send(message, block=block, type=kind), self._gone):
            _wait(
                lambda block: self._queue.send(message, block=block, type=kind),
                self._gone,
                self._alarm,
                deadline,
                self._watch,
                SENDING,
            )

    def _gone(self) -> None:
        if self._alarm.hung_up():
            raise Gone

    def close(self) -> None:
        """Let go of the lifeline; a queue is not open in any process."""
        self._alarm.close()


class SysvTake(Take):
    """Takes from the queue, the highest priority first, while the lifeline has a sender."""

    def __init__(self, queue: Any, lifeline: int, watch: Watch) -> None:
        self._queue, self._watch = queue, watch
        self._alarm = Alarm(lifeline, os.O_RDONLY)
        self._message = b""

    def take(self, deadline: float | None) -> bytes:
        """One message; what was sent before the last sender went is still taken."""
        if not self._receive_now():
            _wait(self._receive, self._ended, self._alarm, deadline, self._watch, RECEIVING)
        message, self._message = self._message, b""
        return message

    def _receive(self, block: bool) -> None:
        self._message, _ = self._queue.receive(block=block, type=-LOWEST_TYPE)

    def _receive_now(self) -> bool:
        return _tried(self._receive, lambda: None)

    def _ended(self) -> None:
        if self._alarm.hung_up():
            raise Ended

    def close(self) -> None:
        """Let go of the lifeline."""
        self._alarm.close()


class SysvQueueChannel(KernelChannel):
    """One queue and its lifeline."""

    def __init__(self, plan: Plan, largest: int) -> None:
        import sysv_ipc

        self.plan = plan
        self._largest = largest
        self._key = sysv.key_of(plan.kernel_name)
        try:
            queue = sysv_ipc.MessageQueue(
                self._key, sysv_ipc.IPC_CREX, mode=0o600, max_message_size=largest + ENVELOPE
            )
        except (sysv_ipc.Error, OSError) as error:
            raise CannotCreate(_why_not(plan.channel, error)) from None
        self._id: int | None = queue.id
        self._capacity: int = queue.max_size
        try:
            self._lifeline = Lifeline(plan)
        except CannotCreate:
            self._remove()
            raise

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The lifeline; the queue itself is found by its key."""
        return (self._lifeline.descriptor(endpoint),)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Find the queue by its key."""
        import sysv_ipc

        queue = sysv_ipc.MessageQueue(self._key, max_message_size=self._largest + ENVELOPE)
        lifeline = self._lifeline.descriptor(endpoint)
        if endpoint in self.plan.senders:
            put = SysvPut(queue, lifeline, watch)
            return SenderEnd(self.plan.channel, endpoint, self._largest, put, watch)
        return ReceiverEnd(self.plan.channel, SysvTake(queue, lifeline, watch), watch)

    def release(self) -> None:
        """Let go of the lifeline here."""
        self._lifeline.release()

    def depth(self, reach: Reach) -> Depth:
        """The bytes that wait, as /proc/sysvipc/msg tells; msg_qbytes limits them."""
        row, reason = self._row()
        if row is None:
            return Depth(capacity=self._capacity, unit="bytes", reason=reason)
        return Depth(row.columns["cbytes"], None, self._capacity, "bytes", "exact")

    def address(self) -> str:
        """The key, as ipcs(1) shows it."""
        return f"key 0x{self._key:08x}"

    def hold(self, reach: Reach) -> None:
        """The kernel keeps the queue."""

    def in_flight(self) -> int:
        """The messages that wait."""
        row, _ = self._row()
        return 0 if row is None else row.columns["qnum"]

    def _row(self) -> tuple[sysv.Row | None, str]:
        try:
            row = sysv.row_of("sysv-mq", self._key)
        except OSError as error:
            return None, f"{error.filename}: {error.strerror}"
        return row, "the queue was removed" if row is None else ""

    def destroy(self) -> None:
        """Remove the queue."""
        self.release()
        self._remove()

    def _remove(self) -> None:
        import sysv_ipc

        if self._id is not None:
            number, self._id = self._id, None
            try:
                sysv_ipc.remove_message_queue(number)
            except sysv_ipc.ExistentialError:
                return


class SysvQueue(Mechanism):
    """The registry's entry."""

    name = "sysv-mq"
    family = "message queue"
    about = "A queue of typed messages that the kernel keeps until it is removed, by key and id."
    depth_source = "/proc/sysvipc/msg: the bytes that wait"
    manual = ("sysvipc(7)", "msgop(2)", "msgctl(2)")
    good = "Receivers choose by type, any number of processes take part, and messages outlive them."
    bad = (
        "No descriptor to wait for, keys that can collide, and queues that stay until somebody removes them."
    )
    traits = Traits(kinds=("channel", "broadcast", "call"), boundaries=True, priorities=True, persistent=True)

    def unavailable(self) -> str | None:
        """Ask for the kernel's table and the library."""
        return sysv.missing()

    def limits(self) -> Limits:
        """The settings under /proc/sys/kernel."""
        return {
            "queue_bytes": setting("/proc/sys/kernel/msgmnb", 16384),
            "largest_message_bytes": self.largest(1),
            "queues": setting("/proc/sys/kernel/msgmni", 32000),
        }

    def largest(self, senders: int) -> int:
        """What the kernel allows, less the envelope."""
        return setting("/proc/sys/kernel/msgmax", 8192) - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The name from which the key is made."""
        return (("sysv-mq", plan.kernel_name),)

    def create(self, plan: Plan) -> SysvQueueChannel:
        """Make the queue."""
        return SysvQueueChannel(plan, self.largest(len(plan.senders)))


def _tried(operation: Callable[[bool], None], check: Callable[[], None]) -> bool:
    """Do it if that is possible at once, after the check."""
    import sysv_ipc

    check()
    try:
        operation(False)
    except sysv_ipc.BusyError:
        return False
    return True


def _wait(
    operation: Callable[[bool], None],
    check: Callable[[], None],
    alarm: Alarm,
    deadline: float | None,
    watch: Watch,
    activity: int,
) -> None:
    """Sleep in the operation until it is done; raises `TimeoutError` and what `check` raises."""
    import sysv_ipc

    watch.blocked(activity | (0 if deadline is None else TIMED))
    try:
        while True:
            hung_up = alarm.hung_up()
            if _tried(operation, lambda: None):
                return
            if hung_up:
                check()
            with alarm.set(deadline):
                try:
                    operation(True)
                except sysv_ipc.ExistentialError:
                    raise
                except sysv_ipc.Error:  # a signal: the lifeline, the deadline, or a stop
                    pass
                else:
                    return
            alarm.breathe(deadline)
    finally:
        watch.unblocked()


def _why_not(channel: str, error: Exception) -> str:
    begin = f"channel {channel!r}: a System V message queue could not be made"
    if getattr(error, "errno", None) == errno.ENOSPC:
        return f"{begin}: this machine has all the queues it allows (kernel.msgmni); remove some with ipcrm"
    return f"{begin} ({error}); choose another mechanism with -m posix-mq"
