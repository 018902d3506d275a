"""A chat: everybody talks to the hub, and the hub passes each line on to all the others.

The last of them reads slowly. Look at the channel to that one: it fills, and from then on the hub drops
what does not fit (`dropped`), and nobody else notices. With --set patience=1 the hub waits a second for
room: now everybody waits for the slow one, and `talk` fills, too.
"""

from __future__ import annotations

import time
from itertools import cycle
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import EndOfMessages, ReaderGone, Receiver, Sender, TextFile, Topology, report

SAMPLE = Path(__file__).with_name("texts") / "walk.txt"
NAMES = ("Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hal")
LARGEST = 1000  # bytes of a line; the rest of a longer one is not said

Seconds = Annotated[float, Meta(ge=0, le=60)]


def build(
    people: Annotated[int, Meta(ge=2, le=8)] = 5,
    rate: Annotated[float, Meta(ge=0)] = 2,
    slow: Seconds = 1,
    patience: Seconds = 0,
    text: TextFile = SAMPLE,
) -> Topology:
    """`rate` lines a second of each, 0 for as fast as it goes; `slow`: seconds that the last one needs to
    read a line; `patience`: seconds that the hub waits for room before it drops one.
    """
    topology = Topology("star", about="A hub passes on what everybody says.", teaches="One to many")
    talk = topology.channel("talk", prefer="posix-mq")
    names = NAMES[:people]
    ears = {name: topology.channel(f"to {name}", prefer="posix-mq") for name in names}
    senders = {name: ear.sender for name, ear in ears.items()}
    topology.process("hub", pass_on, talk.receiver, senders, patience)
    for name in names:
        reading = slow if name == names[-1] else 0
        topology.process(name, chat, name, talk.sender, ears[name].receiver, text, rate, reading)
    return topology


def pass_on(talk: Receiver, ears: dict[str, Sender], patience: float) -> None:
    """Send everything on to all but who said it; drop what finds no room."""
    passed = dropped = 0
    for line in talk:
        speaker = line.partition(b":")[0].decode(errors="replace")
        for name in [name for name in ears if name != speaker]:
            try:
                ears[name].send(line, timeout=patience)
                passed += 1
            except TimeoutError:
                dropped += 1
            except ReaderGone:
                del ears[name]  # who has left is not talked to
        report(dropped=dropped, passed_on=passed)


def chat(name: str, talk: Sender, ear: Receiver, text: Path, rate: float, reading: float) -> None:
    """Say a line, and listen until it is time to say the next; without a pace, to a few that are there."""
    heard, due, pause = 0, time.monotonic(), 1 / rate if rate else 0
    lines = [line for line in text.read_bytes().splitlines() if line.strip()] or [b"hello"]
    first = NAMES.index(name) * len(lines) // len(NAMES)
    for line in cycle(lines[first:] + lines[:first]):
        talk.send(b"%b: %b" % (name.encode(), line[:LARGEST]))
        due = max(due, time.monotonic() - pause) + pause
        few = heard + len(NAMES)
        try:
            while (left := due - time.monotonic()) > 0 or (not rate and heard < few):
                ear.receive(max(0, left))
                heard += 1
                report(heard=heard)
                time.sleep(reading)
        except TimeoutError:
            continue
        except EndOfMessages:
            return  # the hub has closed
