"""The terminal of `ssh host ... | ipcviz play -`, which both programs have: who asks and who reads there."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path

EMPTY = "The stream is empty: whoever should have written it has written nothing."
READ_BY_SSH = (
    "ssh reads this terminal, too, and would take keys away from the screen; give it -n, "
    "as in `ssh -n HOST ipcviz record DEMO -o - | ipcviz play -`."
)


def why_no_screen(stream: int) -> str:
    """Wait until the stream begins; then a sentence if there is nothing to show, or no keyboard; else empty.

    Until it begins the terminal is its sender's, who may have to ask for a password. That ssh(1) reads
    there is seen in proc(5), so on Linux only.
    """
    select.select([stream], [], [])
    if _is_over(stream):
        return EMPTY
    try:
        ours = os.ttyname(2)
    except OSError:
        return ""
    return READ_BY_SSH if any(_reads(process, ours) for process in _ssh_beside_us()) else ""


def _is_over(stream: int) -> bool:
    """A pipe that is readable and holds nothing (FIONREAD, ioctl_tty(2)) is not going to."""
    import fcntl
    import termios

    waiting = fcntl.ioctl(stream, termios.FIONREAD, bytes(4))
    return waiting == bytes(4) and stat.S_ISFIFO(os.fstat(stream).st_mode)


def _ssh_beside_us() -> Iterator[Path]:
    """All that are in our process group, as the members of a pipeline are."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            beside_us = os.getpgid(int(process.name)) == os.getpgrp()
            if beside_us and (process / "comm").read_text() == "ssh\n":
                yield process
        except (OSError, ValueError):
            continue  # it has ended, or is not ours to ask


def _reads(process: Path, terminal: str) -> bool:
    """It has its session's input from there: as a copy of descriptor 0, which `ssh -n` does not make.

    Another copy is that of descriptor 2, if this is the same terminal.
    """
    opened = {}
    for descriptor in (process / "fd").iterdir():
        try:
            opened[int(descriptor.name)] = os.readlink(descriptor)
        except (OSError, ValueError):
            continue
    copies = sum(place == terminal for number, place in opened.items() if number > 2)
    copies -= sum(opened.get(number) == terminal for number in (1, 2))
    return opened.get(0) == terminal and copies > 0
