"""Framing for byte streams (pipes, stream sockets): a u32 length, then that many bytes.

Only whole frames are taken: exactly one at a time, so that what the kernel says is in the channel is
what the receiver has not yet had. Reads never run ahead into a buffer of our own.
"""

from __future__ import annotations

import os
import select
import struct
from collections.abc import Sequence

from ipcviz.mechanisms.ends import Ended

PREFIX = 4
LARGEST_FRAME = 1 << 20
"""Bytes of payload, envelope included: what one sender may send at once into a byte stream."""

_length = struct.Struct("<I")


def frame(message: bytes) -> bytes:
    """The message with its length before it."""
    return _length.pack(len(message)) + message


def length_of(prefix: bytes) -> int:
    """The length that stands before a message."""
    return int(_length.unpack(prefix)[0])


class FrameReader:
    """Takes one frame after the other from a non-blocking descriptor, however the bytes come."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._length: int | None = None
        self._have = b""

    @property
    def halfway(self) -> bool:
        """Part of a frame has been taken out of the stream: stopping here would tear it."""
        return self._length is not None or bool(self._have)

    def take(self) -> bytes | None:
        """The next whole message, or None if not all of it is here yet; raises `Ended` at end of file."""
        if self._length is None:
            if not self._fill(PREFIX):
                return None
            (self._length,) = _length.unpack(self._have)
            self._have = b""
        if not self._fill(self._length):
            return None
        message, self._have, self._length = self._have, b"", None
        return message

    def _fill(self, wanted: int) -> bool:
        while len(self._have) < wanted:
            try:
                piece = os.read(self.descriptor, wanted - len(self._have))
            except BlockingIOError:
                return False
            except ConnectionResetError:
                raise Ended from None
            if not piece:
                raise Ended
            self._have = self._have + piece if self._have else piece
        return True


def count_frames(descriptor: int) -> int:
    """Read all that is left in a stream nobody else reads, and count its whole messages."""
    reader = FrameReader(descriptor)
    count = 0
    try:
        while reader.take() is not None:
            count += 1
    except (Ended, OSError):
        return count
    return count


QUIET_MS = 50
"""How long nothing may come on loopback until nothing will."""


def count_frames_to_come(descriptors: Sequence[int]) -> int:
    """The same for connections whose senders have ended, while the kernel still sends what they left."""
    readers = {descriptor: FrameReader(descriptor) for descriptor in descriptors}
    poll = select.poll()
    for descriptor in readers:
        poll.register(descriptor, select.POLLIN)
    count = 0
    while ready := poll.poll(QUIET_MS):
        for descriptor, _ in ready:
            try:
                while readers[descriptor].take() is not None:
                    count += 1
            except (Ended, OSError):
                poll.unregister(descriptor)
    return count
