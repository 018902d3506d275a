"""What decided a race, in sentences: measured figures, and what the mechanisms' own pages say. Pure.

Nothing is claimed that was not measured: a cause is named only where the faster lane paid less of it, and
where none of the measured costs differs that is what is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from ipcviz import units
from ipcviz.race_result import LaneResult, Result
from ipcviz.units import SECOND

CLEAR = 1.2
"""A cost that differs by less than this factor explains nothing."""
LEAST = 0.03
"""Ratios nearer to 1 than this are never told apart, however quiet the machine was."""
CAUSES = 3
"""Named at most; the one that differs most comes first."""
PACES = ("rate", "produce", "consume", "slow", "take", "work", "think", "read", "reads", "write", "pause")
"""Parameters by which a demo sets its own pace, which 0 takes away where a demo takes 0."""
BUSY = 0.7
"""From this part of all processors on, lanes that run at once take time from each other."""
SHORT = SECOND // 2
"""What has finished sooner was for the most part busy with beginning."""
SLIGHT = {"switches": 0.02, "cpu": 0.2, "send": 0.05, "receive": 0.05}
"""Differences that are too small to decide anything: of switches and microseconds a message, of shares."""


def verdict(result: Result, about: Mapping[str, str]) -> list[str]:
    """The sentences, the weightiest first; `about` says what each mechanism is, by its name."""
    failures = [failure(lane) for lane in result.lanes if lane.state in ("failed", "refused")]
    compared = sorted(result.compared, key=lambda lane: speed(lane, result), reverse=True)
    if len(compared) < 2:
        return failures or [_not_yet(result)]
    winner, rival = _pair(compared, result)
    sentences = [*failures, *_deadlocks(compared), _decided(winner, rival, result)]
    if not are_alike(winner, rival, result):
        sentences += _nature(winner, rival, about)
    sentences += _pace(result, winner, rival)
    if result.to_the_finish and winner.age < SHORT:
        sentences.append(f"So short a race says little: {age_words(winner.age)}. Give it more work.")
    sentences += [_lost(lane, result) for lane in compared if lane.lost]
    return [*sentences, conditions(result)]


def speed(lane: LaneResult, result: Result) -> float:
    """What the lanes are ordered by: the time where all have finished, else the rate."""
    if result.to_the_finish:
        return SECOND / max(1, lane.age)
    return lane.figures.rate or 0.0


def are_alike(winner: LaneResult, rival: LaneResult, result: Result) -> bool:
    """The difference lies within what the rates themselves vary by."""
    slower = speed(rival, result)
    if not slower:
        return False
    noise = ((winner.figures.spread or 0.0) ** 2 + (rival.figures.spread or 0.0) ** 2) ** 0.5
    return bool(speed(winner, result) / slower - 1 <= max(LEAST, noise))


def times(factor: float) -> str:
    """3.2 times, 14 times; small factors in per cent are told by `more`."""
    return f"{factor:.0f} times" if factor >= 9.95 else f"{factor:.1f} times"


def ratio_words(ratio: float | None) -> str:
    """In a column: 1x, 3.2x, 0.08x, 14x; – for none."""
    if ratio is None:
        return "–"
    if ratio >= 9.95:
        return f"{ratio:,.0f}x"
    if ratio < 0.0005:
        return "0x"
    return f"{ratio:.2f}x" if ratio < 0.995 or 1.005 <= ratio < 2 else f"{ratio:.1f}x".replace("1.0x", "1x")


def age_words(age: int) -> str:
    """How long a lane took: 14 ms, 2.41 s, 12.3 s."""
    return units.micros(age / 1000) if age < SECOND // 10 else f"{age / SECOND:.2f} s"


def cost_words(value: float | None) -> str:
    """A small number of things for each message: 0.06, 2.0, 14."""
    if value is None:
        return "–"
    if value < 0.005:
        return "0" if value == 0 else "<0.01"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def failure(lane: LaneResult) -> str:
    """Why a lane is out of the race."""
    if lane.state == "refused":
        return f"{lane.label} was refused: {lane.sentence}"
    return f"{lane.label} is out of the race: {lane.sentence.rstrip('.')}."


def _not_yet(result: Result) -> str:
    if result.status == "starting":
        return "The runs are being started."
    if result.status == "ended":
        return "Fewer than two lanes ran as they should, so there is nothing to compare."
    return f"Warming up: the figures count from {units.span(result.warm_up)} on."


def _pair(compared: list[LaneResult], result: Result) -> tuple[LaneResult, LaneResult]:
    """The fastest, and the first lane; or the next one, where the first lane is the fastest."""
    winner = compared[0]
    first = result.lanes[0]
    return winner, first if first is not winner and first in compared else compared[1]


def _decided(winner: LaneResult, rival: LaneResult, result: Result) -> str:
    if are_alike(winner, rival, result):
        return _no_difference(winner, rival, result)
    slower = speed(rival, result)
    factor = speed(winner, result) / slower if slower else None
    causes, against = _causes(winner, rival, result)
    told = _headline(winner, rival, result, factor)
    if factor is None:
        return f"{told}."
    if causes:
        return f"{told}: {units.listed(causes)}{f', although it paid {against[0]}' if against else ''}."
    if winner.figures.cpu is None or rival.figures.cpu is None:
        return f"{told}. What the processes paid for it is too little to be measured."
    return f"{told}. Nothing that is measured here tells why: {_equal_costs(winner, rival, result)}."


def _deadlocks(compared: list[LaneResult]) -> list[str]:
    """What stands still for ever is no matter of pace."""
    return [
        f"{lane.label}: {finding.sentence}"
        for lane in compared
        for finding in lane.view.findings
        if finding.kind == "deadlock"
    ]


def _headline(winner: LaneResult, rival: LaneResult, result: Result, factor: float | None) -> str:
    if result.to_the_finish:
        took = f"after {age_words(winner.age)}; {rival.label} took {age_words(rival.age)}"
        return f"{winner.label} finished first, {took}, {_more(factor)} as long"
    noun = {"acquisitions": "locks", "writes": "writes"}.get(result.unit, "messages")
    verb = {"acquisitions": "took", "writes": "made"}.get(result.unit, "carried")
    if factor is None and not winner.figures.rate:
        return f"For half of the time neither {winner.label} nor {rival.label} {verb} any {noun}"
    if factor is None:
        return f"{winner.label} {verb} {units.rate(winner.figures.rate or 0.0)}, and {rival.label} nothing"
    if factor < 1.995:
        return f"{winner.label} {verb} {(factor - 1) * 100:.0f} % more {noun} a second than {rival.label}"
    return f"{winner.label} {verb} {times(factor)} as many {noun} a second as {rival.label}"


def _more(factor: float | None) -> str:
    return "longer" if factor is None else times(factor)


def _no_difference(winner: LaneResult, rival: LaneResult, result: Result) -> str:
    pair = [lane for lane in result.lanes if lane is winner or lane is rival]
    names = units.listed([lane.label for lane in pair])
    if result.to_the_finish:
        ages = units.listed([f"{age_words(lane.age)}" for lane in pair])
        return f"{names} took as long as each other: {ages}."
    rates = units.listed([units.rate(lane.figures.rate or 0.0) for lane in pair])
    return f"{names} are as fast as each other, {rates}, within what the rates themselves vary."


def _costs(lane: LaneResult) -> dict[str, float | None]:
    figures = lane.figures
    return {
        "switches": figures.switches,
        "cpu": figures.cpu,
        "send": figures.send,
        "receive": figures.receive,
    }


def _causes(winner: LaneResult, rival: LaneResult, result: Result) -> tuple[list[str], list[str]]:
    """What the winner paid less for, the clearest first; and what it paid more for."""
    less: list[tuple[float, str]] = []
    more: list[tuple[float, str]] = []
    for cost, paid in _costs(winner).items():
        other = _costs(rival)[cost]
        if paid is None or other is None or abs(other - paid) < SLIGHT[cost]:
            continue
        factor = (other + 1e-9) / (paid + 1e-9)
        if factor >= CLEAR:
            less.append((factor, _cause(cost, paid, other, result)))
        elif factor <= 1 / CLEAR and cost in ("switches", "cpu"):
            more.append((1 / factor, _cause(cost, paid, other, result)))
    return [text for _, text in sorted(less, reverse=True)][:CAUSES], [text for _, text in sorted(more)][-1:]


def _cause(cost: str, paid: float, other: float, result: Result) -> str:
    each = {"acquisitions": "an acquisition", "writes": "a write"}.get(result.unit, "a message")
    if cost == "switches":
        return f"{cost_words(paid)} context switches {each} against {cost_words(other)}"
    if cost == "cpu":
        return f"{precise(paid)} of processor time {each} against {precise(other)}"
    whose = "its senders" if cost == "send" else "its receivers"
    return f"{whose} waited {units.percent(paid)} of the time against {units.percent(other)}"


def precise(micros: float) -> str:
    """Microseconds with a decimal where that tells something: 4.4 µs."""
    return f"{micros:.1f} µs" if micros < 99.5 else units.micros(micros)


def _equal_costs(winner: LaneResult, rival: LaneResult, result: Result) -> str:
    told = [
        _cause(cost, paid, other, result)
        for cost, paid in _costs(winner).items()
        if cost in ("switches", "cpu") and paid is not None and (other := _costs(rival)[cost]) is not None
    ]
    return units.listed(told)


def _nature(winner: LaneResult, rival: LaneResult, about: Mapping[str, str]) -> list[str]:
    """What the pages of the two mechanisms say, where each lane runs on one, and not on the same."""
    pair = [lane.carriers[0] for lane in (winner, rival) if len(lane.carriers) == 1]
    if len(pair) < 2 or pair[0] == pair[1]:
        return []
    return [f"{name}: {about[name]}" for name in pair if name in about]


def _pace(result: Result, winner: LaneResult, rival: LaneResult) -> list[str]:
    """The demo itself may be what sets the pace, which is worth to know where all are alike."""
    session = winner.view.session
    if session is None or not are_alike(winner, rival, result):
        return []
    values = {name: session.parameters.get(name) for name in PACES}
    chosen = [n for n, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool) and v]
    if not chosen:
        return []
    told = f"The demo keeps a pace of its own ({units.listed(chosen)})"
    if not result.may_be_zero.issuperset(chosen):
        return [f"{told}."]
    typed = " ".join(f"--set {name}=0" for name in chosen)
    return [f"{told}; {typed} takes it away."]


def _lost(lane: LaneResult, result: Result) -> str:
    return f"{lane.label} lost {lane.lost:,} messages, which nobody will get any more."


def conditions(result: Result) -> str:
    """Under which conditions it was measured."""
    window = f"Medians after {units.span(result.warm_up)} of warm-up"
    if result.to_the_finish:
        window = "Each from its first moment to its end"
    if result.how == "in turn":
        return f"{window}. Each lane ran alone, one after the other."
    busy = result.busy
    cpus = "one processor" if result.cpus == 1 else f"{result.cpus} processors"
    used = "" if busy is None else f", {busy:.1f} of {'it' if result.cpus == 1 else 'them'} busy with it"
    slowed = ": each slows the others" if busy is not None and busy >= BUSY * result.cpus else ""
    return f"{window}. All at once on {cpus}{used}{slowed}. --in-turn runs each alone."
