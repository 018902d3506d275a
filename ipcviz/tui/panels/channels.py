"""Channels: how much passes, how much waits, how long it takes, and who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, cell, line, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.channel_rows import channel_columns, marks_of
from ipcviz.tui.panels.entries import Entries
from ipcviz.tui.plots import over_time, recent, time_axis, timed
from ipcviz.tui.table import columns_that_fit, head_of, row_of
from ipcviz.tui.words import blocked_style, channel_words, depth_share, gauge, quality_mark, sampling_words
from ipcviz.view import ChannelView, View

GRAND = 8
"""Rows of a channel beside those of its plot, where there is the most room: seven, and an empty one."""
PLOTS = (2, 6)
"""Rows that a plot has at least and at most."""
TALL = 6
"""Rows of a channel where there is room: five, and an empty one."""
SHORT = 3
"""Rows of a channel where there is less."""
WIDEST = 112
"""Columns that an entry takes at most: what belongs together stays together."""

_KEYS: dict[str, Callable[[ChannelView], tuple[float | str, ...]]] = {
    "name": lambda channel: (channel.info.name,),
    "rate": lambda channel: (-channel.rate - channel.bytes_rate / 1e12,),
    "depth": lambda channel: (-(depth_share(channel.depth) or 0.0),),
    "p99": lambda channel: (-(channel.latency.p99 or 0.0),),
    "blocked": lambda channel: (-max(channel.blocked_send, 0.0), -channel.full),
    "losses": lambda channel: (-(channel.dropped or 0),),
}


class Channels(Entries):
    """All channels: each with a plot, five rows each, three, or one where there are many."""

    heading = "Channels"
    number = 2
    kind = "channel"
    orders: ClassVar[tuple[str, ...]] = ("", *_KEYS)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The tallest entries that all fit, else a table that scrolls."""
        if not view.channels:
            self.note = ""
            return [line(("  This topology has no channels; its processes share locks.", "dim"))]
        named = {channel.info.name: channel for channel in view.channels}
        channels = self.sorted_by(named, view.framed, _KEYS.get(self.order))
        count = len(channels)
        plot = min(PLOTS[1], (height + 1) // count - GRAND)
        if width < 36 or count * SHORT > height:
            return self._table(channels, width, height)
        if plot >= PLOTS[0]:
            rows, make = GRAND + plot, partial(self._grand, width=width, plot=plot)
        elif count * TALL - 1 <= height:
            rows, make = TALL, partial(self._tall, width=width)
        else:
            rows, make = SHORT, partial(self._short, width=width, names=_names(channels, width))
        if rows > SHORT and count * (rows + 1) - 1 <= height and any(map(_address, channels)):
            rows, make = rows + 1, partial(_with_address, make=make)
        made = self.scrolled_entries(
            count, rows, height, lambda number: [*make(channels[number], number), []][:rows]
        )
        self.note = self.told_order(count, count)
        return made

    def _table(self, channels: list[ChannelView], width: int, height: int) -> list[Line]:
        columns = columns_that_fit(channel_columns(channels, self.look), width - 3)
        made = self.scrolled_entries(
            len(channels),
            1,
            height,
            lambda number: [[self.mark(number), *row_of(columns, channels[number])]],
            [head_of(columns)],
        )
        self.note = self.told_order(len(channels), height - 1)
        return made

    def _grand(self, channel: ChannelView, number: int, width: int, plot: int) -> list[Line]:
        """The last minute's rates as a plot with its axis, and the depth as wide as the panel."""
        width = min(WIDEST, width)
        room = width - 3
        trouble = _trouble(channel, self.look)
        values, seconds = timed(channel.history, channel.steps, room)
        highest = max([value for value in values if value is not None], default=0.0)
        bars = over_time(values, room, plot, self.look, None, units.rate(highest) if highest else "")
        told = f"{units.rate(channel.rate)} read" if channel.is_region else units.rate(channel.rate)
        rate = line("  ", (told, "strong"), (f"   {_bytes_rate(channel)}", "dim"))
        return [
            _headline(channel, self.mark(number), width),
            _ends_apart(rate, _counted(channel), width),
            *([("  ", "text"), *row] for row in [*bars, time_axis(seconds, room)]),
            *_depth_rows(channel, room, width, self.look),
            _with_trouble(_latency(channel), trouble, width),
            _blocked(channel),
        ]

    def _tall(self, channel: ChannelView, number: int, width: int) -> list[Line]:
        width = min(WIDEST, width)
        bar = max(8, min(60, width - 32))
        trouble = _trouble(channel, self.look)
        figures = line(f"{units.rate(channel.rate):>8}  ", (_bytes_rate(channel), "dim"))
        bars = history_bars(channel, max(8, min(60, width - 5 - max(20, width_of(figures)))), self.look)
        return [
            _headline(channel, self.mark(number), width),
            line("  ", (bars, "bar"), "  ", *figures),
            _depth_row(channel, bar, width, self.look),
            _with_trouble(_latency(channel), trouble, width)
            if trouble[0]
            else _ends_apart(_latency(channel), _counted(channel), width),
            _ends_apart(_blocked(channel), _counted(channel), width) if trouble[0] else _blocked(channel),
        ]

    def _short(self, channel: ChannelView, number: int, width: int, names: int) -> list[Line]:
        bar = max(8, width - 32)
        rate = (f"{units.rate(channel.rate):>9}", "text")
        name = cell(middle_cut(channel.info.name, names), names)
        head = line(self.mark(number), (name, "strong"), (f" {channel.info.mechanism}", "text"))
        trouble = _trouble(channel, self.look)
        return [
            _ends_apart(head, rate, width),
            _depth_row(channel, bar, width, self.look),
            _with_trouble(_latency(channel), trouble, width)
            if trouble[0]
            else _ends_apart(_latency(channel), _blocked_piece(channel), width),
        ]


def history_bars(channel: ChannelView, width: int, look: Look) -> str:
    """The last minute's rates in so many cells."""
    return recent(channel.history, channel.steps, width, look.glyphs)


def _address(channel: ChannelView) -> str:
    """Where others find it; of a region that stands where others tell who waits."""
    return "" if channel.is_region else channel.info.address


def _with_address(channel: ChannelView, number: int, make: Callable[..., list[Line]]) -> list[Line]:
    address = _address(channel)
    return [*make(channel, number), line((f"  at {units.printable(address)}" if address else "", "dim"))]


def _names(channels: Sequence[ChannelView], width: int) -> int:
    """The cells of a name before its mechanism and its rate, the same for all."""
    longest = max(cell_len(channel.info.name) for channel in channels)
    carriers = max(len(channel.info.mechanism) for channel in channels)
    return max(10, min(longest, width - carriers - 15))


def _headline(channel: ChannelView, mark: Piece, width: int) -> Line:
    """The name before all else: options, and that every message is measured, give way to it."""
    sampling = sampling_words(channel)
    wanted = [(channel.mechanism, sampling), (channel.info.mechanism, sampling)]
    if channel.stride == 1:
        wanted.append((channel.info.mechanism, ""))
    size = cell_len(channel.info.name)
    carrier, sampling = next((two for two in wanted if size + sum(map(len, two)) + 7 <= width), wanted[-1])
    name = middle_cut(channel.info.name, max(8, width - len(carrier) - len(sampling) - 7))
    start = line(mark, (name, "strong"), (f"  {carrier}", "text"))
    return _ends_apart(start, (sampling, "dim" if channel.stride == 1 else "text"), width)


def _bytes_rate(channel: ChannelView) -> str:
    return f"{units.size(channel.bytes_rate)}/s"


def _depth_row(channel: ChannelView, bar: int, width: int, look: Look) -> Line:
    quality = ("", "dim") if channel.is_region else quality_mark(channel.depth)
    words = channel_words(channel, width - bar - 8 - len(quality[0]))
    return _ends_apart(line("  ", gauge(channel, bar, look), f"  {words}"), quality, width)


def _depth_rows(channel: ChannelView, bar: int, width: int, look: Look) -> list[Line]:
    """The gauge in a row of its own, and its words below it."""
    quality = ("", "dim") if channel.is_region else quality_mark(channel.depth)
    words = line(f"  {channel_words(channel, width - 5 - len(quality[0]))}")
    return [line("  ", gauge(channel, bar, look)), _ends_apart(words, quality, width)]


def _latency(channel: ChannelView) -> Line:
    if channel.is_region:
        return line(f"  written {units.count(channel.sent)}   read {units.count(channel.received)}")
    latency = channel.latency
    return line(
        ("  p50 ", "dim"),
        f"{units.micros(latency.p50):<7}",
        ("  p99 ", "dim"),
        f"{units.micros(latency.p99)}",
    )


def _counted(channel: ChannelView) -> Piece:
    """How many have come; of a region, how often it is written."""
    if channel.is_region:
        return f"{units.rate(sum(end.sent_rate for end in channel.ends))} written", "dim"
    return f"{units.count(channel.received)} received", "dim"


def _blocked(channel: ChannelView) -> Line:
    if channel.is_region:
        return line((f"  at {channel.info.address}" if channel.info.address else "", "dim"))
    return line(
        ("  blocked ", "dim"),
        (f" send {units.percent(channel.blocked_send):<5}", blocked_style(channel.blocked_send)),
        (f"  receive {units.percent(channel.blocked_receive)}", "dim"),
    )


def _blocked_piece(channel: ChannelView) -> Piece:
    """The side that waits more, in one piece."""
    if channel.is_region:
        return "", "dim"
    if channel.blocked_send >= channel.blocked_receive and channel.blocked_send >= 0.005:
        return f"send blocked {units.percent(channel.blocked_send)}", blocked_style(channel.blocked_send)
    return f"receive blocked {units.percent(channel.blocked_receive)}", "dim"


def _trouble(channel: ChannelView, look: Look) -> Piece:
    """What was thrown away, or what somebody does to it."""
    told = marks_of(channel)
    return (f"{look.glyph('finding')} {told}", "bad" if channel.dropped else "warn") if told else ("", "text")


def _with_trouble(row: Line, trouble: Piece, width: int) -> Line:
    """The row with what is wrong at its right edge, which is cut before it is left out."""
    text, style = trouble
    return _ends_apart(row, (cell(text, min(cell_len(text), width - width_of(row) - 3)), style), width)


def _ends_apart(left: Line, right: Piece, width: int) -> Line:
    """A row with a piece at its right edge, where there is room for both."""
    gap = width - 1 - width_of(left) - width_of([right])
    return [*left, (" " * gap, "text"), right] if gap >= 2 and right[0] else left
