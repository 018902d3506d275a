"""Before the screen: a run has not said yet what it is, which it may never do.

Meanwhile the terminal shows nothing that is typed. It is given back as it was, whichever way that ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from pathlib import Path
from types import FrameType
from typing import Any

from ipcviz import units
from ipcviz.events import AnyEvent, Refused, SessionStarted
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
    """A terminal that shows no keys (termios(3)), and one line that says what is waited for."""

    def __init__(self, demo: str) -> None:
        self._demo = demo
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._said = False

    def __enter__(self) -> Wait:
        if sys.stdin is not None and sys.stdin.isatty():
            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(0)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._leave)
        for number in (signal.SIGTSTP, signal.SIGQUIT):
            self._handlers[number] = signal.signal(number, self._obey)
        self._quiet()
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def say(self) -> None:
        """What is waited for; once."""
        if self._said:
            return
        self._said = True
        try:
            width = os.get_terminal_size(2).columns
        except OSError:
            width = 80
        sentence = "Waiting for {} to say what it is; Ctrl+C ends it."
        name = middle_cut(units.printable(Path(self._demo).name), max(1, width - len(sentence) + 1))
        _write(sentence.format(name))

    def unsay(self) -> None:
        """It has come: nothing of the wait stays."""
        if self._said:
            self._said = False
            _write(ERASE)

    def is_left(self) -> bool:
        """Somebody has pressed q; a terminal that is gone ends the program."""
        if self._before is None or not select.select([0], [], [], 0)[0]:
            return False
        try:
            typed = os.read(0, 64)
        except OSError:
            typed = b""
        if not typed:
            sys.exit(128 + signal.SIGHUP)
        return b"q" in typed.lower()

    def _quiet(self) -> None:
        if self._before is not None:
            with contextlib.suppress(termios.error):
                tty.setcbreak(0, termios.TCSADRAIN)

    def _restore(self) -> None:
        """What was said stays, in a line of its own."""
        if self._said:
            self._said = False
            _write("\n")
        if self._before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSADRAIN, self._before)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        """In order: the run is ended."""
        sys.exit(128 + number)

    def _obey(self, number: int, frame: FrameType | None) -> None:
        """Stop or end as the shell means it, with the terminal as it was; a stop may come to an end."""
        said = self._said
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._obey)
        self._quiet()
        if said:
            self.say()


def _write(text: str) -> None:
    """To the terminal that the screen will be on; nobody may be there any more."""
    encoding = sys.stderr.encoding if sys.stderr is not None else "utf-8"
    with contextlib.suppress(OSError):
        os.write(2, text.encode(encoding, "replace"))
