"""What several panels say alike: a process's state, a channel's gauge, from whom to whom."""

from __future__ import annotations

from ipcviz import units
from ipcviz.events import Depth, FaultInjected
from ipcviz.findings import how_it_ended
from ipcviz.tui.lines import Line, Piece, cell
from ipcviz.tui.look import Look
from ipcviz.view import ChannelView, ProcessView, View

SHORT_WAIT = units.SECOND // 20
"""Waits shorter than this are the ordinary rhythm of things, and are not timed on the screen."""
BLOCKED_MUCH = 0.3
"""A share of the time from which on waiting to send is worth a second look."""


def harmless(lines: list[Line]) -> list[Line]:
    """The lines with all that a terminal would obey written out: any stream may name anything."""
    return [[(units.printable(text), style) for text, style in row] for row in lines]


def state_of(process: ProcessView, view: View, look: Look) -> tuple[str, str, str]:
    """Glyph, words and style of what a process does now."""
    if process.status == "starting":
        return look.glyph("starting"), "starting", "dim"
    if process.status == "failed":
        return look.glyph("failed"), how_it_ended(process.exit, process.signal), "bad"
    if process.status == "ended":
        words = "ended" if process.signal is None else "killed, as meant"
        return look.glyph("ended"), words, "dim"
    if process.paused:
        return look.glyph("paused"), "paused", "warn"
    if process.wait is None:
        return _kernel_state(process, look)
    wait = process.wait
    if wait.what == "locking":
        glyph, words, style = "blocked", f"waiting for {wait.name}", "warn"
    elif wait.what == "sending":
        glyph, words, style = "blocked", f"sending on {wait.name}", "warn"
    else:
        glyph, words, style = "waiting", f"receiving from {wait.name}", "dim"
    lasted = view.framed - wait.since
    if lasted > SHORT_WAIT:
        words += f", {units.span(lasted)}"
    return look.glyph(glyph), words, style


def _kernel_state(process: ProcessView, look: Look) -> tuple[str, str, str]:
    """In no end of ours: what the kernel says."""
    if process.kernel.state in ("sleeping", "stopped"):
        return look.glyph("waiting"), process.kernel.state, "dim"
    if process.kernel.state == "ended":  # its last word, before its end is told
        return look.glyph("ended"), "ended", "dim"
    if process.kernel.state == "unknown":
        return look.glyph("running"), "running", "good"
    return look.glyph("running"), process.kernel.state, "good"


def fault_words(fault: FaultInjected) -> str:
    """A standing fault in a few words: drop 25 %, delay 10.0 ms, slow 0.1 s, pace x0.5."""
    if fault.fault == "rate":
        return f"pace x{fault.amount:g}"
    if fault.fault == "slow":
        return f"slow {fault.amount:g} s"
    much = f" {units.micros(fault.amount * 1e6)}" if fault.fault == "delay" else ""
    if fault.count:
        return f"{fault.fault}{much}, the next {fault.count:,}"
    every = fault.fault == "delay" and fault.share >= 1
    return f"{fault.fault}{much}" if every else f"{fault.fault}{much} {units.percent(fault.share)}"


def faults_words(faults: tuple[FaultInjected, ...]) -> str:
    """All of them, "" for none."""
    return ", ".join(fault_words(fault) for fault in faults)


def depth_share(depth: Depth) -> float | None:
    """How full, 0 to 1; None when that is unknown."""
    if depth.now is None or not depth.capacity:
        return None
    return depth.now / depth.capacity


def depth_style(channel: ChannelView) -> str:
    """The colour of a gauge: full for most of the time, filling up, or fine."""
    share = depth_share(channel.depth) or 0.0
    if channel.full >= 0.5:
        return "bad"
    return "warn" if share >= 0.7 or channel.full >= 0.2 else "bar"


def gauge(channel: ChannelView, width: int, look: Look) -> Piece:
    """The depth against the capacity, question marks when it is unknown; of a region its first number."""
    if channel.is_region:
        return cell(f"= {channel.number:,}", width), "text"
    share = depth_share(channel.depth)
    if share is None and channel.depth.now is not None:  # a limit that nobody knows, or none
        waits = any(end.state.activity == "sending" for end in channel.ends)
        return look.bar(1.0 if waits else 0.0, width), depth_style(channel)
    if share is None:
        return "?" * width, "dim"
    return look.bar(share, width), depth_style(channel)


def depth_words(depth: Depth, room: int = 80) -> str:
    """10 of 10 messages; 1.2 KiB of 64.0 KiB; what the bytes are only where there is room for it."""
    words = units.depth(depth.now, depth.capacity, depth.unit)
    if depth.unit.startswith("bytes"):
        noun = depth.unit.removeprefix("bytes").removeprefix(" of ")
        return f"{words} {noun}" if noun and len(words) + len(noun) < room else words
    return f"{words} {depth.unit}"


def depth_short(depth: Depth) -> str:
    """10/10, 0.1/64 KiB; only what waits where there is no known limit."""
    words = units.depth(depth.now, depth.capacity, depth.unit).replace(" of ", "/")
    for unit in ("KiB", "MiB"):
        words = words.replace(f" {unit}/", "/") if words.count(unit) == 2 else words
    return words


def quality_mark(depth: Depth) -> Piece:
    """How far the depth is to be trusted, where it is not exact."""
    if depth.quality == "exact":
        return "exact", "dim"
    return depth.quality, "warn"


def channel_words(channel: ChannelView, room: int = 80) -> str:
    """What waits in it; of a region, how large it is."""
    if channel.is_region:
        return f"{units.size(channel.info.size)} shared"
    return depth_words(channel.depth, room)


def sampling_words(channel: ChannelView) -> str:
    """Whether every message is measured, or one in how many."""
    if channel.is_region:
        return "region"
    return "every message" if channel.stride == 1 else f"1 in {channel.stride}"


def latency_parts(channel: ChannelView) -> tuple[str, str]:
    """p50 and p99 of about the last two seconds; a region has none."""
    if channel.is_region:
        return "", ""
    return units.micros(channel.latency.p50), units.micros(channel.latency.p99)


def blocked_style(share: float) -> str:
    """Waiting to send for long is what stands out."""
    return "warn" if share >= BLOCKED_MUCH else "dim"
