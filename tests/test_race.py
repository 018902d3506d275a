"""Lanes, their figures over a window, ratios, and the sentences that say what decided."""

from __future__ import annotations

import pytest
from helpers import events as made
from helpers.races import SECOND, cut, exits, finished, lane, steady, summary

from ipcviz import events as ev
from ipcviz.race import Lane
from ipcviz.race_figures import Slice, median_rate
from ipcviz.race_result import Result, result_of
from ipcviz.race_verdict import are_alike, cost_words, ratio_words, verdict

ABOUT = {"pipe": "A byte stream.", "shm": "A ring of slots, without a copy through the kernel."}


def race(*lanes: Lane, how="at once", starts=None, seconds=None, may_be_zero=()) -> Result:
    began = dict.fromkeys(range(len(lanes)), 0) if starts is None else starts
    return result_of(lanes, how, 6 * SECOND, began, seconds, may_be_zero=frozenset(may_be_zero))


def test_the_rate_is_the_median_after_the_warm_up() -> None:
    figures = lane("pipe", steady(1000, warm_up_rate=10)).figures(SECOND)
    assert figures.rate == pytest.approx(1000)
    assert figures.seconds == pytest.approx(5)


def test_a_rate_of_few_messages_is_not_told_as_steadier_than_one_more_or_less() -> None:
    figures = lane("pipe", steady(20)).figures(SECOND)
    assert figures.rate == pytest.approx(20)
    assert figures.spread is not None
    assert figures.spread >= 1 / 20


def test_one_outburst_does_not_move_the_median_but_half_of_the_time_spreads_it() -> None:
    slices = [Slice(n * SECOND // 2, n * 50, 0, 0, ()) for n in range(12)]
    outburst = [*slices[:11], Slice(11 * SECOND // 2, 5000, 0, 0, ())]
    assert median_rate(outburst)[0] == pytest.approx(100)
    swinging = [Slice(n * SECOND // 2, n * 100 if n % 2 else n * 100 + 50, 0, 0, ()) for n in range(12)]
    assert median_rate(swinging)[1] > 0.1


def test_costs_are_for_each_message_between_looks_at_the_processes() -> None:
    figures = lane("pipe", steady(10_000, cpu=80.0, switches=2.0)).figures(SECOND)
    assert figures.switches == pytest.approx(2.0, rel=0.01)
    assert figures.cpu == pytest.approx(160.0, rel=0.01)  # 1.6 s of a second's 10,000 messages, in µs


def test_processor_time_that_the_kernel_tells_too_coarsely_is_not_divided() -> None:
    assert lane("pipe", steady(10, cpu=0.5)).figures(SECOND).cpu is None


def test_costs_are_unknown_over_an_interval_in_which_a_process_ended() -> None:
    events = steady(1000, seconds=1.9, switches=2.0)
    last = events[-1]
    assert isinstance(last, ev.Frame)
    gone = [ev.ProcessState("ended"), *last.processes[1:]]
    events.append(
        ev.Frame(t=last.t + 1, channels=last.channels, locks=[], processes=gone, watching=last.watching)
    )
    before = lane("x", events[:-1]).figures(0)
    assert lane("x", events).figures(0).switches == before.switches
    assert before.switches is not None


def test_blocked_time_is_a_share_of_the_window() -> None:
    assert lane("pipe", steady(1000, blocked=0.6)).figures(SECOND).send == pytest.approx(0.6, rel=0.01)


def test_what_comes_after_the_stop_is_nobodys_pace() -> None:
    whole = lane("pipe", cut(steady(1000), 6.0))
    assert whole.state == "cut"
    assert whole.age == 6 * SECOND
    assert whole.figures(SECOND).rate == pytest.approx(1000)
    assert len(whole.history) == 12


def test_one_that_ends_by_itself_is_told_as_a_whole() -> None:
    whole = lane("pipe", finished(1000, 2.0))
    assert (whole.state, whole.age, whole.count) == ("finished", 2 * SECOND, 2000)
    figures = whole.figures(SECOND)
    assert figures.rate == pytest.approx(1000)
    assert (figures.p50, figures.p99, figures.slowest) == (50.0, 90.0, "lines")


def test_locks_are_counted_where_nothing_else_is_carried_or_where_they_race() -> None:
    started = made.session(["a"], [made.channel("c", "a>", ">a")], [made.lock("l", "a")])
    use = ev.LockUse("", 0, 7)
    frame = made.frame(1, [made.state(ev.EndState(sent=3), ev.EndState(received=3))], [made.uses(use)])
    for by_locks, unit, count in ((True, "acquisitions", 7), (False, "messages", 3)):
        counted = Lane("x", by_locks)
        counted.apply(started)
        counted.apply(frame)
        assert (counted.unit, counted.count) == (unit, count)


def test_a_failed_process_takes_its_lane_out() -> None:
    broken = lane("shm", [*steady(9000, 3.0), *exits(3 * SECOND, failed="a"), summary(3.0)])
    result = race(lane("pipe", steady(100)), broken)
    assert result.lanes[1].state == "failed"
    assert result.lanes[1].ratio is None
    assert not result.lanes[1].best
    assert verdict(result, ABOUT) == ["shm is out of the race: a failed: it raised ValueError."]


def test_one_whose_process_has_failed_is_out_though_the_others_of_it_go_on() -> None:
    limping = lane("shm", [*steady(9000, 3.0), exits(3 * SECOND, failed="a")[0]])
    assert limping.state == "running"
    result = race(lane("pipe", steady(100)), limping)
    assert (result.lanes[1].state, result.lanes[1].ratio) == ("failed", None)


def test_the_ratio_is_to_the_first_and_the_best_are_marked() -> None:
    result = race(lane("pipe", steady(1000, p50=50.0)), lane("shm", steady(3200)))
    assert [entry.ratio for entry in result.lanes] == [1.0, pytest.approx(3.2)]
    assert "rate" in result.lanes[1].best
    assert "rate" not in result.lanes[0].best
    assert {"p50", "p99"} <= result.lanes[0].best


def test_nobody_is_best_where_all_are_alike() -> None:
    result = race(lane("pipe", steady(1000)), lane("pipe 2", steady(1001)))
    assert not any(entry.best for entry in result.lanes)


def test_in_turn_lanes_are_compared_at_equal_age() -> None:
    """The first was slow for 3 s and fast after that; the second has run for 3 s, just as slowly."""
    slow, fast = steady(1000, 3.0), steady(9000, 6.0)
    last = slow[-1]
    assert isinstance(last, ev.Frame)
    base = last.channels[0].ends[1].received
    later = [
        ev.Frame(
            t=frame.t,
            channels=[
                made.state(ev.EndState(sent=base + number * 900), ev.EndState(received=base + number * 900))
            ],
            locks=[],
            processes=frame.processes,
            watching=frame.watching,
        )
        for number, frame in enumerate(fast[-30:], 1)
        if isinstance(frame, ev.Frame)
    ]
    first, second = lane("pipe", [*slow, *later]), lane("shm", slow)
    assert race(first, second, how="in turn").lanes[1].ratio == pytest.approx(1.0)
    assert race(first, second).lanes[1].ratio < 0.5


def test_at_once_the_window_is_the_same_piece_of_time() -> None:
    """The first lane began 2 s before the other: what it did alone does not count."""
    first = lane("pipe", steady(1000, 8.0))
    result = race(first, lane("shm", steady(1000, 6.0)), starts={0: 0, 1: 2 * SECOND})
    assert [entry.figures.seconds for entry in result.lanes] == [pytest.approx(5), pytest.approx(5)]


def test_finished_lanes_have_places_and_their_times_decide() -> None:
    result = race(lane("pipe", finished(1000, 6.4)), lane("shm", finished(3200, 2.0)))
    assert [entry.place for entry in result.lanes] == [2, 1]
    assert result.lanes[1].ratio == pytest.approx(3.2)
    first = verdict(result, ABOUT)[0]
    assert first.startswith("shm finished first, after 2.00 s; pipe took 6.40 s, 3.2 times as long")


def test_the_sentence_names_what_the_faster_paid_less_for() -> None:
    slow = lane("pipe", steady(10_000, cpu=80.0, switches=2.0))
    fast = lane("shm", steady(32_000, cpu=80.0, switches=0.1, mechanism="shm"))
    sentences = verdict(race(slow, fast), ABOUT)
    assert sentences[0] == (
        "shm carried 3.2 times as many messages a second as pipe: 0.10 context switches a message against "
        "2.0 and 50.0 µs of processor time a message against 160 µs."
    )
    assert f"shm: {ABOUT['shm']}" in sentences
    assert "2 processors" in sentences[-1]


def test_it_says_what_the_faster_paid_more_for() -> None:
    slow = lane("pipe", steady(10_000, cpu=80.0, switches=0.1))
    fast = lane("shm", steady(32_000, cpu=80.0, switches=2.0))
    assert "although it paid 2.0 context switches a message against 0.10" in verdict(race(slow, fast), {})[0]


def test_no_cause_is_named_that_was_not_measured() -> None:
    slow = lane("pipe", steady(10_000, cpu=20.0, switches=1.0))
    fast = lane("shm", steady(20_000, cpu=40.0, switches=1.0))
    first = verdict(race(slow, fast), {})[0]
    assert "Nothing that is measured here tells why" in first


@pytest.mark.parametrize("other", [1000, 1020])
def test_a_difference_within_the_noise_is_none(other) -> None:
    result = race(lane("pipe", steady(1000)), lane("shm", steady(other, mechanism="shm")))
    first, *rest = verdict(result, ABOUT)
    assert first.startswith("pipe and shm are as fast as each other")
    assert not any(sentence.startswith("shm:") for sentence in rest)


def test_a_difference_beyond_the_noise_is_one() -> None:
    result = race(lane("pipe", steady(1000)), lane("shm", steady(1500)))
    assert not are_alike(result.lanes[1], result.lanes[0], result)
    assert "50 % more messages a second than pipe" in verdict(result, ABOUT)[0]


def test_a_pace_of_the_demos_own_is_told_only_where_it_may_be_the_reason() -> None:
    paced = {"rate": 25.0}
    lanes = [lane(name, steady(25, parameters=paced)) for name in ("pipe", "shm")]
    told = "The demo keeps a pace of its own (rate)"
    assert f"{told}; --set rate=0 takes it away." in verdict(race(*lanes, may_be_zero=["rate"]), ABOUT)
    assert f"{told}." in verdict(race(*lanes, may_be_zero=["work"]), ABOUT)  # it may refuse 0
    apart = race(lane("pipe", steady(25, parameters=paced)), lane("shm", steady(250, parameters=paced)))
    assert not any("pace of its own" in sentence for sentence in verdict(apart, ABOUT))


@pytest.mark.parametrize(
    ("cpu", "ended", "words"),
    [
        (40.0, False, "2 processors, 1.6 of them busy with it: each slows the others. "),
        (10.0, False, "2 processors, 0.4 of them busy with it. "),
        (40.0, True, "2 processors, 1.6 of them busy with it: each slows the others. "),
        (0.5, True, "2 processors. "),
    ],
)
def test_lanes_slow_each_other_only_where_the_processors_are_busy(cpu, ended, words) -> None:
    events = steady(1000, cpu=cpu, switches=1.0)
    told = verdict(race(*(lane(name, cut(events, 6.0) if ended else events) for name in "ab")), ABOUT)[-1]
    assert told.endswith(f"All at once on {words}--in-turn runs each alone.")


def test_losses_are_told() -> None:
    lossy = lane("udp", [*steady(3000, 2.0), *exits(2 * SECOND), summary(2.0, 5000, lost=1000)])
    sentences = verdict(race(lane("pipe", finished(1000, 6.0)), lossy), ABOUT)
    assert any(sentence.startswith("udp lost 1,000 messages") for sentence in sentences)


def test_before_there_is_something_to_compare_it_says_so() -> None:
    waiting = race(lane("pipe", []), lane("shm", []), starts={})
    assert verdict(waiting, ABOUT) == ["The runs are being started."]
    young = race(lane("pipe", steady(1000, 0.5)), lane("shm", steady(1000, 0.5)))
    assert verdict(young, ABOUT) == ["Warming up: the figures count from 1.0 s on."]


def test_one_that_carries_nothing_has_no_ratio_to_it() -> None:
    result = race(lane("pipe", steady(0)), lane("shm", steady(1000)))
    assert result.lanes[1].ratio is None
    assert "pipe nothing" in verdict(result, ABOUT)[0]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "–"),
        (1.0, "1x"),
        (3.21, "3.2x"),
        (14.4, "14x"),
        (0.08, "0.08x"),
        (1.24, "1.24x"),
        (0.0, "0x"),
        (1234.0, "1,234x"),
        (0.999, "1x"),
        (9.96, "10x"),
    ],
)
def test_ratios_in_words(ratio, words) -> None:
    assert ratio_words(ratio) == words


@pytest.mark.parametrize(
    ("cost", "words"),
    [(None, "–"), (0.0, "0"), (0.001, "<0.01"), (0.06, "0.06"), (2.04, "2.0"), (13.6, "14")],
)
def test_costs_in_words(cost, words) -> None:
    assert cost_words(cost) == words


def stuck(label: str) -> Lane:
    """A lane that has come to stand still."""
    found = ev.FindingRaised(
        t=1,
        key="deadlock",
        kind="deadlock",
        sentence="Deadlock of 2.",
        since=1,
        members=["a", "b"],
        ring=True,
    )
    return lane(label, [*steady(0, warm_up_rate=100), found])


def test_a_deadlock_is_told_before_any_pace() -> None:
    sentences = verdict(race(lane("flock", steady(100)), stuck("posix-sem")), ABOUT)
    assert sentences[0] == "posix-sem: Deadlock of 2."
    assert "posix-sem nothing" in sentences[1]


def test_two_that_stand_still_are_not_ranked() -> None:
    sentences = verdict(race(stuck("flock"), stuck("posix-sem")), ABOUT)
    assert "neither flock nor posix-sem carried any messages" in sentences[2]
