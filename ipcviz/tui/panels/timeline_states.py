"""What a process did, or who held a lock, in each cell of the timeline: counted once, and kept.

The past does not change, so that a tick only counts the cells at the edge of now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from ipcviz.lanes import Lanes, LockLane, ProcessLane, Span
from ipcviz.tui.panels import timeline_glyphs as codes
from ipcviz.tui.panels.timeline_scale import Scale

SETTLED = 150_000_000
"""Nanoseconds after which what was told of an instant does not change any more; events that are a little
older than a frame may come after it."""
_PLACES = {"receiving": 0, "sending": 1, "locking": 2, "holding": 3, "paused": 4}
_FULL = (codes.RECEIVING, codes.SENDING, codes.LOCKING)
_PART = (codes.RECEIVING_PART, codes.SENDING_PART, codes.LOCKING_PART)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a lane: its code, and of its `length` ns how many were waited.

    Of a lock's lane, how many of them it was `held`, and by whom for the most part.
    """

    code: int
    length: int = 0
    receiving: int = 0
    sending: int = 0
    locking: int = 0
    held: int = 0
    holder: str = ""


UNKNOWN = Cell(codes.UNKNOWN)


def codes_at(lane: ProcessLane, until: int, times: list[int]) -> list[int]:
    """What a process did at instants in their order, as far as that is known."""
    if not times:
        return []
    first, last = times[0], times[-1] + 1
    pauses, holds = list(lane.pauses.between(first, last)), list(lane.holds.between(first, last))
    waits = [span for span in lane.waits.between(first, last) if span.share >= 0.1]
    begin = until + 1 if lane.started is None else max(lane.started, lane.since)
    end = until if lane.ended is None else lane.ended - 1
    return [_code(t, pauses, waits, holds) if begin <= t <= end else codes.UNKNOWN for t in times]


def lock_codes_at(lane: LockLane, until: int, times: list[int]) -> list[int]:
    """What was so of a lock at instants in their order, as far as that is known."""
    if not times:
        return []
    first, last = times[0], times[-1] + 1
    holds, waits = list(lane.holds.between(first, last)), list(lane.waits.between(first, last))

    def code(t: int) -> int:
        if not lane.since <= t <= until:
            return codes.UNKNOWN
        if not any(span.start <= t < span.end for span in holds):
            return codes.FREE
        return codes.CONTENDED if any(span.start <= t < span.end for span in waits) else codes.HELD

    return [code(t) for t in times]


def _code(t: int, pauses: list[Span], waits: list[Span], holds: list[Span]) -> int:
    if any(span.start <= t < span.end for span in pauses):
        return codes.PAUSED
    for span in waits:
        if span.start <= t < span.end:
            return (_FULL if span.share >= 0.9 else _PART)[_PLACES[span.what]]
    return codes.HOLDING if any(span.start <= t < span.end for span in holds) else codes.RUNNING


class States:
    """The cells of all lanes at one step."""

    def __init__(self) -> None:
        self._step = 0
        self._settled: dict[tuple[str, str], tuple[int, list[Cell]]] = {}

    def of_process(self, lane: ProcessLane, lanes: Lanes, scale: Scale) -> list[Cell]:
        """The cells of a process."""
        return self._row(("process", lane.name), lane, lanes.until, scale)

    def of_lock(self, lane: LockLane, lanes: Lanes, scale: Scale) -> list[Cell]:
        """The cells of a lock."""
        return self._row(("lock", lane.name), lane, lanes.until, scale)

    def _row(
        self, key: tuple[str, str], lane: ProcessLane | LockLane, until: int, scale: Scale
    ) -> list[Cell]:
        if scale.step != self._step:
            self._settled.clear()
            self._step = scale.step
        began, settled = self._settled.get(key, (0, []))
        row = settled[scale.first - began :][: scale.cells] if scale.first >= began else []
        if len(row) < scale.cells:
            first, last = scale.first + len(row), scale.first + scale.cells
            if isinstance(lane, ProcessLane):
                row = row + _process_cells(lane, until, first, last, scale.step)
            else:
                row = row + _lock_cells(lane, until, first, last, scale.step)
            self._settled[key] = (scale.first, row[: max(0, (until - SETTLED) // scale.step - scale.first)])
        return row


def _process_cells(lane: ProcessLane, until: int, first: int, last: int, step: int) -> list[Cell]:
    """The cells first to last (not included)."""
    spans = [
        span
        for kind in (lane.waits, lane.holds, lane.pauses)
        for span in kind.between(first * step, last * step)
    ]
    begin = lane.since if lane.started is None else max(lane.since, lane.started)
    end = begin if lane.started is None else until if lane.ended is None else lane.ended
    over = -1 if lane.ended is None else lane.ended // step

    def cell_of(number: int, touching: list[Span]) -> Cell:
        left, right = number * step, (number + 1) * step
        if number == over:
            return Cell(codes.FAILED if lane.failed else codes.ENDED)
        sums = [0.0] * 5
        for span in touching:
            part = min(span.end, right) - max(span.start, left)
            sums[_PLACES[span.what]] += part * span.share
        return _cell(sums, min(end, right) - max(begin, left))

    return _cells(spans, [begin, end, over * step, (over + 1) * step], first, last, step, cell_of)


def _cells(
    spans: list[Span],
    edges: list[int],
    first: int,
    last: int,
    step: int,
    cell_of: Callable[[int, list[Span]], Cell],
) -> list[Cell]:
    """Cells in which nothing begins or ends are all alike between two in which something does."""
    changes = [t // step for t in edges]
    changes += [span.start // step for span in spans]
    changes += [span.end // step for span in spans]
    places = {first, last, *changes, *[number + 1 for number in changes]}
    numbers = sorted(number for number in places if first <= number <= last)
    touching: dict[int, list[Span]] = {number: [] for number in numbers}
    for span in spans:
        at = bisect_left(numbers, max(first, span.start // step))
        while at < len(numbers) and numbers[at] * step < span.end:
            touching[numbers[at]].append(span)
            at += 1
    row: list[Cell] = []
    for number, following in pairwise(numbers):
        row += [cell_of(number, touching[number])] * (following - number)
    return row


def _cell(sums: list[float], length: int) -> Cell:
    if length <= 0:
        return UNKNOWN
    receiving, sending, locking, holding, paused = sums
    waits = (receiving, sending, locking)
    most = waits.index(max(waits))
    waited = receiving + sending + locking
    if paused * 2 >= length:
        code = codes.PAUSED
    elif waited >= 0.9 * length:
        code = _FULL[most]
    elif waited >= 0.1 * length:
        code = _PART[most]
    else:
        code = codes.HOLDING if holding * 2 >= length else codes.RUNNING
    return Cell(code, length, round(receiving), round(sending), round(locking))


def _lock_cells(lane: LockLane, until: int, first: int, last: int, step: int) -> list[Cell]:
    start, end = first * step, last * step
    spans = [*lane.holds.between(start, end), *lane.waits.between(start, end)]

    def cell_of(number: int, touching: list[Span]) -> Cell:
        left, right = max(number * step, lane.since), min((number + 1) * step, until)
        shares: dict[str, int] = {}
        waited = 0
        for span in touching:
            part = min(span.end, right) - max(span.start, left)
            if span.what == "holding" and part > 0:
                shares[span.process] = shares.get(span.process, 0) + part
            elif part > 0:
                waited += part
        length = right - left
        if length <= 0:
            return UNKNOWN
        if not shares:
            return Cell(codes.FREE, length)
        total = min(length, sum(shares.values()))
        code = codes.HELD if total * 2 >= length else codes.HELD_PART
        code = codes.CONTENDED if waited * 2 >= length else code
        return Cell(code, length, held=total, holder=max(shares, key=shares.__getitem__))

    return _cells(spans, [lane.since, until], first, last, step, cell_of)
