"""The home screen: demos to pick, each with its topology at rest, its parameters and what can carry it.

It asks nothing of a run and starts none: it tells the app what was chosen, as the request that the command
at its foot gives, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual import events as keys
from textual.app import ComposeResult
from textual.message import Message

from ipcviz.tui.actions import HOME, Action
from ipcviz.tui.home.areas import areas
from ipcviz.tui.home.asking import Asker
from ipcviz.tui.home.bars import Bar, command_rows, title_row
from ipcviz.tui.home.demo_list import DemoList
from ipcviz.tui.home.entries import Entry, everything
from ipcviz.tui.home.keys import NOT_OF_RECORDINGS, HomeKeys
from ipcviz.tui.home.mechanisms import Locks, Mechanisms
from ipcviz.tui.home.newest import Newest
from ipcviz.tui.home.parameters import Parameters
from ipcviz.tui.home.part import Part
from ipcviz.tui.home.still_picture import StillPicture
from ipcviz.tui.home.words_panel import LookAt
from ipcviz.tui.look import Look
from ipcviz.tui.notice import Notice, too_small
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.footer import Footer

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.offer import Offer

PATIENCE_S = 0.1
"""How long the demo before stays in view while nothing is known of the chosen one; most take 10 ms."""


class Home(HomeKeys):
    """Nothing is typed into the void: letters go to the filter of the list, or to what has the focus."""

    DEFAULT_CSS = """
    Home { layers: base; overflow: hidden; }
    Home > * { position: absolute; }
    """

    class Listed(Message):
        """What there is to choose from has been looked up."""

        def __init__(self, entries: list[Entry]) -> None:
            super().__init__()
            self.entries = entries

    class Offered(Message):
        """What can be chosen of a demo has been found out."""

        def __init__(self, number: int, offer: Offer) -> None:
            """`number` is that of the question."""
            super().__init__()
            self.number, self.offer = number, offer

    def __init__(
        self,
        look: Look,
        folder: Path | None = None,
        actions: tuple[Action, ...] = HOME,
        typed: str = "",
    ) -> None:
        """`folder` is where own demos and recordings are looked for: the current one.

        `typed` stands in the filter at first.
        """
        super().__init__(look, actions)
        self._typed = typed
        self.folder = folder or Path.cwd()
        self._listing = Newest()
        self._asker = Asker()
        self._asked = 0
        self._is_late = False
        self._placed_parts: tuple[str, ...] = ()
        self._extent = (80, 24)

    def compose(self) -> ComposeResult:
        """Every region; which of them are shown is for `areas`."""
        yield Bar(self.look, "title")
        for part in (DemoList, StillPicture, LookAt, Parameters, Mechanisms, Locks):
            yield part(self.look)
        yield Bar(self.look, "command")
        yield Footer(self.look, self.actions)
        yield Notice(self.look)

    def on_mount(self) -> None:
        """Show the frames at once, and fill them when it is known with what."""
        self._extent = (self.app.size.width, self.app.size.height)
        self._arrange()
        self.query_one(DemoList).tell = self._moved
        if self._typed:
            self.query_one(DemoList).paste(self._typed)
        for part in (self.query_one(Parameters), self._mechanisms, self.query_one(Locks)):
            part.tell = self._changed
        self._make_current("demos")

    def on_screen_resume(self) -> None:
        """At first, and when a run is over: what lies in the folder may be something else now."""
        self._listing.start(
            lambda: everything(self.folder), lambda entries: self.post_message(self.Listed(entries))
        )

    def on_unmount(self) -> None:
        """Nobody waits for anything any more."""
        self._listing.forget()
        self._asker.forget()

    def on_resize(self, event: keys.Resize) -> None:
        """Another size, another arrangement; `size` itself is not yet the new one here."""
        self._extent = (event.size.width, event.size.height)
        self._arrange()

    def on_home_listed(self, message: Listed) -> None:
        """Fill the list."""
        message.stop()
        self.query_one(DemoList).show(message.entries)
        self._show_title()
        self._ask()

    def _moved(self) -> None:
        """Another demo: what was chosen of it before is chosen still."""
        entry = self.query_one(DemoList).chosen
        if entry != self._entry:
            self._entry, self.offer, self._run_when_known = entry, None, False
            self._held = []
            self.query_one(Parameters).restart()
            for part in self.query(Mechanisms):
                part.restart()
            self._is_late = False
            self.set_timer(PATIENCE_S, self._show_that_it_is_late)
        self._ask()

    def _show_that_it_is_late(self) -> None:
        self._is_late = True
        self._show()

    def _changed(self) -> None:
        """Other values, another mechanism or kind of lock, or a choice for another channel."""
        request = self.request
        if request is not None and self._entry is not None:
            self._requests[self._entry.key] = msgspec.structs.replace(
                request,
                settings=self.query_one(Parameters).settings,
                mechanisms=self._mechanisms.asked,
                locks=self.query_one(Locks).asked,
            )
            self._ask()

    def targets(self) -> tuple[str, str]:
        """The channel and the lock that are chosen for just now, "" for all."""
        return self._mechanisms.target, self.query_one(Locks).target

    @property
    def _mechanisms(self) -> Mechanisms:
        return self.query_one("#mechanism", Mechanisms)

    async def on_home_offered(self, message: Offered) -> None:
        """What can be chosen is known."""
        message.stop()
        if message.number != self._asked:
            return
        self.is_asking = False
        before, offer = self.offer, message.offer
        if offer.session is None and before is not None and offer.wrong == "parameters":
            # While a value is being typed, everything else stays as it was.
            kept = {name: getattr(before, name) for name in ("session", "mechanisms", "locks", "channels")}
            kept |= {name: getattr(before, name) for name in ("lock_names", "preferred", "preferred_lock")}
            offer = msgspec.structs.replace(offer, **kept)
        self.offer = offer
        self._show()
        await self._obey_held()
        if self._run_when_known:
            self.action_run()

    def on_panel_chosen(self, message: Panel.Chosen) -> None:
        """A click focuses."""
        if isinstance(message.panel, Part) and message.panel.can_be_current and message.panel.id:
            self._focus(message.panel.id)

    def on_panel_opened(self, message: Panel.Opened) -> None:
        """A double click runs; in a value it edits."""
        if isinstance(message.panel, Parameters):
            message.panel.begin()
        elif isinstance(message.panel, Part) and message.panel.can_be_current:
            self.action_run()

    def _ask(self) -> None:
        """Find out what can be chosen of the chosen demo as it is asked for now."""
        entry, request = self._entry, self.request
        self._asked += 1
        number = self._asked
        self.is_asking = request is not None
        if entry is not None and request is not None:
            self._asker.ask(
                request,
                self._mechanisms.target,
                self.query_one(Locks).target,
                entry.kind == "own",
                lambda offer: self.post_message(self.Offered(number, offer)),
            )
        else:
            self._asker.forget()
        self._show()

    def _show(self) -> None:
        """Give each part what it shows."""
        offer, request = self.offer, self.request
        if self.is_asking and offer is None and not self._is_late:
            self._arrange()
            return
        self.query_one(StillPicture).show(self._entry, offer)
        self.query_one(LookAt).show(offer.look if offer else "")
        if offer is not None and request is not None:
            self.query_one(Parameters).show(offer.parameters, request.settings, offer.meaning)
            wrong = {name: offer.sentence if offer.wrong == name else "" for name in ("mechanisms", "locks")}
            self._mechanisms.show(
                offer.channels, offer.mechanisms, offer.preferred, request.mechanisms, wrong["mechanisms"]
            )
            self.query_one(Locks).show(
                offer.lock_names, offer.locks, offer.preferred_lock, request.locks, wrong["locks"]
            )
        if self._focused not in ("demos", *self._parts()) and offer is not None:
            self._focused = "demos"
            self._make_current("demos")
        self._arrange()

    def _show_title(self) -> None:
        entries = self.query_one(DemoList).entries
        kinds = [entry.kind for entry in entries]
        counted = f"{kinds.count('demo')} demos"
        for kind, words in (("own", "of yours"), ("recording", "recorded")):
            counted += f", {kinds.count(kind)} {words}" if kind in kinds else ""
        self.query_one("#title", Bar).show([title_row(self._extent[0], counted if entries else "")])

    def _arrange(self) -> None:
        """Give every region its place; it redraws itself when that is another."""
        width, height = self._extent
        request, offer = self.request, self.offer
        told_in_picture = offer is None or offer.session is None
        sentence = offer.sentence if offer and request and not told_in_picture else ""
        rows = command_rows(self.command, sentence, width, self.look)
        if not (self.is_asking and self.offer is None):
            self._placed_parts = self._parts()  # else nothing moves until it is known what there is to show
        placed = areas(width, height, self._focused, self._placed_parts, len(rows))
        for widget in self.children:
            area = placed.get(widget.id or "")
            widget.display = area is not None
            if area is not None:
                widget.styles.offset = (area.x, area.y)
                widget.styles.width, widget.styles.height = area.width, area.height
        self.query_one(StillPicture).is_brief = "what-to-look-at" in placed or len(placed) < 6
        self.query_one(StillPicture).redraw()
        self.query_one("#command", Bar).show(rows)
        plays = self._entry is not None and not self._entry.demo
        self.query_one(Footer).set_state(None, NOT_OF_RECORDINGS if plays else frozenset())
        self.query_one(Notice).say(too_small(width, height, "Ctrl+Q: quit"))
        self._show_title()
