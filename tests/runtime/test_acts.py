"""Acts as they are typed: what they mean, what is wrong with others, and that they can be typed again."""

from __future__ import annotations

import pytest

from ipcviz.runtime.acts import FORMS, WrongAct, parse, typed
from ipcviz.runtime.request import Act, Command

TYPED = {
    "2 kill consumer": Act(2, Command("kill", "consumer")),
    "2.5 pause 'the reader'": Act(2.5, Command("pause", "the reader")),
    "0 slow counter 50ms": Act(0, Command("slow", "counter", amount=0.05)),
    "0 slow counter 1.5 s from lines": Act(0, Command("slow", "counter", "lines", 1.5)),
    "0 slow counter 0": Act(0, Command("slow", "counter")),
    "1 rate reader 2": Act(1, Command("rate", "reader", amount=2.0)),
    "1 rate reader 0.5x": Act(1, Command("rate", "reader", amount=0.5)),
    "1 drop lines 3": Act(1, Command("drop", channel="lines", count=3)),
    "1 drop lines 25 % from reader": Act(1, Command("drop", "reader", "lines", share=0.25)),
    "1 corrupt lines 0": Act(1, Command("corrupt", channel="lines")),
    "1 delay lines 200ms": Act(1, Command("delay", channel="lines", amount=0.2, count=1)),
    "1 delay lines 200 ms 50%": Act(1, Command("delay", channel="lines", amount=0.2, share=0.5)),
    "1 delay lines 0": Act(1, Command("delay", channel="lines")),
    "1 send lines 'greetings from Mars'": Act(
        1, Command("send", channel="lines", payload=b"greetings from Mars")
    ),
    "1 send lines hello you from reader": Act(1, Command("send", "reader", "lines", payload=b"hello you")),
}


@pytest.mark.parametrize("text", TYPED)
def test_an_act_is_read_and_typed_again(text: str) -> None:
    act = parse(text)
    assert act == TYPED[text]
    assert parse(typed(act)) == act


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "kill consumer",
        "-1 kill consumer",
        "nan kill consumer",
        "inf kill consumer",
        "2 kil consumer",
        "2 stop consumer",
        "2 kill",
        "2 kill a b",
        "2 pause a from b",
        "2 kill 'a",
        "2 slow a fast",
        "2 slow a 50ms 3",
        "2 slow a -1s",
        "2 rate a",
        "2 rate a 0",
        "2 rate a nan",
        "2 rate a 1e9",
        "2 rate a 0.0001",
        "2 slow a 61s",
        "2 delay a 61s 25%",
        "2 delay a 0 3",
        "2 delay a 0ms 3",
        f"2 send a {'x' * 4001}",
        "2 drop a",
        "2 drop a 101%",
        "2 drop a -1",
        "2 drop a 12345678901",
        "2 delay a 3",
        "2 delay a 10ms often",
    ],
)
def test_what_is_no_act_gets_a_sentence(text: str) -> None:
    with pytest.raises(WrongAct, match=r"[.?]$"):
        parse(text)


def test_the_form_of_an_act_is_told() -> None:
    with pytest.raises(WrongAct) as caught:
        parse("2 delay lines")
    assert FORMS["delay"] in str(caught.value)
    with pytest.raises(WrongAct, match="did you mean kill"):
        parse("2 kil consumer")
