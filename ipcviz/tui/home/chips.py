"""Words laid out in rows to be gone through, and what is told of mechanisms beside them; all pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ipcviz import units
from ipcviz.tui.lines import Line, middle_cut, wrap
from ipcviz.tui.look import Look

if TYPE_CHECKING:  # what it stands on takes longer to import than the first picture may
    from ipcviz.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Chip:
    """One word to go to: `name` is a channel or lock to choose for (`target`), or else a candidate.

    `row` and `column` are where it stands, in cells, its mark included.
    """

    text: str
    name: str
    target: bool
    row: int
    column: int

    @property
    def width(self) -> int:
        """Cells, its mark included."""
        return cell_len(self.text) + 2


def flow(texts: Iterable[tuple[str, str]], target: bool, top: int, width: int) -> list[Chip]:
    """Pairs of text and name in rows from `top` on, none longer than `width`."""
    chips: list[Chip] = []
    row, column = top, 0
    for text, name in texts:
        shown = middle_cut(units.printable(text), max(4, width - 4))
        size = cell_len(shown) + 2
        if column and column + size > width - 1:
            row, column = row + 1, 0
        chips.append(Chip(shown, name, target, row, column))
        column += size + 1
    return chips


def beyond(chips: Sequence[Chip], chip: Chip, rows: int) -> Chip:
    """The chip so many rows below (above with less than 0), as near as can be to the same column."""
    filled = {other.row for other in chips}
    wanted = max(min(filled), min(chip.row + rows, max(filled)))
    while wanted not in filled:
        wanted += 1 if rows > 0 else -1
    row = [other for other in chips if other.row == wanted]
    return min(row, key=lambda other: abs(other.column - chip.column))


def about(known: Candidate | None, width: int, at_length: bool) -> list[Line]:
    """What it is, and its options: their names, or at length while they are typed."""
    if known is None:
        return []
    lines: list[Line] = [[]]
    if at_length:
        for item in known.options:
            told = f"{item.name}={item.default or '…'}  {item.type}; {item.about}"
            rows = enumerate(wrap(told, width - 8))
            lines += [[(("  " if not number else "      ") + text, "dim")] for number, text in rows]
        return lines if known.options else [*lines, [("  It has no options.", "dim")]]
    lines += [[("  " + text, "text")] for text in wrap(known.about, width - 4)]
    if known.options:
        words = "Type : to set " + units.listed([item.name for item in known.options]) + "."
        lines += [[("  " + text, "dim")] for text in wrap(words, width - 4)]
    return lines


def unable(candidates: Sequence[Candidate], width: int, look: Look) -> list[Line]:
    """Those that cannot, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for item in candidates:
        if item.reason:
            reasons.setdefault(item.reason, []).append(item.name)
    lines: list[Line] = [[]] if reasons else []
    for reason, names in reasons.items():
        lines += marked(f"{reason.removeprefix('it ')}: {', '.join(names)}", width, look, "dim")
    return lines


def marked(text: str, width: int, look: Look, style: str) -> list[Line]:
    """A sentence about what cannot be, with its mark, in rows."""
    mark = look.glyph("failed")
    rows = enumerate(wrap(units.printable(text), width - 5))
    return [[(f"  {mark if not number else ' '} {row}", style)] for number, row in rows]
