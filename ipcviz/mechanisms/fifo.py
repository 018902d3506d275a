"""Named pipe, fifo(7): a pipe with a name in the file system, between processes that are not related.

Its workers are exec'd anew and open it by that name. Opening a FIFO blocks until the other side is there;
so the supervisor keeps both sides open until everybody has opened theirs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    OPENED,
    CannotCreate,
    KernelChannel,
    Limits,
    Mechanism,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Held, Own, reason_of
from ipcviz.mechanisms.ends import ReceiverEnd, SenderEnd
from ipcviz.mechanisms.files import remove
from ipcviz.mechanisms.frames import count_frames
from ipcviz.mechanisms.pipe import PipeOptions, PipePut, PipeTake, largest_in_pipe, pipe_limits, sized
from ipcviz.probes.pipes import pipe_depth
from ipcviz.traits import Traits


class FifoChannel(KernelChannel):
    """One FIFO."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._held = Held()
        try:
            os.mkfifo(plan.path, 0o600)
        except OSError as error:
            raise CannotCreate(
                f"channel {plan.channel!r}: the FIFO {plan.path} could not be made ({error.strerror})"
            ) from None
        try:
            anchor = os.open(plan.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            remove(plan.path)
            raise CannotCreate(
                f"channel {plan.channel!r}: the FIFO {plan.path} could not be opened ({reason_of(error)})"
            ) from None
        self._own = Own(anchor)
        try:
            self._capacity = sized(anchor, plan, self._own)
        except CannotCreate:
            remove(plan.path)
            raise

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """None: it is found by its name."""
        return ()

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Open the FIFO by its name."""
        sends = endpoint in self.plan.senders
        flags = os.O_WRONLY if sends else os.O_RDONLY
        descriptor = os.open(self.plan.path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
        watch.opened(descriptor)
        if sends:
            largest = largest_in_pipe(len(self.plan.senders))
            return SenderEnd(self.plan.channel, endpoint, largest, PipePut(descriptor, watch), watch)
        return ReceiverEnd(self.plan.channel, PipeTake(descriptor, watch), watch)

    def release(self) -> None:
        """Close both sides here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """FIONREAD of whichever end still lives; opening the name would make the supervisor a reader."""
        ends = [(end, OPENED) for end in (*self.plan.receivers, *self.plan.senders)]
        return pipe_depth(reach, ends, self._capacity)

    def address(self) -> str:
        """Its path."""
        return self.plan.path

    def hold(self, reach: Reach) -> None:
        """Keep the receiver's end."""
        self._held.keep_any(reach, self.plan.receivers, OPENED)

    def in_flight(self) -> int:
        """Count the whole frames that nobody took."""
        return self._held.count(count_frames)

    def destroy(self) -> None:
        """Remove the name and close what is ours."""
        self.release()
        self._held.close()
        remove(self.plan.path)


class Fifo(Mechanism):
    """The registry's entry."""

    name = "fifo"
    family = "pipe"
    about = "A pipe with a name in the file system: between any two processes that may open it."
    depth_source = "FIONREAD, ioctl_fionread(2): the bytes that wait"
    manual = ("fifo(7)", "mkfifo(3)", "pipe(7)")
    good = "Joins processes that are not related, with nothing but a path and file permissions."
    bad = "One direction only, one machine only; opening it blocks until the other side is there."
    traits = Traits(kinds=("channel", "broadcast", "call"), receivers=1)
    options = PipeOptions
    unrelated = True

    def limits(self) -> Limits:
        """Those of a pipe."""
        return pipe_limits()

    def largest(self, senders: int) -> int:
        """As in a pipe."""
        return largest_in_pipe(senders)

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The FIFO in the run's folder."""
        return (("file", plan.kernel_name),)

    def create(self, plan: Plan) -> FifoChannel:
        """Make the FIFO."""
        return FifoChannel(plan)
