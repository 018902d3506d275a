"""Renditions: how a cell is drawn, as a number; and the shortest code from one to another.

A rendition is what SGR sets (ECMA-48 8.3.117): two colours, as few as the terminal has, and attributes. Links
and other things that a style may carry are no part of it.
"""

from __future__ import annotations

from rich.color import Color, ColorSystem
from rich.style import Style

_SET = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""The code of each bit of a style's attributes."""
_UNSET = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""The code that ends it."""
_Rendition = tuple[int, tuple[str, ...], tuple[str, ...]]


class Renditions:
    """The numbers of renditions on a terminal with these colours (None: with none); 0 is the default one."""

    def __init__(self, colours: ColorSystem | None) -> None:
        self.colours = colours
        self._numbers: dict[Style | None, int] = {None: 0}
        self._by_rendition: dict[_Rendition, int] = {(0, (), ()): 0}
        self._renditions: list[_Rendition] = [(0, (), ())]
        self._changes: dict[tuple[int, int], str] = {}

    def number(self, style: Style | None) -> int:
        """The number of what a style looks like; styles that look the same have the same."""
        number = self._numbers.get(style)
        if number is None:
            rendition = self._rendition(style) if style is not None else self._renditions[0]
            number = self._by_rendition.setdefault(rendition, len(self._renditions))
            if number == len(self._renditions):
                self._renditions.append(rendition)
            self._numbers[style] = number
        return number

    def order(self, number: int) -> tuple[object, ...]:
        """What to sort by so that neighbours differ in little: background, attributes, colour."""
        attributes, colour, background = self._renditions[number]
        return background, attributes, colour

    def change(self, old: int, new: int) -> str:
        """The code that turns rendition `old` into `new`; -1 is one that is not known."""
        code = self._changes.get((old, new))
        if code is None:
            code = self._changes[old, new] = self._shortest(old, new)
        return code

    def _rendition(self, style: Style) -> _Rendition:
        # Style.bold and its like are True, False or None; these two words hold all of them.
        attributes = style._attributes & style._set_attributes
        return attributes, self._codes(style.color, True), self._codes(style.bgcolor, False)

    def _codes(self, colour: Color | None, foreground: bool) -> tuple[str, ...]:
        if colour is None or self.colours is None:
            return ()
        codes = colour.downgrade(self.colours).get_ansi_codes(foreground)
        return () if codes == ("39" if foreground else "49",) else tuple(codes)

    def _shortest(self, old: int, new: int) -> str:
        attributes, *colours = self._renditions[new]
        whole = [_SET[bit] for bit in _bits(attributes)]
        for codes in colours:
            whole += codes
        whole_code = f"\x1b[{';'.join(['0', *whole]) if whole else ''}m"
        if old < 0:
            return whole_code
        step = self._step(old, new)
        step_code = f"\x1b[{';'.join(step)}m" if step else ""
        return step_code if len(step_code) < len(whole_code) else whole_code

    def _step(self, old: int, new: int) -> list[str]:
        had, *old_colours = self._renditions[old]
        wants, *new_colours = self._renditions[new]
        ended = list(dict.fromkeys(_UNSET[bit] for bit in _bits(had & ~wants)))
        # 22 ends bold and dim alike, 24 both kinds of underline: what is still wanted is set again.
        kept = [bit for bit in _bits(wants) if not had >> bit & 1 or _UNSET[bit] in ended]
        codes = ended + [_SET[bit] for bit in kept]
        for before, after, default in zip(old_colours, new_colours, ("39", "49"), strict=True):
            if before != after:
                codes += after or (default,)
        return codes


def _bits(attributes: int) -> list[int]:
    return [bit for bit in range(attributes.bit_length()) if attributes >> bit & 1]
