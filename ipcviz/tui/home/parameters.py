"""The parameters of the chosen demo, edited in place."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ipcviz import units
from ipcviz.tui.home.field import Field
from ipcviz.tui.home.part import Part
from ipcviz.tui.home.prose import prose
from ipcviz.tui.lines import Line, cell, middle_cut, wrap
from ipcviz.tui.look import Look
from ipcviz.tui.panel import scrolled

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.offer import ParameterOffer


class Parameters(Part):
    """A row for each; what is typed is checked as it is typed."""

    heading = "Parameters"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.offers: Sequence[ParameterOffer] = ()
        self.settings: dict[str, str] = {}
        self.meaning = ""
        self.field: Field | None = None
        self._before = ""
        self._at = 0
        self._top = 0
        self._heights: list[int] = []

    def show(self, offers: Sequence[ParameterOffer], settings: Mapping[str, str], meaning: str) -> None:
        """These are the parameters now, and what is asked for."""
        self.offers, self.settings, self.meaning = offers, dict(settings), meaning
        self._at = max(0, min(self._at, len(offers) - 1))
        self.redraw()

    def restart(self) -> None:
        """Another demo was chosen, of which nothing is known yet."""
        self.offers, self.settings, self.meaning = (), {}, ""
        self.field, self._at, self._top = None, 0, 0

    def go_to_error(self) -> None:
        """Choose the first parameter that cannot be."""
        wrong = [number for number, offer in enumerate(self.offers) if offer.error]
        if wrong and not self.offers[self._at].error:
            self._at = wrong[0]
            self.redraw()

    def move(self, columns: int, rows: int) -> None:
        """Choose another, or with the arrows to the side the next of its values."""
        if rows:
            self.accept()
            self._at = max(0, min(self._at + rows, len(self.offers) - 1))
        elif columns and self.offers:
            self._step(columns)
        self.redraw()

    def scroll_view(self, columns: int, rows: int) -> None:
        """The wheel chooses, one at a time."""
        self.move(0, 1 if rows > 0 else -1)

    def point(self, column: int, row: int) -> None:
        """Choose the one under the mouse."""
        number, y = self._top, 0
        while number < len(self._heights) and y + self._heights[number] <= row:
            y += self._heights[number]
            number += 1
        if number < len(self.offers):
            self.accept()
            self._at = number
            self.redraw()

    def take(self, key: str, character: str | None) -> bool:
        """Type over the value, or edit it."""
        if not self.offers:
            return False
        if self.field is not None:
            return key not in ("up", "down", "enter", "escape") and self._edit(key, character)
        if key == "backspace":
            self._begin(self._value(self._at))
            return self._edit(key, character)
        if character is not None and character.isprintable():
            self._begin("")
            return self._edit(key, character)
        return False

    def paste(self, text: str) -> None:
        """Over the value, or into what is being typed."""
        if self.offers:
            if self.field is None:
                self._begin("")
            assert self.field is not None
            self.field.insert(text.strip())
            self._set(self.field.text)

    def set_default(self) -> None:
        """The chosen one is no longer asked for."""
        if self.offers:
            self._set(self.offers[self._at].default)

    def begin(self) -> None:
        """Edit the value as it is."""
        if self.offers and self.field is None:
            self._begin(self._value(self._at))
            self.redraw()

    def accept(self) -> bool:
        """What is typed stays."""
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
        return self._set(self._before)

    def rows(self, width: int, height: int) -> list[Line]:
        """The parameters in view, and below them what they mean where there is room."""
        self.note = self._hint()
        if not self.offers:
            return []
        blocks = [self._block(number, width) for number in range(len(self.offers))]
        self._heights = [len(block) for block in blocks]
        self._top = self._first_in_view(height)
        lines = [row for block in blocks[self._top :] for row in block]
        meaning = prose(self.meaning, width, "dim")
        if self.meaning and len(lines) + 1 + len(meaning) <= height:
            lines += [[], *meaning]
        self.tail = "" if sum(self._heights) <= height else f"{self._at + 1} of {len(self.offers)}"
        return lines[:height]

    def _hint(self) -> str:
        if not (self.is_current and self.offers):
            return ""
        if self.field is not None:
            return "Enter: take it"
        offer = self.offers[self._at]
        return "type, or ← →" if offer.values or offer.whole else "type"

    def _first_in_view(self, height: int) -> int:
        first = scrolled(self._top, len(self.offers), 1)
        first = min(first, self._at)
        while first < self._at and sum(self._heights[first : self._at + 1]) > height:
            first += 1
        while first and sum(self._heights[first - 1 :]) <= height:
            first -= 1
        return first

    def _block(self, number: int, width: int) -> list[Line]:
        """The row of one parameter, and under it what is wrong with its value."""
        offer = self.offers[number]
        chosen = number == self._at and self.is_current
        mark = self.look.glyph("cursor") if chosen else self.look.glyph("failed") if offer.error else " "
        name_width, value_width = self._columns(width)
        name = middle_cut(units.printable(offer.name), name_width - 1)
        beside = f"  {self._beside(number)}"
        if len(self._value(number)) > value_width or (chosen and self.field is not None):
            value_width, beside = width - name_width - 5, ""  # a path needs the room more than its type
        row: Line = [
            (f" {mark} ", "bad" if offer.error else "accent"),
            (cell(name, name_width), "strong" if chosen else "text"),
            *self._value_pieces(number, value_width, chosen),
            (beside, "dim"),
        ]
        if not offer.error:
            return [row]
        return [row, *([(f"     {text}", "warn")] for text in wrap(units.printable(offer.error), width - 6))]

    def _columns(self, width: int) -> tuple[int, int]:
        """Cells of the names and of the values, which leave room for the types."""
        name = min(max(len(offer.name) for offer in self.offers), max(8, width // 3)) + 1
        value = max(len(self._value(number)) for number in range(len(self.offers))) + 2
        types = min(22, max(len(offer.type) for offer in self.offers))
        return name, max(6, min(value, 40, width - name - types - 6))

    def _value_pieces(self, number: int, width: int, chosen: bool) -> Line:
        if chosen and self.field is not None:
            return self.field.line(width)
        value = units.printable(self._value(number))
        shown = cell(middle_cut(value, width), width)
        if chosen:
            return [(shown, "selected")]
        return [(shown, "accent" if self.offers[number].name in self.settings else "text")]

    def _beside(self, number: int) -> str:
        offer = self.offers[number]
        if offer.name in self.settings:
            return f"{offer.type}, else {units.printable(offer.default)}"
        return offer.type

    def _value(self, number: int) -> str:
        offer = self.offers[number]
        return self.settings.get(offer.name, offer.default)

    def _begin(self, text: str) -> None:
        self._before = self._value(self._at)
        self.field = Field(text)

    def _edit(self, key: str, character: str | None) -> bool:
        assert self.field is not None
        before = self.field.text
        if not self.field.take(key, character):
            return False
        if self.field.text != before or self.field.text != self._value(self._at):
            self._set(self.field.text)
        self.redraw()
        return True

    def _step(self, columns: int) -> None:
        """The next of a few values, the next whole number, or the cursor into the text."""
        self.accept()
        offer, value = self.offers[self._at], self._value(self._at)
        if offer.values:
            at = offer.values.index(value) if value in offer.values else 0
            self._set(offer.values[(at + columns) % len(offer.values)])
        elif offer.whole and value.lstrip("-").isdecimal():
            lowest = -sys.maxsize if offer.lowest is None else offer.lowest
            highest = sys.maxsize if offer.highest is None else offer.highest
            self._set(str(max(lowest, min(int(value) + columns, highest))))
        else:
            self.begin()

    def _set(self, text: str) -> bool:
        """Ask for this value; the default is not asked for."""
        offer = self.offers[self._at]
        asked = {**self.settings, offer.name: text}
        self.settings = {
            other.name: asked[other.name]
            for other in self.offers
            if other.name in asked and asked[other.name] != other.default
        }
        self.tell()
        self.redraw()
        return True
