"""One publishes, three subscribe: one that keeps up, a slow one, and one that begins late.

Look at who pays for the slow one. On ZeroMQ it does itself: what does not fit is thrown away, and `missed`,
as is all that was published before the late one came. With -m pipe everybody pays: that pipe is full, and
the publisher waits. With -m file nobody does: each reads at its own place in the file, and even the late
one gets everything from the first on.
"""

from __future__ import annotations

import re
import time
from itertools import count, cycle
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, TextFile, Topology, paced, report

SAMPLE = Path(__file__).with_name("texts") / "walk.txt"
PAGE = 3500  # bytes
HEADED = re.compile(rb"(\d+) (\d+) ")

Pace = Annotated[float, Meta(ge=0)]


def build(
    rate: Pace = 40,
    slow: Pace = 15,
    late: Annotated[float, Meta(ge=0, le=3600)] = 3,
    text: TextFile = SAMPLE,
) -> Topology:
    """`rate` pages of the text a second, 0 for as fast as it goes; `slow`: pages a second of the slow one;
    `late`: seconds until the late one begins.
    """
    topology = Topology("pub_sub", about="One publishes, all who subscribe get it.", teaches="One to many")
    news = topology.broadcast("news", prefer="zmq-ipc:hwm=10")
    topology.process("publisher", publish, news.sender, text, rate)
    topology.process("fast", subscribe, news.receiver, 0.0, 0.0)
    topology.process("slow", subscribe, news.receiver, slow, 0.0)
    topology.process("late", subscribe, news.receiver, 0.0, late)
    return topology


def publish(news: Sender, text: Path, rate: float) -> None:
    """Publish the text's pages again and again, each with its number and the time."""
    content = text.read_bytes()
    pages = [content[start : start + PAGE] for start in range(0, len(content), PAGE)] or [b""]
    for number, page in paced(zip(count(1), cycle(pages), strict=False), rate):
        news.send(b"%d %d %b" % (number, time.monotonic_ns(), page))
        report(published=number)


def subscribe(news: Receiver, rate: float, late: float) -> None:
    """Take what comes: how much, how much of it is missing or damaged, and how old the latest is."""
    time.sleep(late)
    newest = 0
    whole = filter(None, map(HEADED.match, paced(news, rate)))
    for received, head in enumerate(whole, 1):
        newest = max(newest, int(head[1]))
        behind = (time.monotonic_ns() - int(head[2])) / 1e9
        report(missed=newest - received, behind=f"{behind:.1f} s", received=received)
