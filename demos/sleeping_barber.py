"""A barber with one chair to cut in and a few to wait in: who finds all of them taken goes away.

Look at the lock `waiting chairs`: whoever holds it sits there, and waits for `barber's chair`. Nobody waits
for a waiting chair: a customer tries once, and if that fails is `turned_away`. With nobody in the chair the
barber sleeps, that is waits for a call. More chairs turn fewer away and let them wait longer.
"""

from __future__ import annotations

import random
import time
from typing import Annotated

from msgspec import Meta

from ipcviz import Caller, EndOfMessages, Lock, Responder, Topology, report

NOD = 0.1  # seconds without a customer after which the barber is asleep

Seconds = Annotated[float, Meta(ge=0, le=60)]


def build(
    customers: Annotated[int, Meta(ge=1, le=20)] = 8,
    chairs: Annotated[int, Meta(ge=1, le=20)] = 2,
    cut: Seconds = 0.15,
    away: Seconds = 2.5,
) -> Topology:
    """A haircut takes `cut` seconds; each customer comes back after up to `away` seconds."""
    topology = Topology(
        "sleeping_barber",
        about="Customers wait in a few chairs for one barber; who finds no chair goes away again.",
        teaches="Locks",
    )
    haircuts = topology.call("haircuts", prefer="unix-stream")
    waiting = topology.lock("waiting chairs", count=chairs)
    chair = topology.lock("barber's chair")
    for number in range(1, customers + 1):
        topology.process(f"customer {number}", visit, number, waiting, chair, haircuts.caller, away)
    topology.process("barber", cut_hair, haircuts.responder, cut)
    return topology


def visit(number: int, waiting: Lock, chair: Lock, haircuts: Caller, away: float) -> None:
    """Come, take a seat if there is one, move on to the barber's chair, have one's hair cut; for ever."""
    chance = random.Random(number)
    served = turned_away = 0
    while True:
        time.sleep(chance.uniform(0, away))
        if waiting.acquire(timeout=0):
            chair.acquire()
            waiting.release()
            haircuts.call(b"customer %d" % number)
            chair.release()
            served += 1
        else:
            turned_away += 1
        report(served=served, turned_away=turned_away)


def cut_hair(haircuts: Responder, cut: float) -> None:
    """Cut whoever sits down; sleep while nobody does."""
    served = slept = 0
    while True:
        try:
            try:
                customer = haircuts.receive(timeout=NOD)
            except TimeoutError:
                slept += 1
                report(served=served, slept=slept)
                customer = haircuts.receive()
        except EndOfMessages:
            return
        time.sleep(cut)
        customer.reply(b"done")
        served += 1
        report(served=served, slept=slept)
