"""Faults on every channel of every demo: whatever becomes of a message, each goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.runs import run, summary_of

from ipcviz import catalog
from ipcviz import events as ev
from ipcviz.offer import offer
from ipcviz.runtime.fault_words import KINDS, MessageFault
from ipcviz.runtime.request import Act, Command, SessionRequest

OFTEN = {
    "persistence": {"records": 400},
    "word_count": {"rate": 20},
    "star": {"rate": 5},
    "mesh": {"rate": 20},
}
"""Enough messages on every channel in a second."""


def channels_of(demo: str) -> list[str]:
    session = offer(SessionRequest(demo)).session
    assert session is not None
    return [channel.name for channel in session.channels if channel.kind != "region"]


def hit(demo: str, kind: MessageFault, **more: object) -> ev.Summary:
    """Two messages of each channel are hit; nobody may fail."""
    acts = [
        Act(0.2 + 0.01 * number, Command(kind, channel=name, count=2, amount=0.2 if kind == "delay" else 0.0))
        for number, name in enumerate(channels_of(demo))
    ]
    for seconds in (1.2, 4.0, 12.0):  # a busy machine may need longer for two messages everywhere
        events = run(demo, seconds=seconds, acts=acts, settings=OFTEN.get(demo), **more)
        failed = [event for event in events if isinstance(event, ev.ProcessExited) and event.failed]
        assert not failed
        obeyed = [event for event in events if isinstance(event, ev.FaultInjected) and event.done]
        if len(obeyed) == len(acts):
            break
    assert len(obeyed) == len(acts)
    return summary_of(events)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("demo", [name for name in catalog.names() if channels_of(name)])
def test_no_fault_of_a_channel_is_an_error_of_the_demo(
    demo: str, kind: MessageFault, own_runtime: Path
) -> None:
    hit(demo, kind)


@pytest.mark.parametrize("kind", ["drop", "corrupt"])
def test_a_line_that_is_lost_or_damaged_is_missing_in_the_totals(
    kind: MessageFault, own_runtime: Path
) -> None:
    missing = hit("pipeline", kind, mechanism="pipe").reports["printer"]["missing"]
    assert isinstance(missing, int)
    assert 2 <= missing <= 4  # one may be hit on both channels
