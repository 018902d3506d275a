"""What a process did, or who held a lock, in each cell of the timeline: counted once, and kept.

The past does not change, so that a tick only counts the cells at the edge of now.
"""

from __future__ import annotations

from dataclasses import dataclass

from ipcviz.lanes import Lanes, LockLane, ProcessLane, Span
from ipcviz.tui.panels import timeline_glyphs as codes
from ipcviz.tui.panels.timeline_scale import Scale

SETTLED = 300_000_000
"""Nanoseconds after which what was told of an instant does not change any more."""
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


def code_at(lane: ProcessLane, until: int, t: int) -> int:
    """What a process did at an instant, as far as that is known."""
    if lane.ended is not None and t >= lane.ended:
        return codes.UNKNOWN
    if lane.started is None or t < max(lane.started, lane.since) or t > until:
        return codes.UNKNOWN
    if next(lane.pauses.between(t, t + 1), None):
        return codes.PAUSED
    for span in lane.waits.between(t, t + 1):
        if span.share >= 0.1:
            place = _PLACES[span.what]
            return _FULL[place] if span.share >= 0.9 else _PART[place]
    return codes.HOLDING if next(lane.holds.between(t, t + 1), None) else codes.RUNNING


class States:
    """The cells of all lanes at one step."""

    def __init__(self) -> None:
        self._step = 0
        self._cells: dict[tuple[str, str], dict[int, Cell]] = {}

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
            self._cells.clear()
            self._step = scale.step
        kept = self._cells.setdefault(key, {})
        if len(kept) > 8 * scale.cells + 1000:
            kept.clear()
        numbers = range(scale.first, scale.first + scale.cells)
        missing = [number for number in numbers if number not in kept]
        made = {}
        if missing:
            made = _counted(lane, until, missing[0], missing[-1] + 1, scale.step)
            settled = (until - SETTLED) // scale.step
            kept.update((number, cell) for number, cell in made.items() if number < settled)
        return [kept.get(number) or made[number] for number in numbers]


def _counted(lane: ProcessLane | LockLane, until: int, first: int, last: int, step: int) -> dict[int, Cell]:
    """The cells first to last (not included)."""
    if isinstance(lane, LockLane):
        return _lock_cells(lane, until, first, last, step)
    sums = [[0.0] * 5 for _ in range(last - first)]
    for spans in (lane.waits, lane.holds, lane.pauses):
        for span in spans.between(first * step, last * step):
            place = _PLACES[span.what]
            for number, part in _parts(span, first, last, step):
                sums[number - first][place] += part * span.share
    begin = lane.since if lane.started is None else max(lane.since, lane.started)
    end = until if lane.ended is None else lane.ended
    if lane.started is None:
        end = begin
    cells = {}
    for number in range(first, last):
        left, right = max(begin, number * step), min(end, (number + 1) * step)
        over = lane.ended is not None and number == lane.ended // step
        cells[number] = _cell(sums[number - first], right - left, over, lane.failed)
    return cells


def _cell(sums: list[float], length: int, over: bool, failed: bool) -> Cell:
    if over:
        return Cell(codes.FAILED if failed else codes.ENDED)
    if length <= 0:
        return UNKNOWN
    receiving, sending, locking, holding, paused = sums
    waits = (receiving, sending, locking)
    waited = min(float(length), sum(waits))
    most = max(range(3), key=waits.__getitem__)
    if paused * 2 >= length:
        code = codes.PAUSED
    elif waited >= 0.9 * length:
        code = _FULL[most]
    elif waited >= 0.1 * length:
        code = _PART[most]
    else:
        code = codes.HOLDING if holding * 2 >= length else codes.RUNNING
    return Cell(code, length, round(receiving), round(sending), round(locking))


def _lock_cells(lane: LockLane, until: int, first: int, last: int, step: int) -> dict[int, Cell]:
    held: list[dict[str, int]] = [{} for _ in range(last - first)]
    waited = [0] * (last - first)
    for span in lane.holds.between(first * step, last * step):
        for number, part in _parts(span, first, last, step):
            shares = held[number - first]
            shares[span.process] = shares.get(span.process, 0) + part
    for span in lane.waits.between(first * step, last * step):
        for number, part in _parts(span, first, last, step):
            waited[number - first] += part
    cells = {}
    for number in range(first, last):
        shares = held[number - first]
        length = min(until, (number + 1) * step) - max(lane.since, number * step)
        if length <= 0:
            cells[number] = UNKNOWN
        elif not shares:
            cells[number] = Cell(codes.FREE, length)
        else:
            total = min(length, sum(shares.values()))
            contended = waited[number - first] * 2 >= length
            code = codes.CONTENDED if contended else codes.HELD if total * 2 >= length else codes.HELD_PART
            cells[number] = Cell(code, length, held=total, holder=max(shares, key=shares.__getitem__))
    return cells


def _parts(span: Span, first: int, last: int, step: int) -> list[tuple[int, int]]:
    """The cells that a span touches, each with the ns of it that lie in there."""
    begin, end = max(span.start, first * step), min(span.end, last * step)
    low, high = begin // step, (end - 1) // step
    if low == high:
        return [(low, end - begin)]
    middle = [(number, step) for number in range(low + 1, high)]
    return [(low, (low + 1) * step - begin), *middle, (high, end - high * step)]
