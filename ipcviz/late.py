"""A list of which the older items are looked up elsewhere when somebody reads them. Pure.

A world that was taken out of a recording has the same minutes of messages and spans as one that has lived
them; most of them nobody will look at, and so they stay packed until somebody does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Archive(Generic[T]):
    """Items by their number, in blocks: where each starts, and `load`, which gives a block by its place."""

    def __init__(self, starts: Sequence[int], load: Callable[[int], Sequence[T]]) -> None:
        self._starts = starts
        self._load = load

    def item(self, number: int) -> T:
        """The item with that number."""
        place = bisect_right(self._starts, number) - 1
        return self._load(place)[number - self._starts[place]]

    def items(self, first: int, end: int) -> list[T]:
        """Those from number `first` on, before `end`."""
        found: list[T] = []
        place = max(0, bisect_right(self._starts, first) - 1)
        while first < end:
            start = self._starts[place]
            stop = self._starts[place + 1] if place + 1 < len(self._starts) else end
            found += self._load(place)[first - start : min(stop, end) - start]
            first, place = min(stop, end), place + 1
        return found


class Late(MutableSequence[T]):
    """The items `first` to `end` of an archive, and those that were added since."""

    def __init__(
        self, archive: Callable[[], Archive[T]], first: int, end: int, added: Sequence[T] = ()
    ) -> None:
        """`archive` is asked for when it is needed."""
        self._ask: Callable[[], Archive[T]] = archive
        self._known: Archive[T] | None = None
        self._first, self._end = first, max(first, end)
        self._added = list(added)

    @property
    def _archive(self) -> Archive[T]:
        if self._known is None:
            self._known = self._ask()
        return self._known

    def __len__(self) -> int:
        return self._end - self._first + len(self._added)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            return self._between(start, stop)[::step] if step > 0 else list(self)[place]
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(place)
        old = self._end - self._first
        return self._added[number - old] if number >= old else self._archive.item(self._first + number)

    def __iter__(self) -> Iterator[T]:
        return iter(self._between(0, len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list

    def __setitem__(self, place: Any, item: Any) -> None:
        self._bring(place + len(self) if place < 0 else place)
        self._added[place if place < 0 else place - (self._end - self._first)] = item

    def __delitem__(self, place: Any) -> None:
        self._bring(place + len(self) if place < 0 else place)
        del self._added[place if place < 0 else place - (self._end - self._first)]

    def insert(self, place: int, item: T) -> None:
        """As in a list."""
        self._bring(place)
        self._added.insert(place - (self._end - self._first), item)

    def append(self, item: T) -> None:
        """As in a list; what it was before stays what it was for those who know its length."""
        self._added.append(item)

    def copy(self) -> Late[T]:
        """Another one, that may be changed."""
        return Late(lambda: self._archive, self._first, self._end, self._added)

    def without_first(self, count: int) -> Late[T]:
        """Another one, that begins later."""
        old = self._end - self._first
        first = self._first + min(count, old)
        return Late(lambda: self._archive, first, self._end, self._added[max(0, count - old) :])

    def _between(self, start: int, stop: int) -> list[T]:
        old = self._end - self._first
        if start >= old:
            return self._added[start - old : max(start, stop) - old]
        found = self._archive.items(self._first + start, self._first + min(stop, old))
        return found + self._added[: max(0, stop - old)]

    def _bring(self, place: int) -> None:
        """All from that place on is to be changed, and so is held here."""
        old = self._end - self._first
        if place < old:
            self._added = self._between(place, len(self))
            self._end = self._first + place


def without_first(items: list[T] | Late[T], count: int) -> list[T] | Late[T]:
    """A new list of the others."""
    return items[count:] if isinstance(items, list) else items.without_first(count)
