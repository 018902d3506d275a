"""Processes: what each does now, what the kernel says of it, and what it has reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, Piece, cell, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.entries import Entries
from ipcviz.tui.plots import recent
from ipcviz.tui.table import Column, columns_that_fit, head_of, row_of, widest
from ipcviz.tui.words import faults_words, state_of
from ipcviz.view import ProcessView, View

_KEYS: dict[str, Callable[[ProcessView], tuple[float | str, ...]]] = {
    "name": lambda process: (process.name,),
    "cpu": lambda process: (-process.kernel.cpu,),
    "memory": lambda process: (-process.kernel.memory,),
    "switches": lambda process: (-switches(process),),
    "in": lambda process: (-process.received_rate,),
    "out": lambda process: (-process.sent_rate,),
}


class Processes(Entries):
    """A row for each process; those that have ended stay, with how."""

    heading = "Processes"
    number = 3
    kind = "process"
    orders: ClassVar[tuple[str, ...]] = ("", *_KEYS)

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The table, scrolled so that the chosen row is in view."""
        named = {process.name: process for process in view.processes}
        processes = self.sorted_by(named, view.framed, _KEYS.get(self.order))
        columns = columns_that_fit(_columns(processes, view, self.look, width), width - 3)
        made = self.scrolled_entries(
            len(processes),
            1,
            height,
            lambda number: [[self.mark(number), *_row(columns, processes[number], width)]],
            [head_of(columns)],
        )
        self.note = self.told_order(len(processes), height - 1)
        return made


def is_over(process: ProcessView) -> bool:
    """It has ended, one way or another."""
    return process.status in ("ended", "failed")


def switches(process: ProcessView) -> float:
    """Times a second that it left the processor, of itself or not."""
    return process.voluntary_rate + process.involuntary_rate


def outcome_of(process: ProcessView) -> str:
    """What an ended process reported, and why it ended."""
    reason = units.printable(process.reason).removeprefix("it was ").removeprefix("meant to be killed: ")
    if process.status == "failed":
        return reason
    return ", ".join(filter(None, (told_of(process), reason)))


def told_of(process: ProcessView) -> str:
    """Why it failed, or what it reported."""
    if process.status == "failed" and process.reason:
        return units.printable(process.reason)
    return units.printable(" ".join(f"{name}={value}" for name, value in process.reports.items()))


def _row(columns: Sequence[Column[ProcessView]], process: ProcessView, width: int) -> Line:
    """A row; one that has ended needs no figures, and has the room to say how it ended."""
    if not is_over(process):
        return row_of(columns, process)
    last = next((place for place, column in enumerate(columns) if column.heading == "state"), 0)
    row = row_of(columns[: last + 1], process)
    text, style = columns[last].tell(process, width)
    row[-1] = (cell(text, max(columns[last].width, cell_len(text))), style)
    room = width - width_of(row) - 5
    if room < 8:
        return row
    return [*row, ("  ", "text"), (cell(outcome_of(process), room), _told(process, room)[1])]


def _columns(
    processes: Sequence[ProcessView], view: View, look: Look, width: int
) -> list[Column[ProcessView]]:
    name = widest((process.name for process in processes), 4, 22)
    state = min(44, _longest_state(view))
    least = min(state, max(24, width * 36 // 100 - 3))
    told = widest(map(told_of, processes), 0, 70)
    acted = widest((_acts(process, 20)[0] for process in processes), 0, 20)
    rates = 8 if view.channels else 0
    many = any(len(process.cpu_history) > 1 for process in processes)
    return [
        Column("name", min(name, 16), _name, stretch=True, most=name),
        Column("pid", 7, lambda process, _: (str(process.pid or ""), "dim"), 3, right=True),
        Column("state", least, partial(_state, view=view, look=look), 1, stretch=True, most=state),
        Column("cpu", 5, _cpu, 2, right=True),
        Column("acts" if acted else "", acted, _acts, 2),
        Column("history" if many else "", 30 if many else 0, partial(_history, look=look), 10, right=True),
        Column("memory", 8, _memory, 6, right=True),
        Column("yielded", 8, partial(_rate, word="voluntary_rate"), 7, right=True),
        Column("preempted", 9, partial(_rate, word="involuntary_rate"), 8, right=True),
        Column("in", rates, partial(_rate, word="received_rate"), 4, right=True),
        Column("out", rates, partial(_rate, word="sent_rate"), 4, right=True),
        Column("reports", min(told, 15), _told, 2, stretch=True, most=told),
    ]


def _name(process: ProcessView, width: int) -> Piece:
    return middle_cut(process.name, width), "strong"


def _longest_state(view: View) -> int:
    """Cells of the longest state that these channels and locks allow: the columns stand still meanwhile."""
    waits = [f"receiving from {channel.info.name}, 12.3 s" for channel in view.channels]
    waits += [f"waiting for {lock.info.name}, 12.3 s" for lock in view.locks]
    return 2 + widest(waits, 16, 80)


def _state(process: ProcessView, width: int, view: View, look: Look) -> Piece:
    """What it does; where that is too long, a short wait goes without its time, of a long one it stays."""
    glyph, words, style = state_of(process, view, look)
    text = f"{glyph} {words}"
    if process.wait is None or cell_len(text) <= width:
        return text, style
    told, name, lasted = words.partition(f" {process.wait.name}")
    short = f"{glyph} {told}{name}"
    if cell_len(short) <= width and view.framed - process.wait.since < units.SECOND:
        return short, style
    lasted = lasted.removeprefix(",")
    room = width - cell_len(f"{glyph} {told} {lasted}")
    return f"{glyph} {told} {middle_cut(process.wait.name, max(2, room))}{lasted}", style


def _acts(process: ProcessView, _width: int) -> Piece:
    """What somebody does to it."""
    return "" if is_over(process) else faults_words(process.faults), "warn"


def _cpu(process: ProcessView, _width: int) -> Piece:
    return "" if is_over(process) else f"{process.kernel.cpu:.0f} %", "text"


def _history(process: ProcessView, width: int, look: Look) -> Piece:
    """Against one whole core, or more where a process takes more."""
    bars = recent(process.cpu_history, process.steps, width, look.glyphs, 100.0)
    return bars, "dim" if is_over(process) else "bar"


def _memory(process: ProcessView, _width: int) -> Piece:
    return "" if is_over(process) else units.size(process.kernel.memory), "dim"


def _rate(process: ProcessView, _width: int, word: str) -> Piece:
    value = getattr(process, word)
    return "" if is_over(process) else units.rate(value), "text" if value else "dim"


def _told(process: ProcessView, _width: int) -> Piece:
    return told_of(process), "bad" if process.status == "failed" else "dim"
