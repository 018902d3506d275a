"""A client sends each question in two small parts and waits for the answer: on TCP that takes 40 ms.

Look at `median_ms`, beside the client. The second part is held back until the first is acknowledged (Nagle's
algorithm, RFC 896), and the server's kernel delays that acknowledgement for 40 ms because it hopes for an
answer to send it with, which will not come before the second part. Either is a good idea, and together they
stall. `-m tcp:nodelay=yes` sends small parts at once; on every other mechanism it is fast, too.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from contextlib import suppress
from itertools import count
from statistics import median
from typing import Annotated

from msgspec import Meta

from ipcviz import Caller, Responder, Topology, paced, report

HEADER = b"header: "
RECENT = 50  # round trips whose median is told
PATIENCE = 5  # seconds until a question or its answer is taken for lost


def build(
    rate: Annotated[float, Meta(ge=0)] = 10,
    size: Annotated[int, Meta(ge=1, le=1400)] = 100,
) -> Topology:
    """`rate` questions a second, 0 for as fast as it goes; `size` bytes in the second part."""
    topology = Topology(
        "nagle",
        about="Two small writes and a reply: Nagle's algorithm and delayed acknowledgements stall it.",
        teaches="Full and empty",
    )
    checksums = topology.call("checksums", prefer="tcp:nodelay=no")
    topology.process("client", ask, checksums.caller, rate, size)
    topology.process("server", answer, checksums.responder)
    return topology


def ask(checksums: Caller, rate: float, size: int) -> None:
    """Send header and body, wait for the answer, and tell how long that took."""
    recent: deque[float] = deque(maxlen=RECENT)
    worst, wrong = 0.0, 0
    for number in paced(count(1), rate):
        body = (b"question %d " % number).ljust(size, b"?")
        started = time.monotonic()
        with suppress(TimeoutError):
            checksums.call(HEADER + b"%d bytes" % len(body), timeout=0)  # nobody answers a header
        reply = b""
        with suppress(TimeoutError):
            reply = checksums.call(body, PATIENCE)
        taken = (time.monotonic() - started) * 1000
        wrong += reply != b"%d" % zlib.crc32(body)
        recent.append(taken)
        worst = max(worst, taken)
        report(median_ms=round(median(recent), 2), worst_ms=round(worst, 2), questions=number, wrong=wrong)


def answer(checksums: Responder) -> None:
    """Take header and body, and answer the body."""
    headers = bodies = 0
    for request in checksums:
        if request.payload.startswith(HEADER):
            headers += 1
        else:
            request.reply(b"%d" % zlib.crc32(request.payload))
            bodies += 1
            report(headers=headers, bodies=bodies)
