"""What ten minutes of fifty channels may cost, and that the made session is as a real one."""

from __future__ import annotations

import statistics

import pytest

from ipcviz import events as ev
from ipcviz.bench import made_session, recording


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_minutes_of_fifty_channels_are_small_and_quick() -> None:
    cost = recording.measure(600)
    assert cost.messages > 119_000
    assert cost.size <= 10_000_000
    assert cost.opening < 1
    assert statistics.median(cost.seeks) < 0.05
    assert cost.index_size < 100 << 20
    assert cost.writing / 600 < 0.05


@pytest.mark.slow
def test_a_short_session_is_measured() -> None:
    cost = recording.measure(10)
    assert 1_000 < cost.messages < 3_000
    assert 0 < cost.size < 300_000
    assert len(cost.seeks) == recording.SEEKS


def test_counters_and_messages_of_the_made_session_agree() -> None:
    events = list(made_session.events(5))
    messages = [event for event in events if isinstance(event, ev.Message)]
    frames = [event for event in events if isinstance(event, ev.Frame)]
    received = sum(end.received for channel in frames[-1].channels for end in channel.ends)
    assert abs(received - len(messages)) < 5
    assert received > 500
    assert len(frames) == 100
    assert events == list(made_session.events(5)), "not the same every time"
