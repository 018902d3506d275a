"""A ring: the token comes back with everybody's number."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("ring")).build.__globals__)


def test_each_adds_its_number() -> None:
    sent: list[bytes] = []
    demo.pass_on([b"lap 3 sum 1"], SimpleNamespace(send=sent.append), 2, 0)
    assert sent == [b"lap 3 sum 3"]


@pytest.mark.parametrize("n", [2, 7])
def test_the_token_goes_round(n: int, own_runtime: Path) -> None:
    summary = summary_of(run("ring", settings={"n": n, "work": 0}, seconds=1))
    assert len(summary.channels) == n
    laps = summary.reports["1 begins"]["laps"]
    assert laps > 3
    assert all(laps <= channel.sent <= laps + 2 for channel in summary.channels)


class Back:
    """What comes back: these tokens, None for nothing within any time, and then the end."""

    def __init__(self, *tokens: bytes | None) -> None:
        self.tokens = list(tokens)

    def receive(self, timeout: float | None = None) -> bytes:
        if not self.tokens:
            raise demo.EndOfMessages
        token = self.tokens.pop(0)
        if token is None:
            raise TimeoutError
        return token


def led(monkeypatch: pytest.MonkeyPatch, *tokens: bytes | None) -> tuple[list[bytes], dict[str, float]]:
    """What the first of three sends, and reports."""
    sent: list[bytes] = []
    told: dict[str, float] = {}
    monkeypatch.setitem(demo.lead.__globals__, "report", told.update)
    demo.lead(Back(*tokens), SimpleNamespace(send=sent.append), 3, 0)
    return sent, told


@pytest.mark.parametrize("token", [b"lap 1 sum 5", b"lap 0 sum 6", b"", b"\x93ap 1 sum 6"])
def test_after_a_token_that_is_lost_or_damaged_a_new_lap_begins(token, monkeypatch) -> None:
    sent, told = led(monkeypatch, token, None, b"lap 2 sum 6")
    assert sent == [b"lap 1 sum 1", b"lap 2 sum 1", b"lap 3 sum 1"]
    assert (told["laps"], told["lost"]) == (1, 1)


def test_a_token_that_comes_late_or_twice_is_taken_off_the_ring(monkeypatch) -> None:
    sent, told = led(monkeypatch, None, b"lap 1 sum 6", b"lap 2 sum 6", b"lap 2 sum 6", b"lap 3 sum 6")
    assert sent == [b"lap %d sum 1" % lap for lap in (1, 2, 3, 4)]
    assert (told["laps"], told["lost"]) == (2, 1)


def test_what_is_no_token_is_handed_on_as_it_is() -> None:
    sent: list[bytes] = []
    demo.pass_on([b"lap 3 sum \xce", b""], SimpleNamespace(send=sent.append), 2, 0)
    assert sent == [b"lap 3 sum \xce", b""]


def test_each_lap_begins_when_the_one_before_has_ended(monkeypatch) -> None:
    sent, told = led(monkeypatch, b"lap 1 sum 6", b"lap 2 sum 6")
    assert sent == [b"lap 1 sum 1", b"lap 2 sum 1", b"lap 3 sum 1"]
    assert (told["laps"], told["lost"]) == (2, 0)
