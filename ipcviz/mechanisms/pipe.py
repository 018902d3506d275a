"""Anonymous pipe, pipe(7): a byte stream between related processes, one way.

Many senders may share one pipe as long as each message is written whole, which the kernel promises
up to PIPE_BUF bytes; a single sender may send more. One receiver, because a stream has no boundaries.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Held, Own, close_quietly, reason_of
from ipcviz.mechanisms.ends import Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.frames import LARGEST_FRAME, PREFIX, FrameReader, count_frames, frame
from ipcviz.mechanisms.settings import setting
from ipcviz.mechanisms.waiting import Waiter
from ipcviz.probes.pipes import pipe_capacity, pipe_depth
from ipcviz.traits import Traits

PIPE_BUF = select.PIPE_BUF
CAPACITY_WORDS = "bytes that it holds, rounded up to pages; 0 for the kernel's default"


class PipePut(Put):
    """Writes frames; one write each, as long as it fits in PIPE_BUF."""

    def __init__(self, descriptor: int, watch: Watch, events: int = select.POLLOUT) -> None:
        self.descriptor = descriptor
        self._waiter = Waiter(watch, SENDING, {descriptor: events})

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One frame; a frame over PIPE_BUF may go in pieces, which only a single sender may do."""
        data: bytes | memoryview = frame(message)
        begun = False
        while True:
            written = self.write(data)
            if written == len(data):
                return
            begun = begun or written > 0
            data = memoryview(data)[written:]
            # A frame that has begun must be finished: a timeout would tear the stream.
            self._waiter.wait(None if begun else deadline)

    def write(self, data: bytes | memoryview) -> int:
        """As much as there is room for; raises `Gone` if nobody will read it."""
        try:
            return os.write(self.descriptor, data)
        except BlockingIOError:
            return 0
        except (BrokenPipeError, ConnectionResetError):
            raise Gone from None

    def close(self) -> None:
        """Close the write end."""
        close_quietly(self.descriptor)


class PipeTake(Take):
    """Reads frames, one at a time."""

    def __init__(self, descriptor: int, watch: Watch) -> None:
        self._frames = FrameReader(descriptor)
        self._waiter = Waiter(watch, RECEIVING, {descriptor: select.POLLIN})

    def take(self, deadline: float | None) -> bytes:
        """One frame."""
        while True:
            message = self._frames.take()
            if message is not None:
                return message
            self._waiter.wait(deadline, whole=self._frames.halfway)

    def close(self) -> None:
        """Close the read end."""
        close_quietly(self._frames.descriptor)


class PipeOptions(Options, frozen=True):
    """What can be chosen of a pipe or a FIFO."""

    capacity: Annotated[int, Meta(ge=0, le=1 << 30, description=CAPACITY_WORDS)] = 0


class PipeChannel(KernelChannel):
    """One pipe."""

    def __init__(self, plan: Plan, largest: int) -> None:
        self.plan = plan
        self._largest = largest
        self._held = Held()
        try:
            self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise CannotCreate(
                f"channel {plan.channel!r}: a pipe could not be made ({reason_of(error)})"
            ) from None
        self._own = Own(self._read, self._write)
        self._capacity = sized(self._read, plan, self._own)

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """The write end for a sender, the read end for the receiver."""
        return (self._write if endpoint in self.plan.senders else self._read,)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """The end itself."""
        if endpoint in self.plan.senders:
            return SenderEnd(self.plan.channel, endpoint, self._largest, PipePut(self._write, watch), watch)
        return ReceiverEnd(self.plan.channel, PipeTake(self._read, watch), watch)

    def release(self) -> None:
        """Close both ends here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """FIONREAD of whichever end still lives."""
        ends = [(end, self._read) for end in self.plan.receivers]
        ends += [(end, self._write) for end in self.plan.senders]
        return pipe_depth(reach, ends, self._capacity)

    def hold(self, reach: Reach) -> None:
        """Keep the receiver's end."""
        self._held.keep_any(reach, self.plan.receivers, self._read)

    def in_flight(self) -> int:
        """Count the whole frames that nobody took."""
        return self._held.count(count_frames)

    def destroy(self) -> None:
        """Close what is ours; the kernel frees a pipe with its last descriptor."""
        self.release()
        self._held.close()


class Pipe(Mechanism):
    """The registry's entry."""

    name = "pipe"
    family = "pipe"
    about = "A byte stream between related processes, one way; the kernel holds 64 KiB."
    depth_source = "FIONREAD, ioctl_fionread(2): the bytes that wait"
    manual = ("pipe(7)", "pipe(2)", "fcntl(2), F_SETPIPE_SZ")
    good = "Simple, and the glue of Unix: small programs joined by pipes."
    bad = "One direction only, and only between related processes."
    traits = Traits(kinds=("channel", "broadcast", "call"), receivers=1, related_only=True)
    options = PipeOptions

    def limits(self) -> Limits:
        """Read from a pipe made for it."""
        return pipe_limits()

    def largest(self, senders: int) -> int:
        """Many senders must stay within one atomic write."""
        return largest_in_pipe(senders)

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """A pipe has no name."""
        return ()

    def create(self, plan: Plan) -> PipeChannel:
        """Make the pipe."""
        return PipeChannel(plan, self.largest(len(plan.senders)))


def largest_in_pipe(senders: int) -> int:
    """Bytes of payload: a frame of many senders must be one atomic write."""
    return (LARGEST_FRAME if senders == 1 else PIPE_BUF - PREFIX) - ENVELOPE


def pipe_limits() -> Limits:
    """This machine's, read from a pipe made for it and from /proc/sys/fs."""
    read, write = os.pipe2(os.O_CLOEXEC)
    try:
        capacity = fcntl.fcntl(read, fcntl.F_GETPIPE_SZ)
    finally:
        close_quietly(read, write)
    return {
        "capacity_bytes": capacity,
        "largest_capacity_bytes": setting("/proc/sys/fs/pipe-max-size", 1 << 20),
        "atomic_write_bytes": PIPE_BUF,
        "largest_message_bytes": largest_in_pipe(1),
        "largest_message_bytes_many_senders": largest_in_pipe(2),
    }


def sized(descriptor: int, plan: Plan, own: Own) -> int:
    """Give the pipe the capacity that was asked for; what it has now, in bytes."""
    if plan.options.capacity:
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, plan.options.capacity)
        except OSError as error:
            own.close()
            most = setting("/proc/sys/fs/pipe-max-size", 1 << 20)
            raise CannotCreate(
                f"channel {plan.channel!r}: a pipe cannot hold {plan.options.capacity} bytes "
                f"({error.strerror}); an ordinary user may have {most} (fs.pipe-max-size)"
            ) from None
    return pipe_capacity(descriptor)
