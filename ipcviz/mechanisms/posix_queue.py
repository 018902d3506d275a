"""POSIX message queue, mq_overview(7): whole messages, kept apart by the kernel, up to 10 of 8 KiB.

A queue does not know whether anybody will ever send to it or receive from it, so each has a lifeline.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms import libc
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import close_quietly
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.records import Lifeline, RecordPut, RecordTake
from ipcviz.mechanisms.settings import setting
from ipcviz.traits import Traits

_ASSUMED = {"msg_max": 10, "msgsize_max": 8192, "queues_max": 256}  # the kernel's defaults, mq_overview(7)


class QueueOptions(Options, frozen=True):
    """What can be chosen of a POSIX message queue."""

    messages: Annotated[
        int, Meta(ge=0, le=65536, description="messages that it holds; 0 for as many as a user may have")
    ] = 0


class QueueChannel(KernelChannel):
    """One queue and its lifeline."""

    def __init__(self, plan: Plan, messages: int, size: int) -> None:
        self.plan = plan
        self._name = f"/{plan.kernel_name}"
        self._size = size
        try:
            self._queue: int | None = libc.mq_create(self._name, messages, size)
        except OSError as error:
            raise CannotCreate(_why_not(plan.channel, error)) from None
        self._capacity = messages
        try:
            self._lifeline = Lifeline(plan)
        except CannotCreate:
            self._remove()
            raise

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The lifeline; the queue itself is opened by its name."""
        return (self._lifeline.descriptor(endpoint),)

    def address(self) -> str:
        """The queue's name."""
        return self._name

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Open the queue by its name."""
        lifeline = self._lifeline.descriptor(endpoint)
        if endpoint in self.plan.senders:
            queue = libc.mq_open(self._name, os.O_WRONLY | os.O_NONBLOCK)
            put = RecordPut(partial(libc.mq_send, queue), queue, lifeline, watch)
            return SenderEnd(self.plan.channel, endpoint, self._size - ENVELOPE, put, watch)
        queue = libc.mq_open(self._name, os.O_RDONLY | os.O_NONBLOCK)
        buffer = ctypes.create_string_buffer(self._size)
        take = RecordTake(partial(libc.mq_receive, queue, buffer), queue, lifeline, watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def release(self) -> None:
        """Let go of the lifeline; the queue itself stays open, to be asked."""
        self._lifeline.release()

    def depth(self, reach: Reach) -> Depth:
        """mq_getattr(3) on the supervisor's own descriptor."""
        return Depth(self.in_flight(), None, self._capacity, "messages", "exact")

    def hold(self, reach: Reach) -> None:
        """The supervisor's own descriptor is enough."""

    def in_flight(self) -> int:
        """The messages that wait."""
        return 0 if self._queue is None else libc.mq_attributes(self._queue).waiting

    def destroy(self) -> None:
        """Remove the queue's name and close it."""
        self.release()
        self._remove()

    def _remove(self) -> None:
        close_quietly(self._queue)
        self._queue = None
        with suppress(FileNotFoundError):
            libc.mq_unlink(self._name)


class PosixQueue(Mechanism):
    """The registry's entry."""

    name = "posix-mq"
    family = "message queue"
    about = "A named queue of whole messages that the kernel keeps apart; several may send and receive."
    depth_source = "mq_getattr(3): the messages that wait"
    manual = ("mq_overview(7)", "mq_send(3)", "mq_receive(3)")
    good = "Whole messages, by priority, for any number of processes; they stay when a sender dies."
    bad = "Few and small messages by default (10 of 8 KiB), and limits for all of a user's queues together."
    options = QueueOptions
    traits = Traits(kinds=("channel", "broadcast", "call"), boundaries=True, priorities=True, persistent=True)

    def unavailable(self) -> str | None:
        """Ask the kernel for a queue that cannot exist: ENOENT says that it has queues."""
        try:
            libc.mq_open("/ipcviz-is-there-a-queue", os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ENOSYS:
                return "this kernel was built without POSIX message queues (CONFIG_POSIX_MQUEUE)"
            return f"POSIX message queues cannot be opened here ({error.strerror})"
        return None

    def limits(self) -> Limits:
        """The settings under /proc/sys/fs/mqueue, as far as they can be read."""
        return {
            "messages": _setting("msg_max"),
            "largest_message_bytes": self.largest(1),
            "queues": _setting("queues_max"),
        }

    def largest(self, senders: int) -> int:
        """What the kernel allows, less the envelope."""
        return _setting("msgsize_max") - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The queue's name."""
        return (("posix-mq", plan.kernel_name),)

    def create(self, plan: Plan) -> QueueChannel:
        """Make the queue, with the largest limits that an ordinary user may have."""
        return QueueChannel(plan, plan.options.messages or _setting("msg_max"), _setting("msgsize_max"))


def _setting(name: str) -> int:
    return setting(f"/proc/sys/fs/mqueue/{name}", _ASSUMED[name])


def _why_not(channel: str, error: OSError) -> str:
    begin = f"channel {channel!r}: a POSIX message queue could not be made"
    if error.errno == errno.EMFILE:
        return (
            f"{begin}: this user's queues may hold no more bytes (RLIMIT_MSGQUEUE); "
            "remove some, raise it with ulimit -q, or choose another mechanism with -m shm"
        )
    if error.errno == errno.EINVAL:
        most = _setting("msg_max")
        return f"{begin}: it may hold at most {most} messages on this machine (fs.mqueue.msg_max)"
    if error.errno == errno.ENOSPC:
        return f"{begin}: this machine has all the queues it allows (fs.mqueue.queues_max); remove some"
    return f"{begin} ({error.strerror}); choose another mechanism with -m shm"
