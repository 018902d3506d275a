"""Two processes talk both ways: one thinks of a number, the other guesses it.

A pipe goes one way only, so a conversation takes two. Look at the pair of channels: a guess goes up one,
the hint comes down the other, and at any moment one of the two processes waits for the other to speak.
--set most=1000000 makes the games longer; every game takes at most log2(most) + 1 guesses.
"""

from __future__ import annotations

import random
import re
from itertools import count
from typing import Annotated

from msgspec import Meta

from ipcviz import Receiver, Sender, Topology, paced, report

QUESTION = re.compile(rb"game (\d+): is it (\d+)\?")
PATIENCE = 2  # seconds until a guess is repeated: it, or its hint, was lost


def build(
    most: Annotated[int, Meta(ge=1, le=10**18)] = 1000,
    rate: Annotated[float, Meta(ge=0)] = 10,
) -> Topology:
    """The numbers are 1 to `most`; `rate` guesses a second, 0 for as fast as it goes."""
    topology = Topology(
        "two_way_pipe",
        about="One process guesses the other's number: guesses go one way, hints the other.",
        teaches="Passing messages",
    )
    guesses = topology.channel("guesses", prefer="pipe")
    hints = topology.channel("hints", prefer="pipe")
    topology.process("guesser", guess, guesses.sender, hints.receiver, most, rate)
    topology.process("thinker", think, guesses.receiver, hints.sender, most)
    return topology


def guess(guesses: Sender, hints: Receiver, most: int, rate: float) -> None:
    """Find one number after the other by halving what is left."""
    games, lowest, highest, needed, longest = 1, 1, most, 0, 0
    for _ in paced(count(), rate):
        middle = (lowest + highest) // 2
        needed += 1
        hint = asked(guesses, hints, b"game %d: is it %d?" % (games, middle))
        if hint == b"higher":
            lowest = middle + 1
        elif hint == b"lower":
            highest = middle - 1
        else:
            longest = max(longest, needed)
            report(found=games, last=middle, guesses=needed, most_guesses=longest)
            games, lowest, highest, needed = games + 1, 1, most, 0


def asked(guesses: Sender, hints: Receiver, question: bytes) -> bytes:
    """The hint to this question, which is repeated as often as it takes."""
    while True:
        guesses.send(question)
        try:
            while True:
                about, _, hint = hints.receive(PATIENCE).partition(b" ... ")
                if about == question:
                    return hint
        except TimeoutError:
            continue


def think(guesses: Receiver, hints: Sender, most: int) -> None:
    """Give a hint for every guess; the number of a game is always the same."""
    understood = filter(None, map(QUESTION.fullmatch, guesses))  # what is damaged will be asked again
    for answered, question in enumerate(understood, 1):
        game, guessed = map(int, question.groups())
        number = random.Random(game).randint(1, most)
        hint = b"higher" if guessed < number else b"lower" if guessed > number else b"right"
        hints.send(question[0] + b" ... " + hint)
        report(hints=answered, game=game)
