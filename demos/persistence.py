"""Records outlive those who wrote them and those who read them: both are killed, and nothing is lost.

The writer is killed after its last record, and each reader after `shift` records; the next one, who waits for
the lock `at work`, goes on where it stopped. Look at `first` and `last`, beside the readers: they join
without a gap (`missing`) or an overlap (`twice`). With -m file:path=/some/where the records survive the whole
run, too: stop it, start it again, and the reader goes on. -m posix-mq keeps them in the kernel instead.
"""

from __future__ import annotations

import re
import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import EndOfMessages, Lock, Receiver, Sender, Topology, die, paced, report
from ipcviz.ends import Region

RECORD = re.compile(rb"series (\d+) record (\d+)")
SERIES, NUMBER = 0, 1  # words of what is noted: the last record that was worked on

Pace = Annotated[float, Meta(ge=0)]
Many = Annotated[int, Meta(ge=1)]


def build(records: Many = 100, shift: Many = 40, write: Pace = 50, read: Pace = 25) -> Topology:
    """`records` are written, `shift` are read by each reader; `write` and `read` so many a second."""
    topology = Topology(
        "persistence",
        about="Writer and readers are killed, and the next reader goes on where the last one stopped.",
        teaches="What lasts",
    )
    spool = topology.channel("spool", prefer="file", needs=("persistent",))
    noted = topology.region("last record", 16)
    at_work = topology.lock("at work", prefer="flock")
    topology.process("writer", append, spool.sender, records, write)
    for number in range(1, min(-(-records // shift), 9) + 1):
        topology.process(f"reader {number}", take, spool.receiver, noted.writer, at_work, shift, read)
    return topology


def append(spool: Sender, records: int, pace: float) -> None:
    """Write so many records of a series of one's own, and be killed."""
    series = time.time_ns()
    for number in paced(range(1, records + 1), pace):
        spool.send(b"series %d record %d" % (series, number))
        report(written=number)
    die("killed when everything was written")


def take(spool: Receiver, noted: Region, at_work: Lock, shift: int, pace: float) -> None:
    """Read until everything is read, or be killed at the end of the shift."""
    first = missing = twice = 0
    with at_work:
        for taken in paced(count(1), pace):
            try:
                record = RECORD.fullmatch(spool.receive())
            except EndOfMessages:
                return
            if not record:  # damaged, and so it is missing
                continue
            series, number = map(int, record.groups())
            expected = noted.load(NUMBER) + 1 if noted.load(SERIES) == series else number
            missing += max(0, number - expected)
            twice += number < expected
            noted.store(series, SERIES)
            noted.store(number, NUMBER)
            first = first or number
            report(first=first, last=number, missing=missing, twice=twice)
            if taken >= shift:
                die("killed at the end of its shift")
