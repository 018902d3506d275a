"""Sockets: the memory that sent and not yet received data takes.

Unix sockets: the kernel charges a sender for each buffer it sent until the receiver has read it, overhead
included, and blocks it against SO_SNDBUF (unix(7), SIOCOUTQ). TCP: what is not yet acknowledged is charged
to the sender, what is not yet read to the receiver, each against its own buffer (socket(7), SO_MEMINFO).
UDP: /proc/net/udp tells the memory of what waits and how many datagrams were dropped. So memory, and not
the payload, is what fills up.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ipcviz.events import Depth
from ipcviz.probes.pipes import Borrower, ask_through, unread

End = tuple[int, int]
UNIT = "bytes of socket memory"
PAYLOAD_ONLY = "a sender has ended: only payload is counted for it"

_int = struct.Struct("i")
_SO_MEMINFO = 55  # asm-generic/socket.h, the same on x86 and arm
_meminfo = struct.Struct("9I")  # linux/sock_diag.h, SK_MEMINFO_*


class SocketMemory(NamedTuple):
    """Of one socket: bytes taken by what is not yet read and by what is not yet sent, and their limits."""

    received: int
    receive_buffer: int
    queued: int
    send_buffer: int


class Datagrams(NamedTuple):
    """Of one UDP socket: bytes of memory that wait to be read, and datagrams dropped so far."""

    waiting: int
    dropped: int


def unreceived(descriptor: int) -> int:
    """Bytes of socket memory that this end has sent and the other has not read (TIOCOUTQ = SIOCOUTQ)."""
    (count,) = _int.unpack(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(_int.size)))
    return int(count)


def socket_depth(reach: Borrower, ways: Sequence[tuple[End, End]], capacity: int) -> Depth:
    """The sum over the ways, each from one end to the other; an end is an endpoint and a descriptor.

    A sender that has ended took its count along: then the unread payload is what is left to know, and
    unless that is nothing the sum says "at least".
    """
    total, payload_only = 0, False
    try:
        for origin, to in ways:
            count = ask_through(reach, [origin], unreceived)
            if count is None:
                count = ask_through(reach, [to], unread) or 0
                payload_only = payload_only or count > 0
            total += count
    except OSError as error:
        reason = f"the kernel did not let ipcviz look into the workers ({error.strerror})"
        return Depth(capacity=capacity, unit=UNIT, reason=reason)
    if payload_only:
        return Depth(total, None, capacity, UNIT, "at least", PAYLOAD_ONLY)
    return Depth(total, None, capacity, UNIT, "exact")


def shared_socket_depth(
    reach: Borrower, senders: Sequence[End], receivers: Sequence[End], capacity: int
) -> Depth:
    """The same where all senders share one socket and all receivers the other."""
    try:
        count = ask_through(reach, senders, unreceived)
        payload = ask_through(reach, receivers, unread) if count is None else None
    except OSError as error:
        reason = f"the kernel did not let ipcviz look into the workers ({error.strerror})"
        return Depth(capacity=capacity, unit=UNIT, reason=reason)
    if payload:
        return Depth(payload, None, capacity, UNIT, "at least", PAYLOAD_ONLY)
    return Depth(count or 0, None, capacity, UNIT, "exact")


def socket_memory(descriptor: int) -> SocketMemory:
    """What the kernel says of a socket's memory (SO_MEMINFO)."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, descriptor)
    try:
        words = _meminfo.unpack(probe.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _meminfo.size))
    finally:
        probe.detach()
    return SocketMemory(received=words[0], receive_buffer=words[1], queued=words[5], send_buffer=words[3])


def tcp_depth(reach: Borrower, ways: Sequence[tuple[End, End]]) -> Depth:
    """The sum over the ways, each from one end to the other; the kernel may let both buffers grow."""
    now, capacity, ended = 0, 0, False
    try:
        for (origin, near), (to, far) in ways:
            sender = _memory(reach, origin, near)
            receiver = _memory(reach, to, far)
            if sender is not None:
                now, capacity = now + sender.queued, capacity + sender.send_buffer
            if receiver is not None:
                now, capacity = now + receiver.received, capacity + receiver.receive_buffer
                ended = ended or (sender is None and receiver.received > 0)
    except OSError as error:
        reason = f"the kernel did not let ipcviz look into the workers ({error.strerror})"
        return Depth(unit=UNIT, reason=reason)
    if ended:
        reason = "a sender has ended: what the kernel still has to send for it is not told"
        return Depth(now, None, capacity, UNIT, "at least", reason)
    return Depth(now, None, capacity or None, UNIT, "exact")


def _memory(reach: Borrower, endpoint: int, descriptor: int) -> SocketMemory | None:
    duplicate = reach.borrow(endpoint, descriptor)
    if duplicate is None:
        return None
    try:
        return socket_memory(duplicate)
    finally:
        os.close(duplicate)


def udp_socket(inode: int, table: Path = Path("/proc/net/udp")) -> Datagrams | None:
    """What the kernel says of the UDP socket with that inode; None if it is gone. Raises `OSError`."""
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[9]) == inode:
            return Datagrams(int(fields[4].partition(":")[2], 16), int(fields[12]))
    return None


def datagram_depth(reach: Borrower, receivers: Sequence[End]) -> Depth:
    """Bytes of the datagram that is next (FIONREAD, unix(7)): of the others nothing is told."""
    try:
        first = ask_through(reach, receivers, unread) or 0
    except OSError as error:
        reason = f"the kernel did not let ipcviz look into the workers ({error.strerror})"
        return Depth(unit="bytes", reason=reason)
    if not first:
        return Depth(0, None, None, "bytes", "exact")
    reason = "of a queue of datagrams the kernel tells only the size of the first"
    return Depth(first, None, None, "bytes", "at least", reason)
