"""What a recording is drawn with: a source that gives it up to a moment, and the screen of a run on that.

It is the same screen as that of a run, but for its first and last rows: the header says that it is a replay,
and in place of the keys, which nobody can press in a picture, stands the chapter, in as many rows as the
longest caption needs, so that nothing moves between chapters.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.strip import Strip
from textual.timer import Timer

from ipcviz import units
from ipcviz.events import AnyEvent, Frame, SessionStarted
from ipcviz.exports import Chapter, Readable
from ipcviz.recording.reader import timed
from ipcviz.runtime.request import Command
from ipcviz.terminal import Profile
from ipcviz.tui.arrange import SMALLEST, Area, Contents, is_roomy
from ipcviz.tui.feed import Feed
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.header import Header
from ipcviz.tui.screens.run import RunScreen
from ipcviz.units import SECOND

FIRST_FRAME = SECOND
"""How long after its begin the first frame of a session is looked for."""


class StagedSource:
    """Events of a recording up to a moment that somebody else moves on; a `Source` of the screen."""

    def __init__(self, recording: Readable, end: int | None) -> None:
        self.now = 0
        """The moment, in ns since the session began: what happened until then may be taken."""
        self._events = timed(recording.events(0, None if end is None else end + FIRST_FRAME))
        self._next: tuple[int, AnyEvent] | None = next(self._events, None)
        self._ahead = 0
        self._null = os.open(os.devnull, os.O_RDONLY)

    @property
    def over(self) -> bool:
        """Never: a recording that was cut ends as it was, without anybody summing it up."""
        return False

    def take(self) -> list[AnyEvent]:
        """The events up to `now` that were not taken yet; the summary comes with what is last.

        Where a session has begun, its first frame comes along: before, nothing has been measured, and a
        picture of it would be all question marks.
        """
        taken: list[AnyEvent] = []
        while self._next is not None and self._next[0] <= self.now + self._ahead:
            event = self._next[1]
            if isinstance(event, SessionStarted):
                self._ahead = FIRST_FRAME
            elif isinstance(event, Frame):
                self._ahead = 0
            taken.append(event)
            self._next = next(self._events, None)
        return taken

    def fileno(self) -> int:
        """Always readable."""
        return self._null

    def stop(self) -> None:
        """There is nothing to stop."""

    def command(self, command: Command) -> bool:
        """What is recorded has happened."""
        return False

    def close(self) -> None:
        """Close what `fileno` gave."""
        if self._null >= 0:
            os.close(self._null)
            self._null = -1


MOST_ROWS = 3
"""Of a chapter; what is longer ends with an ellipsis."""


class ChapterRow(Footer):
    """The last rows: the title of the chapter and what is said about it."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ())
        self._told: Chapter | None = None

    def tell(self, chapter: Chapter | None) -> None:
        """Show that one."""
        if chapter is not self._told:
            self._told = chapter
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of the rows."""
        rows = chapter_lines(self._told, self.size.width, self.size.height)
        return strip_of(fit(rows[y] if y < len(rows) else [], self.size.width), self.look)


def chapter_lines(chapter: Chapter | None, width: int, most: int = MOST_ROWS) -> list[Line]:
    """A chapter in at most so many rows; none for none. The caption begins beside a short title."""
    if chapter is None:
        return []
    title = line((f" {units.printable(chapter.label)}", "key"))
    caption = units.printable(chapter.caption)
    indent = width_of(title) + 2
    if not caption or most < 2 or indent + cell_len(caption) <= width:
        return [[*title, *line((f"  {caption}" if caption else "", "text"))]]
    if indent > width // 3:
        rows = [title, *(line((f" {row}", "text")) for row in wrap(caption, width - 2))]
    else:
        first, *more = wrap(caption, width - indent - 1)
        rows = [[*title, *line((f"  {first}", "text"))]]
        rows += [line((" " * indent + row, "text")) for row in more]
    if len(rows) > most:
        rows[most - 1] = [*fit(rows[most - 1], width - 2), *line((" …", "text"))]
    return rows[:most]


def rows_for(chapters: Sequence[Chapter], width: int, height: int) -> int:
    """What the longest of them needs, where the screen has that much to give."""
    most = MOST_ROWS if height >= SMALLEST[1] + MOST_ROWS - 1 else 1
    return max((len(chapter_lines(chapter, width, most)) for chapter in chapters), default=1)


class StagedScreen(RunScreen):
    """The screen of a run that is told when to tick, and says nothing that a clock would take away again."""

    def __init__(self, feed: Feed, look: Look, profile: Profile, chapters: Sequence[Chapter]) -> None:
        super().__init__(feed, look, None, profile)
        self.chapters = chapters
        self.arranged_anew = True
        """Its regions have got other places since this was last set to False."""

    def compose(self) -> ComposeResult:
        """The regions of a run's screen, with another last row."""
        for region in super().compose():
            yield ChapterRow(self.look) if isinstance(region, Footer) else region

    def areas(self, width: int, height: int, contents: Contents) -> dict[str, Area]:
        """As of a screen that is so much lower, with the chapter below it."""
        rows = rows_for(self.chapters, width, height)
        lower = height - rows + 1
        if is_roomy(width, height) and not is_roomy(width, lower):  # the panels at the bottom can be lower
            areas = {
                name: replace(area, height=min(area.height, lower - 1 - area.y))
                for name, area in super().areas(width, height, contents).items()
            }
        else:
            areas = super().areas(width, lower, contents)
        return {**areas, "footer": Area(0, height - rows, width, rows)}

    def set_interval(self, *arguments: Any, **keywords: Any) -> Timer:
        """Nothing happens by itself: a timer that never begins."""
        return Timer(self, SECOND, pause=True)

    def notify(self, *arguments: Any, **keywords: Any) -> None:
        """A word that goes away after seconds of the clock on the wall has no place in a recording."""

    def tick(self) -> None:
        """As the screen does; a part that was joined has a picture of its own, which has to be waited for."""
        before = self.shown.session
        super().tick()
        if self.shown.session is not before:
            self.arranged_anew = True

    def place(self) -> None:
        """As the screen does; whoever draws has to wait for it."""
        self.arranged_anew = True
        super().place()

    def _show_header(self) -> None:
        shown = self.shown
        live = shown.status == "live"
        clock = units.clock(shown.t)
        state = line((f" {self.look.glyph('out')} REPLAY {clock} ", "badge calm")) if live else None
        self.query_one(Header).show_state(shown, False, 0, state)
        begun = bisect_right(self.chapters, shown.t, key=lambda chapter: chapter.t)
        self.query_one(ChapterRow).tell(self.chapters[begun - 1] if begun else None)
