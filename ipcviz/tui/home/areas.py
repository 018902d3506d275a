"""Where the parts of the home screen stand, for each size; pure."""

from __future__ import annotations

from textual.geometry import Region

from ipcviz.tui.arrange import is_roomy, is_too_small

WIDE = 150
"""Columns from which on the list tells what each demo is about."""
WIDEST_LIST = 90
THREE_ABREAST = 110
"""Columns beside the list from which on parameters, mechanisms and locks stand side by side."""


def areas(width: int, height: int, focused: str, parts: tuple[str, ...], bar: int) -> dict[str, Region]:
    """By id; `parts` are those of "parameters", "mechanism" and "kind-of-lock" that have something to say.

    `bar` is how many rows the command takes. With little room there is one place for what has the focus.
    """
    if is_too_small(width, height):
        return {"notice": Region(0, 0, width, height)}
    placed = {
        "title": Region(0, 0, width, 1),
        "command": Region(0, height - 1 - bar, width, bar),
        "footer": Region(0, height - 1, width, 1),
    }
    body = Region(0, 1, width, height - 2 - bar)
    left = _list_width(width)
    placed["demos"] = Region(0, body.y, left, body.height)
    right = Region(left, body.y, width - left, body.height)
    if is_roomy(width, height):
        return placed | _roomy(right, parts)
    upper = max(5, round(right.height * 0.6))
    below = focused if focused in parts else "what-to-look-at"
    placed["still"] = Region(right.x, right.y, right.width, upper)
    placed[below] = Region(right.x, right.y + upper, right.width, right.height - upper)
    return placed


def _list_width(width: int) -> int:
    if width >= WIDE:
        return min(WIDEST_LIST, width * 2 // 5)
    return max(24, min(32, width * 35 // 100))


def _roomy(right: Region, parts: tuple[str, ...]) -> dict[str, Region]:
    lower = round(right.height * 0.42) if parts else 0
    placed = {"still": Region(right.x, right.y, right.width, right.height - lower)}
    y = right.y + right.height - lower
    if right.width >= THREE_ABREAST:
        return placed | _abreast(Region(right.x, y, right.width, lower), parts)
    first, others = parts[:1], parts[1:]
    half = right.width * 48 // 100 if others else right.width
    placed |= _abreast(Region(right.x, y, half, lower), first)
    for number, name in enumerate(others):
        height = lower // len(others)
        rest = lower - height * (len(others) - 1) if not number else height
        top = y if not number else y + lower - height
        placed[name] = Region(right.x + half, top, right.width - half, rest)
    return placed


def _abreast(place: Region, parts: tuple[str, ...]) -> dict[str, Region]:
    placed, x = {}, place.x
    for number, name in enumerate(parts):
        width = (place.x + place.width - x) // (len(parts) - number)
        placed[name] = Region(x, place.y, width, place.height)
        x += width
    return placed
