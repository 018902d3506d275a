"""What a mechanism can carry."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ipcviz.mechanisms import MECHANISMS
from ipcviz.traits import Traits, Wish, objection

ONE_TO_ONE = Traits(kinds=("channel",), senders=1, receivers=1)
FEW = Traits(kinds=("channel", "call"), senders=3, receivers=2)
ANY = Traits(kinds=("channel", "call"))


@pytest.mark.parametrize(
    ("traits", "wish", "against"),
    [
        (ONE_TO_ONE, Wish("c", "channel", 1, 1), None),
        (ONE_TO_ONE, Wish("c", "channel", 2, 1), "c has 2 senders and m carries one"),
        (ONE_TO_ONE, Wish("c", "channel", 1, 2), "c has 2 receivers and m carries one"),
        (ONE_TO_ONE, Wish("c", "call", 1, 1), "m does not carry a call"),
        (FEW, Wish("c", "channel", 3, 2), None),
        (FEW, Wish("c", "channel", 4, 2), "c has 4 senders and m carries at most 3"),
        (FEW, Wish("c", "channel", 3, 3), "c has 3 receivers and m carries at most 2"),
        (ANY, Wish("c", "channel", 1000, 1000), None),
        (ANY, Wish("c", "call", 1000, 1), None),
    ],
)
def test_objections(traits: Traits, wish: Wish, against: str | None) -> None:
    assert objection(wish, traits, "m") == against


def test_traits_as_plain_values() -> None:
    plain = ONE_TO_ONE.as_dict()
    assert set(plain) == {field.name for field in fields(Traits)}
    assert plain["senders"] == 1
    assert plain["reach"] == "local"


def test_what_the_manual_pages_say() -> None:
    table = {name: mechanism.traits for name, mechanism in MECHANISMS.items()}
    assert list(table) == ["pipe", "unix-stream", "posix-mq", "shm", "unix-seqpacket"]
    assert [name for name, traits in table.items() if traits.receivers == 1] == ["pipe", "unix-stream"]
    assert [name for name, traits in table.items() if traits.boundaries] == [
        "posix-mq",
        "shm",
        "unix-seqpacket",
    ]
    assert [name for name, traits in table.items() if traits.two_way] == ["unix-stream"]
    related = [name for name, traits in table.items() if traits.related_only]
    assert related == ["pipe", "unix-stream", "unix-seqpacket"]
    assert all(traits.ordered and traits.lossless and traits.reach == "local" for traits in table.values())
