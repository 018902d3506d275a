"""What the keys of the home screen do: they go through its parts, run what is chosen, and lead out."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events as keys
from textual.message import Message
from textual.screen import Screen

from ipcviz import terminal
from ipcviz.command_line import command_line, quoted
from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.actions import Action
from ipcviz.tui.home.demo_list import DemoList
from ipcviz.tui.home.entries import SHIPPED, Entry
from ipcviz.tui.home.parameters import Parameters
from ipcviz.tui.home.part import Part
from ipcviz.tui.look import Look
from ipcviz.tui.screens.help import Help

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.offer import Offer
    from ipcviz.racing import Entry as Lane

BESIDE = ("next_panel", "previous_panel", "move(1,0)")
"""What leads from the list to the parts beside it, as soon as it is known which there are."""


NOT_OF_RECORDINGS = frozenset(("next_panel", "race", "default"))
"""What cannot be done with a recording: it has happened."""


class HomeKeys(Screen[None]):
    """The actions, and what they act on; what is drawn, and when, is for `Home`."""

    class Chosen(Message, namespace="home"):
        """Run this."""

        def __init__(self, request: SessionRequest) -> None:
            super().__init__()
            self.request = request

    class Raced(Message, namespace="home"):
        """Race these lanes."""

        def __init__(self, lanes: Sequence[Lane], by_locks: bool) -> None:
            super().__init__()
            self.lanes, self.by_locks = lanes, by_locks

    class Opened(Message, namespace="home"):
        """Play this recording."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Left(Message, namespace="home"):
        """Nothing is wanted any more."""

    def __init__(self, look: Look, actions: tuple[Action, ...]) -> None:
        super().__init__()
        self.look = look
        self.actions = actions
        self.offer: Offer | None = None
        """Of the chosen demo; None until it is known."""
        self._requests: dict[str, SessionRequest] = {}
        self._entry: Entry | None = None
        self._run_when_known = False
        self.is_asking = False
        """What is chosen is not known yet as it is asked for now."""
        self._focused = "demos"
        self._held: list[tuple[str, str | None]] = []
        """Keys that lead to what is not known yet, and those that came after."""
        self._by_key = {key: action.id for action in actions for key in action.keys.split(",")}

    async def on_key(self, event: keys.Key) -> None:
        """Nothing of what is typed fast is lost, or goes to another part than was meant."""
        if self._held and event.key != "escape":
            self._held.append((event.key, event.character))
        elif not await self._obey(event.key, event.character):
            return
        event.stop()
        event.prevent_default()

    async def _obey(self, key: str, character: str | None) -> bool:
        """To the part that is current; what means nothing there is an action, or False."""
        self._held = []
        if self._current.take(key, character):
            return True
        action = self._by_key.get(key)
        if action is None:
            return False
        if action in BESIDE and self._focused == "demos" and self.offer is None and self.is_asking:
            self._held = [(key, character)]
            return True
        mine = hasattr(self, f"action_{action.partition('(')[0]}")
        await self.run_action(action if mine else f"app.{action}")
        return True

    async def _obey_held(self) -> None:
        """It is known now where the keys lead that have been held."""
        held, self._held = self._held, []
        for number, (key, character) in enumerate(held):
            await self._obey(key, character)
            if self._held:
                self._held += held[number + 1 :]
                return

    def on_paste(self, event: keys.Paste) -> None:
        """Into what is being typed."""
        event.stop()
        self._current.paste(event.text)

    @property
    def request(self) -> SessionRequest | None:
        """What would be run now; None for a recording, or for nothing."""
        entry = self.query_one(DemoList).chosen
        if entry is None or not entry.demo:
            return None
        tick = 1000 // terminal.ticks_per_second()
        return self._requests.get(entry.key, SessionRequest(entry.demo, tick=tick))

    @property
    def command(self) -> str:
        """What does the same in a shell; "" where nothing is chosen."""
        request, entry = self.request, self._entry
        if request is not None:
            return command_line(request)
        if entry is None:
            return ""
        from ipcviz.recording.shelf import short

        return f"ipcviz play {quoted(entry.path.stem if entry.group == SHIPPED else short(entry.path))}"

    def action_run(self) -> None:
        """In a field, take what is typed; else run what is chosen, or play it."""
        if self._current.accept():
            return
        entry, request = self._entry, self.request
        if entry is None:
            return
        if request is None:
            self.post_message(self.Opened(entry.path))
        elif self.offer is None or self.is_asking:
            self._run_when_known = True
        elif self.offer.sentence:
            self._run_when_known = False
            self._go_to_what_is_wrong()
        else:
            self._run_when_known = False
            self.post_message(self.Chosen(request))

    def action_race(self) -> None:
        """The same run on several mechanisms, or with several kinds of lock."""
        self._current.accept()
        request, offer = self.request, self.offer
        if request is None or offer is None or self.is_asking:
            return
        if offer.sentence:
            self._go_to_what_is_wrong()
            return
        from ipcviz.tui.home.race_of import race_of

        lanes, by_locks = race_of(request, offer, *self.targets())
        if len(lanes) > 1:
            self.post_message(self.Raced(lanes, by_locks))
        else:
            self.notify("There is one way only to carry it: nothing to race against.", timeout=4)

    def targets(self) -> tuple[str, str]:
        """The channel and the lock that are chosen for just now, "" for all."""
        return "", ""

    def action_clear(self) -> None:
        """One thing back: what is typed, the place, the filter; then out."""
        demos = self.query_one(DemoList)
        if self._current.give_up():
            return
        if self._focused != "demos":
            self._focus("demos")
        elif not demos.clear():
            self.post_message(self.Left())

    def action_leave(self) -> None:
        """Out at once."""
        self.post_message(self.Left())

    def action_interrupt(self) -> None:
        """Out, as an interrupted program."""
        self.app.exit(128 + signal.SIGINT)

    def action_next_panel(self, step: int = 1) -> None:
        """The part after this one that has something to say."""
        self._current.accept()
        names = ["demos", *self._parts()]
        at = names.index(self._focused) if self._focused in names else 0
        self._focus(names[(at + step) % len(names)])

    def action_previous_panel(self) -> None:
        """The part before this one."""
        self.action_next_panel(-1)

    def action_move(self, columns: int, rows: int) -> None:
        """In the part; from the list, the right arrow leads to the parts beside it."""
        if self._focused == "demos" and columns:
            if columns > 0:
                self.action_next_panel()
            return
        self._current.move(columns, rows)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self._current.move(0, step * max(1, self._current.room[1] - 2))

    def action_end(self, last: int) -> None:
        """The first or the last demo."""
        if self._focused == "demos":
            self.query_one(DemoList).first_or_last(bool(last))

    def action_default(self) -> None:
        """What the demo has by itself."""
        self._current.set_default()

    def action_copy(self) -> None:
        """The command, into the clipboard of whoever's terminal this is (OSC 52)."""
        command = self.command
        if command:
            self.app.copy_to_clipboard(command)
            self.notify("The command is copied.", timeout=2)

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(Help(self.look, self.actions))

    @property
    def _current(self) -> Part:
        return self._part(self._focused)

    def _part(self, name: str) -> Part:
        return self.query_one(f"#{name}", Part)

    def _parts(self) -> tuple[str, ...]:
        """The parts beside the list that have something to say of the chosen demo."""
        if self.offer is None or self._entry is None or not self._entry.demo:
            return ()
        named = (
            ("parameters", self.offer.parameters),
            ("mechanism", self.offer.mechanisms),
            ("kind-of-lock", self.offer.locks),
        )
        return tuple(name for name, things in named if things)

    def _focus(self, name: str) -> None:
        self._focused = name
        self._arrange()
        self._make_current(name)

    def _make_current(self, name: str) -> None:
        for part in self.query(Part):
            part.set_current(part.id == name)

    def _go_to_what_is_wrong(self) -> None:
        assert self.offer is not None
        places = {"parameters": "parameters", "mechanisms": "mechanism", "locks": "kind-of-lock"}
        place = places.get(self.offer.wrong, "")
        if place in self._parts():
            self._focus(place)
            self.query_one(Parameters).go_to_error()
        self.app.bell()

    def _arrange(self) -> None:
        """Give every region its place."""
