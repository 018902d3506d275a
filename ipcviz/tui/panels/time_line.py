"""The time line of a recording: where one is, its chapters as ticks, what was found and done as marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events as keys
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ipcviz import units
from ipcviz.chapters import chapter_at
from ipcviz.events import Chapter
from ipcviz.lanes import Mark
from ipcviz.terminal import GlyphSet
from ipcviz.tui.lines import Line, cell, fit, strip_of, width_of
from ipcviz.tui.look import Look

GLYPHS: dict[GlyphSet, Mapping[str, str]] = {
    "unicode": {"past": "━", "ahead": "─", "here": "●", "chapter": "┃", "fault": "◆", "unread": "·"},
    "plain": {"past": "═", "ahead": "─", "here": "•", "chapter": "║", "fault": "♦", "unread": "·"},
    "ascii": {"past": "=", "ahead": "-", "here": "O", "chapter": "|", "fault": "*", "unread": "."},
}
STYLES = {
    "past": "accent",
    "ahead": "edge",
    "here": "key",
    "chapter": "title",
    "fault": "warn",
    "unread": "dim",
}
EXACTLY = 1 / 50
"""At this speed and below, the position is told in microseconds."""


@dataclass(frozen=True, slots=True)
class TimeLineState:
    """Where one is in a recording, all times in ns of the session; `read` is how far it was looked through.

    `words` stand in place of the chapter's name where there is more to say than that.
    """

    start: int
    end: int
    position: int
    speed: float
    chapters: Sequence[Chapter] = ()
    marks: Sequence[Mark] = ()
    read: int | None = None
    is_cut: bool = False
    words: str = ""


class TimeLine(Widget):
    """One row; a click on it goes there."""

    class Sought(Message):
        """A time was clicked."""

        def __init__(self, t: int) -> None:
            super().__init__()
            self.t = t

    def __init__(self, look: Look) -> None:
        super().__init__(id="time-line")
        self.look = look
        self.state: TimeLineState | None = None
        self._line: Line = []

    def show(self, state: TimeLineState) -> None:
        """Draw it where something is another."""
        self.state = state
        made = time_line(state, self.size.width, self.look)
        if made != self._line:
            self._line = made
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row, as it was made last."""
        return strip_of(self._line or [(" " * self.size.width, "text")], self.look)

    def on_resize(self) -> None:
        """Made again."""
        self._line = []
        if self.state is not None:
            self.show(self.state)

    def on_click(self, event: keys.Click) -> None:
        """Go to that time."""
        if self.state is None:
            return
        left, bar, _ = parts(self.state, self.size.width)
        share = (event.x - width_of(left)) / max(1, bar - 1)
        if 0 <= share <= 1:
            state = self.state
            self.post_message(self.Sought(state.start + round(share * (state.end - state.start))))


def time_line(state: TimeLineState, width: int, look: Look) -> Line:
    """The row: the position, the bar, the end, the speed, and the chapter's name."""
    left, bar, right = parts(state, width)
    return fit([*left, *_bar(state, bar, look), *right], width)


def parts(state: TimeLineState, width: int) -> tuple[Line, int, Line]:
    """What stands before the bar, how many cells the bar has, and what stands behind it."""
    slow = state.speed <= EXACTLY
    position = units.stamp(state.position) if slow else clock(state.position)
    room = len(units.stamp(state.end)) if slow else len(clock(state.end))
    left: Line = [(f" {position:>{room}} ", "strong")]
    right: Line = [(f" {clock(state.end)}", "title")]
    if state.is_cut:
        right.append((" cut", "warn"))
    right.append((f"  {speed_words(state.speed):<4}", "key"))
    told = state.words or _chapter_words(state)
    right.append((f"  {cell(told, max(12, width // 4))}", "strong"))
    return left, max(8, width - width_of(left) - width_of(right) - 1), right


def clock(t: int) -> str:
    """A position, to a tenth of a second: 00:12.4."""
    return f"{units.clock(t)}.{t // 100_000_000 % 10}"


def speed_words(speed: float) -> str:
    """x1, x16, 1/1,000."""
    return f"x{speed:g}" if speed >= 1 else f"1/{round(1 / speed):,}"


def speed_sentence(speed: float) -> str:
    """What a speed means: how much of the session passes in a second."""
    if speed == 1:
        return "As fast as it was."
    shown = speed * units.SECOND
    sizes = ((units.SECOND, "s"), (1_000_000, "ms"), (1_000, "µs"))
    size, unit = next(pair for pair in sizes if shown >= pair[0] or pair is sizes[-1])
    return f"One second shows {shown / size:g} {unit} of it."


def _chapter_words(state: TimeLineState) -> str:
    at = chapter_at(state.chapters, state.position)
    if at < 0:
        return ""
    return f"{at + 1} of {len(state.chapters)}  {units.printable(state.chapters[at].label)}"


def _bar(state: TimeLineState, width: int, look: Look) -> Line:
    glyphs = GLYPHS[look.glyphs]
    here = _cell(state, state.position, width)
    read = width if state.read is None else _cell(state, state.read, width)
    kinds = ["past" if x < here else "ahead" if x <= read else "unread" for x in range(width)]
    cells = [(glyphs[kind], STYLES[kind]) for kind in kinds]
    for chapter in state.chapters:
        x = _cell(state, chapter.t, width)
        cells[x] = (glyphs["chapter"], "accent" if x <= here else STYLES["chapter"])
    for mark in state.marks:
        if mark.t < state.start:
            continue
        sign = (glyphs["fault"], STYLES["fault"]) if mark.kind == "fault" else (look.glyph("finding"), "bad")
        cells[_cell(state, mark.t, width)] = sign
    cells[here] = (glyphs["here"], STYLES["here"])
    return cells


def _cell(state: TimeLineState, t: int, width: int) -> int:
    """The column of an instant; the last one for the end alone."""
    length = state.end - state.start
    if length <= 0:
        return 0
    return max(0, min(width - 1, (t - state.start) * (width - 1) // length))
