"""A sender floods in bursts, and the receiver cannot take them so fast.

On UDP nobody waits: what does not fit into the receiver's buffer is thrown away, and the kernel counts it.
Look at what `numbers` has dropped, and at `missing` beside the receiver, who finds out from the gaps. With
-m unix-datagram or -m pipe the sender waits until there is room, and nothing is missing.
"""

from __future__ import annotations

import re
import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report

NUMBER = re.compile(rb"(\d+) ")
SIZE = 1400  # bytes: a full packet of an ordinary network


def build(
    burst: Annotated[int, Meta(ge=1, le=100_000)] = 20,
    pause: Annotated[float, Meta(ge=0, le=60)] = 0.5,
    take: Annotated[float, Meta(ge=0)] = 25,
) -> Topology:
    """`burst` messages at once, then `pause` seconds; `take` messages a second are received, 0 for all."""
    topology = Topology(
        "udp_overflow",
        about="Bursts meet a slow receiver: UDP drops what does not fit, the others make the sender wait.",
        teaches="Full and empty",
    )
    numbers = topology.channel("numbers", prefer="udp:rcvbuf=8192")
    topology.process("sender", flood, numbers.sender, burst, pause)
    topology.process("receiver", drain, numbers.receiver, take)
    return topology


def flood(numbers: Sender, burst: int, pause: float) -> None:
    """Send 1, 2, 3, ... in bursts for ever."""
    for number in count(1):
        numbers.send((b"%d " % number).ljust(min(SIZE, numbers.largest), b"."))
        if number % burst == 0:
            report(sent=number)
            time.sleep(pause)


def drain(numbers: Receiver, take: float) -> None:
    """Take what comes, and tell what should have come before it."""
    highest = 0
    whole = filter(None, map(NUMBER.match, paced(numbers, take)))  # what is damaged is as good as missing
    for received, found in enumerate(whole, 1):
        highest = max(highest, int(found[1]))
        report(missing=highest - received, received=received)
