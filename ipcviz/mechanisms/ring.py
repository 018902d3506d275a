"""A bounded ring of slots in shared memory, mmap(2), whose positions go round through two pipes.

The payload is written once into a slot of the ring and read from there; no copy passes through the
kernel. What does pass is an 8-byte position: a sender takes a free one from the pipe `free`, fills
its slot and puts the position into the pipe `filled`; a receiver does the reverse. So the kernel does
the blocking on full and on empty (nobody spins), gives end of file and broken pipes, and a process
killed at any point cannot leave a lock behind: at worst the slot it had in hand is missing.
"""

from __future__ import annotations

import os
import select
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from msgspec import Meta

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    CannotCreate,
    KernelChannel,
    Options,
    Plan,
    Reach,
    Watch,
)
from ipcviz.mechanisms.descriptors import Held, Own, close_quietly, reason_of
from ipcviz.mechanisms.ends import Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.mechanisms.files import map_file, remove, reserve
from ipcviz.mechanisms.waiting import Waiter
from ipcviz.probes.pipes import pipe_depth, unread

SLOT_BYTES = 65536
LENGTH = 8
"""Bytes before each message in its slot."""
LARGEST = SLOT_BYTES - LENGTH - ENVELOPE
"""Bytes of payload."""
_position = struct.Struct("<Q")


class RingOptions(Options, frozen=True):
    """What can be chosen of a ring."""

    slots: Annotated[int, Meta(ge=1, le=4096, description="messages that it holds")] = 16


class Ring:
    """The slots, mapped in this process."""

    def __init__(self, path: str, slots: int) -> None:
        self.slots = slots
        self._map = map_file(path, slots * SLOT_BYTES)

    def fill(self, position: int, message: bytes) -> None:
        """Put a message and its length there."""
        start = position % self.slots * SLOT_BYTES
        self._map[start : start + LENGTH + len(message)] = _position.pack(len(message)) + message

    def message(self, position: int) -> bytes:
        """A copy of what is there."""
        start = position % self.slots * SLOT_BYTES
        (length,) = _position.unpack_from(self._map, start)
        return self._map[start + LENGTH : start + LENGTH + length]

    def close(self) -> None:
        """Unmap it."""
        self._map.close()


class RingPut(Put):
    """Fills slots."""

    def __init__(self, ring: Ring, free: int, filled: int, watch: Watch) -> None:
        self._ring, self._free, self._filled = ring, free, filled
        self._waiter = Waiter(watch, SENDING, {free: select.POLLIN})

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        """Take a free position, fill its slot, pass the position on."""
        ticket = self._take_free(deadline)
        self._ring.fill(_position.unpack(ticket)[0], message)
        try:
            os.write(self._filled, ticket)
        except BrokenPipeError:
            raise Gone from None

    def _take_free(self, deadline: float | None) -> bytes:
        while True:
            try:
                ticket = os.read(self._free, _position.size)
            except BlockingIOError:
                self._waiter.wait(deadline)
                continue
            if not ticket:
                raise Gone
            return ticket

    def close(self) -> None:
        """Close this end's side of both pipes."""
        close_quietly(self._free, self._filled)
        self._ring.close()


class RingTake(Take):
    """Empties slots."""

    def __init__(self, ring: Ring, free: int, filled: int, watch: Watch) -> None:
        self._ring, self._free, self._filled = ring, free, filled
        self._waiter = Waiter(watch, RECEIVING, {filled: select.POLLIN})

    def take(self, deadline: float | None) -> bytes:
        """Take a filled position, copy its slot out, pass the position back."""
        while True:
            try:
                ticket = os.read(self._filled, _position.size)
            except BlockingIOError:
                self._waiter.wait(deadline)
                continue
            if not ticket:
                raise Ended
            return self._empty(ticket)

    def _empty(self, ticket: bytes) -> bytes:
        (position,) = _position.unpack(ticket)
        message = self._ring.message(position)
        with suppress(BrokenPipeError):  # every sender has closed: nobody needs the free slot
            os.write(self._free, _position.pack(position + self._ring.slots))
        return message

    def close(self) -> None:
        """Close this end's side of both pipes."""
        close_quietly(self._free, self._filled)
        self._ring.close()


class RingChannel(KernelChannel):
    """One ring in the file at `path`, and its two pipes."""

    def __init__(self, plan: Plan, path: str, remedy: str) -> None:
        self.plan = plan
        self._path, self._remedy = path, remedy
        self._slots = plan.options.slots
        self._held = Held()
        reserve(path, self._slots * SLOT_BYTES, plan.channel, remedy)
        self._own = Own()
        flags = os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._free_read, self._free_write = self._own.take(os.pipe2(flags))
            self._filled_read, self._filled_write = self._own.take(os.pipe2(flags))
        except OSError as error:
            self.destroy()
            raise CannotCreate(
                f"channel {plan.channel!r}: a pipe could not be made ({reason_of(error)})"
            ) from None
        for position in range(self._slots):
            os.write(self._free_write, _position.pack(position))

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """A sender reads `free` and writes `filled`; a receiver the reverse."""
        if endpoint in self.plan.senders:
            return (self._free_read, self._filled_write)
        return (self._free_write, self._filled_read)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Map the ring by its name, as an unrelated process would."""
        ring = Ring(self._path, self._slots)
        if endpoint in self.plan.senders:
            put = RingPut(ring, self._free_read, self._filled_write, watch)
            return SenderEnd(self.plan.channel, endpoint, LARGEST, put, watch)
        return ReceiverEnd(
            self.plan.channel, RingTake(ring, self._free_write, self._filled_read, watch), watch
        )

    def address(self) -> str:
        """Its path."""
        return self._path

    def release(self) -> None:
        """Close both pipes here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """The filled positions on their way, counted by the kernel."""
        ends = [(end, self._filled_read) for end in self.plan.receivers]
        ends += [(end, self._filled_write) for end in self.plan.senders]
        tickets = pipe_depth(reach, ends, self._slots)
        now = None if tickets.now is None else tickets.now // _position.size
        return Depth(now, None, self._slots, "messages", tickets.quality, tickets.reason)

    def hold(self, reach: Reach) -> None:
        """Keep the reading end of `filled`."""
        self._held.keep_any(reach, self.plan.receivers, self._filled_read)

    def in_flight(self) -> int:
        """The filled positions that nobody took."""
        return self._held.count(unread) // _position.size

    def destroy(self) -> None:
        """Remove the ring's name and close what is ours."""
        self.release()
        self._held.close()
        remove(self._path)
