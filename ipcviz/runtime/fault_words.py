"""The words of the telemetry page by which the supervisor asks workers for faults, and sees what came of it.

Every row of an endpoint has words of its own beside it, and those of a channel's first row hold also what is
asked of all its senders. The supervisor writes how many messages are to be hit in all (ORDERED), which share,
and by how much; a worker writes how many it has taken on (TAKEN) and done (the counts). What is asked of a
channel is taken on by whichever sender comes first: a record lock on the page (fcntl(2)), held for the moment
of counting and given back by the kernel if its holder dies, keeps two from taking the same one.
"""

from __future__ import annotations

import fcntl
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from ipcviz.mechanisms.faults import Verdict
from ipcviz.units import SECOND

MessageFault = Literal["delay", "drop", "duplicate", "corrupt"]
KINDS: tuple[MessageFault, ...] = ("delay", "drop", "duplicate", "corrupt")
ORDERED, TAKEN, SHARE, NEXT_AMOUNT, SHARE_AMOUNT = range(5)
_BLOCK = 5 * len(KINDS)
OWN, ALL = 0, _BLOCK
"""Where the words begin of what is asked of one end, and of a channel's senders together."""
DONE = 2 * _BLOCK
"""Messages of each kind of fault that this end has hit so far."""
SLOW = DONE + len(KINDS)
"""Nanoseconds that this end's process lets pass after each message."""
FAULT_WORDS = 48
WHOLE = 1 << 32
"""A share of 1 in the page."""
_TRIES = 50
_PAUSE_S = 0.0002


def share_word(share: float) -> int:
    """A share as the page carries it: rounded up, so that a third hits every third message and no later."""
    return math.ceil(share * WHOLE)


def ask(words: memoryview, block: int, kind: MessageFault, count: int, share: float, amount: float) -> None:
    """In the supervisor: so many more messages, or else this share from now on; neither ends both."""
    place = block + KINDS.index(kind) * 5
    nanoseconds = round(amount * SECOND)
    if count:
        words[place + NEXT_AMOUNT] = nanoseconds
        words[place + ORDERED] = max(words[place + ORDERED], words[place + TAKEN]) + count
        return
    words[place + SHARE_AMOUNT] = nanoseconds
    words[place + SHARE] = share_word(share)
    if not share:
        words[place + ORDERED] = 0


def pending(words: memoryview, block: int, kind: MessageFault) -> int:
    """Messages that are still to be hit."""
    place = block + KINDS.index(kind) * 5
    return max(0, words[place + ORDERED] - words[place + TAKEN])


def done(words: memoryview, kind: MessageFault) -> int:
    """Messages of one end that it has hit so far."""
    return int(words[DONE + KINDS.index(kind)])


def hit_so_far(rows: Sequence[memoryview]) -> dict[str, int]:
    """Of a channel's rows: messages hit so far, by kind; kinds without any are left out."""
    counts = [sum(counted) for counted in zip(*(words[DONE:SLOW].tolist() for words in rows), strict=True)]
    return {kind: count for kind, count in zip(KINDS, counts, strict=False) if count}


def still_to_hit(rows: Sequence[memoryview]) -> dict[str, int]:
    """Of a channel's rows, the first of which has what is asked of all: messages still to be hit, by kind."""
    if not any(any(words[:DONE]) for words in rows):
        return {}
    counts = {
        kind: pending(rows[0], ALL, kind) + sum(pending(words, OWN, kind) for words in rows) for kind in KINDS
    }
    return {kind: count for kind, count in counts.items() if count}


class EndJudge:
    """In a worker: what the page asks of one sending end; see `mechanisms.faults.Judge`."""

    def __init__(self, own: memoryview, of_all: memoryview, descriptor: int, row: int, twice: bool) -> None:
        """`descriptor` is the page's; the channel's first `row` is also the place of its record lock.

        Without `twice`, nothing is sent twice: a mechanism that takes one reply to each request.
        """
        self._own, self._all = own, of_all
        self._descriptor, self._row = descriptor, row
        self._kinds = [kind for kind in KINDS if twice or kind != "duplicate"]
        self._counted: dict[int, tuple[int, int]] = {}
        self._taken: list[tuple[int, MessageFault]] = []

    @property
    def is_asked(self) -> bool:
        """There is something to do, now or later."""
        return any(
            words[block + number * 5 + SHARE] or pending(words, block, kind)
            for words, block in ((self._own, OWN), (self._all, ALL))
            for number, kind in enumerate(KINDS)
            if kind in self._kinds
        )

    def judge(self, size: int) -> Verdict:
        """About the next message: what is dropped is hit by nothing else, and no bytes cannot be altered."""
        self._taken.clear()
        verdict = self._verdict(["drop"])
        if verdict.drop:
            return verdict
        return self._verdict([kind for kind in self._kinds if kind != "drop" and (size or kind != "corrupt")])

    def _verdict(self, kinds: Sequence[MessageFault]) -> Verdict:
        verdict = Verdict()
        for kind in kinds:
            for words, block in ((self._own, OWN), (self._all, ALL)):
                amount = self._hit(words, block, kind)
                if amount is None:
                    continue
                if kind == "delay":
                    verdict.delay += amount / SECOND
                else:
                    setattr(verdict, kind, True)
        return verdict

    def done(self, verdict: Verdict) -> None:
        """Count what was done."""
        for number, kind in enumerate(KINDS):
            if getattr(verdict, kind):
                self._own[DONE + number] += 1

    def withdraw(self, verdict: Verdict) -> None:
        """Give back what was taken on."""
        for block, kind in self._taken:
            place = block + KINDS.index(kind) * 5 + TAKEN
            if block == OWN:
                self._own[place] -= 1
            elif self._lock():
                self._all[place] -= 1
                self._unlock()
        self._taken.clear()

    def _hit(self, words: memoryview, block: int, kind: MessageFault) -> int | None:
        """By how much this message is hit (only a delay has an amount); None if it is not."""
        place = block + KINDS.index(kind) * 5
        if self._share_hits(words[place + SHARE], place):
            return int(words[place + SHARE_AMOUNT])
        if pending(words, block, kind) and self._take_on(words, block, kind):
            return int(words[place + NEXT_AMOUNT])
        return None

    def _share_hits(self, share: int, place: int) -> bool:
        """Whether the messages hit so far are fewer than the share of all; a new share counts from 0."""
        if not share:
            self._counted.pop(place, None)
            return False
        before, count = self._counted.get(place, (share, 0))
        count = count if before == share else 0
        self._counted[place] = (share, count + 1)
        return (count + 1) * share // WHOLE > count * share // WHOLE

    def _take_on(self, words: memoryview, block: int, kind: MessageFault) -> bool:
        place = block + KINDS.index(kind) * 5 + TAKEN
        if block == OWN:
            words[place] += 1
        else:
            if not self._lock():
                return False
            try:
                if not pending(words, block, kind):
                    return False
                words[place] += 1
            finally:
                self._unlock()
        self._taken.append((block, kind))
        return True

    def _lock(self) -> bool:
        """Have the channel's words to oneself; False if whoever has them was paused with them."""
        for _ in range(_TRIES):
            with suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._row)
                return True
            time.sleep(_PAUSE_S)
        return False

    def _unlock(self) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, self._row)
