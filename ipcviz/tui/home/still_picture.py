"""The chosen demo at rest: what it is, its topology drawn, what to look at; or why it cannot be shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.message import Message

from ipcviz import units
from ipcviz.events import SessionStarted
from ipcviz.tui.home.demo_list import age
from ipcviz.tui.home.entries import Entry
from ipcviz.tui.home.newest import Newest
from ipcviz.tui.home.part import Part
from ipcviz.tui.home.prose import prose
from ipcviz.tui.home.recorded import told_of
from ipcviz.tui.lines import Line, wrap
from ipcviz.tui.look import Look

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.offer import Offer

LEAST_PICTURE = 9
"""Rows; where the words would leave less, they step back."""
MARGIN = 2

Wanted = tuple[SessionStarted, int, int]
"""What is to be drawn, and how many columns and rows there are for it."""


class StillPicture(Part):
    """Words above and below, the picture between them; it is drawn off the loop."""

    heading = "Still"
    can_be_current = False

    class Drawn(Message):
        """The picture has been drawn."""

        def __init__(self, wanted: Wanted, lines: list[Line]) -> None:
            super().__init__()
            self.wanted, self.lines = wanted, lines

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.heading = ""
        self.entry: Entry | None = None
        self.offer: Offer | None = None
        self.is_brief = False
        """What to look at is told elsewhere."""
        self._work = Newest()
        self._wanted: Wanted | None = None
        self._drawn: Wanted | None = None
        self._picture: list[Line] = []

    @property
    def is_drawing(self) -> bool:
        """The picture that is wanted is not there yet."""
        return self._work.is_working

    def show(self, entry: Entry | None, offer: Offer | None) -> None:
        """Show this one; `offer` is None until it is known."""
        if entry is not self.entry and offer is None:
            self._drawn, self._picture = None, []
        self.entry, self.offer = entry, offer
        self.heading = units.printable(entry.title) if entry else ""
        self.redraw()

    def rows(self, width: int, height: int) -> list[Line]:
        """All of it, or why not."""
        if self.entry is None:
            return []
        if self.entry.kind == "recording":
            return self._recording(self.entry, width)
        if self.offer is None:
            doing = "Running the file, to see what it declares…" if self.entry.kind == "own" else "Loading…"
            return [*prose(self.entry.about, width, "strong"), [], [(f"  {doing}", "dim")]]
        if self.offer.session is None:
            return self._why_not(self.offer, width)
        return self._drawn_with_words(self.offer, self.offer.session, width, height)

    def on_still_picture_drawn(self, message: Drawn) -> None:
        """Show it, if it is still what is wanted."""
        message.stop()
        if message.wanted == self._wanted:
            self._drawn, self._picture = message.wanted, message.lines
            self.redraw()

    def on_unmount(self) -> None:
        """Nobody waits for a picture any more."""
        self._work.forget()

    def _drawn_with_words(self, offer: Offer, session: SessionStarted, width: int, height: int) -> list[Line]:
        above = prose(offer.about, width, "strong")
        below = [] if self.is_brief else prose(offer.look, width)
        if height - len(above) - len(below) - 2 < LEAST_PICTURE:
            below = []
        if height - len(above) - 1 < LEAST_PICTURE // 2:
            above = []  # its name is in the frame
        room = height - len(above) - bool(above) - len(below) - bool(below)
        picture = self._picture_of(session, width - 2 * MARGIN, room)
        margin = " " * MARGIN
        middle: list[Line] = [[(margin, "text"), *row] for row in picture]
        middle += [[] for _ in range(room - len(middle))]
        return [*above, *([[]] if above else []), *middle, *([[]] if below else []), *below]

    def _picture_of(self, session: SessionStarted, width: int, height: int) -> list[Line]:
        """The picture; the one before, or nothing, for as long as it is being drawn."""
        wanted = (session, width, height)
        if wanted != self._wanted:
            self._wanted = wanted
            look = self.look
            self._work.start(
                lambda: _draw(session, width, height, look),
                lambda lines: self.post_message(self.Drawn(wanted, lines)),
            )
        if self._drawn is not None and self._drawn[1:] == (width, height):
            return self._picture
        return []

    def _why_not(self, offer: Offer, width: int) -> list[Line]:
        about = prose(offer.about, width, "strong")
        mark = self.look.glyph("finding")
        rows: list[Line] = [*about, []]
        for number, text in enumerate(wrap(units.printable(offer.sentence), width - 6)):
            rows.append([(f"  {mark if not number else ' '} ", "bad"), (text, "text")])
        if offer.detail:
            rows.append([])
            rows += [[("    " + units.printable(text), "dim")] for text in offer.detail.splitlines()]
        return rows

    @staticmethod
    def _recording(entry: Entry, width: int) -> list[Line]:
        told = [
            ("file", str(entry.path)),
            ("size", units.size(entry.size)),
            ("written", time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.changed))),
        ]
        ago = age(time.time() - entry.changed)
        told[2] = ("written", told[2][1] + (f", {ago} ago" if ago != "now" else ", just now"))
        content = told_of(entry.path, entry.size, entry.changed)
        rows: list[Line] = [*prose(units.printable(content.title), width, "strong"), []]
        for name, value in (*content.facts, *told):
            for number, text in enumerate(wrap(units.printable(value), width - 14)):
                rows.append([(f"  {name if not number else '':9} ", "dim"), (text, "text")])
        for t, label, caption in content.chapters:
            rows += [[], [(f"  {t:9} ", "accent"), (units.printable(label), "strong")]]
            for text in wrap(units.printable(caption), width - 14) if caption else ():
                rows.append([(" " * 12, "text"), (text, "text")])
        return rows


def _draw(session: SessionStarted, width: int, height: int, look: Look) -> list[Line]:
    try:
        from ipcviz.tui.still import draw_still

        return draw_still(session, width, height, look)
    except Exception as error:  # whatever it is, everything else on the screen still serves
        return [[(f"The topology cannot be drawn: {units.printable(str(error))}", "dim")]]
