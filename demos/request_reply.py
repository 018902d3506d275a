"""Several clients ask one server, and each waits for its answer.

Look at the clients' waiting: it is the server's time and everybody's place in the line. On a mechanism that
goes one way only, a call is made of two channels, and drawn as two.
"""

from __future__ import annotations

import math
import time
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Caller, Responder, Topology, paced, report

PATIENCE = 5  # seconds until a request or its answer is taken for lost, beside the time in the line


def build(
    clients: Annotated[int, Meta(ge=1, le=32)] = 3,
    rate: Annotated[float, Meta(ge=0)] = 20,
    work: Annotated[float, Meta(ge=0, le=10)] = 0.005,
) -> Topology:
    """`rate`: requests a second of each client, 0 for as fast as it goes; `work`: seconds for a reply."""
    topology = Topology(
        "request_reply",
        about="Clients ask for the factors of numbers; one server answers all of them.",
        teaches="Passing messages",
    )
    factors = topology.call("factors")
    patience = PATIENCE + 2 * clients * work
    for n in range(1, clients + 1):
        topology.process(f"client {n}", ask, factors.caller, n, clients, rate, patience)
    topology.process("server", answer, factors.responder, work)
    return topology


def ask(factors: Caller, first: int, step: int, rate: float, patience: float) -> None:
    """Ask for the factors of every `step`-th number, and check the answer."""
    lost = wrong = 0
    for asked, number in enumerate(paced(count(first + 1, step), rate), 1):
        try:
            found = factors.call(b"%d" % number, patience).split()
        except TimeoutError:
            lost += 1
        else:
            right = all(map(bytes.isdigit, found)) and math.prod(map(int, found)) == number
            wrong += not right
        if asked % 10 == 0:
            report(asked=asked, lost=lost, wrong=wrong)


def answer(factors: Responder, work: float) -> None:
    """Answer until the last client has gone."""
    for answered, request in enumerate(factors, 1):
        time.sleep(work)
        found = prime_factors(int(request.payload)) if request.payload.isdigit() else [0]
        request.reply(b" ".join(b"%d" % factor for factor in found))
        if answered % 10 == 0:
            report(answered=answered)


def prime_factors(number: int) -> list[int]:
    """The primes whose product it is."""
    found, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return [*found, number] if number > 1 else found
