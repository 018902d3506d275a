"""Descriptors that pile up are told from those that come and go."""

from __future__ import annotations

import pytest
from helpers.events import SECOND

from ipcviz.descriptor_tracks import DescriptorTrack


def gained(*counts: int | None, every: int = SECOND) -> int:
    track = DescriptorTrack()
    for look, count in enumerate(counts):
        track.add(look * every, count)
    return track.gained()


def test_what_only_grows_is_gained() -> None:
    assert gained(*range(10, 21)) == 10
    assert gained(10, 10, 12, 12, 15, 15, 17, 18) == 8


def test_only_the_last_ten_seconds_count() -> None:
    assert gained(*range(0, 100, 5)) == 50


@pytest.mark.parametrize(
    "counts",
    [
        (),
        (10,),
        (10, 20, 30, 40),  # too young
        (10, 20, 30, 20, 40, 50, 60),  # some were closed
        (10, 40, 40, 40, 40, 40, 40),  # opened at the start
        (10, 10, 10, 10, 10, 10, 60),  # opened just now, all at once
        (None,) * 20,
    ],
)
def test_what_comes_and_goes_is_not(counts: tuple[int | None, ...]) -> None:
    assert gained(*counts) == 0
