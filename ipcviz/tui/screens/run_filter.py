"""Typing a filter of the messages: while that lasts, keys are its letters."""

from __future__ import annotations

from textual import events as keys

from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.actions import Action
from ipcviz.tui.feed import Feed
from ipcviz.tui.look import Look
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.screens.run_moves import RunMoves


class RunFilter(RunMoves):
    """The part of the run's screen in which a filter is typed."""

    def __init__(
        self, feed: Feed, look: Look, request: SessionRequest | None, actions: tuple[Action, ...]
    ) -> None:
        """`request` is what the run can be begun again with."""
        super().__init__(feed, look, request, actions)
        self.typed: str | None = None
        """What is typed so far; None while nothing is."""

    def show_footer(self) -> None:
        """The keys, or what is typed."""
        self.query_one(Footer).set_state(self.typed, self.unable(), self.shown.status == "ended")

    def action_filter(self) -> None:
        """Type a filter."""
        self.typed = self.query_one(Messages).filter
        self.focus_panel("messages")
        self.show_footer()

    def on_key(self, event: keys.Key) -> None:
        """While a filter is typed, keys are its letters."""
        if self.typed is None:
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.typed = None
        elif event.key == "escape":
            self.typed = None
            self.query_one(Messages).set_filter("")
        else:
            self._type(event)
        self.show_footer()

    def _type(self, event: keys.Key) -> None:
        typed = self.typed or ""
        if event.key == "backspace":
            typed = typed[:-1]
        elif event.key == "ctrl+u":
            typed = ""
        elif event.character and event.character.isprintable():
            typed += event.character
        self.typed = typed
        self.query_one(Messages).set_filter(typed)
