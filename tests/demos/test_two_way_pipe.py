"""Two pipes, one each way: every number is found."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("two_way_pipe")).build.__globals__)


def test_both_pipes_carry_as_much(own_runtime: Path) -> None:
    summary = summary_of(run("two_way_pipe", settings={"rate": 0}, seconds=1))
    guesses, hints = summary.channels
    assert guesses.sent - hints.received in (0, 1)
    assert summary.reports["guesser"]["found"] > 10
    assert summary.reports["guesser"]["most_guesses"] <= 10, "1000 numbers are halved ten times at most"


def test_the_hints_are_right() -> None:
    sent: list[bytes] = []
    hints = SimpleNamespace(send=sent.append)
    demo.think([b"game 1: is it %d?" % number for number in range(1, 1001)], hints, 1000)
    words = [line.rpartition(b" ")[2] for line in sent]
    right = words.index(b"right")
    assert words == [b"higher"] * right + [b"right"] + [b"lower"] * (999 - right)


def test_what_is_damaged_gets_no_hint() -> None:
    sent: list[bytes] = []
    damaged = [b"\x98ame 1: is it 5?", b"game 1: is it \xca?", b"", b"game 1: is it 5"]
    demo.think(damaged, SimpleNamespace(send=sent.append), 1000)
    assert sent == []


class Conversation:
    """Both ends of a guesser, against the real thinker; some messages are lost, some hints come twice."""

    def __init__(self, most: int, losses: bool, games: int) -> None:
        self.most, self.losses, self.games = most, losses, games
        self.sent: list[bytes] = []
        self.hints: list[bytes] = []

    def send(self, question: bytes) -> None:
        self.sent.append(question)
        if question.startswith(b"game %d:" % (self.games + 1)):
            raise KeyboardInterrupt
        if self.losses and len(self.sent) % 3 == 0:
            return
        times = 2 if self.losses and len(self.sent) % 5 == 0 else 1
        demo.think([question] * times, SimpleNamespace(send=self.hints.append), self.most)

    def receive(self, timeout: float | None = None) -> bytes:
        if not self.hints:
            assert timeout is not None, "this would wait for ever"
            raise TimeoutError
        return self.hints.pop(0)


@pytest.mark.parametrize("losses", [False, True])
@pytest.mark.parametrize("most", [1, 2, 7, 1000, 10**18])
def test_every_number_is_found(most: int, losses: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, int]] = []
    monkeypatch.setitem(demo.guess.__globals__, "report", lambda **values: told.append(values))
    both = Conversation(most, losses, games=20)
    with pytest.raises(KeyboardInterrupt):
        demo.guess(both, both, most, 0)
    found = [values for values in told if "found" in values]
    assert [values["found"] for values in found] == list(range(1, 21))
    assert [values["last"] for values in found] == [random.Random(n).randint(1, most) for n in range(1, 21)]
    assert max(values["guesses"] for values in found) <= most.bit_length()
