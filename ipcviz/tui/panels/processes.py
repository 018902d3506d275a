"""Processes: what each does now, what the kernel says of it, and what it has reported."""

from __future__ import annotations

from ipcviz import units
from ipcviz.tui.lines import Line, cell, line
from ipcviz.tui.panel import ListPanel, scrolled
from ipcviz.tui.words import state_of
from ipcviz.view import ProcessView, View

WIDE = 100
"""Columns from which on memory and rates are shown, too."""


class Processes(ListPanel):
    """A row for each process."""

    heading = "Processes"
    number = 3
    kind = "process"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """The table, scrolled so that the chosen row is in view."""
        processes = view.processes
        self.choose_among([process.name for process in processes])
        name_width = max(4, min(18, max((len(process.name) for process in processes), default=0)))
        state_width = max(12, min(34, width - name_width - (32 if width < WIDE else 52)))
        rows = [
            self._row(process, view, n, (name_width, state_width), width)
            for n, process in enumerate(processes)
        ]
        first = scrolled(self.cursor - height + 2, len(rows), height - 1)
        return [self._head(name_width, state_width, width), *rows[first : first + height - 1]]

    def _head(self, name_width: int, state_width: int, width: int) -> Line:
        columns = f"  {'name':{name_width}} {'pid':>7}  {'state':{state_width}} {'cpu':>5}"
        if width >= WIDE:
            columns += f" {'memory':>9} {'in':>7} {'out':>7}"
        return line((f"{columns}  reports", "dim"))

    def _row(
        self, process: ProcessView, view: View, number: int, widths: tuple[int, int], width: int
    ) -> Line:
        name_width, state_width = widths
        glyph, words, style = state_of(process, view, self.look)
        row = line(
            self.mark(number),
            (cell(process.name, name_width), "strong"),
            (f" {process.pid or '':>7}  ", "dim"),
            (cell(f"{glyph} {words}", state_width), style),
        )
        over = process.status in ("ended", "failed")
        row.append((" " * 6 if over else f" {process.kernel.cpu:>3.0f} %", "text"))
        if width >= WIDE:
            memory = "" if over else units.size(process.kernel.memory)
            rates = (
                "" if over else f"{units.rate(process.received_rate):>7} {units.rate(process.sent_rate):>7}"
            )
            row.append((f" {memory:>9} {rates:>15}", "text"))
        row.append((f"  {self._told(process)}", "dim"))
        return row

    @staticmethod
    def _told(process: ProcessView) -> str:
        """Why it failed, or what it reported."""
        if process.status == "failed" and process.reason:
            return units.printable(process.reason)
        return units.printable(" ".join(f"{name}={value}" for name, value in process.reports.items()))
