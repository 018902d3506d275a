"""Placing pictures in a thread of its own: the screen goes on with the old one until the new one is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass

from ipcviz.events import SessionStarted
from ipcviz.tui.picture import Picture, picture_of
from ipcviz.tui.plans import Wish

PATIENCE = 0.012
"""Seconds that a tick waits for a picture: most are there by then, and nothing flickers."""

KEPT = 8
"""Pictures to remember: going back to a size or a zoom shows the same at once."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a picture depends on; sessions are told apart by their structure alone."""

    session: SessionStarted
    width: int
    height: int
    wish: Wish

    def __hash__(self) -> int:
        """Sessions hold lists; their names are enough to tell most apart."""
        return hash((self.session.topology, len(self.session.processes), self.width, self.height, self.wish))


class Placer:
    """Makes one picture at a time; `arrived` is called, in the thread, when a tick did not wait for it."""

    def __init__(self, arrived: Callable[[], object]) -> None:
        self._arrived = arrived
        self._made: dict[Key, Picture] = {}
        self._wanted: Key | None = None
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def is_busy(self) -> bool:
        """A picture that was asked for is not there yet."""
        return self._wanted is not None and self._wanted not in self._made

    def picture(self, key: Key, wait: bool = False) -> Picture | None:
        """The picture, or None while it is being made; `wait` for as long as that takes."""
        if key not in self._made and self._error is None:
            self._wanted = key
            if self._thread is None or not self._thread.is_alive():
                # The thread gets a copy of the context: in it the screen's application is known.
                work = copy_context().run
                self._thread = threading.Thread(target=work, args=(self._work,), name="placing", daemon=True)
                self._thread.start()
            self._thread.join(None if wait else PATIENCE)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._made.get(key)

    def _work(self) -> None:
        while (key := self._wanted) is not None and key not in self._made:
            try:
                picture = picture_of(key.session, key.width, key.height, key.wish)
            except Exception as error:
                self._error = error
                break
            while len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = picture
        self._arrived()
