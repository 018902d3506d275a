"""Locks: who holds each, who waits for it and for how long, and how often that happens."""

from __future__ import annotations

from ipcviz import units
from ipcviz.tui.lines import Line, cell, line
from ipcviz.tui.panel import ListPanel, scrolled
from ipcviz.view import LockUser, LockView, View


class Locks(ListPanel):
    """All locks: three rows each, or one where there are many."""

    heading = "Locks"
    number = 4
    kind = "lock"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Tall entries if all fit, else a row each."""
        if not view.locks:
            return [line(("  This topology has no locks.", "dim"))]
        self.choose_among([lock.info.name for lock in view.locks])
        if len(view.locks) * 4 - 1 <= height:
            entries = [self._tall(lock, view, number, width) for number, lock in enumerate(view.locks)]
            return [row for entry in entries for row in [*entry, []]][:-1]
        rows = [self._row(lock, view, number) for number, lock in enumerate(view.locks)]
        first = scrolled(self.cursor - height + 2, len(rows), height)
        return rows[first : first + height]

    def _glyph(self, lock: LockView) -> tuple[str, str]:
        if lock.waiters:
            return self.look.glyph("held"), "warn"
        return (self.look.glyph("held"), "accent") if lock.holders else (self.look.glyph("free"), "dim")

    def _tall(self, lock: LockView, view: View, number: int, width: int) -> list[Line]:
        glyph, style = self._glyph(lock)
        value = "?" if lock.value is None else str(lock.value)
        share = lock.contended / lock.acquisitions if lock.acquisitions else 0.0
        return [
            line(
                self.mark(number),
                (f"{glyph} ", style),
                (cell(lock.info.name, 10), "strong"),
                (f" value {value}", "dim"),
                ("" if lock.quality == "exact" else f" ({lock.quality})", "warn"),
                (f"  taken {units.count(lock.acquisitions)}  {lock.info.mechanism}", "dim"),
                (f", waited for {units.percent(share)}" if width >= 60 else "", "dim"),
            ),
            line(
                ("    held by   ", "dim"),
                self._people(lock.holders, view, "nobody", "text"),
                (self._kernel_holders(lock), "dim"),
            ),
            line(("    waiting   ", "dim"), self._people(lock.waiters, view, "nobody", "warn")),
        ]

    @staticmethod
    def _kernel_holders(lock: LockView) -> str:
        """The kernel's own word, where it has one."""
        if not lock.kernel_holders:
            return ""
        return f"  kernel: pid {', '.join(map(str, lock.kernel_holders))}"

    def _row(self, lock: LockView, view: View, number: int) -> Line:
        glyph, style = self._glyph(lock)
        row = line(
            self.mark(number),
            (f"{glyph} ", style),
            (cell(lock.info.name, 9) + " ", "strong"),
            self._people(lock.holders, view, "free", "text"),
        )
        if lock.waiters:
            row += line((" waited for by ", "dim"), self._people(lock.waiters, view, "", "warn"))
        return row

    def _people(self, users: tuple[LockUser, ...], view: View, nobody: str, style: str) -> tuple[str, str]:
        if not users:
            return nobody, "dim"
        told = []
        for user in users:
            how = " (reads)" if user.shared else ""
            told.append(f"{user.process}{how} {units.span(max(0, view.framed - user.since))}")
        return ", ".join(told), style
