"""A channel's recent past as the View tells it: depths, latencies by bucket, how its ends waited."""

from __future__ import annotations

from helpers import sessions

from ipcviz import events as ev
from ipcviz.units import SECOND
from ipcviz.view import ChannelView
from ipcviz.world import World


def channel_at(*depths: int | None) -> ChannelView:
    """The log after frames a tenth of a second apart with these depths."""
    world = World()
    world.apply(sessions.started())
    for number, now in enumerate(depths, 1):
        made = sessions.frame(number)
        state = ev.ChannelState(made.channels[1].ends, ev.Depth(now, now, 100), ev.Latency())
        channels = [made.channels[0], state, *made.channels[2:]]
        world.apply(
            ev.Frame(
                t=number * SECOND // 10,
                channels=channels,
                locks=made.locks,
                processes=made.processes,
                watching=made.watching,
            )
        )
    return world.view().channels[1]


def test_a_half_second_keeps_the_most_that_was_seen_in_it():
    channel = channel_at(1, 9, 2, 3, 4, 5, 6, 7, 6, 5)
    assert channel.depths == (9, 7)
    assert channel.steps == 2


def test_what_nobody_knew_is_none_and_not_0():
    assert channel_at(*[None] * 5, *[0] * 5).depths == (None, 0)


def test_the_last_10_seconds_of_latencies_are_the_difference():
    view = sessions.view(40)
    whole, before = view.channels[0].histogram, view.channels[0].histogram_before
    assert whole[::2] == before[::2]
    assert [now - then for now, then in zip(whole[1::2], before[1::2], strict=True)] == [
        20 * count // 40 for count in whole[1::2]
    ]


def test_an_end_tells_the_part_of_10_seconds_that_it_waited():
    ends = sessions.view(40).channels[0].ends
    assert [round(end.waited, 2) for end in ends] == [0.96, 0.04, 0.0]
