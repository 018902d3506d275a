"""The race that the home screen begins: who runs in it, and in what order."""

from __future__ import annotations

from ipcviz.candidates import Candidate
from ipcviz.offer import Offer
from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.home.race_of import LANES, race_of

REQUEST = SessionRequest("demo", settings={"rate": "0"}, locks={"": "flock"})


def candidates(*names: str) -> list[Candidate]:
    """Those whose name ends with a sign cannot be."""
    return [
        Candidate(name.rstrip("!"), "", reason="it cannot" if name.endswith("!") else "") for name in names
    ]


def test_those_that_can_are_the_lanes_and_what_the_demo_prefers_is_the_first():
    offer = Offer(mechanisms=candidates("pipe", "fifo!", "shm", "tcp"), preferred="shm")
    lanes, by_locks = race_of(REQUEST, offer)
    assert [lane.label for lane in lanes] == ["shm", "pipe", "tcp"]
    assert [lane.request.mechanisms for lane in lanes] == [{"": "shm"}, {"": "pipe"}, {"": "tcp"}]
    assert all(lane.request.settings == {"rate": "0"} for lane in lanes)
    assert all(lane.request.locks == {"": "flock"} for lane in lanes)
    assert not by_locks


def test_what_a_person_chose_is_the_first_with_its_options():
    offer = Offer(mechanisms=candidates("pipe", "shm", "tcp"), preferred="shm")
    asked = SessionRequest("demo", mechanisms={"": "pipe:capacity=4096"})
    lanes, _ = race_of(asked, offer)
    assert [lane.label for lane in lanes] == ["pipe:capacity=4096", "shm", "tcp"]


def test_for_one_channel_the_others_stay_as_they_are():
    offer = Offer(mechanisms=candidates("pipe", "shm"), preferred="pipe")
    asked = SessionRequest("demo", mechanisms={"words": "tcp"})
    lanes, _ = race_of(asked, offer, channel="lines")
    assert [lane.request.mechanisms for lane in lanes] == [
        {"words": "tcp", "lines": "pipe"},
        {"words": "tcp", "lines": "shm"},
    ]


def test_there_are_only_so_many_lanes():
    offer = Offer(
        mechanisms=candidates(*(f"mechanism {number}" for number in range(20))), preferred="pipe,shm"
    )
    lanes, _ = race_of(REQUEST, offer)
    assert len(lanes) == LANES


def test_where_there_is_one_mechanism_the_kinds_of_lock_race():
    offer = Offer(
        mechanisms=candidates("shm"), locks=candidates("flock", "posix-sem"), preferred_lock="posix-sem"
    )
    lanes, by_locks = race_of(SessionRequest("demo"), offer)
    assert by_locks
    assert [lane.request.locks for lane in lanes] == [{"": "posix-sem"}, {"": "flock"}]
    assert race_of(SessionRequest("demo"), Offer()) == ([], True)
