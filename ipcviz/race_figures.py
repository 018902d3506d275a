"""What is measured of a run in a race: counters over a window, and what they cost. Pure.

Times are nanoseconds since the run began.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median, quantiles
from typing import Literal

import msgspec

from ipcviz import events as ev
from ipcviz.units import SECOND
from ipcviz.view import View

GROUPS = 10
"""A window's slices are put together into about so many, and the rate is the median of theirs."""
CLOCK_TICK = 10_000_000
"""Nanoseconds in which the kernel tells a process's time to others (proc(5): USER_HZ is 100)."""
TICKS = 5
"""Of each process, below which what is told of its time is too coarse to divide."""
FEWEST = 3
"""Groups below which a spread would say nothing."""

Unit = Literal["messages", "acquisitions", "writes"]
"""What is counted: messages received, locks taken, or (where there are only regions) writes."""


class Slice(msgspec.Struct, frozen=True):
    """All counters of a run at `t`; `send` and `receive` are nanoseconds that its ends have waited."""

    t: int
    count: int
    send: int
    receive: int
    latencies: tuple[ev.Latency, ...]


class Cost(msgspec.Struct, frozen=True):
    """Between two looks at the processes, from `since` to `t`: what was carried, and at which price."""

    since: int
    t: int
    count: int
    cpu: float
    """Nanoseconds of processor time, of all processes together."""
    switches: int


class Figures(msgspec.Struct, frozen=True):
    """A lane over a window; None is not known (yet, or not at all).

    `rate` is the median of so many a second, `spread` the half distance of its quartiles as a part of it.
    `p50` and `p99` are microseconds, medians over the window, of the lane's slowest channel; `send` and
    `receive` shares of the time that ends waited, on average; `cpu` microseconds and `switches` context
    switches for each of what is counted.
    """

    seconds: float = 0.0
    rate: float | None = None
    spread: float | None = None
    p50: float | None = None
    p99: float | None = None
    slowest: str = ""
    send: float | None = None
    receive: float | None = None
    cpu: float | None = None
    switches: float | None = None


Looked = tuple[int, int, list[ev.ProcessState]]
"""When the processes were looked at, what had been carried by then, and their states."""


def unit_of(view: View, by_locks: bool = False) -> Unit:
    """What is counted in such a run."""
    if any(not channel.is_region for channel in view.channels) and not (by_locks and view.locks):
        return "messages"
    return "acquisitions" if view.locks else "writes"


def median_rate(window: list[Slice]) -> tuple[float, float | None]:
    """The median of the rates of about ten groups of slices, and their spread.

    The spread is never told smaller than what one more or less in a group would change.
    """
    size = max(1, (len(window) - 1) // GROUPS)
    marks = window[::size]
    rates = [rate_between(before, after) for before, after in pairwise(marks)]
    middle = median(rates)
    if len(rates) < FEWEST or middle <= 0:
        return middle, None
    low, _, high = quantiles(rates, n=4, method="inclusive")
    group = (marks[-1].t - marks[0].t) / SECOND / len(rates)
    return middle, max((high - low) / 2, 1 / group) / middle


def rate_between(before: Slice, after: Slice) -> float:
    """So many a second between the two."""
    return (after.count - before.count) * SECOND / max(1, after.t - before.t)


def cost_between(before: Looked, after: Looked) -> Cost | None:
    """What was spent between two looks; None where one of the processes was not seen both times."""
    (since, earlier, old), (t, later, new) = before, after
    unseen = ("unknown", "ended")
    pairs = [(a, b) for a, b in zip(old, new, strict=False) if a.state != "ended"]
    if not pairs or any(state.state in unseen for pair in pairs for state in pair):
        return None
    return Cost(
        since,
        t,
        later - earlier,
        sum(b.cpu for _, b in pairs) / 100 * (t - since),
        sum(b.voluntary + b.involuntary - a.voluntary - a.involuntary for a, b in pairs),
    )
