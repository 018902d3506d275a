"""A worker's desk: the part of the telemetry page where the supervisor lays what it asks of that worker.

A factor of its pace, and one message at a time that it shall send by hand: the number of the request is
written last, and the worker tells the number when it has dealt with it, so that no request is overwritten.
"""

from __future__ import annotations

import mmap
from typing import NamedTuple

from ipcviz.runtime.request import LARGEST_BY_HAND

DESK_BYTES = 4160
"""Eight words, then the payload."""
_FACTOR, _PACED, _NUMBER, _ROW, _LENGTH = range(5)
_HEADER = 64
_WHOLE = 1_000_000


class ByHand(NamedTuple):
    """A message to send by hand, from the end with telemetry row `row`."""

    number: int
    row: int
    payload: bytes


class Desk:
    """One worker's desk, at either side."""

    def __init__(self, words: memoryview, page: mmap.mmap, start: int) -> None:
        self._words = words[start // 8 : start // 8 + _HEADER // 8]
        self._page = page
        self._start = start + _HEADER

    @property
    def factor(self) -> float:
        """How many times as fast as by itself it goes."""
        return self._words[_FACTOR] / _WHOLE or 1.0

    @factor.setter
    def factor(self, factor: float) -> None:
        self._words[_FACTOR] = max(1, round(factor * _WHOLE))

    @property
    def keeps_pace(self) -> bool:
        """It has a pace of its own, which a factor can change."""
        return bool(self._words[_PACED])

    def note_pace(self) -> None:
        """In the worker: it has one."""
        self._words[_PACED] = 1

    def lay(self, request: ByHand) -> None:
        """In the supervisor: ask for a message, after the one before was dealt with."""
        self._page[self._start : self._start + len(request.payload)] = request.payload
        self._words[_ROW] = request.row
        self._words[_LENGTH] = len(request.payload)
        self._words[_NUMBER] = request.number

    def asked(self) -> ByHand:
        """In the worker: the latest request; its number is 0 if there was none."""
        length = min(self._words[_LENGTH], LARGEST_BY_HAND)
        payload = bytes(self._page[self._start : self._start + length])
        return ByHand(self._words[_NUMBER], self._words[_ROW], payload)
