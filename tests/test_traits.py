"""What a mechanism can carry."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.traits import LockTraits, LockWish, Traits, Wish, lock_objection, objection

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


def _those(trait: str, value: object = True) -> list[str]:
    return [name for name, entry in MECHANISMS.items() if getattr(entry.traits, trait) == value]


def test_what_the_manual_pages_say() -> None:
    assert _those("receivers", 1) == ["pipe", "unix-stream", "fifo", "tcp", "xmlrpc", "json-rpc", "grpc"]
    assert _those("boundaries", False) == ["pipe", "unix-stream", "fifo", "file", "tcp"]
    assert _those("priorities") == ["posix-mq", "sysv-mq"]
    assert _those("persistent") == ["posix-mq", "sysv-mq", "file"]
    assert _those("related_only") == ["pipe", "unix-stream", "unix-seqpacket", "mp-queue"]
    assert _those("descriptors") == ["unix-seqpacket", "unix-datagram"]
    assert _those("lossless", False) == ["udp", "zmq-ipc", "zmq-tcp"]
    assert _those("backpressure", False) == ["file", "udp"]
    assert _those("in_kernel", False)[:3] == ["zmq-ipc", "zmq-tcp", "mp-queue"]
    assert _those("fans_out") == ["file", "zmq-ipc", "zmq-tcp"]
    assert {"tcp", "udp", "zmq-tcp", "xmlrpc"} <= set(_those("reach", "remote"))
    assert [name for name, entry in MECHANISMS.items() if "region" in entry.traits.kinds] == [
        "shm",
        "file",
        "mmap-file",
    ]


def test_what_is_said_of_locks() -> None:
    after = {name: lock.traits.after_death for name, lock in LOCKS.items()}
    assert after == {
        "posix-sem": "stuck",
        "sysv-sem": "released",
        "flock": "released",
        "fcntl": "released",
        "ofd": "released",
        "robust-mutex": "recovered",
        "mp-lock": "stuck",
    }
    assert [name for name, lock in LOCKS.items() if lock.traits.shared] == ["flock", "fcntl", "ofd"]
    assert [name for name, lock in LOCKS.items() if lock.traits.detects_deadlock] == ["fcntl"]
    counting = [name for name, lock in LOCKS.items() if lock.traits.most is None]
    assert counting == ["posix-sem", "sysv-sem", "mp-lock"]


@pytest.mark.parametrize("need", ["lossless", "backpressure", "priorities", "persistent", "descriptors"])
def test_a_need_that_is_not_met_is_said(need: Any) -> None:
    wish = Wish("c", "channel", 1, 1, (need,))
    lacking = Traits(kinds=("channel",), lossless=False, backpressure=False)
    against = objection(wish, lacking, "m")
    assert against is not None
    assert against.startswith("c needs more: m ")
    assert objection(wish, replace(lacking, **{need: True}), "m") is None


@pytest.mark.parametrize(
    ("traits", "wish", "against"),
    [
        (LockTraits(), LockWish("l", 1), None),
        (LockTraits(), LockWish("l", 2), "l may be held by 2 at once and m by one"),
        (LockTraits(most=None), LockWish("l", 2), None),
        (LockTraits(), LockWish("l", 1, True), "l has readers that share it, and m cannot be shared"),
        (LockTraits(shared=True), LockWish("l", 1, True), None),
    ],
)
def test_objections_to_locks(traits: LockTraits, wish: LockWish, against: str | None) -> None:
    assert lock_objection(wish, traits, "m") == against
