"""Findings: whole sentences about what is wrong; below them what the processes printed."""

from __future__ import annotations

from ipcviz import units
from ipcviz.events import FindingRaised
from ipcviz.tui.lines import Line, line, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel, scrolled
from ipcviz.view import View


class Findings(Panel):
    """The newest finding first."""

    heading = "Findings"
    number = 5

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.top = 0

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Sentences, wrapped."""
        rows: list[Line] = []
        for finding in sorted(view.findings, key=lambda found: -found.since):
            rows += finding_rows(finding, view, width, self.look)
        if not rows:
            rows = [line(("  Nothing is wrong.", "dim"))]
        room = height - len(rows)
        for note in view.notes[-room:] if room > 1 else ():
            rows.append(line((f"  {note.process}: ", "dim"), (units.printable(note.text), "text")))
        self.top = scrolled(self.top, len(rows), height)
        return rows[self.top : self.top + height]

    def move(self, columns: int, rows: int) -> None:
        """Scroll."""
        self.top = max(0, self.top + rows)
        self.redraw()


def finding_rows(finding: FindingRaised, view: View, width: int, look: Look) -> list[Line]:
    """One finding: its sentence, and since when."""
    style = "bad" if finding.kind in ("deadlock", "failed process") else "warn"
    glyph = look.glyph("finding")
    when = f" For {units.span(max(0, view.t - finding.since))}." if view.status == "live" else ""
    text = units.printable(finding.sentence) + when
    rows = list(wrap(text, max(10, width - 3)))
    return [
        line((f" {glyph} " if number == 0 else "   ", style), (row, "text" if number else "strong"))
        for number, row in enumerate(rows)
    ]
