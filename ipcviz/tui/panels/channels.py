"""Channels: how much passes, how much waits, how long it takes, and who waits for it."""

from __future__ import annotations

from ipcviz import units
from ipcviz.events import Depth
from ipcviz.tui.lines import Line, cell, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.panel import ListPanel, scrolled
from ipcviz.tui.words import channel_words, gauge, sampling_words
from ipcviz.view import ChannelView, View

TALL = 6
"""Rows of a channel where there is room: five, and an empty one."""
SHORT = 3
"""Rows of a channel where there is less."""


class Channels(ListPanel):
    """All channels: five rows each, or one where there are many."""

    heading = "Channels"
    number = 2
    kind = "channel"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Tall entries if all fit, else a table."""
        channels = view.channels
        if not channels:
            return [line(("  This topology has no channels; its processes share locks.", "dim"))]
        self.choose_among([channel.info.name for channel in channels])
        if len(channels) * TALL - 1 <= height and width >= 36:
            entries = [self._tall(channel, number, width) for number, channel in enumerate(channels)]
            return [row for entry in entries for row in [*entry, []]][:-1]
        if len(channels) * SHORT <= height and width >= 36:
            entries = [self._short(channel, number, width) for number, channel in enumerate(channels)]
            return [row for entry in entries for row in entry]
        return self._table(channels, width, height)

    def _tall(self, channel: ChannelView, number: int, width: int) -> list[Line]:
        look = self.look
        name = cell(channel.info.name, max(12, width - 32))
        head = line(self.mark(number), (name, "strong"), (f" {channel.mechanism}", "text"))
        head.append((f"  {sampling_words(channel)}", "dim"))
        bar_width = max(8, width - 30)
        depth = channel.depth
        quality = "" if depth.quality == "exact" else f" ({depth.quality})"
        return [
            head,
            line(
                ("  " + look.sparkline(channel.history, bar_width), "bar"),
                (f"  {units.rate(channel.rate):>9}", "text"),
                (f"  {units.size(channel.bytes_rate)}/s", "dim"),
            ),
            line(
                "  ",
                gauge(channel, bar_width, look),
                f"  {channel_words(channel, width - bar_width - 5)}",
                (quality, "warn"),
            ),
            self._latency(channel),
            self._blocked(channel),
        ]

    def _latency(self, channel: ChannelView) -> Line:
        if channel.is_region:
            return line(
                (f"  written {units.count(channel.sent)}  read {units.count(channel.received)}", "text")
            )
        count = (f" {units.count(channel.received)} received", "dim")
        if channel.dropped:
            count = (f" {units.count(channel.dropped)} dropped", "bad")
        return line(
            f"  p50 {units.micros(channel.latency.p50):<9}",
            f" p99 {units.micros(channel.latency.p99):<9}",
            count,
        )

    def _short(self, channel: ChannelView, number: int, width: int) -> list[Line]:
        look = self.look
        bar_width = max(8, width - 30)
        name = middle_cut(channel.info.name, max(12, width - 28))
        latency = channel.latency
        return [
            line(
                self.mark(number),
                (cell(name, max(12, width - 28)), "strong"),
                (f" {channel.info.mechanism:11}", "dim"),
                f"{units.rate(channel.rate):>9}",
            ),
            line(
                "  ",
                gauge(channel, bar_width, look),
                f"  {channel_words(channel, width - bar_width - 5)}",
            ),
            line(
                f"  p50 {units.micros(latency.p50)} p99 {units.micros(latency.p99)}",
                _blocked_words(channel),
            ),
        ]

    def _blocked(self, channel: ChannelView) -> Line:
        if channel.is_region:
            return line((f"  at {channel.info.address}", "dim"))
        send = "warn" if channel.blocked_send >= 0.3 else "dim"
        return line(
            ("  blocked  ", "dim"),
            (f"send {units.percent(channel.blocked_send):<6}", send),
            (f" receive {units.percent(channel.blocked_receive)}", "dim"),
        )

    def _table(self, channels: tuple[ChannelView, ...], width: int, height: int) -> list[Line]:
        wide = width >= 70
        name_width = min(24, max(8, *(len(channel.info.name) + 1 for channel in channels)))
        if not wide:
            name_width = min(name_width, max(8, width - 40))
        first = scrolled(self.cursor - height + 3, len(channels), height - 1)
        rows = [self._row(c, n, name_width, wide) for n, c in enumerate(channels)]
        return [table_head(name_width, wide), *rows[first : first + height - 1]]

    def _row(self, channel: ChannelView, number: int, name_width: int, wide: bool) -> Line:
        return [self.mark(number), *table_row(channel, name_width, wide, self.look)]


def table_head(name_width: int, wide: bool) -> Line:
    """The names of the columns of `table_row`."""
    columns = f"  {'channel':{name_width}} " + (f"{'mechanism':11} " if wide else "")
    columns += f"{'rate':>9}  {'depth':10} {'':13} "
    return line((columns + (f"{'p99':>8}  blocked" if wide else f"{'p99':>8}"), "dim"))


def table_row(channel: ChannelView, name_width: int, wide: bool, look: Look) -> Line:
    """A channel in one row."""
    depth = channel.depth
    short = channel_words(channel) if channel.is_region else depth_short(depth)
    short = short.replace(" KiB/", "/") if short.count("KiB") == 2 else short
    row = line((cell(middle_cut(channel.info.name, name_width), name_width) + " ", "strong"))
    if wide:
        row.append((cell(channel.info.mechanism, 11) + " ", "text"))
    row.append((f"{units.rate(channel.rate):>9}  ", "text"))
    row.append(gauge(channel, 10, look))
    row.append((" " + cell(short, 13) + " ", "text"))
    row.append((f"{units.micros(channel.latency.p99):>8}", "text"))
    if wide:
        row.append(_blocked_words(channel))
    return row


def depth_short(depth: Depth) -> str:
    """10/10, 0.1/64 KiB; only what waits where there is no known limit."""
    return units.depth(depth.now, depth.capacity, depth.unit).replace(" of ", "/")


def _blocked_words(channel: ChannelView) -> tuple[str, str]:
    if channel.is_region:
        return f"  {units.count(channel.sent)} written", "dim"
    if channel.dropped:
        return f"  {units.count(channel.dropped)} dropped", "bad"
    if channel.blocked_send >= channel.blocked_receive and channel.blocked_send >= 0.005:
        return (
            f"  send {units.percent(channel.blocked_send)}",
            "warn" if channel.blocked_send >= 0.3 else "dim",
        )
    return f"  receive {units.percent(channel.blocked_receive)}", "dim"
