"""The lanes of a race as growing bars, and their rates over time on one scale."""

from __future__ import annotations

from ipcviz import units
from ipcviz.race import STEP
from ipcviz.race_result import LaneResult, Result
from ipcviz.race_verdict import age_words, ratio_words
from ipcviz.tui.lines import Line, cell, line
from ipcviz.tui.look import Look
from ipcviz.tui.panels.race_figures import BEST, name_of, name_width
from ipcviz.tui.plots import columns_of
from ipcviz.units import SECOND

NARROWEST = 12
"""Cells of a bar or a chart below which it says nothing."""
BEGINNING = 40
"""Half seconds for which the charts have room at first, where nobody knows how long it will be."""
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


def scale_of(result: Result) -> tuple[float, str]:
    """What a full bar stands for, and how that is told.

    What a lane that has finished has carried; what the fastest will have carried at the end, where that is
    known; else the next round number.
    """
    finished = [lane.count for lane in result.lanes if lane.state == "finished"]
    highest = max([*(lane.count for lane in result.lanes), 1])
    if finished:
        return float(max(highest, *finished)), "a full bar: all of the work"
    if result.seconds is not None:
        ahead = [
            lane.count * result.seconds * SECOND / lane.age for lane in result.lanes if lane.age > SECOND // 2
        ]
        if ahead:
            told = f"a full bar: after {result.seconds:g} s at the fastest lane's pace"
            return max(highest, *ahead), told
    limit = round_above(highest)
    return float(limit), f"a full bar: {units.count(limit)}"


def round_above(count: int) -> int:
    """The next of 10, 20, 50, 100, 200, ..."""
    power = 10
    while True:
        for factor in (1, 2, 5):
            if factor * power >= count:
                return factor * power
        power *= 10


def bar_lines(result: Result, width: int, look: Look) -> list[Line]:
    """A row for each lane: sign, name, the growing bar, how much that is, and the ratio."""
    name = name_width(result)
    told = [_told(lane, result) for lane in result.lanes]
    tail = max(len(text) for text in told)
    room = max(NARROWEST, width - name - tail - 17)
    full, _ = scale_of(result)
    rows = []
    for lane, text in zip(result.lanes, told, strict=True):
        glyph, style = sign_of(lane, look)
        leads = "rate" in lane.best
        ratio = f"{ratio_words(lane.ratio):>7} {BEST if leads else ' '}"
        bar = look.bar(lane.count / full, room)
        rows.append(
            line(
                (f" {glyph} ", style),
                (cell(name_of(lane, name), name), "strong" if lane.is_compared else "dim"),
                ("  ", "text"),
                (bar, "good" if leads else "bar" if lane.is_compared else "dim"),
                (
                    f"  {text:>{tail}}",
                    "text" if lane.is_compared else "bad" if lane.state == "failed" else "dim",
                ),
                (ratio, "good" if leads else "strong"),
            )
        )
    return rows


def sign_of(lane: LaneResult, look: Look) -> tuple[str, str]:
    """The glyph of its state, and the style."""
    if lane.state == "running" and any(finding.kind == "deadlock" for finding in lane.view.findings):
        return look.glyph("finding"), "bad"
    signs = {
        "waiting": ("waiting", "dim"),
        "starting": ("starting", "dim"),
        "running": ("running", "good"),
        "cut": ("ended", "dim"),
        "finished": ("ended", "good"),
        "left out": ("none", "dim"),
    }
    glyph, style = signs.get(lane.state, ("failed", "bad"))
    return look.glyph(glyph), style


def _told(lane: LaneResult, result: Result) -> str:
    """How far it is."""
    if lane.state == "finished":
        place = ORDINALS.get(lane.place, f"{lane.place}th")
        return f"{place} after {age_words(lane.age)}"
    words = {"waiting": "waits for its turn", "starting": "starting", "left out": "did not begin"}
    words["failed"] = words["refused"] = "out of the race"
    return words.get(lane.state, f"{units.count(lane.count)} {result.unit}")


def chart_note(result: Result, width: int) -> str:
    """Which time the charts show, and what their height stands for."""
    start, end, _ = _window(result, _room(result, width))
    since = f"from {units.clock(start * STEP)} on, " if start else ""
    seconds = (end - start) * STEP / SECOND
    return f"{since}{seconds:.0f} s; a full height: {units.rate(_highest(result, start))}"


def chart_lines(result: Result, width: int, rows: int, look: Look) -> list[Line]:
    """`rows` rows for each lane, all on one scale and from the same age on; its name beside the last.

    With rows enough the topmost stays blank, so that no chart touches the next one.
    """
    room = _room(result, width)
    start, end, cells = _window(result, room)
    highest = _highest(result, start)
    drawn = rows - 1 if rows > 2 else rows
    lines: list[Line] = []
    for lane in result.lanes:
        values = [value for value in lane.history[start:end] for _ in range(cells)]
        made = columns_of([*values, *[None] * (room - len(values))], highest, drawn, look)
        lines += [[] for _ in range(rows - drawn)]
        lines += [_chart_row(lane, text, number == drawn - 1, result) for number, text in enumerate(made)]
    return lines


def _chart_row(lane: LaneResult, drawn: str, last: bool, result: Result) -> Line:
    width = name_width(result)
    rate = units.rate(lane.history[-1]) if last and lane.history and lane.state == "running" else ""
    return line(
        (f" {cell(name_of(lane, width) if last else '', width)}  ", "strong" if lane.is_compared else "dim"),
        (drawn, "bar" if lane.is_compared else "dim"),
        (f"  {rate:>9}", "text"),
    )


def _room(result: Result, width: int) -> int:
    return max(NARROWEST, width - name_width(result) - 15)


def _window(result: Result, room: int) -> tuple[int, int, int]:
    """The first and the last half second that is shown, the same of every lane, and the cells for each."""
    longest = max(len(lane.history) for lane in result.lanes)
    whole = longest
    if result.status != "ended":
        ahead = BEGINNING if result.seconds is None else int(result.seconds * SECOND / STEP)
        whole = max(longest, min(ahead, room))
    start = max(0, longest - room)
    return start, longest, max(1, room // max(1, whole))


def _highest(result: Result, start: int) -> float:
    return max((value for lane in result.lanes for value in lane.history[start:]), default=0.0)
