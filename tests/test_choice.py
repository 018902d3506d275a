"""Which mechanism carries which channel, and the sentences for what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from ipcviz import choice
from ipcviz.choice import ChoiceError, able, able_for_all, choose_channels, choose_locks
from ipcviz.mechanisms import LOCKS, MECHANISMS
from ipcviz.topology import Endpoint, Topology
from ipcviz.units import listed

MANY = [
    *("posix-mq", "shm", "unix-seqpacket", "sysv-mq", "file", "mmap-file", "unix-datagram", "udp"),
    *("zmq-ipc", "zmq-tcp", "mp-queue"),
]
"""What several processes can receive from, each message by one of them."""


def work(*arguments: Any) -> None:
    """What a process would run."""


@pytest.fixture
def topology() -> Topology:
    """One source, two workers, one sink, who ask one server; two doors."""
    made = Topology("pool")
    files, results, ask = made.channel("files"), made.channel("results"), made.call("ask")
    door, window = made.lock("door"), made.lock("window")
    made.process("source", work, files.sender, door, window)
    for n in (1, 2):
        made.process(f"worker {n}", work, files.receiver, results.sender, ask.caller)
    made.process("sink", work, results.receiver)
    made.process("server", work, ask.responder)
    return made


def carried(topology: Topology, asked: dict[str, str]) -> dict[str, str]:
    return {channel.name: channel.mechanism.name for channel in choose_channels(topology, asked)}


def test_the_first_that_can_is_the_default(topology: Topology) -> None:
    assert carried(topology, {}) == {
        "files": "posix-mq",
        "results": "pipe",
        "ask": "pipe",
        "ask to worker 1": "pipe",
        "ask to worker 2": "pipe",
    }


def test_one_for_all_and_one_for_a_channel(topology: Topology) -> None:
    assert set(carried(topology, {"": "shm"}).values()) == {"shm"}
    assert carried(topology, {"": "shm", "results": "pipe", "ask": "unix-stream"}) == {
        "files": "shm",
        "results": "pipe",
        "ask": "unix-stream",
    }


def test_a_call_that_goes_one_way_only_is_made_of_several_channels(topology: Topology) -> None:
    parts = [part for part in choose_channels(topology, {"ask": "shm"}) if part.part_of == "ask"]
    assert [(part.name, part.kind, part.endpoints) for part in parts] == [
        (
            "ask",
            "channel",
            (Endpoint("worker 1", "sender"), Endpoint("worker 2", "sender"), Endpoint("server", "receiver")),
        ),
        ("ask to worker 1", "channel", (Endpoint("server", "sender"), Endpoint("worker 1", "receiver"))),
        ("ask to worker 2", "channel", (Endpoint("server", "sender"), Endpoint("worker 2", "receiver"))),
    ]
    (whole,) = [part for part in choose_channels(topology, {"ask": "unix-stream"}) if part.name == "ask"]
    assert (whole.kind, whole.part_of) == ("call", None)
    assert [end.role for end in whole.endpoints] == ["caller", "caller", "responder"]


def test_who_is_able(topology: Topology) -> None:
    assert able(topology.channels["files"]) == MANY
    assert able(topology.channels["results"]) == [
        name for name in MECHANISMS if name not in ("xmlrpc", "json-rpc", "grpc")
    ]
    assert able_for_all(topology) == MANY
    assert able_for_all(Topology("empty")) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"": "pipe"},
            "pool cannot run on pipe: files has 2 receivers and pipe carries one; "
            f"{listed(MANY)} can carry files.",
        ),
        (
            {"files": "unix-stream"},
            "pool cannot run on unix-stream: files has 2 receivers and unix-stream carries one; "
            f"{listed(MANY)} can carry files.",
        ),
        ({"": "pip"}, "There is no mechanism 'pip'; did you mean pipe?"),
        (
            {"results": "carrier pigeon"},
            f"There is no mechanism 'carrier pigeon'; there are {', '.join(MECHANISMS)}.",
        ),
        ({"file": "shm"}, "pool has no channel 'file'; did you mean files?"),
        ({"xyz": "shm"}, "pool has no channel 'xyz'; there are files, results, ask."),
        (
            {"": "nonsense", "files": "shm", "results": "shm", "ask": "shm"},
            "There is no mechanism 'nonsense'; ",
        ),
    ],
)
def test_what_cannot_be_is_said(topology: Topology, asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        choose_channels(topology, asked)
    assert str(caught.value).startswith(sentence)
    if not sentence.endswith("; "):
        assert str(caught.value) == sentence


def test_a_topology_without_channels() -> None:
    topology = Topology("table")
    topology.process("one", work, topology.lock("fork"))
    assert choose_channels(topology, {}) == []
    with pytest.raises(ChoiceError, match="table has no channels, so there is nothing that could run on shm"):
        choose_channels(topology, {"": "shm"})
    with pytest.raises(ChoiceError, match="table has no channel 'lines'; it has no channels"):
        choose_channels(topology, {"lines": "shm"})
    with pytest.raises(ChoiceError, match="There is no mechanism 'smh'; did you mean shm"):
        choose_channels(topology, {"": "smh"})


def test_a_mechanism_that_is_not_available(topology: Topology, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "this kernel was built without POSIX message queues"
    monkeypatch.setattr(type(MECHANISMS["posix-mq"]), "unavailable", lambda self: reason)
    assert carried(topology, {})["files"] == "shm"
    assert able(topology.channels["files"]) == MANY
    assert able(topology.channels["files"], available_only=True) == MANY[1:]
    with pytest.raises(ChoiceError) as caught:
        choose_channels(topology, {"files": "posix-mq"})
    assert str(caught.value) == (
        f"posix-mq is not available here: {reason}; {listed(MANY[1:])} can carry files here."
    )


def test_when_nothing_can_carry_it(topology: Topology, monkeypatch: pytest.MonkeyPatch) -> None:
    for mechanism in MECHANISMS.values():
        monkeypatch.setattr(type(mechanism), "unavailable", lambda self: "it is gone")
    with pytest.raises(ChoiceError, match="No mechanism of this machine can carry 'files'; `ipcviz doctor`"):
        choose_channels(topology, {})
    with pytest.raises(ChoiceError, match="no mechanism can carry files here"):
        choose_channels(topology, {"files": "shm"})


def test_locks(topology: Topology) -> None:
    chosen = choose_locks(topology, {})
    assert [(lock.declaration.name, lock.mechanism.name) for lock in chosen] == [
        ("door", "posix-sem"),
        ("window", "posix-sem"),
    ]
    assert len(choose_locks(topology, {"": "posix-sem", "door": "posix-sem"})) == 2


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"": "posix-sema"}, "There is no lock 'posix-sema'; did you mean posix-sem?"),
        ({"window": "bolt"}, f"There is no lock 'bolt'; there are {', '.join(LOCKS)}."),
        ({"doors": "posix-sem"}, "pool has no lock 'doors'; did you mean door?"),
        (
            {"": "bolt", "door": "posix-sem", "window": "posix-sem"},
            f"There is no lock 'bolt'; there are {', '.join(LOCKS)}.",
        ),
    ],
)
def test_locks_that_cannot_be(topology: Topology, asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        choose_locks(topology, asked)
    assert str(caught.value) == sentence


def test_a_lock_of_a_topology_without_locks() -> None:
    topology = Topology("talk")
    channel = topology.channel("c")
    topology.process("one", work, channel.sender, channel.receiver)
    assert choose_locks(topology, {}) == []
    with pytest.raises(ChoiceError, match=r"talk has no locks, so .* could run on posix-sem"):
        choose_locks(topology, {"": "posix-sem"})
    with pytest.raises(ChoiceError, match="There is no lock 'bolt'"):
        choose_locks(topology, {"": "bolt"})


def test_a_lock_that_is_not_available(topology: Topology, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(LOCKS["posix-sem"]), "unavailable", lambda self: "/dev/shm cannot be written")
    with pytest.raises(ChoiceError, match="The lock posix-sem is not available here: /dev/shm cannot be"):
        choose_locks(topology, {"": "posix-sem"})


def test_help_with_a_wrong_name() -> None:
    assert choice.near("pipes", ["pipe", "shm"]) == "did you mean pipe?"
    assert choice.near("sham", ["shm", "sham1"]) == "did you mean sham1 or shm?"
    assert choice.near("q", ["pipe", "shm"]) == "there are pipe, shm."
