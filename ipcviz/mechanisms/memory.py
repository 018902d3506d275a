"""The in-memory double: a mechanism inside one process, which the contract suite holds true.

Each endpoint belongs to a thread of its own in place of a worker. For tests; the registry has no entry
for it, because no two processes can share it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    TIMED,
    KernelChannel,
    Limits,
    Mechanism,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.ends import Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.traits import Traits

CAPACITY = 16
LARGEST = 65536


class MemoryChannel(KernelChannel):
    """A bounded deque and a condition."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.changed = threading.Condition()
        self.messages: deque[bytes] = deque()
        self.senders = set(plan.senders)
        self.receivers = set(plan.receivers)

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """None."""
        return ()

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """The end itself."""
        if endpoint in self.plan.senders:
            return SenderEnd(
                self.plan.channel, endpoint, LARGEST - ENVELOPE, MemoryPut(self, endpoint, watch), watch
            )
        return ReceiverEnd(self.plan.channel, MemoryTake(self, endpoint, watch), watch)

    def release(self) -> None:
        """Nothing is held."""

    def depth(self, reach: Reach) -> Depth:
        """The length of the deque."""
        return Depth(len(self.messages), None, CAPACITY, "messages", "exact")

    def hold(self, reach: Reach) -> None:
        """Nothing needs holding."""

    def in_flight(self) -> int:
        """The length of the deque."""
        return len(self.messages)

    def destroy(self) -> None:
        """Forget the messages."""
        self.messages.clear()


class MemoryPut(Put):
    """Appends to the deque."""

    def __init__(self, channel: MemoryChannel, endpoint: int, watch: Watch) -> None:
        self._channel, self._endpoint, self._watch = channel, endpoint, watch

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """One message."""
        channel = self._channel
        with channel.changed:
            _wait_until(
                channel,
                lambda: len(channel.messages) < CAPACITY or not channel.receivers,
                deadline,
                self._watch,
                SENDING,
            )
            if not channel.receivers:
                raise Gone
            channel.messages.append(message)
            channel.changed.notify_all()

    def close(self) -> None:
        """One sender less."""
        with self._channel.changed:
            self._channel.senders.discard(self._endpoint)
            self._channel.changed.notify_all()


class MemoryTake(Take):
    """Takes from the deque."""

    def __init__(self, channel: MemoryChannel, endpoint: int, watch: Watch) -> None:
        self._channel, self._endpoint, self._watch = channel, endpoint, watch

    def take(self, deadline: float | None) -> bytes:
        """One message."""
        channel = self._channel
        with channel.changed:
            _wait_until(
                channel,
                lambda: bool(channel.messages) or not channel.senders,
                deadline,
                self._watch,
                RECEIVING,
            )
            if not channel.messages:
                raise Ended
            message = channel.messages.popleft()
            channel.changed.notify_all()
            return message

    def close(self) -> None:
        """One receiver less."""
        with self._channel.changed:
            self._channel.receivers.discard(self._endpoint)
            self._channel.changed.notify_all()


class Memory(Mechanism):
    """The double."""

    name = "memory"
    family = "double"
    about = "A deque inside one process, for tests."
    traits = Traits(kinds=("channel",), boundaries=True)

    def limits(self) -> Limits:
        """Its own."""
        return {"messages": CAPACITY, "largest_message_bytes": LARGEST}

    def largest(self, senders: int) -> int:
        """As the registry's mechanisms have it."""
        return LARGEST - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """It has none."""
        return ()

    def create(self, plan: Plan) -> MemoryChannel:
        """Make the deque."""
        return MemoryChannel(plan)


def _wait_until(
    channel: MemoryChannel, ready: Callable[[], bool], deadline: float | None, watch: Watch, activity: int
) -> None:
    if ready():
        return
    watch.blocked(activity | (0 if deadline is None else TIMED))
    try:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not channel.changed.wait_for(ready, left):
            raise TimeoutError
    finally:
        watch.unblocked()
