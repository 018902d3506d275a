"""The frames of one chunk as columns: the first frame whole, of the others only what changed.

Counters of one place stand together, each as its difference to the one before, divided by what all of them
share: that is what makes a minute of fifty channels small. A list of plain values (a histogram) is one value.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

Leaves = list[Any]
"""All values of a frame, in the order they are told in."""


class BadColumns(ValueError):
    """Columns that do not belong to this frame."""


Plan = tuple[Any, ...]
"""How a row is nested: of each field None for a plain value, a `Plan` for a row, a list of one for rows."""


def plan_of(kind: type[msgspec.Struct], skip: int = 0) -> Plan:
    """The plan of a Struct's fields, told as an array; `skip` places stand before them."""
    hints = typing.get_type_hints(kind)
    return (None,) * skip + tuple(_plan(hints[field.name]) for field in msgspec.structs.fields(kind))


def _plan(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return plan_of(hint)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is list and isinstance(arguments[0], type):
        inner = _plan(arguments[0])
        return [inner] if isinstance(inner, tuple) else None
    return None


def leaves_of(row: Sequence[Any], plan: Plan) -> Leaves:
    """The values of a row and of the rows in it, one after the other."""
    leaves: Leaves = []
    _gather(row, plan, leaves)
    return leaves


def _gather(row: Sequence[Any], plan: Plan, leaves: Leaves) -> None:
    for value, inner in zip(row, plan, strict=False):
        if inner is None:
            leaves.append(value)
        elif isinstance(inner, list):
            for one in value:
                _gather(one, inner[0], leaves)
        else:
            _gather(value, inner, leaves)


def shape_of(row: Sequence[Any], plan: Plan) -> list[int]:
    """How long each row and list of rows is: rows of one shape have their values in the same places."""
    shape = [len(row)]
    for value, inner in zip(row, plan, strict=False):
        if isinstance(inner, list):
            shape.append(len(value))
            for one in value:
                shape += shape_of(one, inner[0])
        elif inner is not None:
            shape += shape_of(value, inner)
    return shape


def rebuilt(row: Sequence[Any], plan: Plan, leaves: Iterator[Any]) -> list[Any]:
    """A row of the same shape, with these values."""
    return [
        next(leaves)
        if inner is None
        else [rebuilt(one, inner[0], leaves) for one in value]
        if isinstance(inner, list)
        else rebuilt(value, inner, leaves)
        for value, inner in zip(row, plan, strict=False)
    ]


def columns_of(frames: Sequence[Leaves]) -> list[list[Any]]:
    """Of each place that changes: how many places were passed over, and its values after the first.

    `[passed, divisor, difference, ...]` for whole numbers; `[passed, 0, unchanged, value, ...]` for others,
    where each value is preceded by how many frames kept the one before.
    """
    columns: list[list[Any]] = []
    passed = 0
    for values in zip(*frames, strict=True):
        if values.count(values[0]) == len(values) and _one_type(values):
            passed += 1
            continue
        columns.append([passed, *(_differences(values) if _whole(values) else _runs(values))])
        passed = 0
    return columns


def frames_of(first: Leaves, columns: Sequence[Sequence[Any]], count: int) -> Iterator[Leaves]:
    """The values of the `count` frames after the first; raises `BadColumns`."""
    try:
        told = _values_by_place(first, columns, count)
    except (TypeError, IndexError, ValueError, OverflowError) as error:
        raise BadColumns("the columns of a frame do not fit it") from error
    for number in range(count):
        leaves = list(first)
        for place, values in told:
            leaves[place] = values[number]
        yield leaves


def _values_by_place(
    first: Leaves, columns: Sequence[Sequence[Any]], count: int
) -> list[tuple[int, list[Any]]]:
    told = []
    place = -1
    for passed, divisor, *rest in columns:
        if not isinstance(passed, int) or passed < 0:
            raise ValueError(passed)
        place += passed + 1
        values: list[Any] = []
        value = first[place]
        if divisor:
            for difference in rest:
                value = value + difference * divisor
                values.append(value)
        else:
            for kept, new in zip(rest[::2], rest[1::2], strict=True):
                values += [value] * min(kept, count - len(values))
                value = new
                values.append(value)
            values += [value] * (count - len(values))
        if len(values) != count:
            raise ValueError(len(values))
        told.append((place, values))
    return told


def _whole(values: Sequence[Any]) -> bool:
    return all(type(value) is int for value in values)


def _one_type(values: Sequence[Any]) -> bool:
    """1, 1.0 and True are equal, and not the same."""
    kind = type(values[0])
    return all(type(value) is kind for value in values)


def _differences(values: Sequence[int]) -> list[int]:
    steps = [after - before for before, after in pairwise(values)]
    divisor = math.gcd(*steps)
    return [divisor, *(step // divisor for step in steps)]


def _runs(values: Sequence[Any]) -> list[Any]:
    runs: list[Any] = [0]
    kept, last = 0, values[0]
    for value in values[1:]:
        if value == last and type(value) is type(last):
            kept += 1
        else:
            runs += [kept, value]
            kept, last = 0, value
    return runs
