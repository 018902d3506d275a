"""The mechanisms that can carry the chosen demo's channels, or the kinds that its locks can be.

What can be is laid out to be gone through, and choosing is moving there; what cannot is told below with
the reason, once for all that share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ipcviz import units
from ipcviz.tui.home.chips import Chip, about, beyond, flow, marked, unable
from ipcviz.tui.home.field import Field
from ipcviz.tui.home.part import Part
from ipcviz.tui.lines import Line
from ipcviz.tui.look import Look
from ipcviz.tui.panel import scrolled

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.candidates import Candidate

ALL = ""


class Mechanisms(Part):
    """Candidates for all channels, or for one of them."""

    heading = "Mechanism"
    everything = "all channels"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.target = ALL
        self.asked: dict[str, str] = {}
        self.field: Field | None = None
        self._targets: Sequence[str] = ()
        self._candidates: Sequence[Candidate] = ()
        self._preferred = ""
        self._error = ""
        self._on_targets = False
        self._before = ""
        self._letters = ""
        self._top = 0
        self._chips: list[Chip] = []

    def show(
        self,
        targets: Sequence[str],
        candidates: Sequence[Candidate],
        preferred: str,
        asked: Mapping[str, str],
        error: str = "",
    ) -> None:
        """These can be chosen for `target`; `error` is what is wrong with what is asked for."""
        self._targets, self._candidates, self._preferred = targets, candidates, preferred
        self.asked, self._error = dict(asked), error
        self.redraw()

    def restart(self) -> None:
        """Another demo was chosen, of which nothing is known yet."""
        self._targets, self._candidates, self.asked, self._error = (), (), {}, ""
        self.target, self.field, self._on_targets, self._letters, self._top = ALL, None, False, "", 0

    @property
    def has_nothing(self) -> bool:
        """There is nothing to choose for."""
        return not self._candidates

    @property
    def _text(self) -> str:
        """What is asked for the target, "" if nothing is."""
        return self.asked.get(self.target, "")

    @property
    def _chosen_name(self) -> str:
        return self._text.partition(":")[0]

    def move(self, columns: int, rows: int) -> None:
        """Go to another chip, which chooses it."""
        self.accept()
        self._letters = ""
        if self.has_nothing:
            return
        self._chip_rows(self.room[0])
        here = self._chips[self._here()]
        if columns:
            row = [chip for chip in self._chips if chip.target == here.target]
            self._go(row[max(0, min(row.index(here) + columns, len(row) - 1))])
            return
        there = beyond(self._chips, here, rows)
        if there.target != here.target:  # to cross over chooses nothing
            self._on_targets = there.target
            self.redraw()
        else:
            self._go(there)

    def scroll_view(self, columns: int, rows: int) -> None:
        """The wheel shows what does not fit."""
        self._top += rows
        self.redraw()

    def point(self, column: int, row: int) -> None:
        """Choose what is under the mouse."""
        for chip in self._chips:
            if chip.row == row + self._top and 0 <= column - chip.column < chip.width:
                self.accept()
                self._go(chip)

    def take(self, key: str, character: str | None) -> bool:
        """Letters go to what begins with them; a colon begins the options."""
        if self.has_nothing:
            return False
        if self.field is not None:
            return key not in ("up", "down", "enter", "escape") and self._edit(key, character)
        if character == ":" and (self._chosen_name or self._preferred):
            self._begin()
            return True
        if character is not None and character.isprintable() and character != " ":
            self._find(self._letters + character) or self._find(character)
            return True
        return False

    def paste(self, text: str) -> None:
        """Into the options that are being typed."""
        if self.field is not None:
            self.field.insert(text.strip())
            self._ask_for(self.field.text)

    def set_default(self) -> None:
        """As the demo prefers."""
        self._ask_for("")

    def accept(self) -> bool:
        """The options that are typed stay."""
        if self.field is None:
            return False
        self.field = None
        self.redraw()
        return True

    def give_up(self) -> bool:
        """What was there before comes back."""
        if self.field is None:
            return False
        self.field = None
        self._ask_for(self._before)
        return True

    def rows(self, width: int, height: int) -> list[Line]:
        """The part in view; the chip that is chosen always is."""
        self.note = self._hint()
        lines = self._all_rows(width)
        if self.field is not None:
            self._top = 0
        elif self._chips and self.is_current:
            here = self._chips[self._here()].row
            self._top = max(here - height + 1, min(self._top, here))
        self._top = scrolled(self._top, len(lines), height)
        self.tail = "more below" if len(lines) - self._top > height else ""
        return lines[self._top : self._top + height]

    def _hint(self) -> str:
        if self.has_nothing:
            return ""
        if self.field is not None:
            return "Enter: take it"
        of = f"of {units.printable(self.target) or self.everything}"
        return of if len(self._targets) != 1 else ""

    def _all_rows(self, width: int) -> list[Line]:
        if self.has_nothing:
            return []
        lines = (
            self._chip_rows(width) if self.field is None else [[(" ", "text"), *self.field.line(width - 2)]]
        )
        if self._error:
            lines += marked(self._error, width, self.look, "warn")
        name = self._chosen_name or self._preferred.partition(":")[0]
        known = next((item for item in self._candidates if item.name == name), None)
        lines += about(known, width, self.field is not None)
        return lines if self.field is not None else lines + unable(self._candidates, width, self.look)

    def _chip_rows(self, width: int) -> list[Line]:
        """Whom to choose for where there are several, then candidates; kept for moving and clicking."""
        self._chips = []
        if len(self._targets) > 1:
            names = [(self.everything, ALL), *((name, name) for name in self._targets)]
            self._chips += flow(names, True, 0, width)
        top = self._chips[-1].row + 2 if self._chips else 0
        able = [(item.name, item.name) for item in self._candidates if not item.reason]
        self._chips += flow([(self._as_preferred(), ""), *able], False, top, width)
        lines: list[Line] = [[] for _ in range(self._chips[-1].row + 1)]
        for chip in self._chips:
            lines[chip.row] += self._pieces(chip)
        return lines

    def _as_preferred(self) -> str:
        above = self.asked.get(ALL, "") if self.target != ALL else ""
        return f"as for all ({above})" if above else f"as the demo prefers ({self._preferred})"

    def _pieces(self, chip: Chip) -> Line:
        chosen = chip.name == (self.target if chip.target else self._chosen_name)
        here = chosen and chip.target == self._on_targets and self.is_current
        style = "selected" if here else "strong" if chosen else "dim" if chip.target else "text"
        if chip.target and chip.name in self.asked and chip.name != ALL and not here:
            style = "accent"
        mark = self.look.glyph("cursor") if chosen else " "
        return [(f"{mark} ", "accent" if here else "dim"), (chip.text, style), (" ", "text")]

    def _here(self) -> int:
        """The number of the chip that is chosen."""
        wanted = (self._on_targets, self.target if self._on_targets else self._chosen_name)
        for number, chip in enumerate(self._chips):
            if (chip.target, chip.name) == wanted:
                return number
        return next((number for number, chip in enumerate(self._chips) if not chip.target), 0)

    def _go(self, chip: Chip) -> None:
        self._on_targets = chip.target
        if chip.target and chip.name != self.target:
            self.target = chip.name
            self.tell()
        elif not chip.target and chip.name != self._chosen_name:
            self._ask_for(chip.name)
        self.redraw()

    def _find(self, letters: str) -> bool:
        """Go to the first that can be and begins so."""
        self._letters = letters
        able = (item.name for item in self._candidates if not item.reason)
        name = next((name for name in able if name.startswith(letters.lower())), None)
        if name is None:
            return False
        self._on_targets = False
        self._ask_for(name)
        return True

    def _begin(self) -> None:
        """Type options for what is chosen."""
        self._before = self._text
        text = self._text or self._preferred.partition(",")[0]
        self.field = Field(text if ":" in text else text + ":")
        if ":" in text and text[-1] != ",":
            self.field.insert(",")
        self._on_targets = False
        self._ask_for(self.field.text)

    def _edit(self, key: str, character: str | None) -> bool:
        assert self.field is not None
        if not self.field.take(key, character):
            return False
        self._ask_for(self.field.text)
        return True

    def _ask_for(self, text: str) -> None:
        asked = {name: other for name, other in self.asked.items() if name != self.target}
        text = text.strip().rstrip(":,")
        if text:
            asked[self.target] = text
        order = [ALL, *self._targets]
        self.asked = {name: asked[name] for name in order if name in asked}
        self.tell()
        self.redraw()


class Locks(Mechanisms):
    """The kinds that the locks can be."""

    heading = "Kind of lock"
    everything = "all locks"
