"""A message in one row: when, through what, from whom to whom, how long, and how it begins."""

from __future__ import annotations

from typing import NamedTuple

from ipcviz import units
from ipcviz.events import Message
from ipcviz.tui.lines import Line, cell, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.view import View

TIME = 11
PAYLOAD = 100
"""Characters of a payload that are made ready for a row."""


class MessageWidths(NamedTuple):
    """Cells of the columns; 0 for one that has no room."""

    channel: int
    process: int
    size: int
    latency: int

    @classmethod
    def of(cls, view: View, width: int) -> MessageWidths:
        """As the names need it, and as the room allows."""
        longest = 18 if width >= 140 else 14 if width >= 100 else 10
        channel = max([7, *(len(channel.info.name) for channel in view.channels)])
        process = max([4, *(len(process.name) for process in view.processes)])
        figures = 8 if width >= 72 else 0
        return cls(min(longest, channel), min(longest, process), figures, figures)


def message_head(widths: MessageWidths, look: Look) -> Line:
    """The headings, with a margin of two cells."""
    route = cell(f"from {look.glyph('to')} to", 2 * widths.process + 2 + len(look.glyph("to")))
    columns = f"  {'time':>{TIME}}  {'channel':{widths.channel}}  {route}"
    if widths.size:
        columns += f"  {'size':>{widths.size}}  {'latency':>{widths.latency}}"
    return line((f"{columns}  payload", "dim"))


def message_row(message: Message, widths: MessageWidths, look: Look) -> Line:
    """The row without its margin."""
    channel = cell(middle_cut(message.channel, widths.channel), widths.channel)
    sender = cell(middle_cut(message.sender, widths.process), widths.process)
    receiver = cell(middle_cut(message.receiver, widths.process), widths.process)
    figures = "  "
    if widths.size:
        latency = units.micros((message.t - message.sent) / 1000)
        figures = f"  {units.size(message.size):>{widths.size}}  {latency:>{widths.latency}}  "
    return [
        (f"{units.stamp(message.t):>{TIME}}  ", "dim"),
        (channel, "accent"),
        (f"  {sender} {look.glyph('to')} {receiver}", "text"),
        (figures, "dim"),
        (units.preview(message.payload)[:PAYLOAD], "text"),
    ]
