"""The world: the same events give the same View, live or from a file; rates, shares, bounds."""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers import events as made
from helpers import streams
from helpers.events import SECOND, views
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz import events as ev
from ipcviz import world as worlds
from ipcviz.source import read_stream
from ipcviz.tracks import HISTORY, is_full
from ipcviz.view import ChannelView, LockUser, Wait
from ipcviz.world import World


@given(streams.streams())
@settings(max_examples=60)
def test_a_saved_stream_gives_the_same_world_at_every_frame(events: list[ev.AnyEvent]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "saved.jsonl"
        file.write_bytes(b"".join(map(ev.encode, events)))
        assert views(read_stream(file)) == views(events)


@given(streams.streams(), st.data())
@settings(max_examples=30)
def test_what_comes_later_does_not_change_a_view(events: list[ev.AnyEvent], data: Any) -> None:
    cut = data.draw(st.integers(0, len(events)))
    world, early = World(), World()
    for event in events[:cut]:
        world.apply(event)
        early.apply(event)
    view = world.view()
    for event in events[cut:]:
        world.apply(event)
    assert view == early.view()
    assert world.events == len(events)


@given(streams.streams(), st.data())
@settings(max_examples=60)
def test_it_is_the_same_however_often_one_looks(events: list[ev.AnyEvent], data: Any) -> None:
    often, now_and_then, once = World(), World(), World()
    for event in events:
        for world in (often, now_and_then, once):
            world.apply(event)
        often.view()
        if data.draw(st.booleans()):
            assert now_and_then.view() == often.view()
    assert once.view() == often.view()


# ---- rates and shares ----------------------------------------------------------------------------------


def counted(sent: int, received: int, **more: Any) -> ev.ChannelState:
    """A channel of one sender and one receiver; ten bytes a message."""
    return made.state(
        ev.EndState(sent=sent, sent_bytes=10 * sent),
        ev.EndState(received=received, received_bytes=10 * received),
        **more,
    )


def one_channel() -> World:
    return made.started(World(), made.session(["a", "b"], [made.channel("c", "a>", ">b")]))


def test_a_rate_is_taken_over_the_last_second() -> None:
    world = one_channel()
    for tick in range(1, 31):  # ten frames a second: 100 a second at first, then 20
        received = 10 * tick if tick <= 10 else 100 + 2 * (tick - 10)
        world.apply(made.frame(tick * SECOND // 10, [counted(received + 5, received)]))
        (channel,) = world.view().channels
        if tick == 10:
            assert (channel.rate, channel.bytes_rate) == (100, 1000)
    assert (channel.rate, channel.bytes_rate, channel.received, channel.sent) == (20, 200, 140, 145)
    assert channel.bytes == 1400
    assert [end.sent_rate for end in channel.ends] == [20, 0]
    assert [end.received_rate for end in channel.ends] == [0, 20]
    first, second = world.view().processes
    assert (first.sent_rate, first.received_rate) == (20, 0)
    assert (second.sent_rate, second.received_rate) == (0, 20)


def test_a_young_runs_rate_is_taken_over_what_there_is() -> None:
    world = one_channel()
    world.apply(made.frame(SECOND // 10, [counted(7, 7)]))
    assert world.view().channels[0].rate == 70


def test_a_process_that_has_ended_has_no_rate_and_no_wait() -> None:
    world = one_channel()
    waiting = made.state(
        ev.EndState(sent=50, activity="sending", since=5, timed=True), ev.EndState(received=50)
    )
    world.apply(made.frame(SECOND, [waiting]))
    sender = world.view().processes[0]
    assert sender.wait == Wait("sending", "c", 5, True)
    assert sender.sent_rate == 50
    world.apply(ev.ProcessExited(t=SECOND, process="a", pid=100, exit=None, signal=9, failed=True))
    world.apply(made.frame(SECOND, [waiting]))
    sender = world.view().processes[0]
    assert (sender.status, sender.wait, sender.sent_rate, sender.signal) == ("failed", None, 0.0, 9)
    assert sender.kernel.state == "ended"


def _full_frames(world: World, ticks: range, full: bool) -> ChannelView:
    depth = ev.Depth(10 if full else 3, 10, 10, "messages", "exact")
    for tick in ticks:
        world.apply(made.frame(tick * SECOND // 10, [counted(tick, tick, depth=depth)]))
    return world.view().channels[0]


def test_the_full_share_is_taken_over_the_last_ten_seconds() -> None:
    world = one_channel()
    assert _full_frames(world, range(1, 51), False).full == 0
    assert _full_frames(world, range(51, 101), True).full == pytest.approx(0.5)
    assert _full_frames(world, range(101, 151), True).full == pytest.approx(1)
    assert _full_frames(world, range(151, 176), False).full == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("depth", "activity", "full"),
    [
        (ev.Depth(10, None, 10), "", True),
        (ev.Depth(11, None, 10), "", True),
        (ev.Depth(9, None, 10), "", False),
        (ev.Depth(9, None, 10), "sending", True),
        (ev.Depth(9, None, 10), "receiving", False),
        (ev.Depth(None, None, 10), "", False),
        (ev.Depth(5, None, None), "", False),
        (ev.Depth(0, None, 0), "", False),
    ],
)
def test_when_a_channel_is_full(depth: ev.Depth, activity: Any, full: bool) -> None:
    assert is_full(made.state(ev.EndState(activity=activity), depth=depth)) is full


def test_the_waiting_shares_are_averages_over_the_ends() -> None:
    info = made.channel("c", "a>", "b>", ">d")
    world = made.started(World(), made.session(["a", "b", "d"], [info]))
    for tick in range(1, 201):
        t = tick * SECOND // 10
        ends = [
            ev.EndState(blocked_send=t),  # always
            ev.EndState(blocked_send=t // 2),  # half of the time
            ev.EndState(blocked_receive=max(0, t - 10 * SECOND) // 4),
        ]
        world.apply(made.frame(t, [made.state(*ends)]))
    (channel,) = world.view().channels
    assert channel.blocked_send == pytest.approx(0.75)
    assert channel.blocked_receive == pytest.approx(0.25)


def test_the_history_is_bounded_and_tells_the_rates() -> None:
    world = one_channel()
    for tick in range(1, HISTORY * 5 + 101):
        world.apply(made.frame(tick * SECOND // 10, [counted(tick, tick)]))
    history = world.view().channels[0].history
    assert len(history) == HISTORY
    assert set(history) == {10.0}


def test_the_stride_is_the_widest() -> None:
    world = one_channel()
    world.apply(made.frame(1, [made.state(ev.EndState(stride=1), ev.EndState(stride=8))]))
    assert world.view().channels[0].stride == 8


# ---- locks ---------------------------------------------------------------------------------------------


def test_a_locks_holders_waiters_and_rate() -> None:
    info = made.lock("fork", "a", "b", "c")
    world = made.started(World(), made.session(["a", "b", "c"], [], [info]))
    for tick in range(1, 21):
        uses = made.uses(
            ev.LockUse("holding", 3, acquisitions=2 * tick, contended=tick),
            ev.LockUse("waiting", 4, acquisitions=tick, timed=True),
            ev.LockUse("", 5),
        )
        world.apply(made.frame(tick * SECOND // 10, [], [uses]))
    (lock,) = world.view().locks
    assert lock.holders == (LockUser("a", 3),)
    assert lock.waiters == (LockUser("b", 4, True),)
    assert (lock.acquisitions, lock.contended, lock.rate) == (60, 20, 30)
    assert (lock.value, lock.quality) == (None, "unknown")
    assert world.view().processes[1].wait == Wait("locking", "fork", 4, True)


# ---- processes, findings, messages ---------------------------------------------------------------------


def test_a_process_from_its_start_to_its_end() -> None:
    world = World()
    assert world.view().status == "waiting"
    world.apply(made.session(["a"]))
    assert (world.view().status, world.view().processes[0].status) == ("live", "starting")
    world.apply(ev.ProcessStarted(t=1, process="a", pid=7))
    world.apply(ev.Reported(t=2, process="a", values={"words": 1, "lines": 2}))
    world.apply(ev.Reported(t=3, process="a", values={"words": 9}))
    world.apply(
        ev.ProcessExited(t=4, process="a", pid=7, exit=0, signal=None, failed=False, reason="", detail="")
    )
    (process,) = world.view().processes
    assert (process.pid, process.status, process.exit) == (7, "ended", 0)
    assert process.reports == {"words": 9, "lines": 2}
    assert world.view().t == 4


def test_what_names_nobody_is_passed_over() -> None:
    world = one_channel()
    before = world.view().processes
    world.apply(ev.ProcessStarted(t=0, process="nobody", pid=7))
    world.apply(ev.Reported(t=0, process="nobody", values={"x": 1}))
    world.apply(ev.FindingCleared(t=0, key="nothing"))
    assert world.view().processes == before


def test_a_finding_stands_until_it_is_cleared() -> None:
    world = one_channel()
    finding = ev.FindingRaised(t=1, key="k", kind="lost", sentence="one", since=1, members=[])
    newer = ev.FindingRaised(t=2, key="k", kind="lost", sentence="two", since=1, members=[])
    world.apply(finding)
    assert world.view().findings == (finding,)
    world.apply(newer)
    assert world.view().findings == (newer,)
    world.apply(ev.FindingCleared(t=3, key="k"))
    assert world.view().findings == ()


def test_a_refusal() -> None:
    world = World()
    world.apply(ev.Refused(t=0, sentence="There is no demo."))
    assert (world.view().status, world.view().refusal) == ("refused", "There is no demo.")


def test_old_messages_go_and_older_views_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "MESSAGES_KEPT", 50)
    world = one_channel()
    kept = []
    for number in range(200):
        world.apply(made.message(number))
        kept.append(world.view())
        assert len(kept[-1].messages.shown()) <= 50
    for number, view in enumerate(kept):
        shown = [message.sequence for message in view.messages.shown()]
        assert shown == list(range(number - len(shown) + 1, number + 1))
        assert len(shown) >= min(number + 1, 40)
        assert view.messages_seen == number + 1


def test_old_notes_go(monkeypatch: pytest.MonkeyPatch) -> None:
    world = one_channel()
    for number in range(worlds.NOTES_KEPT + 5):
        world.apply(ev.Note(t=0, process="a", text=str(number)))
    notes = world.view().notes
    assert len(notes) == worlds.NOTES_KEPT
    assert notes[-1].text == str(worlds.NOTES_KEPT + 4)


def test_time_never_goes_back() -> None:
    world = one_channel()
    world.apply(made.frame(5 * SECOND, [counted(1, 1)]))
    world.apply(made.message(1, t=3 * SECOND))  # samples are told after the frame of their time
    assert world.view().t == 5 * SECOND


def test_chapters_begin_one_after_the_other() -> None:
    world = one_channel()
    world.apply(ev.Chapter(t=1, label="first"))
    before = world.view()
    world.apply(ev.Chapter(t=5, label="it fills", caption="The reader is slow."))
    world.apply(ev.Chapter(t=5, label="it is full"))
    assert [chapter.label for chapter in before.chapters] == ["first"]
    assert [chapter.label for chapter in world.view().chapters] == ["first", "it is full"]


def test_no_rate_reaches_over_a_gap() -> None:
    world = one_channel()
    for tenth in range(30):
        world.apply(made.frame(tenth * SECOND // 10, [counted(tenth * 10, tenth * 10)]))
    rates = {world.view().channels[0].rate}
    history = world.view().channels[0].history
    world.apply(ev.Gap(t=3 * SECOND, left_out=60 * SECOND))
    for tenth in range(30, 45):
        count = 1_000_000 + tenth * 10
        world.apply(made.frame(tenth * SECOND // 10, [counted(count, count)]))
        rates.add(round(world.view().channels[0].rate))
    after = world.view().channels[0]
    assert rates == {0, 100}
    assert after.received == 1_000_440
    assert after.history[: len(history)] == history
    assert {round(rate) for rate in after.history[1:]} == {100}


def test_of_a_session_that_follows_another_nothing_is_left_but_the_clock_and_the_chapters() -> None:
    world = one_channel()
    world.apply(ev.Chapter(t=1, label="first"))
    world.apply(made.frame(SECOND, [counted(5, 5)]))
    world.apply(made.message(1))
    second = World()
    for each in (world, second):
        each.apply(msgspec.structs.replace(made.session(["b"]), t=2 * SECOND))
    expected = msgspec.structs.replace(second.view(), chapters=world.view().chapters)
    assert [chapter.label for chapter in world.view().chapters] == ["first"]
    assert world.view() == expected
    assert world.view().t == 2 * SECOND


def test_the_summary_ends_it() -> None:
    world = one_channel()
    world.apply(ev.Lost(t=1, events=4))
    assert world.view().lost == 4
    line = {
        "type": "summary",
        "topology": "made",
        "seconds": 1.0,
        "processes": [],
        "channels": [],
        "locks": [],
        "findings": [],
        "reports": {},
        "stream": {"events": 9, "lost": 6},
        "watching": {"ns_per_message": 1.0, "share": 0.0},
    }
    summary = ev.decode(json.dumps(line))
    world.apply(summary)
    view = world.view()
    assert (view.status, view.lost, view.summary) == ("ended", 6, summary)


def test_frames_between_which_no_time_passes_are_not_kept_for_ever() -> None:
    world = made.started(World(), made.session(["a"], [made.channel("c", "a>", ">a")], [made.lock("k", "a")]))
    state = made.state(ev.EndState(sent=5), ev.EndState())
    frame = made.frame(
        SECOND, [state], [made.uses(ev.LockUse())], [ev.ProcessState("sleeping", descriptors=3)]
    )
    for _ in range(5_000):
        world.apply(frame)
    assert len(pickle.dumps(world)) < 300_000
    assert world.view().channels[0].sent == 5
