"""A worker that is not related to the others: exec'd anew, it finds its channels by their names.

It is handed its orders in a memfd: what to run, its share of the assembly, and the few descriptors that
every worker has. The demo's file is loaded again, and its topology declared again, with the same values.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ipcviz import catalog
from ipcviz.mechanisms import libc
from ipcviz.runtime.assembly import Share
from ipcviz.runtime.telemetry import Page
from ipcviz.runtime.worker import Orders, become_worker, perform

_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2].split(chr(0x1f)); "
    "from ipcviz.runtime.stranger import main; main(int(sys.argv[1]))"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """All that an exec'd worker knows."""

    orders: Orders
    parameters: dict[str, Any]
    share: Share
    rows: int
    workers: int
    page: int


def become_stranger(orders: Orders, parameters: dict[str, Any], share: Share, page: Page) -> NoReturn:
    """Exec this fork of the supervisor; ends the process."""
    try:
        letter = Letter(orders, parameters, share, page.rows, page.workers, page.descriptor)
        descriptor = os.memfd_create("ipcviz-orders", 0)
        with open(descriptor, "wb", closefd=False) as file:
            pickle.dump(letter, file)
        become_worker(orders, share, page, (descriptor,))
        for kept in (orders.reports, orders.start, page.descriptor, *share.descriptors(orders.process)):
            os.set_inheritable(kept, True)
        os.execv(sys.executable, [sys.executable, "-c", _PROGRAM, str(descriptor), "\x1f".join(sys.path)])
    finally:
        os._exit(1)


def main(descriptor: int) -> NoReturn:
    """In the new program: read the letter and be that worker."""
    with open(descriptor, "rb") as file:
        file.seek(0)
        letter: Letter = pickle.load(file)  # written by our own supervisor, into our own memory
    orders = letter.orders
    libc.set_process_name(orders.process)
    page = Page(letter.rows, letter.workers, letter.page)
    demo = catalog.load(Path(orders.demo))
    declaration = catalog.build(demo, letter.parameters).processes[orders.process]
    perform(orders, declaration, letter.share, page)
