"""Asks what can be chosen of a demo, off the screen's loop; only the newest question is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ipcviz.runtime.request import SessionRequest
from ipcviz.tui.home.newest import Newest

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.offer import Offer
    from ipcviz.offering import Asking

PAUSE_S = 0.08
"""How long somebody who goes through a list of their own files has to stay, before one of them is run."""


class Asker:
    """A demo of ours is asked about in a thread, somebody's own file in a process."""

    def __init__(self) -> None:
        self._newest = Newest()
        self._asking: Asking | None = None

    def ask(
        self, request: SessionRequest, channel: str, lock: str, own: bool, done: Callable[[Offer], object]
    ) -> None:
        """`done` is called in the thread, with the offer, unless something else is asked meanwhile."""
        self.forget()
        if own:
            self._newest.start(lambda: self._elsewhere(request, channel, lock), done, PAUSE_S)
        else:
            self._newest.start(lambda: _here(request, channel, lock), done)

    def forget(self) -> None:
        """Nobody wants the answer any more."""
        self._newest.forget()
        if self._asking is not None:
            self._asking.give_up()

    def _elsewhere(self, request: SessionRequest, channel: str, lock: str) -> Offer:
        from ipcviz.offering import Asking, Question

        asking = Asking(Question(request, channel, lock))
        self._asking = asking
        try:
            return asking.answer()
        finally:
            if self._asking is asking:
                self._asking = None


def _here(request: SessionRequest, channel: str, lock: str) -> Offer:
    from ipcviz.offer import offer

    return offer(request, channel, lock)
