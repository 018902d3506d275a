"""The filter's small grammar: what each word asks for, and what is said of a wrong one."""

from __future__ import annotations

import pytest
from helpers import sessions
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.tui.message_filter import parse

VIEW = sessions.view()
MESSAGES = VIEW.messages.items


def passing(text: str) -> list[int]:
    """The numbers of the 40 messages that pass."""
    found = parse(text).passing(MESSAGES, range(len(MESSAGES)), 0)
    return [MESSAGES[number].sequence for number in found]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", lambda m: True),
        ("ORDER", lambda m: b"order" in m.payload),
        ('"order 1 2x"', lambda m: b"order" in m.payload),
        ("1 item", lambda m: b"order" in m.payload),
        ("상품", lambda m: "상품".encode() in m.payload),
        ("\\x1b[31m", lambda m: b"\x1b" in m.payload),
        ("기록", lambda m: m.receiver == "기록"),
        ("channel:jobs", lambda m: m.channel == "jobs"),
        ('from:"producer 1"', lambda m: m.sender == "producer 1"),
        ("to:CONSUMER", lambda m: m.receiver == "consumer"),
        ("process:consumer", lambda m: "consumer" in (m.sender, m.receiver)),
        ("size>13", lambda m: m.size > 13),
        ("size<=13b", lambda m: m.size <= 13),
        ("size>1k", lambda m: False),
        ("latency>200us", lambda m: m.t - m.sent > 200_000),
        ("latency<0.2ms channel:jobs order", lambda m: m.t - m.sent < 200_000 and b"order" in m.payload),
    ],
)
def test_a_word_lets_through_what_it_says(text, holds):
    expected = [message.sequence for message in MESSAGES if holds(message)]
    assert passing(text) == expected
    assert parse(text).objection(VIEW) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size>", "size> needs bytes, as in size>100"),
        ("size>big", "size> needs bytes, as in size>100"),
        ("latency>5", "latency> needs a time with its unit, as in latency>1ms"),
        ("latency:5ms", "latency is compared, as in latency>1ms"),
        ("channel:", "channel: needs a name, such as channel:orders"),
        ("from:nobody", "no process is named nobody"),
        ("channel:\x1b[31m", "no channel is named \\x1b[31m"),
    ],
)
def test_what_is_wrong_is_said(text, said):
    assert parse(text).objection(VIEW) == said


def test_a_wrong_word_does_not_hide_what_the_others_let_through():
    assert passing("order size>") == passing("order")


def test_an_address_is_a_word_like_any_other():
    assert parse("http://here/x").words == ("http://here/x",)


@given(st.text())
def test_whatever_is_typed_is_no_error(text):
    made = parse(text)
    assert set(passing(text)) <= {message.sequence for message in MESSAGES}
    assert made.objection(VIEW).isprintable()


NAMES = ["producer 1", "producer 2", "to stage 1", "소비자 하나"]


@pytest.mark.parametrize(
    ("text", "named", "words"),
    [
        ("from:producer 2", [("process", "producer 2")], ()),
        ("from:Producer 2 coffee", [("process", "producer 2")], ("coffee",)),
        ("coffee channel:to stage size>1", [("channel", "to stage")], ("coffee",)),
        ("to:소비자 하나", [("process", "소비자 하나")], ()),
        ('from:"producer" 2', [("process", "producer")], ("2",)),
        ("from:producer coffee", [("process", "producer")], ("coffee",)),
        ("from:producer ", [("process", "producer")], ()),
    ],
)
def test_a_name_goes_on_over_a_space_as_long_as_there_is_one(text, named, words):
    made = parse(text, NAMES)
    assert list(made.named) == named
    assert made.words == words
    assert made.wrong == ""
