"""Gossip: everybody tells what they know to one other, picked by chance, and soon all of them know it.

Look at `rounds`, the rounds that it took until the last rumour was known to all: then the next in turn
begins a new one. With --set n=10 there are twice as many to tell, in few more rounds. A message that is
lost or damaged, or finds a full inbox, does no harm: another will be told.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress
from typing import Annotated, NamedTuple

from msgspec import Meta

from ipcviz import ReaderGone, Receiver, Sender, Topology, report

TOLD = re.compile(rb"rumour (\d+), round (\d+), known to ([\d ]+)")
SILENCE = 0.01  # seconds after which, without a pace, somebody speaks again although nothing was heard


class Rumour(NamedTuple):
    """Which it is, how many rounds old, and who is known to know it."""

    number: int
    age: int
    knowers: frozenset[int]


def build(n: Annotated[int, Meta(ge=2, le=12)] = 5, rate: Annotated[float, Meta(ge=0)] = 5) -> Topology:
    """`n` tell each other; `rate` rounds a second, 0 for a new round whenever something is heard."""
    topology = Topology("mesh", about="Rumours spread by chance until all know.", teaches="One to many")
    inboxes = [topology.channel(f"inbox {number}") for number in range(1, n + 1)]
    for me, inbox in enumerate(inboxes, 1):
        others = [other.sender for other in inboxes if other is not inbox]
        topology.process(f"gossip {me}", gossip, inbox.receiver, others, me, n, rate)
    return topology


def gossip(inbox: Receiver, others: list[Sender], me: int, n: int, rate: float) -> None:
    """In each round tell one other what is new, and listen until the next."""
    chance = random.Random(me)
    latest = Rumour(1, 0, frozenset([1])) if me == 1 else Rumour(0, 0, frozenset())
    messages = rounds = 0
    while True:
        latest = latest._replace(age=latest.age + (len(latest.knowers) < n))
        if latest.number:
            with suppress(TimeoutError, ReaderGone):
                chance.choice(others).send(told(latest), timeout=0)
                messages += 1
        latest = listened(inbox, latest, me, 1 / rate if rate else SILENCE, rate == 0)
        if len(latest.knowers) == n:
            rounds = latest.age
            if latest.number % n + 1 == me:
                latest = Rumour(latest.number + 1, 0, frozenset([me]))
        report(rounds=rounds, known=latest.number, messages=messages)


def listened(inbox: Receiver, latest: Rumour, me: int, seconds: float, only_one: bool = False) -> Rumour:
    """What is the latest after all that came in so many seconds, or after the first that did."""
    until = time.monotonic() + seconds
    with suppress(TimeoutError):
        while (left := until - time.monotonic()) > 0:
            latest = newer(latest, heard(inbox.receive(left)), me)
            if only_one:
                break
    return latest


def newer(mine: Rumour, other: Rumour, me: int) -> Rumour:
    """The newer rumour, which I know now as well; of the same one, everything that both have heard."""
    if other.number != mine.number:
        return other._replace(knowers=other.knowers | {me}) if other.number > mine.number else mine
    return Rumour(mine.number, max(mine.age, other.age), mine.knowers | other.knowers)


def told(rumour: Rumour) -> bytes:
    """The rumour as a sentence."""
    knowers = " ".join(map(str, sorted(rumour.knowers)))
    return f"rumour {rumour.number}, round {rumour.age}, known to {knowers}".encode()


def heard(sentence: bytes) -> Rumour:
    """The sentence as a rumour; one that is damaged as older than all."""
    found = TOLD.fullmatch(sentence)
    if not found:
        return Rumour(0, 0, frozenset())
    return Rumour(int(found[1]), int(found[2]), frozenset(map(int, found[3].split())))
