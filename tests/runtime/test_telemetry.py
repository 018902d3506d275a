"""The shared page: rows, histograms, rings of samples, boards."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcviz.mechanisms.contract import RECEIVING, SENDING, TIMED
from ipcviz.runtime import telemetry as tm
from ipcviz.runtime.histogram import BUCKETS, bucket_of, middle_of, percentile
from ipcviz.runtime.telemetry import EndWatch, LockUseWatch, Page, Ring

nanoseconds = st.integers(0, 1 << 45) | st.integers(0, 5000)
LAST = BUCKETS - 1


class Clock:
    """A monotonic clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def monotonic_ns(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(tm.time, "monotonic_ns", turned.monotonic_ns)
    return turned


# ---- histograms ----------------------------------------------------------------------------------------


@given(nanoseconds, nanoseconds)
def test_a_longer_time_is_in_no_earlier_bucket(one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert 0 <= bucket_of(first) <= bucket_of(second) <= LAST


@given(st.integers(0, (1 << 34) - 1))
def test_a_buckets_middle_is_within_an_eighth(time: int) -> None:
    assert abs(middle_of(bucket_of(time)) - time) <= time * 0.125


@given(st.integers(0, LAST))
def test_a_buckets_middle_is_in_it(bucket: int) -> None:
    assert bucket_of(int(middle_of(bucket))) == bucket


def test_the_ends_of_the_scale() -> None:
    assert [bucket_of(time) for time in (-5, 0, 1, 7, 8, 15, 16, 17, 18)] == [0, 0, 1, 7, 8, 15, 16, 16, 17]
    assert bucket_of((1 << 34) - 1) == bucket_of(1 << 34) == bucket_of(1 << 60) == LAST
    assert bucket_of((1 << 33) + (1 << 32) - 1) < LAST


@given(st.lists(st.integers(0, 1 << 33), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_that_of_the_sorted_times(times: list[int], part: float) -> None:
    counts = [0] * BUCKETS
    for time in times:
        counts[bucket_of(time)] += 1
    rank = next(n for n in range(1, len(times) + 1) if n >= part * len(times))
    told = percentile(counts, part)
    assert told is not None
    assert bucket_of(int(told)) == bucket_of(sorted(times)[rank - 1])


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_percentile_of_times_that_are_spread_is_near_the_true_one(part: float) -> None:
    times = range(401_000_000, 501_000_000, 100_000)
    counts = [0] * BUCKETS
    for time in times:
        counts[bucket_of(time)] += 1
    assert percentile(counts, part) == pytest.approx(times[int(part * len(times)) - 1], rel=0.03)


def test_a_percentile_of_one_time_is_the_middle_of_its_bucket() -> None:
    counts = [0] * BUCKETS
    counts[bucket_of(440_000_000)] = 1
    assert percentile(counts, 0.5) == percentile(counts, 0.99) == middle_of(bucket_of(440_000_000))


def test_no_percentile_of_nothing() -> None:
    assert percentile([0] * BUCKETS, 0.5) is None
    assert percentile([], 0.5) is None


@given(st.floats(0, 1e8))
def test_the_stride_follows_the_rate(rate: float) -> None:
    stride = tm.stride_for(rate)
    assert stride & (stride - 1) == 0
    if rate <= tm.EXACT_BELOW:
        assert stride == 1
    else:
        assert tm.SAMPLED / 2 < rate / stride <= tm.SAMPLED


@given(st.floats(0, 1e8), st.floats(0, 1e8))
def test_a_faster_end_is_sampled_no_more_often(one: float, other: float) -> None:
    assert tm.stride_for(min(one, other)) <= tm.stride_for(max(one, other))


# ---- rows ----------------------------------------------------------------------------------------------


def test_an_endpoints_row(clock: Clock) -> None:
    page = Page(3, 1)
    watch = EndWatch(page, 1, page.ring(0))
    for size in (10, 0, 5):
        watch.sent(size)
    watch.received(7, 0, 0, 1, b"1234567")
    row = page.row(1)
    assert (row[tm.SENT], row[tm.SENT_BYTES]) == (3, 15)
    assert (row[tm.RECEIVED], row[tm.RECEIVED_BYTES]) == (1, 7)
    assert (row[tm.STRIDE], row[tm.CLOSED], row[tm.WAIT]) == (1, 0, 0)
    watch.closed()
    assert page.row(1)[tm.CLOSED] == 1
    untouched = [0] * tm.ROW_WORDS
    untouched[tm.STRIDE] = 1
    assert page.row(0) == page.row(2) == untouched


@pytest.mark.parametrize(
    ("activity", "state", "timed", "word"),
    [
        (SENDING, 1, False, tm.BLOCKED_SEND),
        (SENDING | TIMED, 1, True, tm.BLOCKED_SEND),
        (RECEIVING, 2, False, tm.BLOCKED_RECEIVE),
        (RECEIVING | TIMED, 2, True, tm.BLOCKED_RECEIVE),
    ],
)
def test_a_wait_in_a_row(clock: Clock, activity: int, state: int, timed: bool, word: int) -> None:
    page = Page(1, 1)
    watch = EndWatch(page, 0, page.ring(0))
    watch.blocked(activity)
    assert tm.state_of(page.row(0)[tm.WAIT]) == (state, timed, clock.now)
    clock.now += 250
    watch.unblocked()
    watch.blocked(activity)
    clock.now += 50
    watch.unblocked()
    row = page.row(0)
    assert row[tm.WAIT] == 0
    other = tm.BLOCKED_SEND + tm.BLOCKED_RECEIVE - word
    assert (row[word], row[other]) == (300, 0)


def test_stamped_messages_are_measured_and_sampled(clock: Clock) -> None:
    page = Page(2, 1)
    watch = EndWatch(page, 1, page.ring(0))
    stamp = watch.stamp()
    assert stamp == clock.now
    clock.now += 5000
    payload = bytes(range(100))
    watch.received(100, stamp, 3, 9, payload)
    watch.received(100, 0, 3, 10, payload)  # not stamped: counted only
    assert page.histogram(0) == [0] * BUCKETS
    counts = page.histogram(1)
    assert (counts[bucket_of(5000)], sum(counts)) == (1, 1)
    (sample,) = page.ring(0).drain()
    assert sample == (tm.MESSAGE, 1, 3, 9, 100, stamp, clock.now, payload[:64])


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_one_message_in_a_stride_is_stamped(clock: Clock, stride: int) -> None:
    page = Page(1, 1)
    watch = EndWatch(page, 0, page.ring(0))
    page.set_stride(0, stride)
    stamps = [bool(watch.stamp()) for _ in range(40)]
    assert stamps == [(n + 1) % stride == 0 for n in range(40)]


@pytest.mark.parametrize(("gap", "least"), [(1_000_000, 1), (100, 4096), (10_000, 64)])
def test_a_fast_sender_slows_its_sampling_down_by_itself(clock: Clock, gap: int, least: int) -> None:
    page = Page(1, 1)
    watch = EndWatch(page, 0, page.ring(0))
    for _ in range(tm.BURST):
        clock.now += gap
        watch.stamp()
    assert page.row(0)[tm.STRIDE] == tm.stride_for(1e9 / gap) == least


def test_a_users_row_of_a_lock(clock: Clock) -> None:
    page = Page(1, 1)
    watch = LockUseWatch(page, 0, page.ring(0))
    watch.acquired(False)
    row = page.row(0)
    assert tm.state_of(row[tm.STATE]) == (tm.HOLDING, False, clock.now)
    assert (row[tm.ACQUISITIONS], row[tm.CONTENDED], row[tm.WAITED]) == (1, 0, 0)
    watch.released()
    assert page.row(0)[tm.STATE] == 0

    watch.waiting(True)
    assert tm.state_of(page.row(0)[tm.STATE]) == (tm.WAITING, True, clock.now)
    clock.now += 70
    watch.gave_up()
    row = page.row(0)
    assert (row[tm.STATE], row[tm.ACQUISITIONS], row[tm.WAITED]) == (0, 1, 70)

    watch.waiting(False)
    clock.now += 30
    watch.acquired(True)
    row = page.row(0)
    assert (row[tm.ACQUISITIONS], row[tm.CONTENDED], row[tm.WAITED]) == (2, 1, 100)
    counts = page.histogram(0)
    assert (counts[0], counts[bucket_of(30)], sum(counts)) == (1, 1, 2)
    kinds = [sample.kind for sample in page.ring(0).drain()]
    assert kinds == [
        tm.LOCK_ACQUIRED,
        tm.LOCK_RELEASED,
        tm.LOCK_WAITED,
        tm.LOCK_WAITED,
        tm.LOCK_ACQUIRED,
    ]


def test_rows_are_apart_by_two_cache_lines() -> None:
    assert tm.ROW_WORDS * 8 == 128
    page = Page(2, 2)
    page.set_stride(1, 99)
    assert page.row(0)[tm.STRIDE] == 1
    assert page.row(1)[tm.STRIDE] == 99


class _Shifting:
    """Words of which one changes between two looks, as a writer in another process changes it."""

    def __init__(self, words: memoryview, at: int) -> None:
        self._words, self._at, self.looks = words, at, 0

    def __getitem__(self, item: Any) -> Any:
        found = self._words[item]
        if isinstance(item, slice):
            self.looks += 1
            copy = memoryview(bytearray(found)).cast("Q")
            if self.looks == 1:
                self._words[self._at] += 8
            return copy
        return found


@pytest.mark.parametrize("word", [tm.WAIT, tm.STATE])
def test_a_row_is_read_again_when_its_wait_changed_meanwhile(word: int) -> None:
    page = Page(1, 1)
    page.words = _Shifting(page.words, word)  # type: ignore[assignment]
    assert page.row(0)[word] == 8
    assert page.words.looks == 2  # type: ignore[attr-defined]


# ---- rings ---------------------------------------------------------------------------------------------


def _write(ring: Ring, number: int) -> None:
    ring.write(tm.MESSAGE, 0, 0, number, 4, 0, 0, struct.pack("<I", number))


def _numbers(ring: Ring) -> list[int]:
    samples = list(ring.drain())
    assert [struct.unpack("<I", sample.preview)[0] for sample in samples] == [
        sample.sequence for sample in samples
    ]
    return [sample.sequence for sample in samples]


@given(st.lists(st.integers(0, 50), max_size=8))
def test_samples_come_in_order_and_what_was_overwritten_is_counted(bursts: list[int]) -> None:
    with patch.object(tm, "RECORDS", 16):
        _write_and_drain(bursts)


def _write_and_drain(bursts: list[int]) -> None:
    page = Page(1, 2)
    writer, reader = page.ring(1), page.ring(1)
    written = missed = 0
    for burst in bursts:
        for number in range(written, written + burst):
            _write(writer, number)
        written += burst
        lost = max(0, burst - tm.RECORDS)
        missed += lost
        assert _numbers(reader) == list(range(written - burst + lost, written))
        assert reader.missed == missed
    assert _numbers(page.ring(0)) == []


def test_a_record_that_is_overwritten_while_it_is_read_is_missed() -> None:
    page = Page(1, 1)
    writer, reader = page.ring(0), page.ring(0)
    for number in range(tm.RECORDS):
        _write(writer, number)
    samples = reader.drain()
    assert next(samples).sequence == 0
    for number in range(tm.RECORDS, tm.RECORDS + 5):  # the writer laps the reader
        _write(writer, number)
    rest = [sample.sequence for sample in samples]
    assert rest == list(range(5, tm.RECORDS))
    assert reader.missed == 4
    assert _numbers(reader) == list(range(tm.RECORDS, tm.RECORDS + 5))


def test_a_record_that_is_being_written_is_missed() -> None:
    page = Page(1, 1)
    writer, reader = page.ring(0), page.ring(0)
    for number in range(3):
        _write(writer, number)
    second = (writer._records + tm.RECORD_BYTES) >> 3
    page.words[second] = 0  # as a writer leaves it that was killed in the middle
    assert _numbers(reader) == [0, 2]
    assert reader.missed == 1


def test_a_samples_preview_is_cut() -> None:
    page = Page(1, 1)
    ring = page.ring(0)
    ring.write(tm.MESSAGE, 0, 0, 1, 100, 0, 0, b"x" * 64)
    ring.write(tm.MESSAGE, 0, 0, 2, 2, 0, 0, b"\0\0")
    assert [sample.preview for sample in page.ring(0).drain()] == [b"x" * 64, b"\0\0"]


# ---- boards --------------------------------------------------------------------------------------------


def test_the_latest_report_wins_and_is_read_once() -> None:
    page = Page(1, 3)
    writer, reader = page.board(2), page.board(2)
    assert reader.read() is None
    writer.write(b"one")
    assert reader.read() == b"one"
    assert reader.read() is None
    writer.write(b"two, which is longer")
    writer.write(b"3")
    assert reader.read() == b"3"
    assert reader.read() is None
    assert page.board(1).read() is None


def test_a_report_that_is_being_written_is_not_read() -> None:
    page = Page(1, 1)
    writer, reader = page.board(0), page.board(0)
    writer.write(b"whole")
    page.words[writer._number] += 1
    assert reader.read() is None
    page.words[writer._number] += 1
    assert reader.read() == b"whole"


def test_a_report_that_changes_while_it_is_read_is_left_for_the_next_time() -> None:
    page = Page(1, 1)
    writer, reader = page.board(0), page.board(0)
    writer.write(b"before")

    class Interrupting:
        """The mapping: when the reader looks at it, the writer comes in between."""

        def __getitem__(self, item: slice) -> bytes:
            reader._page = page
            found = page.map[item]
            writer.write(b"after")
            return found

    class Between:
        words = page.words
        map = Interrupting()

    reader._page = Between()  # type: ignore[assignment]
    assert reader.read() is None
    assert reader.read() == b"after"


@pytest.mark.parametrize("workers", [1, 4])
def test_the_longest_report(workers: int) -> None:
    page = Page(1, workers)
    board = page.board(workers - 1)
    longest = tm.BOARD_BYTES - 16
    board.write(b"x" * longest)
    with pytest.raises(ValueError, match=f"{longest} bytes at most, and not {longest + 1}"):
        board.write(b"y" * (longest + 1))
    assert page.board(workers - 1).read() == b"x" * longest


def test_the_parts_of_a_page_do_not_overlap() -> None:
    page = Page(2, 2)
    marks: list[tuple[Callable[[], Any], Any]] = []
    for row in range(2):
        watch = EndWatch(page, row, page.ring(row))
        watch.received(1, 1, 0, row, bytes([row]))
        page.board(row).write(b"board %d" % row)
        marks.append((lambda row=row: page.row(row)[tm.RECEIVED], 1))
        marks.append((lambda row=row: sum(page.histogram(row)), 1))
        marks.append((lambda row=row: [s.sequence for s in page.ring(row).drain()], [row]))
        marks.append((lambda row=row: page.board(row).read(), b"board %d" % row))
    for ask, expected in marks:
        assert ask() == expected


def test_what_watching_costs_is_measured() -> None:
    cost = tm.calibrate(50)
    assert 0 < cost.counted < 1e6
    assert 0 < cost.sampled < 1e6
