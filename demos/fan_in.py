"""Many writers, one logger: what fits into one message stays whole, what takes several is torn.

Look at the logger's `whole` and `torn`. A record of up to 4000 bytes is one message, and arrives in one
piece however many write. With --set size=20000 a record takes several messages, and those of the others
come in between. With --set writers=1 nobody is there to come in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report

LARGEST = 4000  # bytes of a message: on a pipe with many writers only PIPE_BUF (4096) are written in one go
HEADER = 50  # bytes, at most
HEADED = re.compile(rb"(\d+) (\d+) (\d+)/(\d+) ")


def build(
    writers: Annotated[int, Meta(ge=1, le=32)] = 4,
    size: Annotated[int, Meta(ge=1, le=1_000_000)] = 200,
    rate: Annotated[float, Meta(ge=0)] = 10,
) -> Topology:
    """`size`: bytes of a record; `rate`: records a second of each writer, 0 for as fast as it goes."""
    topology = Topology(
        "fan_in", about="Many writers share one log; large records are torn.", teaches="Sharing work"
    )
    log = topology.channel("log")
    for n in range(1, writers + 1):
        topology.process(f"writer {n}", write, log.sender, n, size, rate)
    topology.process("logger", keep, log.receiver)
    return topology


def write(log: Sender, writer: int, size: int, rate: float) -> None:
    """Send records of one letter each, in as many messages as it takes."""
    letter = bytes([ord("a") + (writer - 1) % 26])
    for record in paced(count(1), rate):
        for message in pieces(writer, record, letter * size, min(log.largest, LARGEST)):
            log.send(message)
        if record % 10 == 0:
            report(records=record)


def pieces(writer: int, record: int, content: bytes, largest: int) -> Iterator[bytes]:
    """The messages of one record; each says whose it is and which of how many."""
    room = largest - HEADER
    total = -(-len(content) // room)
    for number in range(total):
        header = b"%d %d %d/%d " % (writer, record, number + 1, total)
        yield header + content[number * room : (number + 1) * room]


def keep(log: Receiver) -> None:
    """Count the records whose pieces came one directly after the other, and those that were torn."""
    whole = torn = 0
    before: tuple[bytes, bytes, int] | None = None
    together = False
    for message in log:
        found = HEADED.match(message)
        if not found:  # damaged on the way
            before = None
            continue
        writer, record, number, total = found[1], found[2], int(found[3]), int(found[4])
        together = number == 1 or (together and before == (writer, record, number - 1))
        before = (writer, record, number)
        if number == total:
            whole += together
            torn += not together
            if (whole + torn) % 10 == 0:
                report(torn=torn, whole=whole)
    report(torn=torn, whole=whole)
