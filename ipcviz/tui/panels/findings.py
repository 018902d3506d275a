"""Findings: whole sentences about what is wrong; below them what the processes printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from ipcviz import units
from ipcviz.events import FindingKind, FindingRaised
from ipcviz.tui.lines import Line, line, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel, scrolled
from ipcviz.tui.selection import Selection
from ipcviz.view import View


class Findings(Panel):
    """The newest finding first."""

    heading = "Findings"
    number = 5

    def __init__(self, look: Look, selection: Selection | None = None) -> None:
        super().__init__(look, selection)
        self.top = 0

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Sentences, wrapped."""
        rows: list[Line] = []
        for finding in by_weight(view.findings):
            rows += finding_rows(finding, width, self.look)
        if not rows:
            rows = [line(("  Nothing is wrong.", "dim"))]
        room = height - len(rows)
        for note in view.notes[-room:] if room > 1 else ():
            rows.append(line((f"  {note.process}: ", "dim"), (units.printable(note.text), "text")))
        self.top = scrolled(self.top, len(rows), height)
        self.note = "more: Enter" if len(rows) > height else ""
        return rows[self.top : self.top + height]

    def move(self, columns: int, rows: int) -> None:
        """Scroll."""
        self.top = max(0, self.top + rows)
        self.redraw()


def by_weight(findings: Iterable[FindingRaised]) -> list[FindingRaised]:
    """Deadlocks first, then failures from the first to the last that it brought about, then the newest."""
    order = {kind: place for place, kind in enumerate(get_args(FindingKind))}
    older_first = ("deadlock", "failed process")
    return sorted(
        findings,
        key=lambda found: (order[found.kind], found.since if found.kind in older_first else -found.since),
    )


def finding_rows(finding: FindingRaised, width: int, look: Look, most: int = 100) -> list[Line]:
    """One finding in so many rows at most: its sentence, and since when."""
    style = "bad" if finding.kind in ("deadlock", "failed process") else "warn"
    glyph = look.glyph("finding")
    text = f"{units.printable(finding.sentence)} Since {units.clock(finding.since)}."
    rows = list(wrap(text, max(10, width - 3)))
    if len(rows) > most:
        rows = [*rows[: most - 1], rows[most - 1][: width - 5] + " …"]
    return [
        line((f" {glyph} " if number == 0 else "   ", style), (row, "text" if number else "strong"))
        for number, row in enumerate(rows)
    ]
