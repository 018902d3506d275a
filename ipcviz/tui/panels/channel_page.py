"""A channel's own page: latencies, depth and rate over time, endpoints, limits, the last messages."""

from __future__ import annotations

from collections.abc import Sequence

from ipcviz import units
from ipcviz.runtime.histogram import percentile
from ipcviz.tui.lines import Line, line
from ipcviz.tui.panels.channel_facts import end_rows, fact_rows
from ipcviz.tui.panels.message_rows import MessageWidths, message_row
from ipcviz.tui.panels.page import Page, beside, indented, titled
from ipcviz.tui.plots import histogram, over_time, time_axis, timed
from ipcviz.tui.words import depth_style, faults_words, quality_mark, sampling_words
from ipcviz.view import ChannelView, View

WIDE = 100
"""Columns from which on two plots stand side by side."""
LOOKED_AT = 2_000
"""Of the newest messages, those among which the channel's last ones are looked for."""


class ChannelPage(Page):
    """All that is known of the chosen channel."""

    heading = "Channel"
    kind = "channel"

    def told(self, view: View) -> str:
        """Its name, what carries it, and how it is measured."""
        channel = self.channel(view)
        if channel is None:
            return ""
        return f"{channel.info.name}  {channel.mechanism}  {sampling_words(channel)}"

    def channel(self, view: View) -> ChannelView | None:
        """The chosen one; the first if none is chosen."""
        if self.selection.kind != "channel":
            return view.channels[0] if view.channels else None
        return next((c for c in view.channels if c.info.name == self.selection.name), None)

    def rows(self, view: View, width: int, height: int) -> list[Line]:
        """The figures of now, the plots, the ends, the facts, the last messages."""
        channel = self.channel(view)
        if channel is None:
            return [line(("  No channel is chosen: choose one in the picture or in the list.", "dim"))]
        made = [self._figures(channel, width), []]
        made += self._plots(channel, view, width, height)
        made += [[], *titled("Ends", end_rows(channel, view, width, self.look))]
        made += [[], *titled("How it is made", fact_rows(channel, width))]
        room = max(4, height - len(made) - 2)
        return [*made, [], *self._last_messages(channel, view, width, room)]

    def _figures(self, channel: ChannelView, width: int) -> Line:
        """What counts, in one row; the least of it gives way."""
        row = line(
            "  ", (units.rate(channel.rate), "strong"), (f"  {units.size(channel.bytes_rate)}/s", "text")
        )
        if channel.is_region:
            row.append(
                (f"   {units.count(channel.sent)} written, {units.count(channel.received)} read", "text")
            )
            row.append((f"   begins with {channel.number:,}", "dim"))
        else:
            row.append((f"   {units.count(channel.received)} received, {units.size(channel.bytes)}", "text"))
        if channel.dropped is not None:
            told = f"   {units.count(channel.dropped)} dropped by the kernel"
            row.append((told, "bad" if channel.dropped else "dim"))
        faults = faults_words(channel.faults)
        if faults:
            row.append((f"   {self.look.glyph('finding')} {faults}", "warn"))
        return row

    def _plots(self, channel: ChannelView, view: View, width: int, height: int) -> list[Line]:
        """Side by side where there is room, else one below the other; a region has its rate only."""
        wide = width >= WIDE
        bars = 8 if height >= 34 else 6 if height >= 26 else 4 if height >= 18 else 3
        room = (width - 2) // 2 if wide else width
        rate = self._rate_plot(channel, room, max(3, bars - 3) if wide else 3)
        if channel.is_region:
            return rate
        depth = self._depth_plot(channel, room, bars if not wide else max(3, bars - 3))
        latency = self._latency_plot(channel, view, room, bars + (len(depth) + len(rate) - 8 if wide else 0))
        if not wide:
            return [*latency, [], *depth, [], *rate]
        latency = self._latency_plot(channel, view, room, max(4, len(depth) + len(rate) - 2))
        return beside(latency, [*depth, [], *rate], width)

    def _latency_plot(self, channel: ChannelView, view: View, width: int, bars: int) -> list[Line]:
        """Of the last 10 s while it runs and something came, else of the whole session."""
        counts, when = latencies_of(channel, view)
        if not counts:
            return titled("Latency", [line(("  No message has been measured yet.", "dim"))])
        dense = [0] * (max(counts) + 1)
        for bucket, count in counts.items():
            dense[bucket] = count
        marks = {name: _micros(percentile(dense, part)) for name, part in (("p50", 0.5), ("p99", 0.99))}
        rows = histogram(counts, width - 4, bars, self.look, marks)
        tail = f"{units.count(sum(counts.values()))} messages, {when}"
        return titled("Latency", indented(rows), tail)

    def _depth_plot(self, channel: ChannelView, width: int, bars: int) -> list[Line]:
        depth = channel.depth
        word = depth.unit if not depth.unit.startswith("bytes") else ""
        told = f"{units.depth(depth.now, depth.capacity, depth.unit)} {word}".strip()
        highest = f", highest {units.quantity(depth.max, depth.unit)}" if depth.max is not None else ""
        mark, _ = quality_mark(depth)
        title = f"{told}{highest}, {mark}"
        if all(value is None for value in channel.depths):
            return titled("Depth", [line(("  Nobody knows what waits in it.", "dim"))], title)
        values, seconds = timed(channel.depths, channel.steps, width - 4)
        limit = float(depth.capacity) if depth.capacity else None
        near = limit is not None and (depth.max or 0) >= limit / 20
        label = units.quantity(depth.capacity if near else depth.max, depth.unit)
        rows = over_time(
            values, width - 4, bars, self.look, limit if near else None, label, depth_style(channel)
        )
        return titled("Depth", indented([*rows, time_axis(seconds, width - 4)]), title)

    def _rate_plot(self, channel: ChannelView, width: int, bars: int) -> list[Line]:
        values, seconds = timed(channel.history, channel.steps, width - 4)
        highest = max([value for value in values if value is not None], default=0.0)
        rows = over_time(values, width - 4, bars, self.look, None, units.rate(highest))
        return titled(
            "Rate",
            indented([*rows, time_axis(seconds, width - 4)]),
            f"{units.rate(channel.rate)} {'read' if channel.is_region else 'received'}",
        )

    def _last_messages(self, channel: ChannelView, view: View, width: int, room: int) -> list[Line]:
        """The newest at the bottom, as in the panel of messages."""
        end = view.messages.end
        newest = view.messages.items[max(0, end - LOOKED_AT) : end]
        mine = [message for message in newest if message.channel == channel.info.name][-room:]
        if not mine:
            return []
        widths = MessageWidths.of(view, width)._replace(channel=0)
        rows: list[Line] = [[("  ", "text"), *message_row(message, widths, self.look)] for message in mine]
        return titled("Last messages", rows, "" if channel.stride == 1 else f"1 in {channel.stride} is shown")


def latencies_of(channel: ChannelView, view: View) -> tuple[dict[int, int], str]:
    """Counts by bucket, and what they are counted over."""
    whole = _by_bucket(channel.histogram)
    before = _by_bucket(channel.histogram_before)
    recent = {bucket: count - before.get(bucket, 0) for bucket, count in whole.items()}
    recent = {bucket: count for bucket, count in recent.items() if count > 0}
    if view.status == "live" and before and recent:
        return recent, "the last 10 s"
    return whole, "since the start"


def _by_bucket(pairs: Sequence[int]) -> dict[int, int]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _micros(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1000
