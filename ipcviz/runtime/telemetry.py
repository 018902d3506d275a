"""The page that workers write and the supervisor reads: counters, states, waiting times, samples.

One shared mapping of a memfd, made before the workers are forked. Every endpoint of a channel and every
user of a lock has a row of 16 words (128 bytes: two cache lines, so that no two writers share one) and
a histogram; every worker has a ring of samples, and a desk where the supervisor lays what it asks for.
Each word has a single writer and is stored whole, as one aligned 8-byte item; what takes more than one word
is told apart by a number that is written last.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ipcviz.mechanisms.contract import TIMED
from ipcviz.runtime.desk import DESK_BYTES, Desk
from ipcviz.runtime.fault_words import FAULT_WORDS
from ipcviz.runtime.histogram import BUCKETS, bucket_of

ROW_WORDS = 16
RECORD_BYTES = 128
RECORDS = 2048
EXACT_BELOW = 10_000
"""Messages a second of one endpoint up to which every message is stamped."""
SAMPLED = 2_500
"""Messages a second that are stamped, at most, of an endpoint above that."""
BURST = 128
"""Stamped messages after which a sender looks at its own pace."""
BOARD_BYTES = 4096
PREVIEW = 64
"""Bytes of a payload that a sample keeps."""

# Words of an endpoint's row.
SENT, SENT_BYTES, RECEIVED, RECEIVED_BYTES, WAIT, BLOCKED_SEND, BLOCKED_RECEIVE, STRIDE, CLOSED = range(9)
OPENED_DESCRIPTOR = 10  # one more than the number, 0 for none
# Words of a lock user's row, which has its own words for its states; STRIDE is the same.
ACQUISITIONS, CONTENDED, STATE, WAITED = 0, 1, 9, 3

WAITING, HOLDING = 1, 2
_SHARED = 8  # beside a state, as TIMED is
_STATE_BITS = 4
MESSAGE, LOCK_WAITED, LOCK_ACQUIRED, LOCK_RELEASED = range(4)

_record = struct.Struct(f"<HHIIIQQH{PREVIEW}s")  # kind, row, sender, sequence, size, began, ended, preview


class Sample(NamedTuple):
    """One sampled message or lock event; times in ns of the monotonic clock."""

    kind: int
    row: int
    sender: int
    sequence: int
    size: int
    began: int
    ended: int
    preview: bytes


class Page:
    """The mapping, with where everything is in it."""

    def __init__(self, rows: int, workers: int, descriptor: int | None = None) -> None:
        """Make it, or map the one behind a descriptor that was inherited."""
        self.rows, self.workers = rows, workers
        words = rows * (ROW_WORDS + BUCKETS)
        self._histograms = rows * ROW_WORDS
        self._rings = words * 8
        ring_bytes = 64 + RECORDS * RECORD_BYTES
        self._ring_bytes = ring_bytes
        self._boards = self._rings + max(1, workers) * ring_bytes
        self._desks = self._boards + max(1, workers) * BOARD_BYTES
        self._faults = (self._desks + max(1, workers) * DESK_BYTES) // 8
        size = self._faults * 8 + rows * FAULT_WORDS * 8
        made = descriptor is None
        self.descriptor = os.memfd_create("ipcviz-telemetry") if descriptor is None else descriptor
        if made:
            os.ftruncate(self.descriptor, size)
        self.map = mmap.mmap(self.descriptor, size)
        self.words = memoryview(self.map).cast("Q")
        if made:
            for row in range(rows):
                self.words[row * ROW_WORDS + STRIDE] = 1

    def row(self, row: int) -> list[int]:
        """The row's words, read again until the word of its wait or state stood still meanwhile."""
        start = row * ROW_WORDS
        while True:
            words = self.words[start : start + ROW_WORDS].tolist()
            if self.words[start + WAIT] == words[WAIT] and self.words[start + STATE] == words[STATE]:
                return words

    def set_stride(self, row: int, stride: int) -> None:
        """Ask the row's writer to sample one in `stride` from now on."""
        self.words[row * ROW_WORDS + STRIDE] = stride

    def histogram(self, row: int) -> list[int]:
        """The row's counts by bucket; see `bucket_of`."""
        start = self._histograms + row * BUCKETS
        return self.words[start : start + BUCKETS].tolist()

    def ring(self, worker: int) -> Ring:
        """That worker's samples."""
        return Ring(self, self._rings + worker * self._ring_bytes)

    def board(self, worker: int) -> Board:
        """What that worker reports."""
        return Board(self, self._boards + worker * BOARD_BYTES)

    def desk(self, worker: int) -> Desk:
        """What that worker is asked to do."""
        return Desk(self.words, self.map, self._desks + worker * DESK_BYTES)

    def fault_words(self, row: int) -> memoryview:
        """What is asked of that row's messages; see `fault_words`."""
        start = self._faults + row * FAULT_WORDS
        return self.words[start : start + FAULT_WORDS]

    def row_words(self, row: int) -> memoryview:
        """The row itself, for its writer."""
        return self.words[row * ROW_WORDS : (row + 1) * ROW_WORDS]

    def histogram_words(self, row: int) -> memoryview:
        """The row's histogram itself, for its writer."""
        start = self._histograms + row * BUCKETS
        return self.words[start : start + BUCKETS]


class Ring:
    """A worker's last samples; the writer never waits, so a slow reader misses some and knows how many."""

    def __init__(self, page: Page, start: int) -> None:
        self._page = page
        self._head = start // 8
        self._records = start + 64
        self._written = 0
        self._read = 0
        self.missed = 0

    def write(
        self,
        kind: int,
        row: int,
        sender: int,
        sequence: int,
        size: int,
        began: int,
        ended: int,
        preview: bytes,
    ) -> None:
        """In the worker: one more sample."""
        words = self._page.words
        place = self._records + self._written % RECORDS * RECORD_BYTES
        words[place >> 3] = 0
        _record.pack_into(
            self._page.map, place + 8, kind, row, sender, sequence, size, began, ended, len(preview), preview
        )
        self._written += 1
        words[place >> 3] = self._written
        words[self._head] = self._written

    def drain(self) -> Iterator[Sample]:
        """In the supervisor: what came since the last time; `missed` counts what was overwritten."""
        words = self._page.words
        head = words[self._head]
        if head - self._read > RECORDS:
            self.missed += head - self._read - RECORDS
            self._read = head - RECORDS
        while self._read < head:
            place = self._records + self._read % RECORDS * RECORD_BYTES
            self._read += 1
            fields = _record.unpack_from(self._page.map, place + 8)
            if words[place >> 3] != self._read:
                self.missed += 1
                continue
            kind, row, sender, sequence, size, began, ended, length, preview = fields
            yield Sample(kind, row, sender, sequence, size, began, ended, preview[:length])


class Board:
    """A worker's latest report; a newer one takes its place, and the reader sees one of them whole."""

    def __init__(self, page: Page, start: int) -> None:
        self._page = page
        self._number = start >> 3
        self._start = start + 16
        self._read = 0

    def write(self, report: bytes) -> None:
        """In the worker: replace it; raises `ValueError` if it is too long."""
        if len(report) > BOARD_BYTES - 16:
            raise ValueError(f"a process can report {BOARD_BYTES - 16} bytes at most, and not {len(report)}")
        words = self._page.words
        words[self._number] += 1  # odd: being written
        words[self._number + 1] = len(report)
        self._page.map[self._start : self._start + len(report)] = report
        words[self._number] += 1

    def read(self) -> bytes | None:
        """In the supervisor: the report, if it is newer than the last one read."""
        words = self._page.words
        number = words[self._number]
        report = self._page.map[self._start : self._start + min(words[self._number + 1], BOARD_BYTES)]
        if number == self._read or number % 2 or words[self._number] != number:
            return None
        self._read = number
        return report


class EndWatch:
    """What one endpoint tells; see `contract.Watch`."""

    def __init__(
        self, page: Page, row: int, ring: Ring, attach: Callable[[object], None] | None = None
    ) -> None:
        """`attach` is told of every end that uses this watch."""
        self._attach = attach
        self._row = page.row_words(row)
        self._histogram = page.histogram_words(row)
        self._number = row
        self._ring = ring
        self._unsampled = 0
        self._since = 0
        self._stamped = 0
        self._mark = time.monotonic_ns()

    def stamp(self) -> int:
        """The time, for every message whose turn it is."""
        self._unsampled += 1
        if self._unsampled < self._row[STRIDE]:
            return 0
        self._unsampled = 0
        self._stamped += 1
        now = time.monotonic_ns()
        if not self._stamped % BURST:
            self._slow_down(now)
        return now

    def _slow_down(self, now: int) -> None:
        """Sample less before the supervisor, which looks only once a tick, asks for it."""
        stride = self._row[STRIDE]
        rate = BURST * stride * 1e9 / max(1, now - self._mark)
        self._mark = now
        self._row[STRIDE] = max(stride, stride_for(rate))

    def sent(self, size: int) -> None:
        """Count it."""
        row = self._row
        row[SENT] += 1
        row[SENT_BYTES] += size

    def received(self, size: int, stamp: int, sender: int, sequence: int, payload: bytes) -> None:
        """Count it; if it was stamped, measure and sample it."""
        row = self._row
        row[RECEIVED] += 1
        row[RECEIVED_BYTES] += size
        if stamp:
            now = time.monotonic_ns()
            self._histogram[bucket_of(now - stamp)] += 1
            self._ring.write(MESSAGE, self._number, sender, sequence, size, stamp, now, payload[:PREVIEW])

    def blocked(self, activity: int) -> None:
        """State and time in one word."""
        self._since = time.monotonic_ns()
        self._activity = activity
        self._row[WAIT] = self._since << _STATE_BITS | activity

    def unblocked(self) -> None:
        """Add the wait to what it was for."""
        row = self._row
        row[WAIT] = 0
        word = BLOCKED_RECEIVE if self._activity & 2 else BLOCKED_SEND
        row[word] += time.monotonic_ns() - self._since

    def closed(self) -> None:
        """Note it."""
        self._row[CLOSED] = 1

    def opened(self, descriptor: int) -> None:
        """Note its number."""
        self._row[OPENED_DESCRIPTOR] = descriptor + 1

    def attached(self, end: object) -> None:
        """Pass it on."""
        if self._attach is not None:
            self._attach(end)


class LockUseWatch:
    """What one process tells about its use of a lock; see `contract.LockWatch`."""

    def __init__(self, page: Page, row: int, ring: Ring) -> None:
        self._row = page.row_words(row)
        self._histogram = page.histogram_words(row)
        self._number = row
        self._ring = ring
        self._since = 0
        self._unsampled = 0
        self._sampled = True

    def waiting(self, timed: bool) -> None:
        """State and time in one word."""
        self._since = time.monotonic_ns()
        self._row[STATE] = self._since << _STATE_BITS | WAITING | (TIMED if timed else 0)
        self._sample(LOCK_WAITED, 0, self._since)

    def acquired(self, contended: bool, shared: bool = False) -> None:
        """Count it, and how long it took; an acquisition without a wait took nothing."""
        row = self._row
        now = time.monotonic_ns()
        waited = now - self._since if contended else 0
        row[STATE] = now << _STATE_BITS | HOLDING | (_SHARED if shared else 0)
        row[ACQUISITIONS] += 1
        if contended:
            row[CONTENDED] += 1
            row[WAITED] += waited
        self._histogram[bucket_of(waited)] += 1
        self._unsampled += 1
        self._sampled = self._unsampled >= row[STRIDE]
        if self._sampled:
            self._unsampled = 0
        self._sample(LOCK_ACQUIRED, waited, now)

    def gave_up(self) -> None:
        """The wait counts, though it was for nothing."""
        row = self._row
        row[STATE] = 0
        row[WAITED] += time.monotonic_ns() - self._since

    def released(self) -> None:
        """Note it."""
        self._row[STATE] = 0
        self._sample(LOCK_RELEASED, 0, time.monotonic_ns())

    def _sample(self, kind: int, waited: int, now: int) -> None:
        if self._sampled:
            self._ring.write(kind, self._number, 0, 0, 0, waited, now, b"")


def stride_for(rate: float) -> int:
    """One message in how many to stamp at so many a second: all up to `EXACT_BELOW`, else some."""
    stride = 1
    if rate > EXACT_BELOW:
        while rate / stride > SAMPLED:
            stride *= 2
    return stride


def is_shared(word: int) -> bool:
    """Of a lock user's state word: it holds it together with others that read."""
    return bool(word & _SHARED)


def state_of(word: int) -> tuple[int, bool, int]:
    """Of a state word: the state, whether the wait ends by itself, and since when (ns)."""
    return word & 3, bool(word & TIMED), word >> _STATE_BITS


class Cost(NamedTuple):
    """Nanoseconds that counting one message takes, on both ends: `counted` always, `sampled` if stamped."""

    counted: float
    sampled: float


def calibrate(rounds: int = BURST - 1) -> Cost:
    """Measure what watching costs here and now, the best of some tries too short to change the stride."""
    return Cost(*(min(_time(stride, rounds) for _ in range(8)) for stride in (1 << 40, 1)))


def _time(stride: int, rounds: int) -> float:
    page = Page(1, 1)
    os.close(page.descriptor)
    page.set_stride(0, stride)
    watch = EndWatch(page, 0, page.ring(0))
    payload = bytes(PREVIEW)
    began = time.perf_counter_ns()
    for number in range(rounds):
        stamp = watch.stamp()
        watch.sent(PREVIEW)
        watch.received(PREVIEW, stamp, 0, number, payload)
    return (time.perf_counter_ns() - began) / rounds
