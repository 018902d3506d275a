"""Findings about messages: gaps, order, and channels that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND
from msgspec import structs

from ipcviz import events as ev
from ipcviz.findings import disorder, find, losses, no_readers
from ipcviz.view import View
from ipcviz.world import World


def message(sequence: int, sent: int, sender: str = "a", receiver: str = "b", later: int = 5) -> ev.Message:
    plain = made.message(sequence, t=sent + later)
    return structs.replace(plain, sent=sent, sender=sender, receiver=receiver)


def in_order(highest: int, sender: str = "a", receiver: str = "b") -> list[ev.Message]:
    """The last of so many messages."""
    return [message(highest, 10 * highest, sender, receiver)]


def channel(*ends: str, **more: Any) -> ev.ChannelInfo:
    return structs.replace(made.channel("c", *ends, mechanism="zmq-ipc"), **more)


def seen(
    info: ev.ChannelInfo, messages: Iterable[ev.Message], *ends: ev.EndState, acts: Iterable[str] = ()
) -> View:
    """After these messages, with these counts at the channel's ends."""
    names = [endpoint.process for endpoint in info.endpoints]
    world = made.started(World(), made.session(names, [info]))
    for act in acts:
        world.apply(ev.FaultInjected(t=0, fault=act, channel="c", share=0.5, sentence="done"))  # type: ignore[arg-type]
    for one in messages:
        world.apply(one)
    world.apply(made.frame(SECOND, [made.state(*ends)]))
    return world.view()


# ---- lost: the gaps between the numbers -----------------------------------------------------------------

LOSSY = channel("a>", ">b", lossless=False)


def test_gaps_tell_what_nobody_counts() -> None:
    (found,) = find(seen(LOSSY, in_order(120), ev.EndState(sent=130), ev.EndState(received=100)))
    assert found.sentence == (
        "Lost: of the messages sent into c, at least 20 of 120 have not come to b, as the gaps between their "
        "numbers tell; zmq-ipc does not count its losses."
    )
    assert (found.kind, found.key, found.members) == ("lost", "gaps:c", ["c", "b"])


@pytest.mark.parametrize(
    ("info", "received"),
    [
        (LOSSY, 120),
        (LOSSY, 121),  # received since the last sample
        (channel("a>", ">b"), 100),  # a channel that loses nothing has some of them on the way
        (channel("a>", ">b", lossless=False, kind="call"), 100),  # a call may give up, and leave a gap
    ],
)
def test_no_gaps(info: ev.ChannelInfo, received: int) -> None:
    assert losses(seen(info, in_order(120), ev.EndState(sent=130), ev.EndState(received=received))) == []


def test_where_the_kernel_counts_it_is_told_once() -> None:
    info = structs.replace(LOSSY, mechanism="udp")
    world = made.started(World(), made.session(["a", "b"], [info]))
    world.apply(in_order(120)[0])
    state = made.state(ev.EndState(sent=130), ev.EndState(received=100))
    world.apply(made.frame(SECOND, [structs.replace(state, dropped=20)]))
    assert [finding.key for finding in find(world.view())] == ["dropped:c"]


def test_each_receiver_of_a_broadcast_misses_its_own() -> None:
    info = channel("a>", ">b", ">d", kind="broadcast", lossless=False)
    messages = [*in_order(50), *in_order(40, receiver="d")]
    (found,) = losses(
        seen(info, messages, ev.EndState(sent=50), ev.EndState(received=50), ev.EndState(received=7))
    )
    assert "at least 33 of 40 have not come to d, as" in found.sentence
    assert found.members == ["c", "d"]


def test_several_receivers_of_one_channel_share_what_comes() -> None:
    info = channel("a>", "e>", ">b", ">d", lossless=False)
    messages = [*in_order(50), *in_order(49, receiver="d"), *in_order(10, sender="e")]
    ends = [ev.EndState(), ev.EndState()]
    received = [ev.EndState(received=30), ev.EndState(received=30)]
    assert losses(seen(info, messages, *ends, *received)) == []
    received = [ev.EndState(received=30), ev.EndState(received=25)]
    (found,) = losses(seen(info, messages, *ends, *received))
    assert "at least 5 of 60 have not come to b and d" in found.sentence


def dropped_by_hand(info: ev.ChannelInfo, count: int, *ends: ev.EndState, over: bool = False) -> list[str]:
    """Sentences where so many of 120 messages were dropped by hand; `over`: all receivers have ended."""
    names = [endpoint.process for endpoint in info.endpoints]
    world = made.started(World(), made.session(names, [info]))
    world.apply(in_order(120)[0])
    world.apply(made.frame(SECOND, [structs.replace(made.state(*ends), faulted={"delay": 3, "drop": count})]))
    for name in names[1:] if over else []:
        world.apply(ev.ProcessExited(t=SECOND, process=name, pid=1, exit=0, signal=None, failed=False))
    return [finding.sentence for finding in losses(world.view())]


def test_what_is_dropped_by_hand_is_told_as_that_and_counted_once() -> None:
    ends = (ev.EndState(sent=120), ev.EndState(received=100))
    by_hand = "Lost: 20 of 120 messages sent into c were dropped by hand, before b could get them."
    for info in (channel("a>", ">b"), LOSSY):
        assert dropped_by_hand(info, 20, *ends) == [by_hand]
        assert dropped_by_hand(info, 20, *ends, over=True) == [by_hand]


def test_what_is_lost_beside_that_is_told_apart() -> None:
    ends = (ev.EndState(sent=120), ev.EndState(received=100))
    by_hand, gaps = dropped_by_hand(LOSSY, 15, *ends)
    assert "15 of 120 messages sent into c were dropped by hand" in by_hand
    assert "at least 5 of 120 have not come to b" in gaps
    by_hand, unreceived = dropped_by_hand(channel("a>", ">b"), 1, *ends, over=True)
    assert by_hand == "Lost: 1 of 120 messages sent into c was dropped by hand, before b could get it."
    assert unreceived == "Lost: 19 of 120 messages sent into c will not be received; b ended before."


def test_what_a_broadcast_drops_by_hand_no_receiver_gets() -> None:
    info = channel("a>", ">b", ">d", kind="broadcast")
    ends = (ev.EndState(sent=120), ev.EndState(received=110), ev.EndState(received=110))
    (told,) = dropped_by_hand(info, 10, *ends, over=True)
    assert told == "Lost: 20 of 240 messages sent into c were dropped by hand, before b and d could get them."


def test_nothing_is_dropped_by_hand_where_acts_only_delay() -> None:
    ends = (ev.EndState(sent=120), ev.EndState(received=100))
    assert dropped_by_hand(channel("a>", ">b"), 0, *ends) == []


# ---- lost: nobody is left -------------------------------------------------------------------------------


def left_behind(**more: Any) -> View:
    info = channel("a>", ">b", **more)
    world = made.started(World(), made.session(["a", "b"], [info]))
    state = made.state(ev.EndState(sent=100), ev.EndState(received=60))
    world.apply(made.frame(SECOND, [structs.replace(state, dropped=30)]))
    world.apply(ev.ProcessExited(t=SECOND, process="b", pid=1, exit=0, signal=None, failed=False))
    return world.view()


def test_what_was_dropped_is_not_lost_twice() -> None:
    dropped, unreceived = losses(left_behind())
    assert "has dropped 30 of 100" in dropped.sentence
    assert unreceived.sentence.startswith("Lost: 10 of 100 messages sent into c will not be received;")


def test_what_stays_where_the_user_wanted_it_is_not_lost() -> None:
    assert [found.key for found in losses(left_behind(options={"path": "/tmp/spool"}))] == ["dropped:c"]


# ---- no reader -----------------------------------------------------------------------------------------


def unread(*senders: ev.EndState, later: float = 1, closed: bool = False, ends: Iterable[str] = ()) -> View:
    """The receiver goes at 2 s, when each sender had sent 10; what they have done so many seconds later."""
    names = [f"giver {number}" for number in range(1, len(senders) + 1)]
    info = made.channel("lines", *(f"{name}>" for name in names), ">head")
    world = made.started(World(), made.session([*names, "head"], [info]))
    before = [ev.EndState(sent=10) for _ in senders]
    if not closed:
        world.apply(ev.ProcessExited(t=2 * SECOND, process="head", pid=1, exit=0, signal=None, failed=False))
    receiver = ev.EndState(received=10, closed=closed)
    world.apply(made.frame(2 * SECOND, [made.state(*before, receiver)]))
    for name in ends:
        world.apply(ev.ProcessExited(t=2 * SECOND, process=name, pid=1, exit=0, signal=None, failed=False))
    world.apply(made.frame(round((2 + later) * SECOND), [made.state(*senders, receiver)]))
    return world.view()


WAITS = ev.EndState(sent=10, activity="sending", since=2 * SECOND)


@pytest.mark.parametrize("closed", [True, False])
def test_who_goes_on_sending_to_nobody_is_told(closed: bool) -> None:
    (found,) = no_readers(unread(ev.EndState(sent=30), closed=closed))
    assert found.sentence == (
        "No reader: giver 1 has sent 20 messages into lines since its last receiver has gone at 00:02 (head)."
    )
    assert (found.kind, found.since) == ("no reader", 2 * SECOND)
    assert found.members == ["lines", "giver 1", "head"]


def test_who_waits_to_send_to_nobody_is_told() -> None:
    (found,) = no_readers(unread(WAITS))
    assert found.sentence.startswith("No reader: giver 1 waits to send into lines since")
    (found,) = no_readers(unread(WAITS, ev.EndState(sent=12)))
    assert found.sentence.startswith(
        "No reader: giver 1 and giver 2 have sent 2 messages into lines and giver 1 waits to send into it "
    )


@pytest.mark.parametrize(
    "view",
    [
        unread(ev.EndState(sent=10)),  # it has not sent since
        unread(ev.EndState(sent=30), later=0.4),  # it may not know yet
        unread(ev.EndState(sent=30), ends=["giver 1"]),
        unread(ev.EndState(sent=30, closed=True)),
    ],
)
def test_nobody_sends_to_nobody(view: View) -> None:
    assert no_readers(view) == []


def test_a_channel_with_a_receiver_left_is_read() -> None:
    info = made.channel("lines", "a>", ">b", ">d")
    world = made.started(World(), made.session(["a", "b", "d"], [info]))
    world.apply(ev.ProcessExited(t=1, process="b", pid=1, exit=0, signal=None, failed=False))
    for t in (1, 2, 3):
        world.apply(
            made.frame(t * SECOND, [made.state(ev.EndState(sent=t * 9), ev.EndState(), ev.EndState())])
        )
    assert world.view().channels[0].unread is None
    assert no_readers(world.view()) == []


# ---- reordered -----------------------------------------------------------------------------------------

LATE = [message(1, 10), message(3, 30), message(2, 20, later=50)]
TWICE = [message(1, 10), message(1, 10, later=50)]
ENDS = (ev.EndState(sent=3), ev.EndState(received=3))


def test_late_messages_are_told_with_the_last_of_them() -> None:
    (found,) = find(seen(channel("a>", ">b"), LATE, *ENDS))
    assert found.sentence == (
        "Reordered: of 3 messages looked at from a to b on c, 1 came after later ones (the last: 2 after 3)."
    )
    assert (found.kind, found.members) == ("reordered", ["c", "a", "b"])


def test_messages_that_came_twice_are_told() -> None:
    (found,) = disorder(seen(channel("a>", ">b"), TWICE, *ENDS))
    assert found.sentence == "Duplicates: of 2 messages looked at from a to b on c, 1 came twice."
    (both,) = disorder(seen(channel("a>", ">b"), [*LATE, *TWICE], *ENDS))
    assert "(the last: 2 after 3) and 2 came twice." in both.sentence


def test_one_in_how_many_were_looked_at_is_told() -> None:
    ends = (ev.EndState(sent=3, stride=64), ev.EndState(received=3))
    (found,) = disorder(seen(channel("a>", ">b"), LATE, *ends))
    assert "of 3 messages looked at (1 in 64) from a" in found.sentence


def test_what_is_done_by_hand_is_said_to_be() -> None:
    (found,) = disorder(seen(channel("a>", ">b"), TWICE, *ENDS, acts=["duplicate"]))
    assert found.sentence.endswith("1 came twice; somebody does that by hand.")


def test_with_priorities_overtaking_is_no_fault_and_coming_twice_is() -> None:
    urgent = channel("a>", ">b", priorities=True)
    assert disorder(seen(urgent, LATE, *ENDS)) == []
    assert disorder(seen(urgent, TWICE, *ENDS)) != []


def test_two_senders_may_overtake_each_other() -> None:
    messages = [message(5, 50), message(1, 10, sender="d", later=60)]
    assert disorder(seen(channel("a>", "d>", ">b"), messages, ev.EndState(), *ENDS)) == []
