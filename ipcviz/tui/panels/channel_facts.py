"""Of a channel's page: its ends with their counters, and how it is made."""

from __future__ import annotations

from functools import partial

from ipcviz import units
from ipcviz.traits import gives
from ipcviz.tui.lines import Line, Piece, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.panels.page import paragraph
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import BLOCKED_MUCH, state_of
from ipcviz.view import ChannelView, EndView, View

GAUGE = 8


def end_rows(channel: ChannelView, view: View, width: int, look: Look) -> list[Line]:
    """A row for each end: who, how much, how fast, how long it waited, what it does now."""
    columns = columns_that_fit(_columns(channel, view, look), width - 3)
    return [head_of(columns), *(line("  ", *row_of(columns, end)) for end in channel.ends)]


def fact_rows(channel: ChannelView, width: int) -> list[Line]:
    """The mechanism with its options and limits, how the depth is known, the address."""
    info, depth = channel.info, channel.depth
    rows = paragraph("mechanism", _mechanism_words(channel), width)
    rows += paragraph("limits", _limit_words(channel), width)
    because = f": {depth.reason}" if depth.reason else ""
    quality = f"{info.source} ({depth.quality}{because})" if info.source else f"{depth.quality}{because}"
    if not channel.is_region:
        rows += paragraph("depth", units.printable(quality), width)
    rows += paragraph("address", units.printable(info.address), width)
    rows += paragraph("part of", units.printable(info.part_of or ""), width)
    return rows


def _mechanism_words(channel: ChannelView) -> str:
    info = channel.info
    words = [f"{info.mechanism}, {_kind_words(info.kind)}"]
    words += [f"{name} = {value}" for name, value in info.options.items()]
    if info.priorities:
        words.append("messages may overtake by priority")
    return units.printable("; ".join(words))


def _kind_words(kind: str) -> str:
    return {
        "channel": "each message goes to one receiver",
        "broadcast": "each message goes to every receiver",
        "call": "a request and its reply",
        "region": "bytes that several processes share",
    }.get(kind, kind)


def _limit_words(channel: ChannelView) -> str:
    info, depth = channel.info, channel.depth
    if channel.is_region:
        return f"{units.size(info.size)} shared"
    words = [f"a message has at most {units.size(info.largest)}"]
    if depth.capacity is not None:
        unit = "" if depth.unit.startswith("bytes") else f" {depth.unit}"
        words.append(f"holds {units.quantity(depth.capacity, depth.unit)}{unit}")
    words.append("whoever sends waits while it is full" if info.backpressure else "nobody ever waits to send")
    words.append("loses nothing" if info.lossless else "may lose messages")
    return "; ".join(words)


def _columns(channel: ChannelView, view: View, look: Look) -> list[Column[EndView]]:
    name = widest((end.process for end in channel.ends), 7, 24)
    region = channel.is_region
    return [
        Column("process", name, lambda end, width: (middle_cut(end.process, width), "strong")),
        Column("role", 9, lambda end, _: (end.role, "text"), 2),
        Column("times" if region else "messages", 9, _count, 1, right=True),
        Column("bytes", 9, _bytes, 6, right=True),
        Column(
            "rate", 9, lambda end, _: (units.rate(end.sent_rate + end.received_rate), "text"), 3, right=True
        ),
        Column("waited of 10 s", 6 + GAUGE, partial(_waited, look=look), 4),
        Column("in all", 8, lambda end, _: (units.lasted(_waited_in_all(end)), "dim"), 7, right=True),
        Column("measured", 13, _measured, 8),
        Column("now", 24, partial(_now, view=view, look=look), 5, stretch=True, most=44),
    ]


def _count(end: EndView, _width: int) -> Piece:
    state = end.state
    return units.count(state.sent if gives(end.role) else state.received), "text"


def _bytes(end: EndView, _width: int) -> Piece:
    state = end.state
    return units.size(state.sent_bytes if gives(end.role) else state.received_bytes), "dim"


def _waited(end: EndView, _width: int, look: Look) -> Piece:
    style = "warn" if gives(end.role) and end.waited >= BLOCKED_MUCH else "dim"
    return f"{look.bar(end.waited, GAUGE)}{units.percent(end.waited):>6}", style


def _waited_in_all(end: EndView) -> int:
    return end.state.blocked_send + end.state.blocked_receive


def _measured(end: EndView, _width: int) -> Piece:
    return "every message" if end.state.stride == 1 else f"1 in {end.state.stride}", "dim"


def _now(end: EndView, _width: int, view: View, look: Look) -> Piece:
    """What its process does: in this channel, or elsewhere."""
    process = next((process for process in view.processes if process.name == end.process), None)
    if process is None:
        return "", "dim"
    glyph, words, style = state_of(process, view, look)
    closed = ", end closed" if end.state.closed and process.status == "running" else ""
    return f"{glyph} {words}{closed}", style
