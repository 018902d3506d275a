"""Small plots as lines: figures over time, and histograms of times on a logarithmic axis.

All are made of the look's bar characters, so that each glyph set draws them; what a plot shows is told by
its axis in figures, never by its colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from ipcviz import units
from ipcviz.runtime.histogram import edge_of
from ipcviz.terminal import GlyphSet
from ipcviz.tui.lines import Line, cell, line
from ipcviz.tui.look import Look

MINUTE = 120
"""Half seconds of which a history keeps the last."""
WINDOWS = (20, 40, 60, MINUTE)
"""Half seconds that a plot over time may show."""
TICKS = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10)
"""Nanoseconds that an axis of times names: 1 µs to 10 s."""


def columns_of(values: Sequence[float | None], highest: float, height: int, look: Look) -> list[str]:
    """Rows of bars, the top one first, one column a value; None is a gap, what is above 0 shows a mark."""
    levels = look.levels
    fine = len(levels) - 1
    steps = [_steps(value, highest, height * fine) for value in values]
    rows = []
    for row in range(height - 1, -1, -1):
        below = row * fine
        rows.append("".join(levels[max(0, min(fine, step - below))] for step in steps))
    return rows


def grouped(values: Sequence[float | None], steps: int, whole: int, width: int) -> list[float | None]:
    """The last `whole` of `steps` values in at most `width` means; the oldest may be missing.

    The groups begin at fixed steps, so that a mean does not change when a later value comes.
    """
    size = max(1, -(-whole // max(1, width)))
    shown = values[-whole:]
    groups: dict[int, list[float]] = {}
    for step, value in enumerate(shown, steps - len(shown)):
        inside = groups.setdefault(step // size, [])
        if value is not None:
            inside.append(value)
    means = [sum(inside) / len(inside) if inside else None for inside in groups.values()]
    return means[-width:]


def timed(
    values: Sequence[float | None], steps: int, width: int, most: int = MINUTE
) -> tuple[list[float | None], int]:
    """So many columns up to now, and the seconds that they show: 10, 20, 30 or 60, as long as the run is."""
    window = min(most, next((size for size in WINDOWS if size >= steps), MINUTE))
    size = max(1, -(-window // max(1, width)))
    count = -(-window // size)
    groups = grouped(values, steps, window, count)
    missing: list[float | None] = [None] * (count - len(groups))
    groups = missing + groups
    return [groups[count - 1 - (width - 1 - column) * count // width] for column in range(width)], window // 2


@lru_cache(maxsize=512)
def recent(
    values: tuple[float, ...], steps: int, width: int, look: GlyphSet, highest: float | None = None
) -> str:
    """The same in one row of bars, but never more than 4 s in a cell, for where nothing names the time.

    The bars are drawn against `highest`, or against the highest of them. A history changes twice a second
    and is drawn ten times: what was drawn is kept.
    """
    columns = timed(values, steps, width, min(MINUTE, 8 * width))[0]
    most = highest or max([value or 0.0 for value in columns], default=0.0)
    return columns_of(columns, max(most, *(value or 0.0 for value in columns)), 1, Look(look))[0]


def time_axis(seconds: int, width: int) -> Line:
    """So many seconds ago at the left, now at the right."""
    left = f"{seconds} s ago"
    return [(left + " " * max(1, width - len(left) - 3) + "now", "dim")]


def over_time(
    values: Sequence[float | None],
    width: int,
    height: int,
    look: Look,
    limit: float | None = None,
    tell: str = "",
    top_style: str = "bar",
) -> list[Line]:
    """Bars up to now, as many as there is width for; a dashed line at the limit, where there is one.

    `tell` is what the top of the axis is called; the caller says it, for it knows the unit. Only the top row
    has a style of its own: what reaches it is what counts. What lies under the upper edge of the bars is
    quiet: the edge is what is read.
    """
    shown = list(values[-width:])
    known = [value for value in shown if value is not None]
    highest = max([*known, limit or 0.0, 1e-9])
    rows = columns_of([None] * (width - len(shown)) + shown, highest, height, look)
    lines: list[Line] = []
    above = " " * width
    for number, row in enumerate(rows):
        dashed = limit is not None and number == 0
        text = row.replace(" ", look.glyph("limit")) if dashed else row
        style = "bar" if number else top_style
        lines.append(
            _two_styles(text, look.glyph("limit"), style) if dashed else _outlined(text, above, style)
        )
        above = row
    if tell:
        lines[0] = _labelled(lines[0], tell, width)
    return lines


def histogram(
    counts: Mapping[int, int], width: int, height: int, look: Look, marks: Mapping[str, float | None]
) -> list[Line]:
    """Counts by bucket on a logarithmic axis of time, `height` rows of bars and two of axis.

    `marks` are times in µs (p50, p99) that are pointed at under the bars.
    """
    first, last = _span_of(counts)
    low, high = math.log(max(1, edge_of(first))), math.log(max(2, edge_of(last + 1)))
    columns = [0.0] * width
    for bucket, count in counts.items():
        left = (math.log(max(1, edge_of(bucket))) - low) / (high - low) * width
        right = (math.log(max(1, edge_of(bucket + 1))) - low) / (high - low) * width
        _spread(columns, left, max(right, left + 1e-6), float(count))
    rows: list[Line] = [[(row, "bar")] for row in columns_of(columns, max(columns), height, look)]
    place = _Place(low, high, width)
    return [*rows, _axis(place, look), _pointers(place, marks, look)]


class _Place:
    """Where a time is on a logarithmic axis."""

    def __init__(self, low: float, high: float, width: int) -> None:
        self.low, self.high, self.width = low, high, width

    def of(self, nanoseconds: float) -> int:
        share = (math.log(max(1.0, nanoseconds)) - self.low) / (self.high - self.low)
        return max(0, min(self.width - 1, int(share * self.width)))

    def has(self, nanoseconds: float) -> bool:
        return self.low <= math.log(nanoseconds) < self.high


def _axis(place: _Place, look: Look) -> Line:
    """A level line with the powers of ten on it."""
    level = look.frame("square")[4]
    row = [level] * place.width
    for tick in TICKS:
        text = f" {units.micros(tick / 1000).replace('.0 ', ' ')} "
        at = place.of(tick) - 1 if place.has(tick) else -2
        if at >= 0 and at + len(text) <= place.width:
            row[at : at + len(text)] = text
    return [("".join(row), "dim")]


def _pointers(place: _Place, marks: Mapping[str, float | None], look: Look) -> Line:
    """Under the axis: a mark and its name at each time; names that would meet share the last one's mark."""
    told: list[tuple[int, str]] = []
    for name, micros in marks.items():
        if micros is not None:
            told.append((place.of(micros * 1000), f"{name} {units.micros(micros)}"))
    up = look.glyph("up")
    placed = [_beside_mark(at, text, up, place.width) for at, text in told]
    meet = any(one[0] + len(one[1]) + 2 > other[0] for one, other in pairwise(placed))
    if meet:
        placed = [_beside_mark(told[-1][0], "  ".join(text for _, text in told), up, place.width)]
    row: Line = []
    at = 0
    for start, text in placed:
        row += line((" " * (start - at), "text"), (text, "strong"))
        at = start + len(text)
    return row


def _beside_mark(at: int, text: str, mark: str, width: int) -> tuple[int, str]:
    """Where a text with its mark begins: the text stands to the right of it, or else to the left."""
    if at + len(text) + 2 <= width:
        return at, f"{mark} {text}"
    start = at - len(text) - 1
    return (start, f"{text} {mark}") if start >= 0 else (0, f"{text} {mark}"[:width])


def _span_of(counts: Mapping[int, int]) -> tuple[int, int]:
    """The first and the last bucket to show: at least two octaves, so that one bucket is no wall."""
    if not counts:
        return 72, 152  # about 1 µs to 1 ms
    first, last = min(counts), max(counts)
    missing = max(0, 24 - (last - first))
    return max(8, first - missing // 2 - 1), last + missing - missing // 2 + 1


def _spread(columns: list[float], left: float, right: float, count: float) -> None:
    """A bucket's count over the columns that it covers, each by its part of the bucket."""
    if right <= 0:  # before the axis begins: less than 8 ns
        columns[0] += count
        return
    first, last = max(0, int(left)), min(len(columns) - 1, int(right))
    for column in range(first, last + 1):
        part = min(right, column + 1) - max(left, column)
        columns[column] += count * max(0.0, part) / (right - left)


def _steps(value: float | None, highest: float, most: int) -> int:
    if not value or highest <= 0:
        return 0
    return max(1, min(most, round(value / highest * most)))


def _outlined(text: str, above: str, style: str) -> Line:
    """Bars that end here in their style, what bars go on upwards from in that of frames."""
    row: Line = []
    for char, over in zip(text, above, strict=True):
        kind = style if over == " " else "frame"
        if row and row[-1][1] == kind:
            row[-1] = (row[-1][0] + char, kind)
        else:
            row.append((char, kind))
    return row


def _two_styles(text: str, dash: str, style: str) -> Line:
    """Bars in their style, the dashes between them dim."""
    row: Line = []
    for char in text:
        kind = "dim" if char == dash else style
        if row and row[-1][1] == kind:
            row[-1] = (row[-1][0] + char, kind)
        else:
            row.append((char, kind))
    return row


def _labelled(row: Line, tell: str, width: int) -> Line:
    """What the top stands for, over the oldest figures."""
    text = "".join(text for text, _ in row)
    if len(tell) + 1 >= width:
        return row
    rest = [(text[len(tell) + 1 :], row[-1][1])] if len(row) == 1 else _cut(row, len(tell) + 1)
    return [(f"{cell(tell, len(tell))} ", "dim"), *rest]


def _cut(row: Line, count: int) -> Line:
    """The row without its first characters."""
    left: Line = []
    for text, style in row:
        kept = text[count:]
        count = max(0, count - len(text))
        if kept:
            left.append((kept, style))
    return left
