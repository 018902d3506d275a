"""Histograms of times: eight buckets an octave, so that a percentile is known to an eighth at worst."""

from __future__ import annotations

BUCKETS = 256


def bucket_of(nanoseconds: int) -> int:
    """Eight buckets an octave: at most 12.5 % wide, from 0 ns to 17 s and more in the last."""
    if nanoseconds < 8:
        return max(0, nanoseconds)
    shift = nanoseconds.bit_length() - 4
    return min(BUCKETS - 1, (shift << 3) + 8 + (nanoseconds >> shift & 7))


def middle_of(bucket: int) -> float:
    """The nanoseconds in the middle of a bucket."""
    if bucket < 8:
        return float(bucket)
    shift = (bucket >> 3) - 1
    return ((8 + (bucket & 7)) << shift) + (1 << shift) / 2


def edge_of(bucket: int) -> int:
    """The least nanoseconds that belong into a bucket."""
    return bucket if bucket < 8 else (8 + (bucket & 7)) << (bucket >> 3) - 1


def filled(counts: list[int]) -> list[int]:
    """Only the buckets with something in them: number, count, number, count, and so on."""
    return [figure for bucket, count in enumerate(counts) if count for figure in (bucket, count)]


def percentile(counts: list[int], part: float) -> float | None:
    """The nanoseconds below which `part` of what was counted lies; None for nothing counted.

    It lies in the right bucket; where in it is told as if what is in it were spread evenly.
    """
    total = sum(counts)
    if not total:
        return None
    rank = max(1.0, part * total)
    seen = 0
    for bucket, count in enumerate(counts):
        if count and seen + count >= rank:
            return _within(bucket, (rank - seen - 0.5) / count)
        seen += count
    return middle_of(len(counts) - 1)


def _within(bucket: int, part: float) -> float:
    """The nanoseconds at that part of a bucket, in fifths: nothing is farther than 1.3 % from the middle of
    one, and more digits would make recordings larger. Exact below 8 ns.
    """
    if bucket < 8:
        return float(bucket)
    least = edge_of(bucket)
    fifth = min(4, int(max(0.0, part) * 5))
    return least + (fifth + 0.5) / 5 * (edge_of(bucket + 1) - least)
