"""Three processes in a row: read a text, count its words, print the totals.

Look at the channels: the slowest process decides the pace of all, because a full channel makes its
senders wait. With rate=0 the reader goes as fast as it can. A line that is lost or damaged on the way is
`missing` beside the printer, and the totals are so much short.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, TextFile, Topology, paced, report

SAMPLE = Path(__file__).with_name("texts") / "walk.txt"
LONGEST = 4000  # bytes that fit into a message of every mechanism, whichever carries the next channel
MARK = 40  # bytes of what is put before a line, at most
TO_COUNT, COUNTED = re.compile(rb"line (\d+): "), re.compile(rb"line (\d+), (\d+) words: ")


def build(
    text: TextFile = SAMPLE,
    stages: Annotated[int, Meta(ge=1, le=12)] = 1,
    rate: Annotated[float, Meta(ge=0)] = 25,
) -> Topology:
    """One reader, `stages` counters that share the lines, one printer; `rate` lines a second, 0 for all."""
    topology = Topology(
        "pipeline",
        about="A text is read line by line, its words are counted, the totals added up.",
        teaches="Passing messages",
    )
    channels = [topology.channel("lines")]
    channels += [topology.channel("counts" if stages == 1 else f"counts {n}") for n in range(1, stages + 1)]
    topology.process("reader", read, text, channels[0].sender, rate)
    for n in range(stages):
        name = "counter" if stages == 1 else f"counter {n + 1}"
        topology.process(name, count, channels[n].receiver, channels[n + 1].sender, n, stages)
    topology.process("printer", total, channels[-1].receiver)
    return topology


def read(text: Path, lines: Sender, rate: float) -> None:
    """Send every line with its number."""
    number = 0
    with text.open("rb") as file:
        for line in paced(file, rate):
            for piece in pieces(line.rstrip(b"\n"), min(lines.largest, LONGEST) - MARK):
                number += 1
                lines.send(b"line %d: %b" % (number, piece))


def count(lines: Receiver, onward: Sender, turn: int, stages: int) -> None:
    """Count the words of the lines whose number says that it is this one's turn; pass the others on."""
    for line in lines:
        found = TO_COUNT.match(line)
        if found and int(found[1]) % stages == turn:
            text = line[found.end() :]
            line = b"line %b, %d words: %b" % (found[1], len(text.split()), text)
        onward.send(line)


def total(counts: Receiver) -> None:
    """Add up, and see from the numbers what is missing."""
    words = lines = newest = 0
    for came, line in enumerate(counts, 1):
        if found := COUNTED.match(line):
            words, lines, newest = words + int(found[2]), lines + 1, max(newest, int(found[1]))
        if came % 10 == 1:
            report(words=words, lines=lines, missing=max(0, newest - lines))
    report(words=words, lines=lines, missing=max(0, newest - lines))


def pieces(line: bytes, size: int) -> list[bytes]:
    """The line; where no message can hold it, its words in as many pieces as it takes."""
    if len(line) <= size:
        return [line]
    cut, piece = [], b""
    for word in line.split():
        if piece and len(piece) + 1 + len(word) > size:
            cut.append(piece)
            piece = b""
        piece += b" " + word[: size - 1]
    return [*cut, piece]
