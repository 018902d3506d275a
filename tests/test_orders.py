"""What the numbers of sampled messages tell of their order."""

from __future__ import annotations

from helpers import events as made
from msgspec import structs

from ipcviz.orders import REMEMBERED, OrderTrack
from ipcviz.view import Order


def came(*messages: tuple[int, int], sender: str = "a") -> OrderTrack:
    """Messages by number and time of sending, each received 100 ns after the last of them was sent."""
    track = OrderTrack()
    latest = 0
    for sequence, sent in messages:
        latest = max(latest, sent)
        message = made.message(sequence, latest + 100)
        track.note(structs.replace(message, sent=sent, sender=sender))
    return track


def test_in_order_nothing_is_late_even_if_some_are_missing() -> None:
    (order,) = came((1, 10), (2, 20), (64, 640), (128, 1280)).seen()
    assert order == Order("a", "b", highest=128, samples=4)


def test_one_that_comes_after_a_later_one_is_overtaken() -> None:
    (order,) = came((1, 10), (3, 30), (2, 20), (4, 40)).seen()
    assert (order.overtaken, order.repeated, order.late) == (1, 0, (2, 3))
    assert order.highest == 4


def test_one_that_comes_again_is_repeated_however_late() -> None:
    (order,) = came((1, 10), (1, 10), (2, 20), (3, 30), (2, 20)).seen()
    assert (order.overtaken, order.repeated) == (0, 2)


def test_only_the_last_ones_are_remembered() -> None:
    many = [(number, number * 10) for number in range(1, REMEMBERED + 2)]
    (order,) = came(*many, (1, 10)).seen()
    assert (order.overtaken, order.repeated) == (1, 0), "it may be either, and it did come late"


def test_a_sender_that_begins_to_count_again_is_not_late() -> None:
    (order,) = came((100, 10), (101, 20), (1, 30), (2, 40)).seen()
    assert (order.overtaken, order.repeated, order.highest) == (0, 0, 2)


def test_what_an_earlier_run_has_left_says_nothing() -> None:
    track = came((5, -10), (6, -5))
    track.note(structs.replace(made.message(7, t=10), sent=11))  # by the clock of an earlier boot
    assert track.seen() == ()


def test_each_sender_counts_for_itself() -> None:
    track = came((5, 50))
    track.note(structs.replace(made.message(1, t=70), sent=60, sender="other"))
    assert [(order.sender, order.highest, order.overtaken) for order in track.seen()] == [
        ("a", 5, 0),
        ("other", 1, 0),
    ]
