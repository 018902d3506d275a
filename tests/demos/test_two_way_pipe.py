"""Two pipes, one each way: every number is found."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

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
