"""The speaker's page: plain text, drawn again whenever the presentation goes on."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EIO
from pathlib import Path
from types import FrameType
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from ipcviz import units
from ipcviz.notes import NotesFollower, NotesState
from ipcviz.quiet_terminal import OBEYED, QuietTerminal
from ipcviz.tui.lines import wrap

LOOKS_AGAIN_S = 0.5
CLEAR = "\x1b[H\x1b[2J"
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


def follow(recording: Path, out: TextIO = sys.stdout) -> int:
    """Show the notes until q; the exit status. Without a terminal, a few lines for each chapter."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    follower = NotesFollower(recording)
    page = _Screen(out) if out.isatty() else _Lines(out)
    state: NotesState | None = None
    try:
        while not page.is_left():
            told = follower.wait(LOOKS_AGAIN_S, page.keys)
            state = (told or state) if follower.is_connected else None
            page.show(str(recording), state, _elapsed(state))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        if error.errno != EIO:
            raise
        return 128 + signal.SIGHUP  # the terminal is gone
    finally:
        follower.close()
        page.close()
    return 0


def _elapsed(state: NotesState | None) -> int | None:
    """How long the presentation has been going on, in ns; whoever looks away and comes back sees the same."""
    return max(0, time.monotonic_ns() - state.began) if state is not None else None


def _leave(number: int, frame: FrameType | None) -> None:
    """The terminal is left as it was."""
    sys.exit(128 + number)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is written is written whole: a stop in the midst of it would write through the same stream."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OBEYED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Screen:
    """A page that takes the place of the one before, on a terminal that is given back as it was."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown = ""
        self._terminal = QuietTerminal(self._enter, self._leave)
        self._terminal.take()

    @property
    def keys(self) -> tuple[int, ...]:
        """What can be read when a key was pressed."""
        return self._terminal.keys

    def _enter(self) -> None:
        self._out.write("\x1b[?1049h\x1b[?25l")
        self._shown = ""

    def _leave(self) -> None:
        self._out.write("\x1b[?25h\x1b[?1049l")
        self._out.flush()

    def is_left(self) -> bool:
        """Somebody has pressed q or Esc; an arrow's escape has more behind it."""
        return self._terminal.typed().endswith((b"q", b"Q", b"\x1b"))

    def show(self, name: str, state: NotesState | None, elapsed: int | None) -> None:
        size = os.get_terminal_size(self._out.fileno())
        rows = list(page_rows(name, state, elapsed, size.columns, size.lines))
        drawn = CLEAR + "\r\n".join(f"{BOLD}{text}{PLAIN}" if bold else text for text, bold in rows)
        encoding = self._out.encoding or "utf-8"
        drawn = drawn.encode(encoding, "backslashreplace").decode(encoding)
        if drawn != self._shown:
            with _undisturbed():
                self._out.write(drawn)
                self._out.flush()
                self._shown = drawn

    def close(self) -> None:
        try:
            with _undisturbed():
                self._terminal.give_back()
        except (OSError, termios.error):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())  # for what the stream still holds


class _Lines:
    """What goes into a pipe: each chapter once, as it comes."""

    keys: tuple[int, ...] = ()

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._told: object = ""

    def show(self, name: str, state: NotesState | None, elapsed: int | None) -> None:
        key = (state.number, state.label) if state else None
        if key == self._told:
            return
        self._told = key
        rows = page_rows(name, state, None, 78, 1000)
        self._out.write("".join(f"{text.rstrip()}\n" for text, _ in rows if text.strip()))
        self._out.flush()

    def is_left(self) -> bool:
        """Whoever reads closes the pipe."""
        return False

    def close(self) -> None:
        """Nothing was changed that would have to be as before."""


def page_rows(
    name: str, state: NotesState | None, elapsed: int | None, width: int, height: int
) -> Iterator[tuple[str, bool]]:
    """The rows of the page, at most `height` of them, each with whether it stands out."""
    rows = _waiting(name, width) if state is None else _told(state, elapsed, width, height)
    for text, bold in rows[:height]:
        yield (text if cell_len(text) <= width else set_cell_size(text, width)), bold


def _waiting(name: str, width: int) -> list[tuple[str, bool]]:
    name = units.printable(name)
    told = f"Waiting for the presentation: ipcviz play {name} --present"
    return [("", False), *((f" {row}", False) for row in wrap(told, max(10, width - 2)))]


def _told(state: NotesState, elapsed: int | None, width: int, height: int) -> list[tuple[str, bool]]:
    """The chapter and the clock first, the next chapter last; the note has what is left between them."""
    room = max(10, width - 2)
    clock = f"{units.clock(elapsed)} since the start" if elapsed is not None else ""
    how = "plays" if state.playing else "stands"
    where = f"{how} at {units.clock(state.position)} of {units.clock(state.end)}"
    first = f" {state.number} of {state.chapters}   {where}"
    gap = width - cell_len(first) - cell_len(clock) - 1
    rows = [(f"{first}{' ' * gap}{clock}" if gap > 0 else first, False), ("", False)]
    rows += [(f" {row}", True) for row in wrap(units.printable(state.label), room)]
    if state.next_label:
        after = f"Next, in {units.span(state.next_in)} of it: {units.printable(state.next_label)}"
    else:
        after = "This is the last chapter."
    last = [("", False), *((f" {row}", True) for row in wrap(after, room))]
    note = [
        row for text in (state.note or state.caption or "No note.").split("\n") for row in _row(text, room)
    ]
    left = max(1, height - len(rows) - len(last) - 1)
    if len(note) > left:
        note = [*note[: left - 1], ("...", False)]
    return [*rows, ("", False), *((f" {text}", bold) for text, bold in note), *last]


def _row(text: str, room: int) -> list[tuple[str, bool]]:
    return [(row, False) for row in wrap(units.printable(text), room)]
