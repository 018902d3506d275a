"""Lists of which the older items are looked up: in everything like a list, and lazy."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcviz.late import Archive, Late, without_first


class Blocks:
    """Numbers in blocks, and which blocks were asked for."""

    def __init__(self, sizes: list[int]) -> None:
        self.starts = [sum(sizes[:place]) for place in range(len(sizes))]
        self.sizes = sizes
        self.asked: set[int] = set()

    def load(self, place: int) -> list[int]:
        self.asked.add(place)
        return list(range(self.starts[place], self.starts[place] + self.sizes[place]))

    def archive(self) -> Archive[int]:
        return Archive(self.starts, self.load)


@st.composite
def pairs(draw: Any) -> tuple[Late[int], list[int]]:
    """A late list, and one that is the same."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    first = draw(st.integers(0, sum(sizes)))
    end = draw(st.integers(first, sum(sizes)))
    added = draw(st.lists(st.integers(100, 120), max_size=4))
    return Late(Blocks(sizes).archive, first, end, added), [*range(first, end), *added]


@given(pairs(), st.data())
@settings(max_examples=150)
def test_it_is_like_a_list(pair: tuple[Late[int], list[int]], data: Any) -> None:
    late, plain = pair
    kept, before = late, list(plain)
    length = len(late)
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(plain)))
        what = data.draw(st.sampled_from(["append", "insert", "pop", "set", "delete", "copy", "shorten"]))
        if what == "append":
            late.append(7)
            plain.append(7)
        elif what == "insert":
            late = late.copy()
            late.insert(place, 8)
            plain.insert(place, 8)
        elif what == "pop" and plain:
            late = late.copy()
            assert late.pop() == plain.pop()
        elif what == "set" and plain:
            late = late.copy()
            late[place - 1] = 9
            plain[place - 1] = 9
        elif what == "delete" and plain:
            late = late.copy()
            del late[place - 1]
            del plain[place - 1]
        elif what == "copy":
            late = late.copy()
        elif what == "shorten":
            late, plain = late.without_first(place), plain[place:]
        assert len(late) == len(plain)
        assert list(late) == plain == late
    start, stop = data.draw(st.integers(-9, 20)), data.draw(st.integers(-9, 20))
    assert late[start:stop] == plain[start:stop]
    assert late[::-1] == plain[::-1]
    assert [late[place] for place in range(-len(plain), len(plain))] == plain * 2
    assert kept[:length] == before, "those who know it by its length see what they saw"


def test_an_item_that_is_not_there() -> None:
    late = Late(Blocks([3]).archive, 0, 3)
    for place in (3, -4):
        with pytest.raises(IndexError):
            late[place]


def test_only_what_is_read_is_looked_up() -> None:
    blocks = Blocks([10] * 100)
    late = Late(blocks.archive, 0, 1000)
    late.append(1000)
    assert (len(late), late[-1], blocks.asked) == (1001, 1000, set())
    assert late[995:] == [995, 996, 997, 998, 999, 1000]
    assert blocks.asked == {99}
    assert bisect_right(late, 500) == 501
    assert len(blocks.asked) < 12


def test_a_list_is_shortened_the_same_way() -> None:
    assert without_first([1, 2, 3], 2) == [3]
    assert without_first(Late(Blocks([3]).archive, 0, 3), 2) == [2]
