"""The declaration of a topology, and the sentences for what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.topology import (
    Endpoint,
    EndReference,
    LockReference,
    Topology,
    TopologyError,
    references,
    replace_references,
)


def work(*arguments: Any, **keywords: Any) -> None:
    """What a process would run."""


def test_a_topology_knows_who_holds_which_end() -> None:
    topology = Topology("made", about="for this")
    lines, ask = topology.channel("lines"), topology.call("ask")
    door = topology.lock("door", count=2)
    topology.process("one", work, lines.sender, [ask.caller], where={"lock": door})
    topology.process("two", work, (lines.receiver, door), ask.caller, 7)
    topology.process("three", work, lines.sender, ask.responder, more=(lines.receiver,))
    topology.check()
    assert (topology.name, topology.about) == ("made", "for this")
    assert list(topology.processes) == ["one", "two", "three"]
    assert topology.channels["lines"].endpoints == [
        Endpoint("one", "sender"),
        Endpoint("two", "receiver"),
        Endpoint("three", "sender"),
        Endpoint("three", "receiver"),
    ]
    wish = topology.channels["lines"].wish()
    assert (wish.channel, wish.kind, wish.senders, wish.receivers) == ("lines", "channel", 2, 2)
    wish = topology.channels["ask"].wish()
    assert (wish.channel, wish.kind, wish.senders, wish.receivers) == ("ask", "call", 2, 1)
    assert topology.locks["door"].users == ["one", "two"]
    assert topology.locks["door"].count == 2


def test_a_lock_that_is_given_twice_has_one_user() -> None:
    topology = Topology("made")
    door = topology.lock("door")
    topology.process("one", work, door, door)
    topology.check()
    assert topology.locks["door"].users == ["one"]


def _no_process(topology: Topology) -> None:
    topology.check()


def _no_receiver(topology: Topology) -> None:
    topology.process("a", work, topology.channel("c").sender)
    topology.check()


def _no_sender(topology: Topology) -> None:
    topology.process("a", work, topology.channel("c").receiver)
    topology.check()


def _unused(topology: Topology) -> None:
    topology.channel("c")
    topology.process("a", work)
    topology.check()


def _no_responder(topology: Topology) -> None:
    topology.process("a", work, topology.call("c").caller)
    topology.check()


def _two_responders(topology: Topology) -> None:
    call = topology.call("c")
    topology.process("a", work, call.caller, call.responder)
    topology.process("b", work, call.responder)
    topology.check()


def _twice(topology: Topology) -> None:
    channel = topology.channel("c")
    topology.process("a", work, channel.sender, channel.sender)


def _from_elsewhere(topology: Topology) -> None:
    topology.process("a", work, Topology("other").channel("c").sender)


def _lock_from_elsewhere(topology: Topology) -> None:
    topology.process("a", work, Topology("other").lock("l"))


def _same_name(topology: Topology) -> None:
    topology.channel("c")
    topology.lock("c")


def _same_process(topology: Topology) -> None:
    topology.process("a", work)
    topology.process("a", work)


def _no_function(topology: Topology) -> None:
    topology.process("a", "work")  # type: ignore[arg-type]


def _no_count(topology: Topology) -> None:
    topology.lock("l", count=0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (_no_process, "topology 'made' declares no process"),
        (_no_receiver, "channel 'c' has no receiver: hand `c.receiver` to a process"),
        (_no_sender, "channel 'c' has no sender: hand `c.sender` to a process"),
        (_unused, "channel 'c' has no sender: hand `c.sender` to a process"),
        (_no_responder, "channel 'c' has no responder: hand `c.responder` to a process"),
        (_two_responders, "call 'c' has 2 responders; it takes one"),
        (_twice, "process 'a' was given the sender of 'c' twice"),
        (_from_elsewhere, "'c' belongs to another topology"),
        (_lock_from_elsewhere, "'l' belongs to another topology"),
        (_same_name, "lock 'c': that name is taken already"),
        (_same_process, "process 'a': that name is taken already"),
        (_no_function, "process 'a' was given 'work', which cannot be called"),
        (_no_count, "lock 'l' has a count of 0; it must be at least 1"),
    ],
)
def test_what_is_wrong_is_said(wrong: Callable[[Topology], None], sentence: str) -> None:
    with pytest.raises(TopologyError) as caught:
        wrong(Topology("made"))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "a\nb", "a\x1b[31m", "\udc80", "a\u202eb", 7, None])
def test_names_that_cannot_be_shown(name: Any) -> None:
    for declare in (Topology("made").channel, Topology("made").call, Topology("made").lock, Topology):
        with pytest.raises(TopologyError, match="must be 1 to 40 printable characters"):
            declare(name)


def test_names_that_the_command_line_could_not_tell_apart() -> None:
    with pytest.raises(TopologyError, match="must not contain '='"):
        Topology("made").channel("a=b")


@pytest.mark.parametrize("name", ["x" * 40, "fork 1", "연산기", "a/b", "-", "é"])
def test_names_that_can_be_shown(name: str) -> None:
    Topology(name).process(name, work)


REFERENCES = st.sampled_from([EndReference("c", "sender"), LockReference("l"), EndReference("d", "caller")])
ARGUMENTS = st.recursive(
    st.one_of(st.integers(), st.text(max_size=3), st.none(), REFERENCES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(ARGUMENTS)
def test_every_reference_is_replaced_and_nothing_else(arguments: Any) -> None:
    found = list(references(arguments))
    seen: list[Any] = []

    def real(reference: Any) -> Any:
        seen.append(reference)
        return reference

    assert replace_references(arguments, real) == arguments
    assert [id(item) for item in seen] == [id(item) for item in found]
    gone = replace_references(arguments, lambda reference: "real")
    assert list(references(gone)) == []


def test_there_is_an_end_to_what_can_be_declared() -> None:
    topology = Topology("crowd")
    for number in range(500):
        topology.process(f"process {number}", work)
    with pytest.raises(TopologyError, match="process 'one more' is one too many; a topology has at most 500"):
        topology.process("one more", work)
    for number in range(1000):
        topology.lock(f"lock {number}")
        topology.channel(f"channel {number}")
    for declare in (topology.lock, topology.channel):
        with pytest.raises(TopologyError, match="at most 1000"):
            declare("one more")
