"""The table of a race: a row for each lane, the best of each column marked."""

from __future__ import annotations

from ipcviz import units
from ipcviz.race_result import LaneResult, Result
from ipcviz.race_verdict import cost_words, precise, ratio_words
from ipcviz.tui.lines import Line, Piece, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import channel_words, depth_share, gauge
from ipcviz.view import ChannelView

BEST = "*"
"""After the best figure of a column: an asterisk has a place in every font."""
RATE = 16
"""Cells of a rate with its spread, as many as the widest has: columns must not come and go with a digit."""
NAME = 24
"""Cells that a lane's name gets at most."""


def figures_lines(result: Result, width: int, look: Look, legend: bool = True) -> list[Line]:
    """The headings, a row for each lane, and what the columns mean."""
    columns = columns_that_fit(_columns(result, look), width - 3)
    rows: list[Line] = [head_of(columns, " ")]
    rows += [[(" ", "text"), *row_of(columns, lane)] for lane in result.lanes]
    return [*rows, _legend(result, columns, width)] if legend else rows


def name_width(result: Result) -> int:
    """Cells for the names of the lanes."""
    return widest((units.printable(lane.label) for lane in result.lanes), 4, NAME)


def name_of(lane: LaneResult, width: int) -> str:
    """The lane's name in so many cells, the middle left out where it is too long."""
    return middle_cut(units.printable(lane.label), width)


def fullest(lane: LaneResult) -> ChannelView | None:
    """The channel of which most is taken; one that is not known counts as empty."""
    channels = [channel for channel in lane.view.channels if not channel.is_region]
    return max(channels, key=lambda channel: depth_share(channel.depth) or 0.0, default=None)


def rate_words(lane: LaneResult, look: Look) -> str:
    """The median and its spread: 178 k/s ±3 %."""
    figures = lane.figures
    if figures.rate is None:
        return look.glyph("none")
    about = look.plain("±")
    spread = "" if figures.spread is None else f" {about}{units.percent(figures.spread)}"
    return f"{units.rate(figures.rate)}{spread}"


def _columns(result: Result, look: Look) -> list[Column[LaneResult]]:
    name = name_width(result)
    first = result.lanes[0].label
    ratio = f"to {middle_cut(units.printable(first), 9)}"
    return [
        Column("lane", name, lambda lane, width: (name_of(lane, width), _style(lane, "strong"))),
        Column(ratio, max(8, len(ratio)), lambda lane, _: _ratio(lane, result), 0, True),
        Column("rate  ", RATE, lambda lane, _: _told(lane, "rate", rate_words(lane, look)), 0, True),
        Column("p50  ", 9, lambda lane, _: _told(lane, "p50", units.micros(lane.figures.p50)), 4, True),
        Column("p99  ", 9, lambda lane, _: _told(lane, "p99", units.micros(lane.figures.p99)), 2, True),
        Column("sending", 7, lambda lane, _: _share(lane, lane.figures.send), 3, True),
        Column("receiving", 9, lambda lane, _: _share(lane, lane.figures.receive), 5, True),
        Column("CPU  ", 9, lambda lane, _: _told(lane, "cpu", _cpu(lane)), 1, True),
        Column(
            "switches  ",
            10,
            lambda lane, _: _told(lane, "switches", cost_words(lane.figures.switches)),
            1,
            True,
        ),
        Column("depth", 8, lambda lane, width: _depth(lane, width, look), 6, stretch=True, most=44),
    ]


def _style(lane: LaneResult, style: str = "text") -> str:
    """Lanes that are not compared stand back."""
    return style if lane.is_compared else "dim"


def _told(lane: LaneResult, column: str, text: str) -> Piece:
    if column in lane.best:
        return f"{text} {BEST}", "good"
    return f"{text}  ", _style(lane)


def _ratio(lane: LaneResult, result: Result) -> Piece:
    return ratio_words(lane.ratio), _style(lane, "dim" if lane is result.lanes[0] else "strong")


def _cpu(lane: LaneResult) -> str:
    return units.micros(None) if lane.figures.cpu is None else precise(lane.figures.cpu)


def _share(lane: LaneResult, share: float | None) -> Piece:
    if share is None:
        return units.micros(None), "dim"
    return units.percent(share), _style(lane)


def _depth(lane: LaneResult, width: int, look: Look) -> Piece:
    channel = fullest(lane)
    if channel is None or lane.state != "running":
        return look.glyph("none"), "dim"
    bar, style = gauge(channel, min(10, width), look)
    style = style if style == "dim" else "bar"  # who is full is no alarm here
    words = units.printable(f"{channel.info.name} {channel_words(channel, width - 12)}")
    return (f"{bar}  {words}" if width >= 30 else bar), style


def _legend(result: Result, columns: list[Column[LaneResult]], width: int) -> Line:
    """What the headings mean, as much of it as there is room for."""
    shown = {column.heading.strip() for column in columns}
    each = {"acquisitions": "an acquisition", "writes": "a write"}.get(result.unit, "a message")
    waits = "wait for a lock" if result.unit == "acquisitions" else "latency of the slowest channel"
    parts = [f"{BEST} best", f"CPU{', switches' if 'switches' in shown else ''}: for {each}"]
    if {"p50", "p99"} & shown and result.unit != "writes":
        parts.append(f"{'p50, p99' if 'p50' in shown else 'p99'}: {waits}")
    if "sending" in shown:
        parts.append("sending, receiving: time blocked" if "receiving" in shown else "sending: time blocked")
    if "depth" in shown:
        parts.append("depth: the fullest channel")
    text = ""
    for part in parts:
        longer = f"{text}   {part}" if text else part
        if len(longer) > width - 2:
            break
        text = longer
    return line((f" {text}", "dim"))
