"""The strip: under the one panel that a small screen has room for, what must stay in view."""

from __future__ import annotations

import re

from msgspec import structs
from textual.geometry import Region
from textual.strip import Strip as TextualStrip
from textual.widget import Widget

from ipcviz.events import FindingRaised
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.channel_rows import channel_table
from ipcviz.tui.panels.finding_order import by_weight, killed_in
from ipcviz.tui.panels.findings import finding_rows
from ipcviz.tui.words import harmless, state_of
from ipcviz.view import ProcessView, View

_SAVED = re.compile(r" \(saved: [^()]*\)")


class Strip(Widget):
    """Channels, the newest finding, and the processes' states."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="strip")
        self.look = look
        self._lines: list[Line] = []

    def show_view(self, view: View) -> None:
        """Draw another view."""
        width, height = self.size
        lines = [fit(row, width) for row in strip_lines(view, width, height, self.look)][:height]
        lines += [[(" " * width, "text")] for _ in range(height - len(lines))]
        changed = [y for y, row in enumerate(lines) if y >= len(self._lines) or row != self._lines[y]]
        self._lines = lines
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> TextualStrip:
        """One row, as it was made last."""
        known = y < len(self._lines)
        return strip_of(self._lines[y] if known else [(" " * self.size.width, "text")], self.look)

    def on_resize(self) -> None:
        """Made again with the next view."""
        self._lines = []
        self.refresh()


def strip_lines(view: View, width: int, height: int, look: Look) -> list[Line]:
    """What fits: the newest finding always, the processes in the last row."""
    findings = by_weight(view.findings, killed_in(view))
    calm = [line(("   Nothing is wrong.", "dim"))]
    most = 3 if view.channels and height == 4 else 2  # one row alone is no table of channels
    told = finding_rows(_without_file(findings[0]), width, look, most) if findings else calm
    people = [_processes(view, width, look)]
    room = height - len(told) - len(people)
    if not view.channels:
        return harmless([*[_lock_row(view, look)][: max(0, room)], *told, *people])
    channels = _channel_rows(view, width, room, look) if room > 1 else []
    return harmless([*channels, *told, *people])


def _without_file(finding: FindingRaised) -> FindingRaised:
    """Two rows are for what was found; which file has it is told in the panel."""
    return structs.replace(finding, sentence=_SAVED.sub("", finding.sentence, count=1))


def _channel_rows(view: View, width: int, room: int, look: Look) -> list[Line]:
    """As many channels as fit, in the order of the topology; how many more there are stands in the head."""
    missing = len(view.channels) - room + 1
    words = f"+{missing} more " if missing > 0 else ""
    rows = channel_table(view.channels, width - len(words), room, look)
    rows[0] = [*rows[0], (" " * (width - width_of(rows[0]) - len(words)) + words, "dim")]
    return rows


def _lock_row(view: View, look: Look) -> Line:
    row: Line = [("  ", "text")]
    for lock in view.locks:
        held = bool(lock.holders)
        glyph = look.glyph("held" if held else "free")
        waiting = f" +{len(lock.waiters)}" if lock.waiters else ""
        row += line((f"{glyph} ", "accent" if held else "dim"), (f"{lock.info.name}{waiting}  ", "text"))
    return row


def _processes(view: View, width: int, look: Look) -> Line:
    """Each with its glyph; with words, too, if all of them fit; what does not fit is counted."""
    for wordy in (True, False):
        row: Line = [("  ", "text")]
        left = len(view.processes)
        for process in view.processes:
            piece = _process(process, view, look, wordy)
            if width_of(row) + width_of(piece) > width - (6 if left > 1 else 0):
                break
            row += piece
            left -= 1
        if not left:
            return row
    return [*row, (f"+{left}", "dim")]


def _process(process: ProcessView, view: View, look: Look, wordy: bool) -> Line:
    glyph, words, style = state_of(process, view, look)
    name = (f"{process.name}  ", "text")
    return (
        line((f"{glyph} ", style), (name[0][:-1], "text"), (f"{words}   ", "dim"))
        if wordy
        else [(f"{glyph} ", style), name]
    )
