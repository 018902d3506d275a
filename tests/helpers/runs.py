"""Real runs: a supervisor of our own, and all the events that it tells."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ipcviz import events as ev
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource

PATIENCE = 30.0
"""Seconds after which what has not happened is not going to."""

SILENCE_S = 30
"""A supervisor tells something ten times a second; only a failing test waits so long."""


@contextmanager
def live(demo: str, *, mechanism: str | None = None, **more: Any) -> Iterator[LiveSource]:
    """A live source, closed afterwards."""
    mechanisms = {} if mechanism is None else {"": mechanism}
    source = LiveSource(SessionRequest(demo=demo, **{"mechanisms": mechanisms, **more}))
    try:
        yield source
    finally:
        source.close()


def take_until(source: LiveSource, enough: Callable[[list[ev.AnyEvent]], object]) -> list[ev.AnyEvent]:
    """Its events until there are enough, or until it is over."""
    events: list[ev.AnyEvent] = []
    while not source.over and not enough(events):
        assert source.wait(SILENCE_S), "the supervisor says nothing"
        events.extend(source.take())
    return events


def run(
    demo: str,
    *,
    mechanism: str | None = None,
    settings: Mapping[str, object] | None = None,
    seconds: float | None = None,
    tick: int = 100,
    **more: Any,
) -> list[ev.AnyEvent]:
    """All events of a run that ends by itself, or after so many seconds; nothing is left in /dev/shm.

    What a user may have of POSIX queues is little: while other tests have all of it, this one waits.
    """
    texts = {name: str(value) for name, value in (settings or {}).items()}
    deadline = time.monotonic() + PATIENCE
    while True:
        with live(demo, mechanism=mechanism, settings=texts, seconds=seconds, tick=tick, **more) as source:
            events = take_until(source, lambda events: False)
        last = events[-1]
        full = isinstance(last, ev.Refused) and "RLIMIT_MSGQUEUE" in last.sentence
        if not full or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert not [name for name in os.listdir("/dev/shm") if f"ipcviz-{source.pid}-" in name]
    return events


def summary_of(events: list[ev.AnyEvent]) -> ev.Summary:
    """The last event."""
    assert isinstance(events[-1], ev.Summary), events[-1]
    return events[-1]
