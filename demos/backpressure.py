"""A row of stages, and one of them is slow: the channels before it fill, one after the other.

Look at the depths: first the channel before the slow stage is full, then the one before that, until the
source itself waits, and all go at the pace of the slowest. With --set which=1 there is nothing in between;
with --set slow=0.01 nothing fills.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report
from ipcviz.topology import TopologyError

SIZE = 1000  # bytes of a parcel
STAMPS = b"123456789abc"


def build(
    stages: Annotated[int, Meta(ge=1, le=12)] = 3,
    slow: Annotated[float, Meta(ge=0, le=60)] = 0.2,
    which: Annotated[int, Meta(ge=0, le=12)] = 0,
    rate: Annotated[float, Meta(ge=0)] = 25,
) -> Topology:
    """`stages` after the source; stage `which`, 0 for the last, takes `slow` seconds for a parcel; `rate`
    parcels a second are sent, 0 for as fast as it goes.
    """
    if which > stages:
        raise TopologyError(f"there is no stage {which} among {stages}")
    topology = Topology(
        "backpressure",
        about="A slow stage makes all before it wait, up to the source.",
        teaches="Full and empty",
    )
    channels = [
        topology.channel(f"to stage {n}", prefer="pipe:capacity=16384", needs=("backpressure",))
        for n in range(1, stages + 1)
    ]
    topology.process("source", send, channels[0].sender, rate)
    for n in range(1, stages + 1):
        onward = channels[n].sender if n < stages else None
        work = slow if n == (which or stages) else 0
        topology.process(f"stage {n}", stamp, channels[n - 1].receiver, onward, n, work)
    return topology


def send(parcels: Sender, rate: float) -> None:
    """Send parcels for ever."""
    for number in paced(count(1), rate):
        parcels.send((b"parcel %d " % number).ljust(SIZE, b"."))
        report(sent=number)


def stamp(parcels: Receiver, onward: Sender | None, number: int, work: float) -> None:
    """Put this stage's number on each parcel, and hand it on; the last one looks for all the numbers."""
    wrong = 0
    for done, parcel in enumerate(parcels, 1):
        time.sleep(work)
        stamped = parcel.replace(b".", b"%x" % number, 1)
        if onward:
            onward.send(stamped)
            report(done=done)
        else:
            wrong += b" %b." % STAMPS[:number] not in stamped
            report(done=done, wrong=wrong)
