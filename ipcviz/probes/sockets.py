"""Unix stream sockets: the memory that sent and not yet received data takes (unix(7), SIOCOUTQ).

The kernel charges a sender for each buffer it sent until the receiver has read it, overhead included,
and blocks it against SO_SNDBUF. So this, not the payload, is what fills up.
"""

from __future__ import annotations

import fcntl
import struct
import termios
from collections.abc import Sequence

from ipcviz.events import Depth
from ipcviz.probes.pipes import Borrower, ask_through, unread

End = tuple[int, int]
UNIT = "bytes of socket memory"
PAYLOAD_ONLY = "a sender has ended: only payload is counted for it"

_int = struct.Struct("i")


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
