"""The frames of one chunk as columns: the first frame whole, of the others only what changed.

Counters of one place stand together, each as its difference to the one before, divided by what all of them
share; of a histogram, only the buckets that grew. That is what makes a minute of fifty channels small.
Columns are turned into frames field by field, for all frames at once, and what does not change is shared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise, repeat
from typing import Any

import msgspec
from msgspec.structs import astuple

from ipcviz import events as ev
from ipcviz.recording.plans import FRAME, Leaf, Plan, Row, Rows

HISTOGRAM = -1
"""In place of a divisor: a column of histograms."""
GREATEST = 1 << 63
"""No counter reaches it."""
MOST_BUCKETS = 1_000_000
"""In all histograms of one column together."""
Column = list[Any]
"""[passed, divisor, difference, ...], [passed, 0, kept, value, ...] or [passed, -1, kept, grown, ...]."""


class BadColumns(ValueError):
    """Columns that do not belong to this frame."""


# ---- frames to columns -----------------------------------------------------------------------------------


def columns_of(frames: Sequence[ev.Frame]) -> list[Column]:
    """Of each place that changes: how many places were passed over before it, and its values after the first.

    All frames must have one shape. Place 0 is the word "frame".
    """
    columns: list[Column] = []
    passed = 1
    for leaf, values in _places(frames, FRAME):
        if values.count(values[0]) == len(values) and len(set(map(type, values))) == 1:
            passed += 1
            continue
        columns.append([passed, *_told(values, leaf)])
        passed = 0
    return columns


def _places(values: Sequence[Any], plan: Plan) -> list[tuple[Leaf, Sequence[Any]]]:
    """Each plain value that these things have, with what it is in each of them."""
    if isinstance(plan, Leaf):
        return [(plan, values)]
    if isinstance(plan, Rows):
        return [place for column in zip(*values, strict=True) for place in _places(column, plan.row)]
    fields = zip(*map(astuple, values), strict=True)
    if plan.is_flat:
        return list(zip(plan.leaves, fields, strict=True))
    return [
        place for inner, column in zip(plan.plans, fields, strict=True) for place in _places(column, inner)
    ]


def _told(values: Sequence[Any], leaf: Leaf) -> list[Any]:
    if leaf.whole and set(map(type, values)) == {int}:
        steps = [after - before for before, after in pairwise(values)]
        divisor = math.gcd(*steps)
        return [divisor, *(step // divisor for step in steps)]
    if leaf.pairs:
        runs = _histograms(values)
        if runs is not None:
            return runs
    return _runs(values)


def _runs(values: Sequence[Any]) -> list[Any]:
    """Each value that is new, after how many that were not."""
    runs: list[Any] = [0]
    kept, last = 0, values[0]
    for value in values[1:]:
        if value == last and type(value) is type(last):
            kept += 1
        else:
            runs += [kept, value]
            kept, last = 0, value
    return runs


def _histograms(values: Sequence[list[int]]) -> list[Any] | None:
    """The same with what each has more than the one before; None if they are no histograms that grow."""
    runs: list[Any] = [HISTOGRAM]
    kept, last, before = 0, values[0], _pairs(values[0])
    for value in values[1:]:
        if value == last:
            kept += 1
            continue
        after = _pairs(value)
        if before is None or after is None or before.keys() - after.keys():
            return None
        runs += [kept, _grown(before, after)]
        kept, last, before = 0, value, after
    return runs


def _pairs(histogram: list[int]) -> dict[int, int] | None:
    """Buckets and their counts; None for a list that is not such."""
    buckets, counts = histogram[::2], histogram[1::2]
    if len(buckets) != len(counts) or sorted(set(buckets)) != buckets:
        return None
    return dict(zip(buckets, counts, strict=True))


def _grown(before: dict[int, int], after: dict[int, int]) -> list[int]:
    """By how much each bucket has grown."""
    grown: list[int] = []
    for bucket, count in after.items():
        if count != before.get(bucket):
            grown += (bucket, count - before.get(bucket, 0))
    return grown


# ---- columns to frames -----------------------------------------------------------------------------------


class _Same:
    """A value that no frame changes."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def frames_of(first: ev.Frame, columns: Sequence[Any], count: int) -> list[ev.Frame]:
    """The `count` frames after the first; raises `BadColumns`."""
    try:
        cursor = _Cursor(columns, count)
        parts = [cursor.read(value, plan) for value, plan in zip(astuple(first), FRAME.plans, strict=True)]
        cursor.finish()
    except (TypeError, IndexError, ValueError, OverflowError, msgspec.ValidationError) as error:
        raise BadColumns("the columns of a frame do not fit it") from error
    rows = zip(*(_each(part) for part in parts), strict=False)
    return [ev.Frame(**dict(zip(FRAME.names, next(rows), strict=True))) for _ in range(count)]


def _each(part: _Same | list[Any]) -> Iterable[Any]:
    return repeat(part.value) if isinstance(part, _Same) else part


class _Cursor:
    """Goes over the places of a frame, and takes the columns in their order."""

    def __init__(self, columns: Sequence[Any], count: int) -> None:
        self._columns = iter(columns)
        self._count = count
        self._left = -1
        """Places before the next column's; the word "frame" is passed already."""
        self._column: Any = None
        self._step()

    def read(self, value: Any, plan: Plan) -> _Same | list[Any]:
        """What the frames after the first have where the first has `value`."""
        if isinstance(plan, Leaf):
            if self._left or self._column is None:
                self._left -= 1
                return _Same(value)
            values = self._values(value, plan)
            self._step()
            return values
        if isinstance(plan, Row) and plan.is_flat:
            return self._flat(value, plan)
        if isinstance(plan, Rows):
            parts = [self.read(one, plan.row) for one in value]
            make: Any = _listed
        else:
            parts = list(map(self.read, astuple(value), plan.plans))
            make = plan.kind
        if all(isinstance(part, _Same) for part in parts):
            return _Same(value)
        return list(map(make, *map(_each, parts)))

    def _flat(self, value: Any, plan: Row) -> _Same | list[Any]:
        """A row of plain values, of which most frames change none or few."""
        size = len(plan.leaves)
        if self._column is None or self._left >= size:
            self._left -= size
            return _Same(value)
        fields: list[Any] = [repeat(field) for field in astuple(value)]
        place = 0
        while self._column is not None and self._left < size - place:
            place += self._left
            fields[place] = self._values(getattr(value, plan.names[place]), plan.leaves[place])
            place += 1
            self._left = 0
            self._step()
        self._left -= size - place
        return list(map(plan.kind, *fields))

    def finish(self) -> None:
        """All columns must have been taken."""
        if self._column is not None:
            raise ValueError

    def _step(self) -> None:
        self._column = next(self._columns, None)
        if self._column is not None:
            passed = self._column[0]
            if type(passed) is not int or passed < 0:
                raise ValueError
            self._left += passed

    def _values(self, first: Any, leaf: Leaf) -> list[Any]:
        _, mark, *told = self._column
        if type(mark) is not int or mark < HISTOGRAM:
            raise ValueError
        if mark > 0:
            values = _added_up(first, mark, told) if leaf.whole else []
        elif mark == 0:
            values = self._kept(first, told[::2], msgspec.convert(told[1::2], leaf.several))
        else:
            values = self._kept(first, told[::2], _grown_up(first, told[1::2]))
        if len(values) != self._count:
            raise ValueError
        return values

    def _kept(self, last: Any, kept: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        values: list[Any] = []
        for times, value in zip(kept, new, strict=True):
            if type(times) is not int or not 0 <= times < self._count - len(values):
                raise ValueError
            values += [*repeat(last, times), value]
            last = value
        return [*values, *repeat(last, self._count - len(values))]


def _listed(*values: Any) -> list[Any]:
    return list(values)


def _added_up(first: Any, divisor: int, steps: list[Any]) -> list[int]:
    if type(first) is not int:
        raise ValueError
    # Of what is no whole number, int.__mul__ makes nothing that could be added.
    values = list(accumulate(map(divisor.__mul__, steps), initial=first))[1:]
    if values and max(max(values), -min(values)) >= GREATEST:
        raise ValueError
    return values


def _grown_up(first: Any, told: Sequence[Any]) -> list[list[int]]:
    now = _pairs(first)
    if now is None:
        raise ValueError
    values: list[list[int]] = []
    size = 0
    for grown in msgspec.convert(told, list[list[int]]):
        for bucket, plus in zip(grown[::2], grown[1::2], strict=True):
            now[bucket] = now.get(bucket, 0) + plus
        size += len(now)
        if size > MOST_BUCKETS:
            raise ValueError
        values.append([part for bucket in sorted(now) for part in (bucket, now[bucket])])
    return values
