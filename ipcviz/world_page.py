"""The world at an instant as a page of text, or as an object for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ipcviz import plain, units
from ipcviz.view import View


def lines(view: View, t: int, end: int) -> Iterator[str]:
    """The world at `t` of a session that lasts until `end`."""
    name = view.session.topology if view.session else "nothing"
    yield f"{name} at {units.span(t)} of {units.span(end)}"
    width = max((len(channel.info.name) for channel in view.channels), default=0)
    yield from (f"  {plain.channel_line(channel, width)}" for channel in view.channels)
    yield from (f"  {plain.lock_line(lock)}" for lock in view.locks)
    for process in view.processes:
        wait = f", waits since {units.span(process.wait.since)}" if process.wait else ""
        what = f" ({process.wait.what} {process.wait.name}{wait})" if process.wait else ""
        yield f"  {process.name}  {process.status}{what}"
    yield from (f"  ▲ {finding.sentence}" for finding in view.findings)
    yield f"  {view.messages_seen:,} messages seen, {view.lost:,} events lost"


def as_object(view: View, t: int) -> dict[str, Any]:
    """The world at an instant, without what only a screen needs."""
    left_out = {"session", "messages", "lanes", "summary"}
    told = {name: getattr(view, name) for name in view.__struct_fields__ if name not in left_out}
    return {"type": "world", **told, "t": t, "topology": view.session.topology if view.session else ""}
