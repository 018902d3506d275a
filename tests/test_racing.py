"""The driver of a race: who begins when, what ends whom, and that nothing is left running."""

from __future__ import annotations

import os
import select

import pytest
from helpers.races import SECOND, RunDouble, cut, exits, finished, steady, summary
from msgspec import structs

from ipcviz import catalog
from ipcviz import events as ev
from ipcviz.commands_race import RaceError, choices_of, entries_of, labels_of
from ipcviz.race_result import WARM_UP
from ipcviz.race_verdict import PACES
from ipcviz.racing import Entry, Racer, may_be_zero, refusal_of
from ipcviz.runtime.request import Act, Command, SessionRequest


class Doubles:
    """Begins doubles in place of runs."""

    def __init__(self, *refusing: str) -> None:
        self.begun: list[RunDouble] = []
        self.refusing = refusing

    def __call__(self, request: SessionRequest) -> RunDouble:
        if request.mechanisms[""] in self.refusing:
            raise OSError(11, "Resource temporarily unavailable")
        self.begun.append(RunDouble())
        return self.begun[-1]


def entries(*names: str, **more) -> list[Entry]:
    return [Entry(name, SessionRequest("demo", mechanisms={"": name}, **more)) for name in names]


@pytest.fixture
def doubles() -> Doubles:
    return Doubles()


def racer(doubles: Doubles, *names: str, how="at once", **more) -> Racer:
    made = Racer(entries(*names, **more), how, begin=doubles, warm_up=WARM_UP)
    made.start()
    return made


def over(double: RunDouble, events: list[ev.AnyEvent]) -> None:
    double.batch, double.over = events, True


def test_at_once_all_begin_together(doubles) -> None:
    race = racer(doubles, "pipe", "shm", "tcp")
    assert len(doubles.begun) == 3
    assert [lane.state for lane in race.lanes] == ["starting"] * 3
    race.close()


def test_in_turn_the_next_begins_when_the_one_before_is_over(doubles) -> None:
    race = racer(doubles, "pipe", "shm", how="in turn")
    assert len(doubles.begun) == 1
    doubles.begun[0].batch = steady(100, 2.0)
    race.take()
    assert [lane.state for lane in race.lanes] == ["running", "waiting"]
    over(doubles.begun[0], [*exits(2 * SECOND), summary(2.0)])
    race.take()
    assert [lane.state for lane in race.lanes] == ["finished", "starting"]
    assert doubles.begun[0].closed
    over(doubles.begun[1], cut(steady(100, 2.0), 2.0))
    race.take()
    assert race.over
    assert race.result().status == "ended"
    assert not race.failed


def test_skipping_ends_the_lane_that_runs(doubles) -> None:
    race = racer(doubles, "pipe", "shm", how="in turn")
    race.skip()
    assert doubles.begun[0].stopped == 1
    assert race.lanes[1].state == "waiting"
    race.close()


def test_one_that_is_refused_stops_the_others(doubles) -> None:
    race = racer(doubles, "pipe", "shm")
    doubles.begun[0].batch = steady(100, 1.0)
    over(doubles.begun[1], [ev.Refused(t=0, sentence="There is no room.")])
    race.take()
    assert race.refusal == "There is no room."
    assert doubles.begun[0].stopped
    race.close()
    assert race.over


def test_one_whose_supervisor_dies_leaves_the_others_racing(doubles) -> None:
    race = racer(doubles, "pipe", "shm")
    doubles.begun[0].batch = steady(100, 1.0)
    over(doubles.begun[1], steady(100, 1.0))
    race.take()
    assert [lane.state for lane in race.lanes] == ["running", "failed"]
    assert race.lanes[1].sentence == "The supervisor was killed by signal 9."
    assert not race.over
    assert not doubles.begun[0].stopped
    assert race.failed
    race.close()


def test_one_that_cannot_be_started_is_told_and_the_others_race() -> None:
    doubles = Doubles("shm")
    race = racer(doubles, "pipe", "shm")
    assert [lane.state for lane in race.lanes] == ["starting", "failed"]
    assert "could not be started" in race.failures()[0]
    race.close()


def test_closing_closes_all_even_if_one_cannot_be(doubles) -> None:
    race = racer(doubles, "pipe", "shm", "tcp")

    def fail() -> None:
        raise OSError("it cannot be closed")

    doubles.begun[1].when_closed = fail
    with pytest.raises(OSError, match="cannot be closed"):
        race.close()
    assert all(double.closed for double in doubles.begun)
    assert all(double.stopped for double in doubles.begun)
    race.close()
    assert [double.closed for double in doubles.begun] == [1, 1, 1]


def test_lanes_that_were_never_begun_are_left_out(doubles) -> None:
    race = racer(doubles, "pipe", "shm", how="in turn")
    race.close()
    assert [lane.state for lane in race.lanes] == ["left out", "left out"]
    assert race.over
    race.take()
    assert len(doubles.begun) == 1


def test_again_is_the_same_race_from_the_start(doubles) -> None:
    race = racer(doubles, "pipe", "shm")
    doubles.begun[0].batch = steady(100, 1.0)
    race.take()
    race.close()
    second = race.again()
    assert [lane.count for lane in second.lanes] == [0, 0]
    second.start()
    assert len(doubles.begun) == 4
    second.close()


def test_the_clock_stands_still_when_it_is_over(doubles) -> None:
    race = racer(doubles, "pipe", "shm")
    for double in doubles.begun:
        over(double, finished(100, 1.0))
    race.take()
    assert race.clock == race.clock


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("pipe", {"": "pipe"}),
        ("tcp:nodelay=no", {"": "tcp:nodelay=no"}),
        ("lines=pipe+counts=tcp:nodelay=no", {"lines": "pipe", "counts": "tcp:nodelay=no"}),
        ("pipe+counts=shm", {"": "pipe", "counts": "shm"}),
        ("file:path=/a++b", {"": "file:path=/a+b"}),
        ("a++b=pipe", {"a+b": "pipe"}),
    ],
)
def test_a_lane_as_it_is_typed(text, choices) -> None:
    assert choices_of(text, "-m", "CHANNEL") == choices


@pytest.mark.parametrize("text", ["", "+pipe", "pipe+", "=pipe", "lines=", "pipe+shm", "a=pipe+a=shm"])
def test_a_lane_that_cannot_be_read_is_told(text) -> None:
    with pytest.raises(RaceError, match="-m"):
        choices_of(text, "-m", "CHANNEL")


def test_the_option_given_several_times_makes_the_lanes() -> None:
    request = SessionRequest("demo", seconds=3.0)
    lanes, by_locks = entries_of(request, ["pipe", "shm"], ["flock"])
    assert [lane.request.locks for lane in lanes] == [{"": "flock"}] * 2
    assert not by_locks
    lanes, by_locks = entries_of(request, ["pipe"], ["flock", "fcntl"])
    assert [lane.request.mechanisms for lane in lanes] == [{"": "pipe"}] * 2
    assert [lane.label for lane in lanes] == ["flock", "fcntl"]
    assert by_locks
    assert all(lane.request.seconds == 3.0 for lane in lanes)


def test_what_is_asked_of_the_run_is_asked_of_every_lane() -> None:
    acts = [Act(1.0, Command("drop", channel="lines", count=1))]
    request = SessionRequest("demo", settings={"rate": "5"}, seconds=3.0, tick=50, acts=acts)
    lanes, _ = entries_of(request, ["pipe", "shm"], [])
    for lane in lanes:
        assert lane.request == structs.replace(request, mechanisms={"": lane.label})


@pytest.mark.parametrize(
    ("mechanisms", "locks"), [([], []), (["pipe"], []), (["a", "b"], ["c", "d"]), (["pipe"] * 13, [])]
)
def test_what_is_no_race_is_told(mechanisms, locks) -> None:
    with pytest.raises(RaceError):
        entries_of(SessionRequest("demo"), mechanisms, locks)


def test_the_same_twice_is_told_apart() -> None:
    assert labels_of(["pipe", "shm", "pipe", "pipe"]) == ["pipe", "shm", "pipe 2", "pipe 3"]


def test_what_cannot_run_is_refused_before_anything_runs() -> None:
    able = [Entry(name, SessionRequest("worker_pool", mechanisms={"": name})) for name in ("shm", "posix-mq")]
    assert refusal_of(able) == ("", "")
    sentence, _ = refusal_of([*able, Entry("pipe", SessionRequest("worker_pool", mechanisms={"": "pipe"}))])
    assert "cannot run on pipe" in sentence


@pytest.mark.parametrize("how", ["at once", "in turn"])
def test_real_runs_race_to_the_finish(how) -> None:
    settings = {"rate": "0", "lines": "200", "clients": "2"}
    request = SessionRequest("echo", settings=settings)
    lanes = [
        Entry(name, SessionRequest(request.demo, request.settings, {"": name}))
        for name in ("pipe", "unix-stream")
    ]
    race = Racer(lanes, how)
    try:
        race.start()
        while not race.over:
            assert select.select(list(race.descriptors()), [], [], 30)[0]
            race.take()
    finally:
        race.close()
    result = race.result()
    assert result.to_the_finish
    assert [lane.count for lane in result.lanes] == [800, 800]
    assert sorted(lane.place for lane in result.lanes) == [1, 2]
    first, second = result.lanes
    assert second.ratio == pytest.approx(first.age / second.age)
    assert race.starts.keys() == {0, 1}
    if how == "in turn":
        assert race.starts[1] >= race.starts[0] + first.age
    assert not [name for name in os.listdir("/dev/shm") if f"ipcviz-{os.getpid()}-" in name]


def test_what_a_demo_takes_0_for_is_asked_of_its_parameters(tmp_path) -> None:
    assert {"rate", "slow"} <= may_be_zero("star")
    assert "customers" not in may_be_zero("sleeping_barber")
    own = tmp_path / "own.py"
    own.write_text("raise SystemExit")
    assert may_be_zero(str(own)) == frozenset()  # it is not run to find out
    assert Racer([Entry("pipe", SessionRequest("mesh"))]).result().may_be_zero == {"rate"}


@pytest.mark.parametrize("demo", catalog.names())
def test_every_demo_takes_0_for_what_sets_its_pace(demo: str) -> None:
    known = {parameter.name for parameter in catalog.load(catalog.find(demo)).parameters}
    assert known.intersection(PACES) <= may_be_zero(demo)
