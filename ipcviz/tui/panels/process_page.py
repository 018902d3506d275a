"""A process's own page: what it does, where its time went, its ends and locks, what it said, how it ended."""

from __future__ import annotations

from ipcviz import units
from ipcviz.findings import how_it_ended
from ipcviz.tui.lines import Line, cell, line, wrap
from ipcviz.tui.panels.page import Page, beside, indented, titled
from ipcviz.tui.panels.process_facts import end_rows, lock_rows, time_shares
from ipcviz.tui.panels.processes import is_over
from ipcviz.tui.plots import over_time, time_axis, timed
from ipcviz.tui.words import faults_words, state_of
from ipcviz.view import ProcessView, View

WIDE = 100
"""Columns from which on blocks stand side by side."""
NOTES = 8
"""Lines that a process printed, of which the last are shown."""


class ProcessPage(Page):
    """All that is known of the chosen process."""

    heading = "Process"
    kind = "process"

    def told(self, view: View) -> str:
        """Its name and number."""
        process = self.process(view)
        if process is None:
            return ""
        return process.name if process.pid is None else f"{process.name}  pid {process.pid}"

    def process(self, view: View) -> ProcessView | None:
        """The chosen one; the first if none is chosen."""
        if self.selection.kind != "process":
            return view.processes[0] if view.processes else None
        return next((p for p in view.processes if p.name == self.selection.name), None)

    def rows(self, view: View, width: int, height: int) -> list[Line]:
        """What it does now; why it failed; its time; its ends and locks; what it said."""
        process = self.process(view)
        if process is None:
            return [line(("  No process is chosen: choose one in the picture or in the list.", "dim"))]
        made = [self._state(process, view), *self._figures(process), []]
        if process.status == "failed":
            made += [*self._outcome(process, width), []]
        made += self._time(process, view, width, height)
        ends = end_rows(process, view, width, self.look)
        if ends:
            made += [[], *titled("Ends", ends)]
        locks = lock_rows(process, view, width)
        if locks:
            made += [[], *titled("Locks", locks)]
        made += self._said(process, view, width)
        if process.status == "ended":
            made += [[], *self._outcome(process, width)]
        return made

    def _state(self, process: ProcessView, view: View) -> Line:
        glyph, words, style = state_of(process, view, self.look)
        row = line((f"  {glyph} {words}", "strong" if style == "text" else style))
        if process.status == "running" and process.wait is not None:
            row.append((f"   the kernel says: {process.kernel.state}", "dim"))
        faults = faults_words(process.faults)
        if faults and not is_over(process):
            row.append((f"   {self.look.glyph('finding')} {faults}", "warn"))
        return row

    def _figures(self, process: ProcessView) -> list[Line]:
        """The kernel's figures, while there is a process to ask about."""
        if is_over(process):
            return []
        kernel = process.kernel
        row = line(
            "  ",
            (f"{kernel.cpu:.0f} % of a core", "text"),
            (f"   {units.size(kernel.memory)}", "text"),
            (f"   yielded {units.rate(process.voluntary_rate)}", "dim"),
            (f"   preempted {units.rate(process.involuntary_rate)}", "dim"),
        )
        if kernel.descriptors is not None:
            row.append((f"   {kernel.descriptors} descriptors open", "dim"))
        return [row]

    def _time(self, process: ProcessView, view: View, width: int, height: int) -> list[Line]:
        """Where its time went, and its processor time of the last minute."""
        wide = width >= WIDE
        room = (width - 2) // 2 if wide else width
        shares = self._shares(process, view, room)
        bars = max(3, min(6, len(shares) - 2)) if wide else 3
        values, seconds = timed(process.cpu_history, process.steps, room - 4)
        highest = max([100.0, *[value for value in values if value is not None]])
        label = f"{highest:.0f} %"
        rows = over_time(values, room - 4, bars, self.look, highest, label)
        axis = time_axis(seconds, room - 4)
        plot = titled("Processor", indented([*rows, axis]), "percent of one core")
        return beside(shares, plot, width) if wide else [*shares, [], *plot]

    def _shares(self, process: ProcessView, view: View, width: int) -> list[Line]:
        """A bar for each thing that it waited for, by weight, and one for the rest."""
        shares, lived = time_shares(process, view)
        if not lived:
            return titled("Where its time went", [line(("  It has not begun yet.", "dim"))])
        names = max(len(words) for words, _, _ in shares)
        names = min(names, max(12, width - 32))
        gauge = max(6, min(30, width - names - 24))
        rows = []
        for words, share, waited in shares:
            style = "warn" if words.startswith(("sending", "waiting")) and share >= 0.3 else "bar"
            rows.append(
                line(
                    f"  {cell(words, names)}  ",
                    (self.look.bar(share, gauge), style if waited is not None else "dim"),
                    (f" {units.percent(share):>5}", "text"),
                    (f"  {units.lasted(waited):>8}" if waited is not None else "", "dim"),
                )
            )
        return titled("Where its time went", rows, f"of {units.span(lived)}")

    def _said(self, process: ProcessView, view: View, width: int) -> list[Line]:
        """What it reported, and the last lines that it printed."""
        made: list[Line] = []
        if process.reports:
            longest = min(24, max(len(units.printable(name)) for name in process.reports))
            rows = [
                line(
                    (f"  {cell(units.printable(name), longest)}  ", "dim"),
                    (units.printable(str(value)), "text"),
                )
                for name, value in process.reports.items()
            ]
            made += [[], *titled("Reports", rows)]
        notes = [note for note in view.notes if note.process == process.name]
        if notes:
            rows = [
                line((f"  {units.clock(note.t)}  ", "dim"), (units.printable(note.text), "text"))
                for note in notes[-NOTES:]
            ]
            made += [[], *titled("Printed", rows, f"{len(notes):,} lines" if len(notes) > NOTES else "")]
        return made

    def _outcome(self, process: ProcessView, width: int) -> list[Line]:
        """How it ended, why, and where in the author's code."""
        style = "bad" if process.status == "failed" else "text"
        how = how_it_ended(process.exit, process.signal)
        when = f" at {units.clock(process.ended)}" if process.ended is not None else ""
        reason = f": {units.printable(process.reason)}" if process.reason else ""
        rows = [line((f"  {row}", style)) for row in wrap(f"It {how}{when}{reason}", max(10, width - 4))]
        for text in process.detail.rstrip().splitlines():
            code = units.printable(text.lstrip(" "))
            margin = " " * (4 + min(8, len(text) - len(text.lstrip(" "))))
            rows += [line((f"{margin}{row}", "dim")) for row in wrap(code, max(10, width - 14))]
        return titled("How it ended", rows)
