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
from ipcviz.view import ChannelView


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


def rate_of(channels: Sequence[ChannelView]) -> float:
    """Messages received a second; of regions, reads and writes."""
    return sum(
        channel.rate + (sum(end.sent_rate for end in channel.ends) if channel.is_region else 0.0)
        for channel in channels
    )


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
    latency = shown.latency
    rows = [("", "text"), (channel_words(shown, spot.width - 4), drawing.mood(node, "text"))]
    if latency.p50 is not None:
        told = f"p50 {units.micros(latency.p50)}  p99 {units.micros(latency.p99)}"
        rows.append((told, "dim"))
    draw_rows(drawing, spot, rows)
    rate = units.rate(rate_of(channels))
    draw_label(drawing, spot, rate, drawing.mood(node, "text" if rate != "0/s" else "dim"), right=False)
    used = len(rate) + 2
    if words and not draw_label(drawing, spot, words, drawing.mood(node, style), used):
        draw_label(drawing, spot, words, drawing.mood(node, style))


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
    rate = units.rate(rate_of(channels))
    rate_style = drawing.mood(node, "text" if rate != "0/s" else "dim")
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
    tail = words or (units.rate(rate_of(channels)) if channels else "")
    room = spot.width - 2 - cell_len(tail) - bool(tail)
    name = short_name(shown_name(node, look), max(4, room))
    named = "selected" if chosen else "ring" if knotted else drawing.mood(node, "accent")
    canvas.put(spot.x, spot.y, (look.glyph("cursor") if chosen else " ") + name, named)
    left = room - cell_len(name) - 1
    if left >= 2 and channels:
        text, bar = gauge(fullest(channels), min(left, 4), look)
        canvas.put(spot.x + 2 + cell_len(name), spot.y, text, drawing.mood(node, bar))
    if room >= 4:
        canvas.put(spot.right - cell_len(tail), spot.y, tail, drawing.mood(node, style))
