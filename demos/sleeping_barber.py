"""A barber with one chair to cut in and a few to wait in: who finds all of them taken goes away.

Look at the locks: whoever holds one of the `seats` waits for the `chair` that hair is cut in. Nobody waits
for a seat: a customer tries once, and if that fails is `turned_away`. With nobody in the chair the barber
sleeps, that is waits for a call. --set seats=5 turns fewer away, and lets them wait longer.
"""

from __future__ import annotations

import random
import time
from typing import Annotated

from msgspec import Meta

from ipcviz import Caller, EndOfMessages, Lock, Responder, Topology, report

NOD = 0.1  # seconds without a customer after which the barber is asleep
PATIENCE = 5  # seconds, beside the haircut, after which a customer whom the barber has not heard leaves

Seconds = Annotated[float, Meta(ge=0, le=60)]


def build(
    customers: Annotated[int, Meta(ge=1, le=20)] = 8,
    seats: Annotated[int, Meta(ge=1, le=20)] = 2,
    cut: Seconds = 0.15,
    away: Seconds = 1.2,
) -> Topology:
    """A haircut takes `cut` seconds; each customer comes back after `away` seconds on average."""
    topology = Topology(
        "sleeping_barber",
        about="Customers wait in a few seats for one barber; who finds none goes away again.",
        teaches="Locks",
    )
    haircuts = topology.call("haircuts", prefer="unix-stream")
    places = topology.lock("seats", count=seats)
    chair = topology.lock("chair")
    for number in range(1, customers + 1):
        topology.process(f"customer {number}", visit, number, places, chair, haircuts.caller, away, cut)
    topology.process("barber", cut_hair, haircuts.responder, cut)
    return topology


def visit(number: int, seats: Lock, chair: Lock, haircuts: Caller, away: float, cut: float) -> None:
    """Come, take a seat if there is one, move on to the chair, have one's hair cut; for ever."""
    chance = random.Random(number)
    served = turned_away = unheard = 0
    while True:
        time.sleep(away * chance.expovariate(1))
        if seats.acquire(timeout=0):
            chair.acquire()
            seats.release()
            try:
                haircuts.call(b"customer %d" % number, cut + PATIENCE)
                served += 1
            except TimeoutError:  # the call or its answer was lost
                unheard += 1
            chair.release()
        else:
            turned_away += 1
        report(turned_away=turned_away, served=served, unheard=unheard)


def cut_hair(haircuts: Responder, cut: float) -> None:
    """Cut whoever sits down; sleep while nobody does."""
    served = slept = 0
    while True:
        try:
            try:
                customer = haircuts.receive(timeout=NOD)
            except TimeoutError:
                slept += 1
                report(slept=slept, served=served)
                customer = haircuts.receive()
        except EndOfMessages:
            return
        time.sleep(cut)
        customer.reply(b"done")
        served += 1
        report(slept=slept, served=served)
