"""Copies of a world, packed small: what is in the recording, or in other copies, is only referred to.

Frames of the last ten seconds, messages and spans are what makes a world large. A copy holds none of them;
it tells which they are, and a world that is made of it looks them up when they are read.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any, Protocol

from ipcviz import events as ev
from ipcviz.holdings import Kept
from ipcviz.lanes import Span
from ipcviz.late import Archive, Late
from ipcviz.world import World

SpanBlock = dict[int, tuple[int, list[Span]]]
"""By the number of a list of spans: from which place on it is other than before, and what is there now."""


class Copier:
    """Copies one world again and again while it goes on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[int, tuple[int, Kept]] = {}
        """By the identity of each list: its number, and the list, so that the identity stays its own."""
        self._before: dict[int, tuple[int, list[Span]]] = {}

    def copy(self) -> tuple[bytes, SpanBlock]:
        """The world now, and the spans that are new in it since the last copy."""
        file = io.BytesIO()
        spans: SpanBlock = {}
        _Pickler(file, self._world, lambda kept: self._number(kept, spans)).dump(self._world)
        return file.getvalue(), spans

    def _number(self, kept: Kept, spans: SpanBlock) -> int:
        number, _ = self._kept.setdefault(id(kept), (len(self._kept), kept))
        gone, before = self._before.get(number, (0, []))
        now = list(kept.items)
        place = min(gone + len(before), kept.gone + len(now))
        least = max(gone, kept.gone)
        while place > least and before[place - 1 - gone] is not now[place - 1 - kept.gone]:
            place -= 1
        if len(now) > place - kept.gone or place < gone + len(before):
            spans[number] = (place, now[place - kept.gone :])
        self._before[number] = (kept.gone, now)
        return number


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, world: World, number: Callable[[Kept], int]) -> None:
        super().__init__(file, protocol=5)
        self._messages = world.kept_messages
        self._number = number

    def persistent_id(self, thing: Any) -> Any:
        """What stands for it in the copy; None if it is copied itself."""
        if type(thing) is Kept:
            number = self._number(thing)
            return "spans", number, thing.since, thing.gone, thing.gone + len(thing.items)
        if thing is self._messages:
            return "messages", len(self._messages)
        return None


class Shelf(Protocol):
    """Where the things are that copies only refer to."""

    def messages(self) -> Archive[ev.Message]:
        """All messages of the recording."""

    def messages_until(self, copy: int) -> int:
        """How many of them had come by that copy."""

    def spans(self, copy: int, number: int) -> Archive[Span]:
        """A list of spans as it was at that copy."""

    def frame(self, copy: int, before: int) -> ev.Frame:
        """A frame before that copy: 1 is the last, 2 the one before it."""


def world_of(packed: bytes, copy: int, shelf: Shelf) -> World:
    """The world of a copy, which is the one with that number."""
    world: World = _Unpickler(io.BytesIO(packed), copy, shelf).load()
    world.look_up_frames(lambda before: shelf.frame(copy, before))
    return world


class _Unpickler(pickle.Unpickler):
    """Reads what a `Copier` of the same program has written, and nothing else ever."""

    def __init__(self, file: io.BytesIO, copy: int, shelf: Shelf) -> None:
        super().__init__(file)
        self._copy, self._shelf = copy, shelf

    def persistent_load(self, told: Any) -> Any:
        """What the copy refers to."""
        if told[0] == "messages":
            end = self._shelf.messages_until(self._copy)  # not those of its session: recordings are joined
            return Late(self._shelf.messages, end - told[1], end)
        _, number, since, gone, end = told
        kept = Kept()
        kept.since, kept.gone = since, gone
        copy, shelf = self._copy, self._shelf
        kept.items = Late(lambda: shelf.spans(copy, number), gone, end)
        return kept
