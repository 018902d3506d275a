"""Covers up a text wherever a recording quotes what was sent, printed, reported or typed. Pure.

What is found is covered by as many bytes of a payload or characters of a text, so that sizes stay true. Names
(of topologies, processes, channels, locks, parameters) stay: they hold the recording together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import structs

from ipcviz import events as ev

COVERS = "x*#-_0"
"""The first of these that is not itself found covers."""
TEXTS = frozenset(
    (
        "about",
        "caption",
        "content",
        "detail",
        "label",
        "note",
        "parameters",
        "payload",
        "reason",
        "sentence",
        "text",
    )
)
"""Fields that hold what people or their programs said."""


class Mask:
    """Covers what a pattern finds."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._cover = next((cover for cover in COVERS if not pattern.search(cover * 64)), COVERS[0])

    def event(self, event: ev.AnyEvent) -> ev.AnyEvent:
        """The event with everything covered; of a frame only what regions hold."""
        if isinstance(event, ev.Frame):
            channels = [
                structs.replace(c, content=self._bytes(c.content)) if c.content else c for c in event.channels
            ]
            return structs.replace(event, channels=channels)
        if isinstance(event, ev.LockEvent):
            return event
        made: ev.AnyEvent = self._struct(event)
        return made

    def names(self, session: ev.SessionStarted) -> list[str]:
        """The names in which it would be found, and which stay."""
        return [name for name in _names(session) if self._pattern.search(name)]

    def _struct(self, value: Any) -> Any:
        changes: dict[str, Any] = {}
        for name in value.__struct_fields__:
            field = getattr(value, name)
            if name == "values":
                changes[name] = self._report(field)
            elif name == "reports":
                changes[name] = {process: self._report(values) for process, values in field.items()}
            elif name in TEXTS:
                changes[name] = self._value(field)
            elif isinstance(field, list) and field and isinstance(field[0], msgspec.Struct):
                changes[name] = [self._struct(item) for item in field]
        return structs.replace(value, **changes) if changes else value

    def _report(self, values: dict[str, ev.Plain]) -> dict[str, ev.Plain]:
        """What a process reports may be named by what it has read."""
        return {self._value(name): self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._pattern.sub(lambda found: self._cover * len(found[0]), value)
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, dict):
            return {name: self._value(item) for name, item in value.items()}
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and self._pattern.search(str(value))
        ):
            return self._value(str(value))
        return value

    def _bytes(self, payload: bytes) -> bytes:
        """As the text that it is, where it is text; each byte of what is found is covered."""
        text = payload.decode("utf-8", "surrogateescape")
        covered = self._pattern.sub(lambda found: self._cover * len(_encoded(found[0])), text)
        return payload if covered is text else _encoded(covered)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _names(session: ev.SessionStarted) -> Iterator[str]:
    yield session.topology
    yield from session.processes
    yield from (channel.name for channel in session.channels)
    yield from (lock.name for lock in session.locks)
    yield from session.parameters
