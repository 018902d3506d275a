"""The boxes of channels, and the channels that lie on their link: how full, how fast, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.boxes import (
    Drawing,
    centred,
    draw_frame,
    draw_label,
    draw_rows,
    short_name,
    shown_name,
)
from ipcviz.tui.graph.model import Spot
from ipcviz.tui.look import Look
from ipcviz.tui.scene import Node
from ipcviz.tui.words import channel_words, depth_share, fault_words, gauge
from ipcviz.view import ChannelView, View

LEAST_NAME = 6
"""Cells of a name that still tell something."""


def draw_channel(
    drawing: Drawing, spot: Spot, node: Node, channels: Sequence[ChannelView], on_link: bool, straight: bool
) -> None:
    """One channel, or those alike; `on_link` without a frame, `straight` with the line through its middle."""
    if spot.height == 1:
        _draw_row(drawing, spot, node, channels)
    elif on_link:
        _draw_open(drawing, spot, node, channels, straight)
    else:
        _draw_boxed(drawing, spot, node, channels)


def fullest(channels: Sequence[ChannelView]) -> ChannelView:
    """The one that a gauge for all of them shows."""
    return max(channels, key=lambda channel: (channel.full, depth_share(channel.depth) or 0.0))


def flow_told(channels: Sequence[ChannelView], view: View, room: int) -> tuple[str, str]:
    """Messages received a second, of a region reads; when all is over, how many they were; and its style."""
    what = "read" if channels[0].is_region else "received"
    if view.status == "ended":
        count = units.count(sum(channel.received for channel in channels))
        return (f"{count} {what}" if len(count) + 1 + len(what) <= room else count), "dim"
    rate = units.rate(sum(channel.rate for channel in channels))
    told = f"{rate} read" if channels[0].is_region and len(rate) + 5 <= room else rate
    return told, "dim" if rate == "0/s" else "text"


def trouble_of(channels: Sequence[ChannelView], look: Look) -> tuple[str, str]:
    """What is wrong with them in words and style: an act that holds, losses, or that they are full."""
    for channel in channels:
        if channel.faults:
            return f"{look.glyph('finding')} {fault_words(channel.faults[-1])}", "warn"
    dropped = sum(channel.dropped or 0 for channel in channels)
    if dropped:
        return f"{units.count(dropped)} lost", "bad"
    full = sum(channel.full >= 0.5 for channel in channels)
    if full:
        return "full" if len(channels) == 1 else f"{full} full", "bad"
    return "", "text"


def _draw_boxed(drawing: Drawing, spot: Spot, node: Node, channels: Sequence[ChannelView]) -> None:
    look = drawing.look
    words, style = trouble_of(channels, look) if channels else ("", "text")
    draw_frame(drawing, spot, node, "round", "warn" if style == "bad" else "edge", "accent")
    if not channels:
        return
    shown = fullest(channels)
    text, bar = gauge(shown, spot.width - 2, look)
    drawing.canvas.put(spot.x + 1, spot.y + 1, text, drawing.mood(node, bar))
    rows = [("", "text"), (channel_words(shown, spot.width - 4), drawing.mood(node, "text"))]
    draw_rows(drawing, spot, [*rows, (_third_row(channels, shown, drawing.view, spot.width - 4), "dim")])
    told, flow = flow_told(channels, drawing.view, spot.width - 5 - (cell_len(words) + 3 if words else 0))
    draw_label(drawing, spot, told, drawing.mood(node, flow), right=False)
    used = len(told) + 2
    if words and not draw_label(drawing, spot, words, drawing.mood(node, style), used):
        draw_label(drawing, spot, words, drawing.mood(node, style))


def _third_row(channels: Sequence[ChannelView], shown: ChannelView, view: View, room: int) -> str:
    """How long messages take; of a region, how much is written."""
    if shown.is_region:
        if view.status == "ended":
            return f"{units.count(sum(channel.sent for channel in channels))} written"
        return f"{units.rate(sum(end.sent_rate for channel in channels for end in channel.ends))} written"
    if shown.latency.p50 is None:
        return ""
    p50, p99 = units.micros(shown.latency.p50), units.micros(shown.latency.p99)
    told = f"p50 {p50}  p99 {p99}"
    return told if len(told) <= room else f"p50 {p50} p99 {p99}"


def _draw_open(
    drawing: Drawing, spot: Spot, node: Node, channels: Sequence[ChannelView], straight: bool
) -> None:
    """Name and rate above the line, the gauge below it; where the line turns here, in its place."""
    look, canvas = drawing.look, drawing.canvas
    chosen, knotted = drawing.is_chosen(node), drawing.is_knotted(node)
    room = spot.width - 2
    name = short_name(shown_name(node, look), room)
    style = "selected" if chosen else "ring" if knotted else drawing.mood(node, "accent")
    x = spot.x if straight else centred(spot, name) - 1
    canvas.put(x, spot.y, f"{look.glyph('cursor') if chosen else ' '}{name}", style)
    if not channels:
        return
    rate, flow = flow_told(channels, drawing.view, 8)
    rate_style = drawing.mood(node, flow)
    words, trouble = trouble_of(channels, look)
    above = straight and cell_len(name) + 1 + len(rate) <= room
    if above:
        canvas.put(spot.right - len(rate), spot.y, rate, rate_style)
    elif not straight and words and cell_len(words) + len(rate) < room:
        canvas.put(spot.x + 1, spot.bottom, rate, rate_style)
        canvas.put(spot.right - cell_len(words), spot.bottom, words, drawing.mood(node, trouble))
        words = ""
    elif not straight:
        canvas.put(centred(spot, rate), spot.bottom, rate, rate_style)
    elif not words:
        words, trouble = rate, rate_style
    _draw_gauge(drawing, spot, spot.bottom if straight else spot.y + 1, node, channels, (words, trouble))


def _draw_gauge(
    drawing: Drawing,
    spot: Spot,
    row: int,
    node: Node,
    channels: Sequence[ChannelView],
    beside: tuple[str, str],
) -> None:
    """The gauge in a row, and words at its right; the words alone where both have no room."""
    words, style = beside
    room = spot.width - 2
    size = cell_len(words)
    if words and size + 4 > room:
        drawing.canvas.put(spot.x + 1, row, short_name(words, room), drawing.mood(node, style))
        return
    if words:
        drawing.canvas.put(spot.right - size, row, words, drawing.mood(node, style))
    text, bar = gauge(fullest(channels), room - (size + 1 if words else 0), drawing.look)
    drawing.canvas.put(spot.x + 1, row, text, drawing.mood(node, bar))


def _draw_row(drawing: Drawing, spot: Spot, node: Node, channels: Sequence[ChannelView]) -> None:
    """Name, a small gauge and the rate in one row."""
    look, canvas = drawing.look, drawing.canvas
    chosen, knotted = drawing.is_chosen(node), drawing.is_knotted(node)
    canvas.put(spot.x, spot.y, " " * spot.width, "text")
    words, style = trouble_of(channels, look) if channels else ("", "text")
    name, told = shown_name(node, look), flow_told(channels, drawing.view, 8)[0] if channels else ""
    inside = spot.width - 2
    # Where there is no room for both, trouble has the place of the name, and a rate is left out.
    tail = words or (told if inside - len(told) - 1 >= min(LEAST_NAME, cell_len(name)) else "")
    room = inside - cell_len(tail) - bool(tail)
    named = "selected" if chosen else "ring" if knotted else drawing.mood(node, "accent")
    canvas.put(spot.x, spot.y, look.glyph("cursor") if chosen else " ", named)
    if room < min(LEAST_NAME, cell_len(name)):
        canvas.put(spot.x + 1, spot.y, short_name(words, inside), drawing.mood(node, style))
        return
    name = short_name(name, room)
    canvas.put(spot.x + 1, spot.y, name, named)
    left = room - cell_len(name) - 1
    if left >= 2 and channels:
        text, bar = gauge(fullest(channels), min(left, 4), look)
        canvas.put(spot.x + 2 + cell_len(name), spot.y, text, drawing.mood(node, bar))
    canvas.put(spot.right - cell_len(tail), spot.y, tail, drawing.mood(node, style))
