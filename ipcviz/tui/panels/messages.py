"""Messages: the newest below, following or held, and filtered by what is typed."""

from __future__ import annotations

from ipcviz import events as ev
from ipcviz import units
from ipcviz.tui.lines import Line, cell, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.selection import Selection
from ipcviz.view import View


class Messages(Panel):
    """A tail of the sampled messages."""

    heading = "Messages"
    number = 6

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.filter = ""
        self.held: int | None = None
        """The number of the last message shown, counted from the first ever, while held."""
        self._found: list[ev.Message] = []
        self._searched: tuple[str, list[ev.Message] | None, int] = ("", None, 0)

    def set_filter(self, text: str) -> None:
        """Show only messages whose line contains the text, in any case."""
        self.filter = text
        self.redraw()

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The heads of the columns, and as many messages as fit."""
        if not view.channels:
            return [line(("  No channel, no message: these processes share locks only.", "dim"))]
        messages = self._matching(view)
        shown = height - 1
        end = len(messages)
        if self.held is not None:
            end = max(min(shown, len(messages)), min(len(messages), self.held))
        rows = [self._row(message, width, view) for message in messages[max(0, end - shown) : end]]
        if not rows:
            what = (
                f"  No message contains {self.filter!r}."
                if self.filter
                else "  No message has been received yet."
            )
            rows = [line((what, "dim"))]
        self.note = self._note(view, len(messages) - end)
        return [self._head(width, view), *rows]

    def move(self, columns: int, rows: int) -> None:
        """Hold, and go up or down; below the last one, follow again."""
        if self.shown is None or not rows:
            return
        total = len(self._matching(self.shown))
        at = (total if self.held is None else self.held) + rows
        self.held = None if at >= total else max(1, at)
        self.redraw()

    def follow(self) -> None:
        """Show the newest again."""
        self.held = None
        self.redraw()

    def _note(self, view: View, below: int) -> str:
        words = f"filter /{self.filter}/  " if self.filter else ""
        if self.held is None:
            words += "ended" if view.status == "ended" else "following"
        else:
            words += f"held, {below:,} newer  End: follow"
        sampled = [channel for channel in view.channels if channel.stride > 1]
        if sampled:
            words += f"  1 in {max(channel.stride for channel in sampled)} shown"
        return f"{words}  {view.lost:,} not shown" if view.lost else words

    def _matching(self, view: View) -> list[ev.Message]:
        """All messages, or those that the filter lets through; only new ones are looked at again."""
        messages = view.messages.items
        end = view.messages.end
        if not self.filter:
            return messages if end == len(messages) else messages[:end]
        text, items, searched = self._searched
        if text != self.filter or items is not messages or searched > end:
            self._found, searched = [], 0
        wanted = self.filter.casefold()
        self._found.extend(m for m in messages[searched:end] if wanted in searchable(m))
        self._searched = (self.filter, messages, end)
        return self._found

    def _widths(self, width: int, view: View) -> tuple[int, int]:
        names = [channel.info.name for channel in view.channels]
        processes = [process.name for process in view.processes]
        most = 14 if width >= 100 else 10
        channel = min(most, max(7, *(len(name) for name in names)))
        process = min(most, max(4, *(len(name) for name in processes)))
        return channel, process

    def _head(self, width: int, view: View) -> Line:
        channel, process = self._widths(width, view)
        way = f"from {self.look.glyph('to')} to"
        route = 2 * process + 2 + len(self.look.glyph("to"))
        columns = f"  {'time':>11}  {'channel':{channel}}  {way:{route}}  {'size':>8}  {'latency':>8}"
        return line((f"{columns}  payload", "dim"))

    def _row(self, message: ev.Message, width: int, view: View) -> Line:
        channel, process = self._widths(width, view)
        return line(
            (f"  {units.stamp(message.t):>11}  ", "dim"),
            (cell(middle_cut(message.channel, channel), channel), "accent"),
            (f"  {cell(message.sender, process)} {self.look.glyph('to')} ", "text"),
            (f"{cell(message.receiver, process)}  ", "text"),
            (f"{units.size(message.size):>8}  {units.micros((message.t - message.sent) / 1000):>8}  ", "dim"),
            (units.preview(message.payload), "text"),
        )


def searchable(message: ev.Message) -> str:
    """What the filter looks at."""
    text = units.preview(message.payload)
    return f"{message.channel} {message.sender} {message.receiver} {text}".casefold()
