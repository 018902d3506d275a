"""Three processes in a row: read a text, count its words, print the totals.

Look at the channels: the slowest process decides the pace of all, because a full channel makes its
senders wait. With rate=0 the reader goes as fast as it can.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, TextFile, Topology, paced, report

SAMPLE = Path(__file__).with_name("texts") / "walk.txt"
LONGEST = 4000  # bytes that fit into a message of every mechanism, whichever carries the next channel


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
    """Send every line, marked as not yet counted."""
    with text.open("rb") as file:
        for line in paced(file, rate):
            for piece in pieces(line.rstrip(b"\n"), min(lines.largest, LONGEST) - 32):
                lines.send(b"> " + piece)


def count(lines: Receiver, onward: Sender, turn: int, stages: int) -> None:
    """Count the words of every `stages`-th line that comes, and pass the others on as they are."""
    for number, line in enumerate(lines):
        if line.startswith(b"> ") and number % stages == turn:
            text = line[2:]
            line = b"%d words: %b" % (len(text.split()), text)
        onward.send(line)


def total(counts: Receiver) -> None:
    """Add up."""
    words = lines = 0
    for lines, line in enumerate(counts, 1):
        words += int(line.split()[0])
        if lines % 10 == 1:
            report(words=words, lines=lines)
    report(words=words, lines=lines)


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
