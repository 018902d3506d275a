"""A race at an instant: its lanes side by side, their ratios, and which is best in what. Pure.

Lanes are compared at equal age: a lane that runs while the first one has already ended is compared with
what the first one did by that age. Ratios are to the first lane, and above 1 means faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from ipcviz.race import Lane, State
from ipcviz.race_figures import Figures, Unit
from ipcviz.units import SECOND
from ipcviz.view import View

How = Literal["at once", "in turn"]
WARM_UP = SECOND
"""What begins with the run is not counted: workers that start, caches that fill."""
COLUMNS: Mapping[str, bool] = {"rate": True, "p50": False, "p99": False, "cpu": False, "switches": False}
"""Figures in which a lane can be the best, and whether that is the highest."""
ALIKE = 0.02
"""Figures that differ by less than this part are not told apart."""


class LaneResult(msgspec.Struct, frozen=True):
    """A lane now. `age` is in ns; `ratio` and its `noise` (a part of it) are to the first lane.

    `place` is 1 for the first that has finished by itself; 0 for one that has not.
    """

    label: str
    carriers: tuple[str, ...]
    state: State
    age: int
    count: int
    lost: int
    figures: Figures
    history: tuple[float, ...]
    view: View
    ratio: float | None = None
    noise: float = 0.0
    place: int = 0
    best: frozenset[str] = frozenset()
    sentence: str = ""

    @property
    def is_compared(self) -> bool:
        """It ran, or runs, as it should."""
        return self.state in ("running", "cut", "finished")


class Result(msgspec.Struct, frozen=True):
    """A race now; `clock` is ns since it began, `seconds` the limit of each lane, `warm_up` in ns.

    `may_be_zero`: the parameters that are known to take 0.
    """

    how: How
    status: Literal["starting", "live", "ended"]
    clock: int
    lanes: tuple[LaneResult, ...]
    unit: Unit
    seconds: float | None = None
    warm_up: int = WARM_UP
    may_be_zero: frozenset[str] = frozenset()

    @property
    def compared(self) -> list[LaneResult]:
        """The lanes that have a rate, the first one first."""
        return [lane for lane in self.lanes if lane.is_compared and lane.figures.rate is not None]

    @property
    def to_the_finish(self) -> bool:
        """All that were compared have ended by themselves, so that their times decide."""
        return bool(self.compared) and all(lane.state == "finished" for lane in self.compared)

    @property
    def topology(self) -> str:
        """The name of what runs in every lane; "" before one has begun."""
        return next((lane.view.session.topology for lane in self.lanes if lane.view.session), "")

    @property
    def cpus(self) -> int:
        """Of the machine; 0 before a lane has begun."""
        return next((lane.view.session.host.cpus for lane in self.lanes if lane.view.session), 0)

    @property
    def busy(self) -> float | None:
        """How many processors all running lanes' processes together take now; after the end, took.

        What they took is known of lanes that ran at once, from what each message cost; None if it is not.
        """
        if self.status != "ended":
            running = [lane for lane in self.lanes if lane.state == "running"]
            return sum(process.kernel.cpu for lane in running for process in lane.view.processes) / 100
        spent = [
            lane.figures.cpu * lane.figures.rate / 1e6
            for lane in self.compared
            if lane.figures.cpu is not None and lane.figures.rate is not None
        ]
        return sum(spent) if len(spent) == len(self.compared) > 0 else None


def result_of(
    lanes: Sequence[Lane],
    how: How,
    clock: int,
    starts: Mapping[int, int],
    seconds: float | None = None,
    warm_up: int = WARM_UP,
    may_be_zero: frozenset[str] = frozenset(),
) -> Result:
    """The race at `clock`; `starts` says at which time of it each lane (by number) began.

    At once, the window is the same piece of time for all: from when the last lane has warmed up.
    """
    latest = max(starts.values(), default=0)
    since = [warm_up + (latest - starts.get(n, latest) if how == "at once" else 0) for n in range(len(lanes))]
    told = [_told(lane, begin) for lane, begin in zip(lanes, since, strict=True)]
    told = _placed(told)
    told = [_compared(lanes, n, told, since, how) for n in range(len(lanes))]
    ended = all(lane.state not in ("waiting", "starting", "running") for lane in lanes)
    status: Literal["starting", "live", "ended"] = "live" if starts else "starting"
    units: list[Unit] = [lane.unit for lane in lanes if lane.view.session is not None]
    unit = units[0] if units else "messages"
    state = "ended" if ended else status
    return Result(how, state, clock, _with_best(told), unit, seconds, warm_up, may_be_zero)


def _told(lane: Lane, since: int) -> LaneResult:
    view = lane.view
    carriers: list[str] = []
    if view.session is not None:
        carriers = [info.mechanism for info in view.session.channels]
        locks = [info.mechanism for info in view.session.locks]
        carriers = locks if lane.by_locks or not carriers else carriers
    return LaneResult(
        lane.label,
        tuple(dict.fromkeys(carriers)),
        "failed" if lane.failed_processes else lane.state,
        lane.age,
        lane.count,
        lane.lost,
        lane.figures(since),
        lane.history,
        view,
        sentence=lane.sentence,
    )


def _placed(told: list[LaneResult]) -> list[LaneResult]:
    """Who has finished, in the order of how long it took."""
    ages = sorted(lane.age for lane in told if lane.state == "finished")
    return [
        msgspec.structs.replace(lane, place=ages.index(lane.age) + 1) if lane.state == "finished" else lane
        for lane in told
    ]


def _compared(
    lanes: Sequence[Lane], number: int, told: list[LaneResult], since: list[int], how: How
) -> LaneResult:
    """With its ratio to the first lane, at the same age."""
    lane, first = told[number], told[0]
    if not (lane.is_compared and first.is_compared):
        return lane
    if number == 0:
        return msgspec.structs.replace(lane, ratio=1.0) if lane.figures.rate is not None else lane
    own, base = lane.figures, first.figures
    if lane.state == first.state == "finished":
        return msgspec.structs.replace(lane, ratio=first.age / max(1, lane.age))
    if how == "in turn":
        until = min(lane.age, first.age)
        own, base = lanes[number].figures(since[number], until), lanes[0].figures(since[0], until)
    if not base.rate or own.rate is None:
        return lane
    noise = ((own.spread or 0.0) ** 2 + (base.spread or 0.0) ** 2) ** 0.5
    return msgspec.structs.replace(lane, ratio=own.rate / base.rate, noise=noise)


def _alike(lane: LaneResult, column: str) -> float:
    """By which part the lane's figure may differ from the best: of rates, by what they themselves vary."""
    return max(ALIKE, (lane.figures.spread or 0.0) if column == "rate" else 0.0)


def _with_best(told: list[LaneResult]) -> tuple[LaneResult, ...]:
    """Each column's best is marked, and whoever is as good; nobody where all are."""
    best: dict[int, set[str]] = {number: set() for number in range(len(told))}
    for column, highest in COLUMNS.items():
        values = {
            number: value
            for number, lane in enumerate(told)
            if lane.is_compared and (value := getattr(lane.figures, column)) is not None
        }
        if len(values) < 2:
            continue
        top = max(values.values()) if highest else min(values.values())
        near = {
            n for n, value in values.items() if abs(value - top) <= _alike(told[n], column) * max(value, top)
        }
        if len(near) < len(values):
            for number in near:
                best[number].add(column)
    return tuple(
        msgspec.structs.replace(lane, best=frozenset(best[number])) for number, lane in enumerate(told)
    )
