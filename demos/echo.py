"""The echo server: clients send lines, and the server sends each back with a prefix, until they close.

Look at `lines`: over TCP one connection goes both ways, and with -m pipe the answers need channels of their
own. More clients (--set clients=12) wait in line for the same server. With --set lines=20 each client closes
after 20 lines, and when the last has gone the server ends as well. While it runs over TCP, anybody may join
as a guest: `nc HOST PORT` with the address that stands beside the channel.
"""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from ipcviz import Caller, Responder, TextFile, Topology, paced, report

SAMPLE = Path(__file__).with_name("texts") / "walk.txt"
LONGEST = 1000  # bytes of a line
PATIENCE = 5  # seconds until a line or its answer is taken for lost, which only some mechanisms do


def build(
    clients: Annotated[int, Meta(ge=1, le=32)] = 3,
    rate: Annotated[float, Meta(ge=0)] = 10,
    prefix: Annotated[str, Meta(max_length=100)] = "echo: ",
    lines: Annotated[int, Meta(ge=0)] = 0,
    text: TextFile = SAMPLE,
) -> Topology:
    """`rate` lines a second of each client, 0 for as fast as it goes; `lines` of each, 0 for ever."""
    topology = Topology(
        "echo", about="Clients send lines, one server echoes them.", teaches="Passing messages"
    )
    line = topology.call("lines", prefer="tcp")
    for n in range(clients):
        topology.process(f"client {n + 1}", talk, line.caller, text, n, clients, lines, rate, prefix.encode())
    topology.process("server", echo, line.responder, prefix.encode())
    return topology


def talk(server: Caller, text: Path, turn: int, clients: int, most: int, rate: float, prefix: bytes) -> None:
    """Send this client's lines of the text again and again, and check what comes back."""
    echoed = too_long = lost = altered = 0
    for line in paced(islice(cycle(own_lines(text, turn, clients)), most or None), rate):
        try:
            answer = server.call(line, PATIENCE)
        except TimeoutError:
            lost += 1
            continue
        if answer != answer_to(line, prefix):
            altered += 1
        elif len(line) <= LONGEST:
            echoed += 1
        else:
            too_long += 1
        report(echoed=echoed, too_long=too_long, lost=lost, altered=altered)


def own_lines(text: Path, turn: int, clients: int) -> list[bytes]:
    """One client's part of the lines that are not blank; a greeting if there is none for it."""
    lines = [line.strip() for line in text.read_bytes().splitlines()]
    # One byte too many is enough to be told so.
    return [line[: LONGEST + 1] for line in lines if line][turn::clients] or [b"hello"]


def echo(clients: Responder, prefix: bytes) -> None:
    """Answer every line until the last client has closed."""
    for answered, request in enumerate(clients, 1):
        request.reply(answer_to(request.payload, prefix))
        report(answered=answered)


def answer_to(line: bytes, prefix: bytes) -> bytes:
    """The line with its prefix; a sentence in place of one that is too long."""
    return prefix + line if len(line) <= LONGEST else b"a line has %d bytes at most" % LONGEST
