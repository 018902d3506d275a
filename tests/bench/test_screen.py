"""What the screen may cost: a quarter of a processor for 20 processes, 10 KB a second over SSH."""

from __future__ import annotations

import sys

import pytest

from ipcviz.bench import screen
from ipcviz.bench.tty import Tty

LARGE = [case for case in screen.CASES if (case.columns, case.rows) == (200, 50)]
OVER_SSH = [case for case in screen.CASES if case.over_ssh]


@pytest.mark.slow
@pytest.mark.parametrize("case", LARGE, ids=lambda case: case.name)
def test_twenty_processes_on_a_large_terminal_take_at_most_a_quarter_of_a_processor(case) -> None:
    cost = screen.measure(case, "cells", 5)
    assert 0.005 < cost.cpu <= 0.25
    assert cost.bytes_a_second > 500, "nothing was drawn: this shows nothing"


@pytest.mark.slow
@pytest.mark.parametrize("case", OVER_SSH, ids=lambda case: case.name)
def test_over_ssh_at_most_ten_kilobytes_a_second(case) -> None:
    cost = screen.measure(case, "cells", 5)
    assert 50 < cost.bytes_a_second <= 10_000


def test_both_kinds_are_measured() -> None:
    assert LARGE
    assert OVER_SSH


def test_a_terminal_counts_and_answers() -> None:
    program = (
        "import os, sys, termios, tty\n"
        "tty.setraw(0)\n"
        "os.write(1, b'12345\\x1b[6')\n"
        "os.write(1, b'n')\n"
        "assert os.read(0, 100) == b'\\x1b[1;1R'\n"
        "os.write(1, b'67890 ' + repr(os.get_terminal_size()).encode())\n"
    )
    tty = Tty([sys.executable, "-c", program], 70, 30, {})
    while tty.read_for(0.2):
        assert tty.process.poll() in (None, 0)
    tty.close()
    assert tty.process.returncode == 0
    assert tty.last == b"12345\x1b[6n67890 os.terminal_size(columns=70, lines=30)"
    assert tty.bytes_read == len(tty.last)
