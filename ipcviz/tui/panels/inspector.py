"""The inspector: one message, with its way, its times, its bytes and its text."""

from __future__ import annotations

import json

from rich.cells import cell_len

from ipcviz import units
from ipcviz.events import Message
from ipcviz.tui.hexdump import hexdump
from ipcviz.tui.lines import Line, line, width_of, wrap
from ipcviz.tui.panels.page import Page, titled
from ipcviz.view import ChannelView, View

MUCH = 3.0
"""Times the median from which on a latency is called long."""


class Inspector(Page):
    """The chosen message; whatever its bytes are, they are shown and never obeyed."""

    heading = "Message"

    def subject(self) -> str:
        """Another message is shown from its top."""
        message = self.selection.message
        return "" if message is None else f"{message.channel} {message.sender} {message.sequence} {message.t}"

    def told(self, view: View) -> str:
        """Its channel and number."""
        message = self.selection.message
        return "" if message is None else f"{message.channel}  no. {message.sequence:,}"

    def copied(self) -> str:
        """The payload as it is shown."""
        message = self.selection.message
        return "" if message is None else units.preview(message.payload)

    def rows(self, view: View, width: int, height: int) -> list[Line]:
        """The way, the times, then the text as it reads best, and the bytes."""
        message = self.selection.message
        if message is None:
            told = "  No message is chosen: go up in the panel of messages, or click one."
            return [line((row, "dim")) for row in wrap(told, max(20, width - 2))]
        channel = next((c for c in view.channels if c.info.name == message.channel), None)
        made = [self._way(message, channel, width), [], *_times(message, channel, width), []]
        made += [*_text_rows(message, width), []]
        kept = len(message.payload)
        title = f"{kept:,} of {message.size:,} bytes" if kept < message.size else f"{kept:,} bytes"
        if not kept:
            return [*made, *titled("Bytes", [line(("  It is empty.", "dim"))])]
        rows = hexdump(message.payload, width, self.look)
        if kept < message.size:
            rows.append(line((f"      and {message.size - kept:,} more bytes, which were not kept", "dim")))
        return [*made, *titled("Bytes", rows, title)]

    def _way(self, message: Message, channel: ChannelView | None, width: int) -> Line:
        """Sender, channel with its mechanism, receiver."""
        to = self.look.glyph("to")
        mechanism = f" ({channel.mechanism})" if channel is not None else ""
        row = line(
            "  ",
            (message.sender, "strong"),
            (f" {to} ", "dim"),
            (message.channel, "accent"),
            (mechanism, "dim"),
            (f" {to} ", "dim"),
            (message.receiver, "strong"),
        )
        if width_of(row) > width:
            row.remove((mechanism, "dim"))
        return [(units.printable(text), style) for text, style in row]


def _times(message: Message, channel: ChannelView | None, width: int) -> list[Line]:
    """When it was sent and received, and what its latency is beside those of its channel."""
    latency = max(0, message.t - message.sent)
    told = latency_words(latency / 1000, channel)
    rows = [
        line(("  number    ", "dim"), f"{message.sequence:,} of its sender"),
        line(("  sent      ", "dim"), f"{units.stamp(message.sent)} s"),
        line(("  received  ", "dim"), f"{units.stamp(message.t)} s"),
        line(("  latency   ", "dim"), (units.micros(latency / 1000), "strong")),
        line(("  size      ", "dim"), units.size(message.size)),
    ]
    if told and cell_len(told) + 26 <= width:
        rows[3].append((f"  {told}", "text"))
    elif told:
        rows[4:4] = [line((f"            {row}", "text")) for row in wrap(told, max(10, width - 14))]
    return rows


def latency_words(micros: float, channel: ChannelView | None) -> str:
    """A latency beside p50 and p99 of its channel of the last 2 s, "" where nothing is known."""
    if channel is None or channel.latency.p50 is None or channel.latency.p99 is None:
        return ""
    p50, p99 = channel.latency.p50, channel.latency.p99
    beside = f"(p50 {units.micros(p50)}, p99 {units.micros(p99)} now)"
    if micros > p99:
        return f"longer than 99 of 100 {beside}"
    if micros > p50 * MUCH:
        return f"{micros / max(p50, 0.001):,.0f} times the median {beside}"
    return (
        f"about the median {beside}" if micros >= p50 / MUCH else f"less than a third of the median {beside}"
    )


def _text_rows(message: Message, width: int) -> list[Line]:
    """JSON laid out where it is JSON and all of it was kept, else the text with breaks as they are."""
    laid_out = _as_json(message)
    if laid_out is not None:
        return titled("Text", [line(f"  {row}") for row in laid_out], "JSON")
    text = message.payload.decode("utf-8", "backslashreplace")
    rows = []
    for part in text.replace("\r\n", "\n").split("\n"):
        rows += [line(f"  {row}") for row in wrap(units.printable(part), max(10, width - 4))]
    if not text:
        return titled("Text", [line(("  none", "dim"))])
    return titled("Text", rows, "" if _is_text(message.payload) else "not all of it is text")


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError as error:
        return error.end == len(payload) and error.reason == "unexpected end of data"  # cut in a character
    return True


def _as_json(message: Message) -> list[str] | None:
    """An object or a list laid out in rows that a terminal may be shown."""
    if len(message.payload) < message.size or message.payload[:1] not in (b"{", b"["):
        return None
    try:
        value = json.loads(message.payload)
    except (ValueError, RecursionError):
        return None
    made = json.dumps(value, indent=2, ensure_ascii=False)
    return [units.printable(row) for row in made.splitlines()]
