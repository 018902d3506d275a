"""Producers and consumers share a buffer that holds only so much.

Look at the depth of `orders`: when the consumers are slower it reaches its capacity, and from then on the
producers wait as long as the consumers work. Give the consumers a higher pace and the buffer empties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report

ORDER = re.compile(rb"order \d+-\d+ for (\d+) pieces ")

Pace = Annotated[float, Meta(ge=0)]
Few = Annotated[int, Meta(ge=1, le=32)]


def build(
    producers: Few = 2,
    consumers: Few = 1,
    produce: Pace = 40,
    consume: Pace = 25,
    size: Annotated[int, Meta(ge=48, le=4000)] = 492,
) -> Topology:
    """`produce` and `consume`: messages a second of each process, 0 for as fast as it goes; `size`: bytes."""
    topology = Topology(
        "bounded_buffer",
        about="Producers fill a buffer that consumers empty; the slower side decides.",
        teaches="Full and empty",
    )
    orders = topology.channel("orders", prefer="posix-mq")
    for n in range(1, producers + 1):
        name = "producer" if producers == 1 else f"producer {n}"
        topology.process(name, fill, orders.sender, n, produce, size)
    for n in range(1, consumers + 1):
        name = "consumer" if consumers == 1 else f"consumer {n}"
        topology.process(name, empty, orders.receiver, consume)
    return topology


def fill(orders: Sender, number: int, pace: float, size: int) -> None:
    """Send orders for ever."""
    for order in paced(written(number, size), pace):
        orders.send(order)


def empty(orders: Receiver, pace: float) -> None:
    """Take orders until every producer has gone."""
    pieces = damaged = 0
    for taken, order in enumerate(paced(orders, pace), 1):
        if found := ORDER.match(order):
            pieces += int(found[1])
        else:
            damaged += 1
        if taken % 10 == 0:
            report(orders=taken, pieces=pieces, damaged=damaged)


def written(number: int, size: int) -> Iterator[bytes]:
    """Orders 1, 2, 3, ... of one producer, all of the same size."""
    for order in count(1):
        yield (b"order %d-%d for %d pieces " % (number, order, order % 7 + 1)).ljust(size, b".")
