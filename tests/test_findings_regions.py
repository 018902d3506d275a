"""Findings about regions: what the processes that use them have counted."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND

from ipcviz import events as ev
from ipcviz.findings import find, lost_updates, torn_reads
from ipcviz.view import View
from ipcviz.world import World


def region(name: str, writers: list[str], readers: list[str]) -> ev.ChannelInfo:
    ends = [ev.EndpointInfo(process, "writer") for process in writers]
    ends += [ev.EndpointInfo(process, "reader") for process in readers]
    return ev.ChannelInfo(name, "region", "shm", ends, 64)


RECORD = region("record", ["writer"], ["reader 1", "reader 2"])
NAMES = ["writer", "reader 1", "reader 2", "outsider"]


def reporting(*infos: ev.ChannelInfo, locks: tuple[ev.LockInfo, ...] = (), **reports: dict[str, Any]) -> View:
    """What each process has reported; `_` stands for a space in its name."""
    world = made.started(World(), made.session(NAMES, infos, locks))
    states = [made.state(*(ev.EndState() for _ in info.endpoints)) for info in infos]
    world.apply(
        made.frame(SECOND, states, [made.uses(*(ev.LockUse() for _ in lock.users)) for lock in locks])
    )
    for name, values in reports.items():
        world.apply(ev.Reported(t=SECOND, process=name.replace("_", " "), values=values))
    return world.view()


def test_torn_copies_are_told_with_who_counted_and_who_wrote() -> None:
    (found,) = find(reporting(RECORD, reader_1={"torn": 30, "reads": 99}, reader_2={"torn": 1200}))
    assert found.sentence == (
        "Torn read: 1,230 copies of record were torn, half old and half new, as reader 1 and reader 2 have "
        "counted; writer writes it without a lock."
    )
    assert (found.kind, found.key) == ("torn read", "torn read:record")
    assert found.members == ["record", "reader 1", "reader 2", "writer"]


@pytest.mark.parametrize("name", ["lost", "lost_updates"])
def test_lost_updates_are_told(name: str) -> None:
    counter = region("counter", ["reader 1", "reader 2"], ["writer"])
    (found,) = find(reporting(counter, writer={name: 1}))
    assert found.sentence == (
        "Lost update: 1 update of counter is gone, as writer has counted; reader 1 and reader 2 write it "
        "without a lock."
    )
    assert (found.kind, found.members) == ("lost update", ["counter", "writer", "reader 1", "reader 2"])


def test_a_lock_that_did_not_help_is_named() -> None:
    lock = made.lock("turn", "writer", "reader 1")
    (found,) = torn_reads(reporting(RECORD, locks=(lock,), reader_1={"torn": 2}))
    assert found.sentence.endswith("writer writes it, and turn did not keep them apart.")


@pytest.mark.parametrize("value", [0, -3, None, True, "7", 0.5])
def test_only_a_number_counts(value: Any) -> None:
    assert find(reporting(RECORD, reader_1={"torn": value, "lost": value})) == []


def test_who_uses_no_region_speaks_of_something_else() -> None:
    assert find(reporting(RECORD, outsider={"torn": 5, "lost": 5})) == []
    channel = made.channel("log", "writer>", ">reader 1")
    assert find(reporting(channel, reader_1={"torn": 5, "lost": 5})) == []


def test_who_uses_two_regions_does_not_say_which() -> None:
    other = region("other", ["writer"], ["reader 1"])
    both, one = torn_reads(reporting(RECORD, other, reader_1={"torn": 2}, reader_2={"torn": 3}))
    assert "2 copies of record or other were torn" in both.sentence
    assert "3 copies of record were torn" in one.sentence
    assert both.key != one.key
    assert lost_updates(reporting(RECORD, other, reader_1={"torn": 2})) == []
