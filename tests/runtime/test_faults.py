"""Acts on a run: real workers are paused, killed, slowed, and their messages dropped, doubled and altered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.runs import SILENCE_S, live, take_until

from ipcviz import events as ev
from ipcviz.findings import find
from ipcviz.mechanisms import MECHANISMS
from ipcviz.runtime.request import Act, Command
from ipcviz.source import LiveSource
from ipcviz.world import World

DEMO = '''
"""Somebody gives and somebody takes: as a channel, as a call, or both ways."""
import time
from ipcviz import Topology, paced, report

def build(kind: str = "channel", givers: int = 1, rate: float = 500, total: int = 0) -> Topology:
    topology = Topology("duct", about="")
    duct = topology.call("duct") if kind == "call" else topology.channel("duct")
    for number in range(1, givers + 1):
        if kind == "call":
            topology.process(f"giver {number}", ask, duct.caller, rate)
        else:
            topology.process(f"giver {number}", give, duct.sender, rate, total)
    if kind == "call":
        topology.process("taker", answer, duct.responder)
    elif kind == "back":
        back = topology.channel("back")
        topology.process("taker", pass_on, duct.receiver, back.sender)
        topology.process("end", take, back.receiver)
    elif kind == "full":
        topology.process("taker", look_on, duct.receiver)
    else:
        topology.process("taker", take, duct.receiver)
    if kind == "region":
        board = topology.region("board", 64)
        topology.process("writer", look_at, board.writer)
    if kind == "locked":
        lock = topology.lock("lock")
        topology.process("holder", hold, lock)
    return topology

def give(duct, rate, total):
    for number in paced(range(1, total + 1) if total else iter(int, 1), rate):
        duct.send(b"%08d" % number)

def take(duct):
    got, odd, twice, before, words = 0, 0, 0, b"", ""
    for message in duct:
        got += 1
        odd += not message.isdigit()
        twice += message == before
        before = message
        words += "" if message.isdigit() else message.decode(errors="replace")[:8]
        report(got=got, odd=odd, twice=twice, words=words[-64:])

def look_on(duct):
    while True:
        time.sleep(0.01)

def look_at(board):
    while True:
        board.store(1)
        time.sleep(0.01)

def hold(lock):
    with lock:
        while True:
            time.sleep(0.01)

def pass_on(duct, back):
    for message in duct:
        back.send(message)

def ask(duct, rate):
    late = 0
    for number in paced(iter(int, 1), rate):
        try:
            duct.call(b"7", timeout=0.05)
        except TimeoutError:
            late += 1
            report(late=late)

def answer(duct):
    for asked, request in enumerate(duct, 1):
        request.reply(request.payload)
        report(asked=asked, last=request.payload.decode(errors="replace"))
'''

Story = list[ev.AnyEvent]


@pytest.fixture(scope="session")
def duct(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("demo") / "duct.py"
    path.write_text(DEMO)
    return str(path)


class Stage:
    """A run that is acted on, and what it has told so far."""

    def __init__(self, source: LiveSource) -> None:
        self.source = source
        self.events: Story = []
        self.world = World()

    def until(self, enough: Callable[[], object]) -> None:
        """Wait until it holds."""
        while not enough():
            assert not self.source.over, [event for event in self.events if not isinstance(event, ev.Frame)]
            assert self.source.wait(SILENCE_S), "the supervisor says nothing"
            self.take()

    def take(self) -> None:
        """What has come, without waiting."""
        for event in self.source.take():
            self.events.append(event)
            self.world.apply(event)

    def act(self, do: Any, **more: Any) -> ev.FaultInjected:
        """Give a command, and wait for the event of it."""
        before = len(self.faults)
        assert self.source.command(Command(do, **more))
        self.until(lambda: len(self.faults) > before)
        return self.faults[before]

    def end(self) -> ev.Summary:
        """Stop it, and wait for the summary."""
        self.source.stop()
        self.until(lambda: isinstance(self.events[-1], ev.Summary))
        last = self.events[-1]
        assert isinstance(last, ev.Summary)
        for channel in last.channels:
            assert channel.sent == channel.received + channel.in_flight + channel.lost, channel
        return last

    @property
    def faults(self) -> list[ev.FaultInjected]:
        return [event for event in self.events if isinstance(event, ev.FaultInjected)]

    def process(self, name: str) -> Any:
        return next(process for process in self.world.view().processes if process.name == name)

    def channel(self, name: str = "duct") -> Any:
        return next(channel for channel in self.world.view().channels if channel.info.name == name)

    def reports(self, name: str) -> dict[str, Any]:
        return dict(self.process(name).reports)

    def exit_of(self, name: str) -> ev.ProcessExited:
        (found,) = (e for e in self.events if isinstance(e, ev.ProcessExited) and e.process == name)
        return found


@pytest.fixture
def stage(duct: str) -> Iterator[Callable[..., Stage]]:
    opened = []

    def begin(kind: str = "channel", mechanism: str | None = None, **settings: object) -> Stage:
        texts = {"kind": kind, **{name: str(value) for name, value in settings.items()}}
        context = live(duct, mechanism=mechanism, settings=texts, tick=20)
        opened.append(context)
        made = Stage(context.__enter__())
        made.until(lambda: made.world.view().channels and (made.channel().received > 3 or kind == "full"))
        return made

    yield begin
    for context in opened:
        context.__exit__(None, None, None)


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_paused_process_stands_still_until_it_goes_on(stage: Callable[..., Stage]) -> None:
    run = stage("back", "pipe")
    event = run.act("pause", process="taker")
    assert (event.done, event.sentence) == (True, "taker is paused.")
    run.until(lambda: state_of(run.process("taker").pid) == "T")
    assert run.process("taker").paused
    assert not run.act("pause", process="taker").done
    assert run.act("send", channel="back", payload=b"1").sentence == "taker is paused, and so cannot send."
    run.until(lambda: (run.channel().depth.now or 0) > 1000)
    received = run.channel().received
    run.until(lambda: (run.channel().depth.now or 0) > 3000)
    assert run.channel().received == received
    assert run.act("resume", process="taker").sentence == "taker goes on."
    run.until(lambda: run.channel().received > received)
    assert not run.process("taker").paused
    assert run.act("resume", process="taker").sentence == "taker is not paused."
    run.end()


def test_who_is_paused_ends_with_the_run_by_itself(stage: Callable[..., Stage]) -> None:
    run = stage(mechanism="pipe")
    for process in ("taker", "giver 1"):
        run.act("pause", process=process)
    run.end()
    for process in ("taker", "giver 1"):
        event = run.exit_of(process)
        assert (event.exit, event.signal, event.failed) == (0, None, False)
        assert not run.process(process).paused


@pytest.mark.parametrize("paused", [False, True])
def test_who_was_killed_by_hand_has_not_failed(stage: Callable[..., Stage], paused: bool) -> None:
    run = stage("locked", "pipe")
    run.until(lambda: [user.process for user in run.world.view().locks[0].holders] == ["holder"])
    if paused:
        run.act("pause", process="holder")
    run.source.command(Command("kill", process="holder"))
    run.source.command(Command("kill", process="holder"))
    run.until(lambda: run.process("holder").status != "running" and len(run.faults) == 2 + paused)
    event = run.exit_of("holder")
    assert (event.signal, event.failed, event.reason) == (9, False, "it was killed by hand")
    assert [fault.done for fault in run.faults[-2:]] == [True, False]
    run.until(lambda: "lock" in {name for f in run.world.view().findings for name in f.members})
    assert run.act("kill", process="holder").sentence == "holder has ended."
    assert run.act("pause", process="holder").sentence == "holder has ended."
    run.end()


def test_a_paused_partner_is_no_deadlock(stage: Callable[..., Stage]) -> None:
    run = stage("call", "unix-stream")
    run.act("pause", process="taker")
    began = run.world.view().framed
    run.until(lambda: run.world.view().framed > began + 600_000_000)
    run.act("resume", process="taker")
    run.until(lambda: run.world.view().framed > began + 900_000_000)
    assert "deadlock" not in {event.kind for event in run.events if isinstance(event, ev.FindingRaised)}
    assert not [finding for finding in find(run.world.view()) if finding.kind == "deadlock"]
    run.end()


ON_CHANNELS = ["pipe", "fifo", "shm", "zmq-ipc"]
SLOW_ON_CHANNELS = sorted(
    name for name, made in MECHANISMS.items() if "channel" in made.traits.kinds and name not in ON_CHANNELS
)


@pytest.mark.parametrize(
    "mechanism", [*ON_CHANNELS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW_ON_CHANNELS)]
)
def test_messages_are_dropped_doubled_and_altered_as_many_as_were_asked_for(
    stage: Callable[..., Stage], mechanism: str
) -> None:
    if MECHANISMS[mechanism].unavailable():
        pytest.skip("not here")
    run = stage("channel", mechanism, total=0)
    assert run.act("drop", channel="duct", count=7).sentence == "The next 7 messages on duct are dropped."
    run.act("duplicate", channel="duct", process="giver 1", count=5)
    run.act("corrupt", channel="duct", count=3)
    run.act("delay", channel="duct", count=2, amount=0.01)
    everything = {"drop": 7, "duplicate": 5, "corrupt": 3, "delay": 2}
    run.until(lambda: run.channel().faulted == everything)
    assert run.channel().pending == {}
    assert run.act("send", channel="duct", payload=b"by hand").done
    run.until(lambda: "by hand" in run.reports("taker")["words"])
    summary = run.end()
    assert summary.channels[0].lost == 7
    assert run.channel().ends[0].state.faulted == 17
    assert run.reports("taker")["odd"] >= 4
    assert not [event for event in run.events if isinstance(event, ev.ProcessExited) and event.failed]


def test_what_is_asked_of_a_channel_is_shared_by_its_senders(stage: Callable[..., Stage]) -> None:
    run = stage("channel", "pipe", givers=3, rate=2000)
    run.act("drop", channel="duct", count=200)
    run.until(lambda: run.channel().faulted.get("drop", 0) == 200)
    seen = run.channel().received
    run.until(lambda: run.channel().received > seen + 100)
    assert run.end().channels[0].lost == 200
    assert all(end.state.faulted > 0 for end in run.channel().ends[:3])


@pytest.mark.parametrize(("share", "every"), [(0.25, 4), (1 / 3, 3), (1.0, 1)])
def test_a_share_hits_every_so_many(duct: str, share: float, every: int) -> None:
    acts = [Act(0, Command("drop", channel="duct", share=share))]
    settings = {"total": "100", "rate": "300"}
    with live(duct, mechanism="pipe", settings=settings, acts=acts, tick=50) as source:
        events = take_until(source, lambda events: False)
    summary = events[-1]
    assert isinstance(summary, ev.Summary)
    (hit,) = [event.channels[0].ends[0] for event in events if isinstance(event, ev.Frame)][-1:]
    asked_late = 100 - hit.faulted * every
    assert 0 <= asked_late < 20 + every  # what was sent before the act reached the worker
    assert summary.channels[0].lost == hit.faulted
    assert summary.channels[0].sent == 100


def test_a_share_ends_when_it_is_said_to(stage: Callable[..., Stage]) -> None:
    run = stage(mechanism="pipe")
    run.act("drop", channel="duct", share=1.0)
    assert [fault.share for fault in run.channel().faults] or run.until(lambda: run.channel().faults) is None
    seen = run.channel().received
    run.until(lambda: run.channel().faulted.get("drop", 0) > 20)
    assert run.act("drop", channel="duct").sentence == "No more messages on duct are dropped."
    run.until(lambda: run.channel().received > seen + 50)
    run.until(lambda: run.channel().faults == ())
    run.end()


def test_a_slow_taker_takes_less_and_a_pace_changes(stage: Callable[..., Stage]) -> None:
    run = stage(mechanism="pipe", rate=100)
    assert run.act("slow", process="taker", amount=0.1).sentence == "taker is slowed by 100 ms a message."
    run.until(lambda: 0 < run.channel().rate < 15)
    assert [fault.amount for fault in run.process("taker").faults] == [0.1]
    assert run.act("rate", process="giver 1", amount=4).sentence == "giver 1 goes at 4 times its own pace."
    run.until(lambda: run.channel().ends[0].sent_rate > 300)
    assert run.act("slow", process="taker").sentence == "taker is no longer slowed."
    run.act("rate", process="giver 1", amount=0.1)
    run.until(lambda: 5 < run.channel().ends[0].sent_rate < 15)
    run.act("rate", process="giver 1", amount=1)
    run.until(lambda: run.process("giver 1").faults == run.process("taker").faults == ())
    assert not run.act("rate", process="taker", amount=2).done
    run.end()


def test_calls_lose_requests_and_replies(stage: Callable[..., Stage]) -> None:
    run = stage("call", "unix-stream")
    run.act("drop", channel="duct", process="taker", count=2)
    run.until(lambda: run.reports("giver 1").get("late", 0) == 2)
    run.act("drop", channel="duct", process="giver 1", count=2)
    run.until(lambda: run.reports("giver 1").get("late", 0) == 4)
    assert (
        "a reply is not sent twice" in run.act("duplicate", channel="duct", process="taker", count=1).sentence
    )
    run.act("duplicate", channel="duct", count=2)
    run.until(lambda: run.channel().faulted == {"drop": 4, "duplicate": 2})
    assert run.act("send", channel="duct", payload=b"guess").done
    run.until(lambda: b"guess" in {event.payload for event in run.events if isinstance(event, ev.Message)})
    assert run.act("send", channel="duct", process="taker", payload=b"x").done is False
    assert run.end().channels[0].lost == 4


def test_a_message_by_hand_goes_through_whoever_waits(stage: Callable[..., Stage]) -> None:
    run = stage("back", "sysv-mq" if MECHANISMS["sysv-mq"].unavailable() is None else "pipe", rate=2)
    for number in range(20):
        assert run.act("send", channel="back", payload=b"hand %d" % number).process == "taker"
    run.until(lambda: "hand 19" in run.reports("end").get("words", ""))
    assert run.end().channels[1].lost == 0


def test_a_message_by_hand_goes_through_whoever_never_rests(stage: Callable[..., Stage]) -> None:
    run = stage("channel", "udp", rate=0)
    events = [run.act("send", channel="duct", payload=b"x%d" % number) for number in range(20)]
    assert {event.done for event in events} == {True}
    run.end()


def test_where_there_is_no_room_nothing_is_sent_by_hand(stage: Callable[..., Stage]) -> None:
    run = stage("full", "pipe", rate=0)
    run.until(lambda: run.process("giver 1").wait is not None)
    event = run.act("send", channel="duct", payload=b"one more")
    assert (event.done, event.sentence) == (False, "Nothing was sent into duct by hand: it is full.")
    assert not run.act("send", channel="duct", payload=bytes(5000)).done
    run.act("kill", process="giver 1")
    run.until(lambda: run.process("giver 1").status == "ended")
    assert run.act("send", channel="duct", payload=b"x").sentence == "Nobody sends into duct any more."
    assert run.act("drop", channel="duct", count=1).sentence == "Nobody sends into duct any more."
    run.end()


def test_a_region_has_no_messages(stage: Callable[..., Stage]) -> None:
    run = stage("region")
    for do in ("drop", "send", "corrupt"):
        event = run.act(do, channel="board", count=1)
        assert (event.done, event.sentence) == (
            False,
            "board is a region: bytes that are shared, and no messages.",
        )
    run.end()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (Command("pause", process="takr"), "There is no process 'takr'; did you mean taker?"),
        (Command("kill"), "No process was named."),
        (Command("drop", channel="dct", count=1), "There is no channel 'dct'; did you mean duct?"),
        (Command("slow", process="giver 1", amount=1), "giver 1 takes no messages."),
        (Command("drop", channel="duct", process="taker", count=1), "taker sends nothing into duct."),
        (Command("delay", channel="duct", count=1), "A delay needs a time above 0, such as 200 ms."),
        (Command("drop", channel="duct", share=1.5), "A share is 0 to 1, and not 1.5."),
        (Command("drop", channel="duct", count=-1), "A count is 0 to 1,000,000,000, and not -1."),
        (Command("slow", process="taker", amount=1e9), "A time is 0 to 60 s, and not 1e+09 s."),
    ],
)
def test_what_cannot_be_done_is_said(acted_on: Stage, command: Command, sentence: str) -> None:
    before = len(acted_on.faults)
    acted_on.source.command(command)
    acted_on.until(lambda: len(acted_on.faults) > before)
    assert (acted_on.faults[-1].done, acted_on.faults[-1].sentence) == (False, sentence)


@pytest.fixture(scope="module")
def acted_on(duct: str) -> Iterator[Stage]:
    with live(duct, mechanism="pipe", tick=20) as source:
        run = Stage(source)
        run.until(lambda: run.world.view().channels)
        yield run


def test_nonsense_and_a_thousand_commands_at_once_do_no_harm(stage: Callable[..., Stage]) -> None:
    run = stage(mechanism="pipe")
    control = run.source._control
    for nonsense in (
        b"\x00\xff\xfe\n",
        b"{}\n",
        b'{"do": "dance"}\n',
        b"[" * 5000 + b"\n",
        b'"stop"\n',
        b"\n",
    ):
        os.write(control, nonsense)
    os.write(control, b'{"do": "drop", "channel": "duct", "count": 123456789012345678901234567890}\n')
    run.until(lambda: run.faults)
    assert not run.faults[-1].done
    commands = [Command("send", channel="duct", payload=b"x%d" % number) for number in range(400)]
    commands += [Command("pause", process="taker"), Command("resume", process="taker")] * 200
    commands += [Command("drop", channel="duct", count=1)] * 200
    for command in commands:
        assert run.source.command(command)
        run.take()
    run.until(lambda: len(run.faults) == 1 + len(commands))
    assert {fault.done for fault in run.faults[1:]} == {True}
    run.until(lambda: run.channel().faulted.get("drop") == 200)
    assert run.end().channels[0].lost == 200


def test_acts_come_at_their_time_in_any_order_given(duct: str) -> None:
    acts = [Act(0.3, Command("resume", process="taker")), Act(0.1, Command("pause", process="taker"))]
    with live(duct, mechanism="pipe", seconds=0.5, acts=acts, tick=50) as source:
        events = take_until(source, lambda events: False)
    told = [event for event in events if isinstance(event, ev.FaultInjected)]
    assert [event.fault for event in told] == ["pause", "resume"]
    assert [event.t // 100_000_000 for event in told] == [1, 3]
    signals = [event.signal for event in events if isinstance(event, ev.ProcessSignalled)]
    assert signals[:2] == [19, 18]


def test_an_act_on_what_there_is_not_is_refused_before_the_run(duct: str) -> None:
    with live(duct, acts=[Act(1, Command("kill", process="nobody"))]) as source:
        (event,) = take_until(source, lambda events: False)
    assert isinstance(event, ev.Refused)
    assert event.sentence == "There is no process 'nobody' to act on; there are giver 1, taker."
