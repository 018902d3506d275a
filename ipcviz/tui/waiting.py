"""Before the screen: a run has not said yet what it is, which it may never do.

Meanwhile the terminal shows nothing that is typed. It is given back as it was, whichever way that ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from pathlib import Path
from types import FrameType
from typing import Any

from ipcviz import units
from ipcviz.events import AnyEvent, Refused, SessionStarted
from ipcviz.quiet_terminal import QuietTerminal
from ipcviz.source import LiveSource
from ipcviz.tui.lines import middle_cut

PATIENCE_S = 0.5
"""So long nothing need be said."""
LOOKS_AGAIN_S = 0.1
"""How soon a key is seen."""
ERASE = "\r\x1b[K"


def first_events(source: LiveSource, demo: str) -> list[AnyEvent] | None:
    """Until the run has started, was refused or is over; None if somebody has pressed q."""
    events: list[AnyEvent] = []
    patience = PATIENCE_S
    with Wait(demo) as wait:
        while not source.over and not any(isinstance(event, SessionStarted | Refused) for event in events):
            if not source.wait(patience):
                patience = LOOKS_AGAIN_S
                wait.say()
                if wait.is_left():
                    wait.unsay()
                    return None
            events += source.take()
        wait.unsay()
    return events


class Wait:
    """One line that says what is waited for, on a terminal that shows no keys."""

    def __init__(self, demo: str) -> None:
        self._demo = demo
        self._handlers: dict[int, Any] = {}
        self._said = False
        self._terminal = QuietTerminal(self._say_again, self._end_line)

    def __enter__(self) -> Wait:
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._leave)
        with contextlib.suppress(termios.error):
            self._terminal.take()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, termios.error):
            self._terminal.give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def say(self) -> None:
        """What is waited for; once."""
        if not self._said:
            self._said = True
            self._say_again()

    def _say_again(self) -> None:
        if not self._said:
            return
        try:
            width = os.get_terminal_size(2).columns
        except OSError:
            width = 80
        sentence = "Waiting for {} to say what it is; Ctrl+C ends it."
        name = middle_cut(units.printable(Path(self._demo).name), max(1, width - len(sentence) + 1))
        _write(sentence.format(name))

    def _end_line(self) -> None:
        """What was said stays, in a line of its own."""
        if self._said:
            _write("\n")

    def unsay(self) -> None:
        """It has come: nothing of the wait stays."""
        if self._said:
            self._said = False
            _write(ERASE)

    def is_left(self) -> bool:
        """Somebody has pressed q; a terminal that is gone ends the program."""
        try:
            return b"q" in self._terminal.typed().lower()
        except OSError:
            sys.exit(128 + signal.SIGHUP)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        """In order: the run is ended."""
        sys.exit(128 + number)


def _write(text: str) -> None:
    """To the terminal that the screen will be on; nobody may be there any more."""
    encoding = sys.stderr.encoding if sys.stderr is not None else "utf-8"
    with contextlib.suppress(OSError):
        os.write(2, text.encode(encoding, "replace"))
