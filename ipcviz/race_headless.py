"""A race without a screen: until it is over, or a signal ends it."""

from __future__ import annotations

import select
import signal
import sys
import time
from collections.abc import Iterable

from ipcviz import units
from ipcviz.headless import READER_PATIENCE_S, Output, Signals
from ipcviz.race_lines import Printer
from ipcviz.racing import Racer

LOOK_S = 0.25
"""Between two looks where nothing comes, so that every second is told."""


def run(racer: Racer, printer: Printer, encoding: str = "utf-8") -> int:
    """Run it and print what the printer makes of it; the exit status.

    0 it ran; 1 a process of a lane failed; 2 a lane was refused; 128+n ended by signal n.
    """
    signals = Signals()
    output = Output(encoding)
    try:
        racer.start()
        _pump(racer, printer, output, signals)
        racer.close()
        _put(output, printer.closing(racer))
        _write_all(output, signals)
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    except OSError as error:
        print(f"ipcviz: The output could not be written: {error.strerror}.", file=sys.stderr)
        return 1
    finally:
        racer.close()
    return _status(racer, signals)


def _status(racer: Racer, signals: Signals) -> int:
    if signals.caught is not None:
        return 128 + signals.caught
    if racer.refusal:
        print(f"ipcviz: {units.printable(racer.refusal)}", file=sys.stderr)
        return 2
    for sentence in racer.failures():
        print(f"ipcviz: {units.printable(sentence)}", file=sys.stderr)
    return 1 if racer.failed else 0


def _pump(racer: Racer, printer: Printer, output: Output, signals: Signals) -> None:
    """Runs are taken from whether or not somebody reads: nobody's pace may depend on it."""
    while not racer.over and signals.caught is None:
        reading = [signals.fileno(), *racer.descriptors()]
        _, writable, _ = select.select(reading, [1] if output.waiting else [], [], LOOK_S)
        if writable:
            output.write()
        racer.take()
        _put(output, printer.news(racer))


def _put(output: Output, lines: Iterable[str]) -> None:
    for line in lines:
        output.put(line)


def _write_all(output: Output, signals: Signals) -> None:
    """The last lines; after a signal, as long as somebody reads them."""
    give_up = None
    while output.waiting:
        watched = [] if signals.caught is not None else [signals.fileno()]
        if signals.caught is not None and give_up is None:
            give_up = time.monotonic() + READER_PATIENCE_S
        left = None if give_up is None else max(0.0, give_up - time.monotonic())
        readable, writable, _ = select.select(watched, [1], [], left)
        if writable:
            output.write()
        elif not readable:
            return
