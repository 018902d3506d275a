"""What the screen costs: processor time and bytes to the terminal, Textual's display against that by cells.

Both run the same demo in turn, round by round, so that a machine that grows slower or faster hits both alike.
Counted is the process of the screen alone, without the supervisor and the workers.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ipcviz.bench.tty import Tty

WARM_UP_S = 2.5
"""Until the screen is drawn and its figures have begun to move."""
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
"""As sshd(8) sets it; the addresses are documentation's (RFC 5737)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A demo on a terminal: its arguments after `run`, the size in cells, and whether it is seen over SSH."""

    name: str
    arguments: tuple[str, ...]
    columns: int
    rows: int
    over_ssh: bool = False


CASES = (
    Case("ring of 20, 200x50", ("ring", "--set", "n=20"), 200, 50),
    Case("fan_in of 20, 200x50", ("fan_in", "--set", "writers=19"), 200, 50),
    Case("bounded_buffer, 120x40", ("bounded_buffer",), 120, 40),
    Case("bounded_buffer, 80x24, SSH", ("bounded_buffer",), 80, 24, True),
    Case("worker_pool, 80x24, SSH", ("worker_pool",), 80, 24, True),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a screen: the share of one processor, 0 to 1; and bytes to the terminal in a second."""

    cpu: float
    bytes_a_second: float


def measure(case: Case, display: str, seconds: float) -> Cost:
    """One run with that display, "cells" or "stock", for so long after it has warmed up."""
    with tempfile.TemporaryDirectory(prefix="ipcviz-bench-") as folder:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        environment = {
            **kept,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": folder,
            "IPCVIZ_DISPLAY": display,
            **(SSH if case.over_ssh else {}),
        }
        command = [sys.executable, "-m", "ipcviz", "run", *case.arguments]
        tty = Tty(command, case.columns, case.rows, environment)
        try:
            if not tty.read_for(WARM_UP_S) or tty.process.poll() is not None:
                raise RuntimeError(f"the screen did not open: {tty.last[-400:].decode(errors='replace')}")
            before, bytes_before = tty.cpu_seconds(), tty.bytes_read
            tty.read_for(seconds)
            used, sent = tty.cpu_seconds() - before, tty.bytes_read - bytes_before
        finally:
            tty.close()
    return Cost(used / seconds, sent / seconds)


def compare(case: Case, seconds: float, rounds: int) -> dict[str, Cost]:
    """The median costs of both displays."""
    taken: dict[str, list[Cost]] = {"stock": [], "cells": []}
    for number in range(rounds):
        order = ("stock", "cells") if number % 2 == 0 else ("cells", "stock")
        for display in order:
            taken[display].append(measure(case, display, seconds))
    return {
        display: Cost(
            statistics.median(cost.cpu for cost in costs),
            statistics.median(cost.bytes_a_second for cost in costs),
        )
        for display, costs in taken.items()
    }


def table(seconds: float, rounds: int, record: Path | None = None) -> None:
    """Measure all cases and print a row for each; `record` gets the same as JSON."""
    import msgspec

    print(f"{'':28} {'cpu of one core':>24}   {'bytes a second':>30}")
    print(f"{'':28} {'stock':>7} {'cells':>7} {'ratio':>8}   {'stock':>11} {'cells':>9} {'ratio':>8}")
    found = {}
    for case in CASES:
        costs = found[case.name] = compare(case, seconds, rounds)
        stock, cells = costs["stock"], costs["cells"]
        print(
            f"{case.name:28} {stock.cpu:7.1%} {cells.cpu:7.1%} {cells.cpu / (stock.cpu or 1):8.2f}   "
            f"{stock.bytes_a_second:11,.0f} {cells.bytes_a_second:9,.0f} "
            f"1/{stock.bytes_a_second / (cells.bytes_a_second or 1):<6.1f}",
            flush=True,
        )
    if record is not None:
        record.write_bytes(msgspec.json.encode(found))
