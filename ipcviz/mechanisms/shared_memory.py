"""A bounded ring in POSIX shared memory, shm_overview(7), whose positions go round through two pipes.

The payload is written once into a slot of the ring and read from there; no copy passes through the
kernel. What does pass is an 8-byte position: a sender takes a free one from the pipe `free`, fills
its slot and puts the position into the pipe `filled`; a receiver does the reverse. So the kernel does
the blocking on full and on empty (nobody spins), gives end of file and broken pipes, and a process
killed at any point cannot leave a lock behind: at worst the slot it had in hand is missing.
"""

from __future__ import annotations

import mmap
import os
import select
import struct
from collections.abc import Sequence
from contextlib import suppress

from ipcviz.events import Depth
from ipcviz.mechanisms.contract import (
    ENVELOPE,
    RECEIVING,
    SENDING,
    CannotCreate,
    Held,
    KernelChannel,
    Limits,
    Mechanism,
    Own,
    Plan,
    Reach,
    Waiter,
    Watch,
    close_quietly,
    reason_of,
)
from ipcviz.mechanisms.ends import Ended, Gone, Put, ReceiverEnd, SenderEnd, Take
from ipcviz.probes.pipes import pipe_depth, unread
from ipcviz.traits import Traits

SLOTS = 16
SLOT_BYTES = 65536
_LENGTH = 8
_position = struct.Struct("<Q")
_FOLDER = "/dev/shm"  # where glibc keeps POSIX shared memory, shm_overview(7)


def _slot(position: int) -> int:
    return position % SLOTS * SLOT_BYTES


class RingPut(Put):
    """Fills slots."""

    def __init__(self, ring: mmap.mmap, free: int, filled: int, watch: Watch) -> None:
        self._ring, self._free, self._filled = ring, free, filled
        self._waiter = Waiter(watch, SENDING, {free: select.POLLIN})

    def put(self, message: bytes, deadline: float | None) -> None:
        """Take a free position, fill its slot, pass the position on."""
        ticket = self._take_free(deadline)
        start = _slot(_position.unpack(ticket)[0])
        end = start + _LENGTH + len(message)
        self._ring[start:end] = _position.pack(len(message)) + message
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

    def __init__(self, ring: mmap.mmap, free: int, filled: int, watch: Watch) -> None:
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
        start = _slot(position)
        (length,) = _position.unpack_from(self._ring, start)
        message = self._ring[start + _LENGTH : start + _LENGTH + length]
        with suppress(BrokenPipeError):  # every sender has closed: nobody needs the free slot
            os.write(self._free, _position.pack(position + SLOTS))
        return message

    def close(self) -> None:
        """Close this end's side of both pipes."""
        close_quietly(self._free, self._filled)
        self._ring.close()


class RingChannel(KernelChannel):
    """One ring and its two pipes."""

    def __init__(self, plan: Plan, largest: int) -> None:
        self.plan = plan
        self._largest = largest
        self._path = f"{_FOLDER}/{plan.kernel_name}"
        self._held = Held()
        _reserve(self._path, SLOTS * SLOT_BYTES, plan.channel)
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
        for position in range(SLOTS):
            os.write(self._free_write, _position.pack(position))

    def descriptors(self, endpoint: int) -> Sequence[int]:
        """A sender reads `free` and writes `filled`; a receiver the reverse."""
        if endpoint in self.plan.senders:
            return (self._free_read, self._filled_write)
        return (self._free_write, self._filled_read)

    def open(self, endpoint: int, watch: Watch) -> SenderEnd | ReceiverEnd:
        """Map the ring by its name, as an unrelated process would."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        ring = mmap.mmap(descriptor, SLOTS * SLOT_BYTES)
        os.close(descriptor)
        if endpoint in self.plan.senders:
            put = RingPut(ring, self._free_read, self._filled_write, watch)
            return SenderEnd(self.plan.channel, endpoint, self._largest, put, watch)
        take = RingTake(ring, self._free_write, self._filled_read, watch)
        return ReceiverEnd(self.plan.channel, take, watch)

    def release(self) -> None:
        """Close both pipes here."""
        self._own.close()

    def depth(self, reach: Reach) -> Depth:
        """The filled positions on their way, counted by the kernel."""
        ends = [(end, self._filled_read) for end in self.plan.receivers]
        ends += [(end, self._filled_write) for end in self.plan.senders]
        tickets = pipe_depth(reach, ends, SLOTS)
        now = None if tickets.now is None else tickets.now // _position.size
        return Depth(now, None, SLOTS, "messages", tickets.quality, tickets.reason)

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
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            return


class SharedMemory(Mechanism):
    """The registry's entry."""

    name = "shm"
    family = "shared memory"
    about = "A ring of slots in shared memory: payloads cross without a copy through the kernel."
    traits = Traits(kinds=("channel", "call"), boundaries=True)

    def unavailable(self) -> str | None:
        """It needs a writable /dev/shm."""
        if os.access(_FOLDER, os.W_OK | os.X_OK):
            return None
        return f"{_FOLDER} cannot be written; mount a tmpfs there (mount -t tmpfs tmpfs {_FOLDER})"

    def limits(self) -> Limits:
        """The ring's own, and what is left of /dev/shm."""
        space = os.statvfs(_FOLDER)
        return {
            "slots": SLOTS,
            "largest_message_bytes": self.largest(1),
            "free_bytes_in_dev_shm": space.f_bavail * space.f_frsize,
        }

    def largest(self, senders: int) -> int:
        """One slot, less its length and the envelope."""
        return SLOT_BYTES - _LENGTH - ENVELOPE

    def names(self, plan: Plan) -> Sequence[tuple[str, str]]:
        """The ring's name."""
        return (("shm", plan.kernel_name),)

    def create(self, plan: Plan) -> RingChannel:
        """Make the ring, with its memory reserved so that a full /dev/shm is found now."""
        return RingChannel(plan, self.largest(len(plan.senders)))


def _reserve(path: str, size: int, channel: str) -> None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotCreate(
            f"channel {channel!r}: shared memory could not be made in {_FOLDER} ({reason_of(error)})"
        ) from None
    try:
        # Without this, a full tmpfs would show as a bus error in the middle of a run.
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        os.unlink(path)
        raise CannotCreate(
            f"channel {channel!r} needs {size // 1024} KiB in {_FOLDER} and there is no room "
            f"({error.strerror}); free some, or choose another mechanism with -m pipe"
        ) from None
    finally:
        os.close(descriptor)
