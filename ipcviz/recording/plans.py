"""How a frame is nested: rows of fixed fields, lists of rows, and the plain values in them. Pure."""

from __future__ import annotations

import types
import typing
from typing import Any

import msgspec
from msgspec.structs import astuple

from ipcviz import events as ev


class Leaf:
    """A plain value in a frame; `whole` if it is a counter, `pairs` if a list of numbers."""

    def __init__(self, hint: Any) -> None:
        self.several = list[hint]
        kinds = (
            typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
        )
        self.whole = int in kinds and float not in kinds
        self.pairs = hint == list[int]


class Row:
    """A Struct in a frame, and how each of its fields is told."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        hints = typing.get_type_hints(kind)
        self.names = [field.name for field in msgspec.structs.fields(kind)]
        self.plans = [plan_of(hints[name]) for name in self.names]
        self.lists: list[tuple[str, Plan]] = [
            (name, plan)
            for name, plan in zip(self.names, self.plans, strict=True)
            if isinstance(plan, Rows) or (isinstance(plan, Row) and plan.lists)
        ]
        self.leaves = [plan for plan in self.plans if isinstance(plan, Leaf)]
        self.is_flat = len(self.leaves) == len(self.plans)
        """It has nothing but plain values."""


class Rows:
    """A list of Structs in a frame."""

    def __init__(self, row: Row) -> None:
        self.row = row


Plan = Leaf | Row | Rows


def plan_of(hint: Any) -> Plan:
    """The plan of a value of that type."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return Row(hint)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is list and isinstance(arguments[0], type):
        inner = plan_of(arguments[0])
        if isinstance(inner, Row):
            return Rows(inner)
    return Leaf(hint)


FRAME = Row(ev.Frame)


def shape_of(value: Any, plan: Plan = FRAME) -> tuple[Any, ...]:
    """How long each list of rows is: frames of one shape have their values in the same places."""
    if isinstance(plan, Rows):
        if not plan.row.lists:
            return (len(value),)
        return tuple(shape_of(one, plan.row) for one in value)
    if isinstance(plan, Row):
        return tuple(shape_of(getattr(value, name), inner) for name, inner in plan.lists)
    return ()


def size_of(value: Any, plan: Plan = FRAME) -> int:
    """How many plain values there are in it."""
    if isinstance(plan, Rows):
        return sum(size_of(one, plan.row) for one in value)
    if isinstance(plan, Row):
        return len(plan.leaves) if plan.is_flat else sum(map(size_of, astuple(value), plan.plans))
    return 1
