"""Messages: the newest below, following or held, and filtered by what is typed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ipcviz import events as ev
from ipcviz import units
from ipcviz.tui.lines import Line, fit, line, middle_cut
from ipcviz.tui.look import Look
from ipcviz.tui.message_filter import MessageFilter, parse
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.message_rows import MessageWidths, message_head, message_row
from ipcviz.tui.selection import Selection
from ipcviz.tui.tail import Tail
from ipcviz.tui.words import harmless
from ipcviz.view import View


class Messages(Panel):
    """A tail of the sampled messages; a message is chosen while it is held, and none while it follows."""

    heading = "Messages"
    number = 6

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.filter = ""
        self.held: int | None = None
        """The number of the chosen message, counted from the first ever, while held."""
        self._wanted = MessageFilter()
        self._tail = Tail()
        self._chosen: ev.Message | None = None
        self._bottom = 0
        self._newest = 0
        self._rows: dict[int, Line] = {}
        self._made_for: object = None
        self._shown_numbers: list[int] = []

    def set_filter(self, text: str) -> None:
        """Show only messages that pass; see message_filter.py for what may be written."""
        self.filter = text
        self._wanted = parse(text, self._names())
        self.redraw()

    def _names(self) -> list[str]:
        """Those that a filter may mean."""
        if self.shown is None:
            return []
        channels = [channel.info.name for channel in self.shown.channels]
        return channels + [process.name for process in self.shown.processes]

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The heads of the columns, and as many messages as fit."""
        self._shown_numbers = []
        if not view.channels:
            self.note = ""
            return [line(("  No channel, no message: these processes share locks only.", "dim"))]
        self._follow_selection(view)
        numbers = self._tail.numbers(view, self._wanted)
        end = self._end(numbers, max(1, height - 1))
        shown = numbers[max(0, end - max(1, height - 1)) : end]
        self._shown_numbers = list(shown)
        self.note = self._note(view, numbers)
        widths = MessageWidths.of(view, width)
        made = [message_head(widths, self.look)]
        made += [self._row(number, view, widths, width) for number in shown]
        self._rows = {number: self._rows[number] for number in shown}
        return harmless(made if shown else [*made, line((self._nothing(view), "dim"))])[:height]

    def move(self, columns: int, rows: int) -> None:
        """Hold, and choose another message; below the last one, follow again."""
        if self.shown is None or not rows:
            return
        numbers = self._tail.numbers(self.shown, self._wanted)
        if not numbers or (self.held is None and rows > 0):
            return
        at = len(numbers) if self.held is None else bisect_left(numbers, self.held)
        if at + rows >= len(numbers):
            self.follow()
            return
        self._hold(numbers[max(0, at + rows)], self.shown)

    def point(self, column: int, row: int) -> None:
        """Choose the message under the mouse."""
        if self.shown is not None and 0 < row <= len(self._shown_numbers):
            self._hold(self._shown_numbers[row - 1], self.shown)

    def follow(self) -> None:
        """Show the newest again, and choose none."""
        self.held = self._chosen = None
        if self.selection.message is not None:
            self.selection.message = None
            self.post_message(self.Selected())
        self.redraw()

    def copied(self) -> str:
        """The payload of the chosen message, as far as it was kept and as it is shown."""
        message = self.selection.message
        return units.preview(message.payload) if message is not None else ""

    def _hold(self, number: int, view: View) -> None:
        if self.held is None:
            self._newest = view.messages_seen - 1
            self._bottom = self._shown_numbers[-1] if self._shown_numbers else number
        self.held = number
        self._chosen = self.selection.message = _message(view, number)
        self.post_message(self.Selected())
        self.redraw()

    def _follow_selection(self, view: View) -> None:
        """A message that was chosen elsewhere is shown here; one that was let go of is, too."""
        message = self.selection.message
        if message is self._chosen:
            return
        self._chosen = message
        if message is None:
            self.held = None
            return
        first = view.messages_seen - view.messages.end
        for place in range(view.messages.end - 1, -1, -1):
            other = view.messages.items[place]
            if other is message or (other.t == message.t and other == message):
                if self.held is None:
                    self._newest = view.messages_seen - 1
                self.held = self._bottom = first + place
                return

    def _end(self, numbers: Sequence[int], rows: int) -> int:
        """Behind the last one shown: the newest, or what keeps the chosen one where it was."""
        total = len(numbers)
        if self.held is None or not total:
            return total
        cursor = min(total - 1, bisect_left(numbers, self.held))
        end = max(cursor + 1, min(cursor + rows, bisect_right(numbers, self._bottom)))
        end = max(end, min(rows, total))
        self._bottom = numbers[end - 1]
        return end

    def _row(self, number: int, view: View, widths: MessageWidths, width: int) -> Line:
        """Made once for each message and width; the chosen one stands out."""
        made_for = (widths, self.look.glyphs)
        if made_for != self._made_for:
            self._rows, self._made_for = {}, made_for
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = message_row(_message(view, number), widths, self.look)
        if self.selection.message is None or _message(view, number) is not self.selection.message:
            return [("  ", "text"), *row]
        text = f"{self.look.glyph('cursor')} " + "".join(piece for piece, _ in row)
        return [(piece, "selected") for piece, _ in fit([(text, "selected")], width)]

    def _nothing(self, view: View) -> str:
        if not self._wanted.tests:
            return "  No message has been received yet."
        if not self._tail.is_done(view):
            return "  Searching…"
        return f"  No message passes the filter: {units.printable(self.filter)}"

    def _note(self, view: View, numbers: Sequence[int]) -> str:
        words = [f"/{units.printable(middle_cut(self.filter, 30))}"] if self.filter else []
        objection = self._wanted.objection(view) if self.filter else ""
        if objection:
            words.append(f"({objection})")
        elif self._wanted.tests:
            more = "" if self._tail.is_done(view) else "+"
            words.append(f"{len(numbers):,}{more} of {view.messages.end:,}")
        if self.held is not None:
            new = len(numbers) - bisect_right(numbers, self._newest)
            words.append(f"held, +{new:,} new")
        else:
            words.append("ended" if view.status == "ended" else "following")
        most = max(channel.stride for channel in view.channels)
        if most > 1:
            words.append(f"1 in {most} shown")
        if view.lost:
            words.append(f"stream lost {units.count(view.lost)}")
        return "  ".join(words)


def _message(view: View, number: int) -> ev.Message:
    return view.messages.items[number - (view.messages_seen - view.messages.end)]
