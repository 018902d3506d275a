"""What a fault does to a message on its way, without any process."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ipcviz.mechanisms.contract import ENVELOPE, Unwatched
from ipcviz.mechanisms.ends import Put, SenderEnd, Take
from ipcviz.mechanisms.faults import FaultyPut, SlowTake, Verdict, corrupted


class Store(Put):
    """Keeps what is put, as long as there is room."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.messages: list[bytes] = []
        self.deadlines: list[float | None] = []

    def put(self, message: bytes, deadline: float | None, priority: int) -> None:
        if len(self.messages) == self.room:
            raise TimeoutError
        self.messages.append(message)
        self.deadlines.append(deadline)

    def close(self) -> None:
        pass


class Sentence:
    """A judge that always says the same."""

    def __init__(self, **said: object) -> None:
        self._said = said
        self.done_to: list[Verdict] = []
        self.withdrawn = 0

    def judge(self, size: int) -> Verdict:
        return Verdict(**self._said)  # type: ignore[arg-type]

    def done(self, verdict: Verdict) -> None:
        self.done_to.append(verdict)

    def withdraw(self, verdict: Verdict) -> None:
        self.withdrawn += 1


class Counter(Unwatched):
    """Counts what was sent."""

    def __init__(self) -> None:
        self.count = 0

    def sent(self, size: int) -> None:
        self.count += 1


def sender(store: Store, judge: Sentence, watch: Counter) -> SenderEnd:
    end = SenderEnd("duct", 3, 1000, store, watch)
    end.lead_through(lambda straight, watch: FaultyPut(straight, judge, watch))
    return end


def test_what_is_dropped_counts_as_sent() -> None:
    store, judge, watch = Store(), Sentence(drop=True), Counter()
    sender(store, judge, watch).send(b"one")
    assert (store.messages, watch.count, len(judge.done_to)) == ([], 1, 1)


def test_what_is_sent_twice_has_one_number_and_counts_twice() -> None:
    store, judge, watch = Store(), Sentence(duplicate=True), Counter()
    sender(store, judge, watch).send(b"one")
    assert len(store.messages) == 2
    assert store.messages[0] == store.messages[1]
    assert watch.count == 2


def test_a_copy_without_room_is_none() -> None:
    store, judge, watch = Store(room=1), Sentence(duplicate=True), Counter()
    end = sender(store, judge, watch)
    end.send(b"one", timeout=0)
    assert (len(store.messages), watch.count) == (1, 1)
    assert not judge.done_to[0].duplicate
    with pytest.raises(TimeoutError):
        end.send(b"two", timeout=0)
    assert (watch.count, judge.withdrawn) == (1, 1)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100])
def test_what_is_corrupted_keeps_its_envelope_and_its_length(size: int) -> None:
    message = bytes(range(ENVELOPE)) + b"a" * size
    altered = corrupted(message)
    assert altered[:ENVELOPE] == message[:ENVELOPE]
    assert len(altered) == len(message)
    assert (altered != message) == (size > 0)


def test_a_delay_is_no_part_of_a_timeout() -> None:
    store, judge, watch = Store(), Sentence(delay=0.02), Counter()
    end = sender(store, judge, watch)
    before = time.monotonic()
    end.send(b"one", timeout=0.01)
    assert time.monotonic() >= before + 0.02
    (deadline,) = store.deadlines
    assert deadline is not None
    assert deadline >= before + 0.03


def test_the_way_is_straight_again_and_by_hand_it_always_is() -> None:
    store, judge, watch = Store(), Sentence(drop=True), Counter()
    end = sender(store, judge, watch)
    end.send_by_hand(b"hand")
    end.lead_through(None)
    end.send(b"own")
    assert [message[ENVELOPE:] for message in store.messages] == [b"hand", b"own"]
    assert [int.from_bytes(message[12:16], "little") for message in store.messages] == [1, 2]


class Fountain(Take):
    """Always has a message; keeps the deadlines that it was given."""

    def __init__(self) -> None:
        self.deadlines: list[float | None] = []

    def take(self, deadline: float | None) -> bytes:
        self.deadlines.append(deadline)
        if deadline is not None and deadline < 0:
            raise TimeoutError
        return bytes(ENVELOPE)

    def close(self) -> None:
        pass


def slept(action: Callable[[], object]) -> float:
    before = time.monotonic()
    action()
    return time.monotonic() - before


def test_a_slow_taker_rests_after_each_message_and_not_after_none() -> None:
    fountain = Fountain()
    take = SlowTake(fountain, lambda: 0.02)
    assert slept(lambda: take.take(5.0)) >= 0.02
    assert fountain.deadlines == [5.02]
    for _ in range(2):
        with pytest.raises(TimeoutError):
            take.take(-10.0)
    assert fountain.deadlines == [5.02, -9.98, -10.0]
