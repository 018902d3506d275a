"""The scale of the timeline: how much time a column (or a row) is, and where its labels stand."""

from __future__ import annotations

from dataclasses import dataclass

from ipcviz import units

STEPS = (*(digit * 10**power for power in range(3, 10) for digit in (1, 2, 5)), 10**10)
"""Nanoseconds a cell: 1 µs, 2 µs, 5 µs and so on to 10 s."""
AT_FIRST = STEPS.index(10_000_000)
LABEL = 12
"""Cells between two labels, at least."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`cells` cells of `step` ns each, of which the first is number `first` since the session began."""

    step: int
    first: int
    cells: int

    @property
    def start(self) -> int:
        """Where the first cell begins, in ns."""
        return self.first * self.step

    @property
    def end(self) -> int:
        """Where the last cell ends."""
        return (self.first + self.cells) * self.step

    def place(self, t: int) -> int:
        """The cell of an instant; it may lie outside."""
        return t // self.step - self.first

    def labels(self) -> list[tuple[int, str]]:
        """Cells with a label, about every `LABEL` of them."""
        every = next(
            (n for n in _round_numbers() if n * self.step >= LABEL * self.step and n >= LABEL), LABEL
        )
        number = -(-self.first // every) * every
        found = []
        while number < self.first + self.cells:
            if number >= 0:
                found.append((number - self.first, time_label(number * self.step, every * self.step)))
            number += every
        return found


def _round_numbers() -> list[int]:
    return [digit * 10**power for power in range(1, 4) for digit in (1, 2, 5)]


def step_words(step: int) -> str:
    """How much time a cell is: 1 µs, 50 ms, 10 s."""
    for size, unit in ((units.SECOND, "s"), (1_000_000, "ms")):
        if step >= size:
            return f"{step // size} {unit}"
    return f"{step // 1000} µs"


def time_label(t: int, between: int) -> str:
    """An instant, as exact as labels that far apart need: 00:42, 00:42.5, 42.118, 42.118 204."""
    if between % units.SECOND == 0:
        return units.clock(t)
    if between % 100_000_000 == 0:
        return f"{units.clock(t)}.{t // 100_000_000 % 10}"
    if between % 1_000_000 == 0:
        return units.stamp(t).partition(" ")[0]
    return units.stamp(t)
