"""A channel in one row: the columns that the panel, its page and the strip share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.plots import recent
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import (
    blocked_style,
    channel_words,
    depth_short,
    depth_style,
    faults_words,
    gauge,
    sampling_words,
)
from ipcviz.view import ChannelView

GAUGE = 10
_MARKS = {"exact": "", "at least": "+", "estimate": "~", "unknown": ""}
"""After a depth that is not exact: at least so much; an estimate. What is unknown is a question mark."""


def channel_columns(channels: Sequence[ChannelView], look: Look) -> list[Column[ChannelView]]:
    """All columns; the rank says which go first where the room is small."""
    name = widest((channel.info.name for channel in channels), 7, 24)
    mechanism = widest((channel.mechanism for channel in channels), 9, 22)
    depth = widest((_depth_text(channel) for channel in channels), 6, 18)
    lossy = any(channel.dropped is not None for channel in channels)
    acted = widest((faults_words(channel.faults) for channel in channels), 0, 20)
    history: Column[ChannelView] = Column(
        "history", 10, partial(_history, look=look), 7, right=True, stretch=True, most=60
    )
    return [
        Column("channel", min(name, 14), _name, stretch=True, most=name),
        Column("mechanism", mechanism, lambda channel, _: (channel.mechanism, "text"), 5),
        history,
        Column("rate", 9, lambda channel, _: (units.rate(channel.rate), "text"), 1, right=True),
        Column("bytes", 10, _bytes, 9, right=True),
        Column("depth", GAUGE, lambda channel, width: gauge(channel, width, look), 2),
        Column("", depth, lambda channel, _: (_depth_text(channel), depth_style_of(channel)), 3),
        Column("p50", 7, lambda channel, _: (_micros(channel, channel.latency.p50), "dim"), 8, right=True),
        Column("p99", 7, lambda channel, _: (_micros(channel, channel.latency.p99), "text"), 3, right=True),
        Column("blocked", 13, _blocked, 4),
        Column("lost" if lossy else "", 7 if lossy else 0, _lost, 4, right=True),
        Column("acts" if acted else "", acted, lambda channel, _: (faults_words(channel.faults), "warn"), 4),
        Column("measured", 13, lambda channel, _: (sampling_words(channel), "dim"), 6),
    ]


def channel_table(channels: Sequence[ChannelView], width: int, height: int, look: Look) -> list[Line]:
    """The head and the first rows, without a mark: for where nothing can be chosen."""
    columns = columns_that_fit(channel_columns(channels, look), width - 3)
    rows = [line("  ", *row_of(columns, channel)) for channel in channels[: max(0, height - 1)]]
    return [head_of(columns), *rows][:height]


def marks_of(channel: ChannelView) -> str:
    """What was thrown away, and what somebody does to it."""
    lost = f"{units.count(channel.dropped)} lost" if channel.dropped else ""
    return ", ".join(filter(None, (lost, faults_words(channel.faults))))


def depth_style_of(channel: ChannelView) -> str:
    """The style of a depth's figures: they stand out when its gauge does."""
    style = depth_style(channel)
    return "text" if style == "bar" else style


def _name(channel: ChannelView, width: int) -> Piece:
    return middle_cut(channel.info.name, width), "strong"


def _history(channel: ChannelView, width: int, look: Look) -> Piece:
    return recent(channel.history, channel.steps, width, look.glyphs), "bar"


def _bytes(channel: ChannelView, _width: int) -> Piece:
    return f"{units.size(channel.bytes_rate)}/s", "dim"


def _depth_text(channel: ChannelView) -> str:
    if channel.is_region:
        return channel_words(channel)
    return depth_short(channel.depth) + _MARKS[channel.depth.quality]


def _micros(channel: ChannelView, value: float | None) -> str:
    return "" if channel.is_region else units.micros(value)


def _blocked(channel: ChannelView, _width: int) -> Piece:
    if channel.is_region:
        return f"{units.count(channel.sent)} written", "dim"
    if channel.blocked_send >= channel.blocked_receive and channel.blocked_send >= 0.005:
        return f"send {units.percent(channel.blocked_send)}", blocked_style(channel.blocked_send)
    return f"receive {units.percent(channel.blocked_receive)}", "dim"


def _lost(channel: ChannelView, _width: int) -> Piece:
    if channel.dropped is None:
        return "", "dim"
    return units.count(channel.dropped), "bad" if channel.dropped else "dim"
