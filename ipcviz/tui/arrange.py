"""Where each region of the screen is, for each size: pure, in cells."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST = (60, 15)
ROOMY = (100, 30)
PANELS = ("topology", "channels", "processes", "locks", "findings", "messages")
"""In the order of their digits."""


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of one region."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is to show: it decides who gets the room."""

    channels: int
    processes: int
    locks: int


def is_roomy(width: int, height: int) -> bool:
    """All panels fit at once."""
    return width >= ROOMY[0] and height >= ROOMY[1]


def is_too_small(width: int, height: int) -> bool:
    """Nothing useful fits."""
    return width < SMALLEST[0] or height < SMALLEST[1]


def arrange(width: int, height: int, focused: str, zoomed: bool, contents: Contents) -> dict[str, Area]:
    """The regions to show; what is not named is hidden. Rows 0 and -1 are the header and the footer."""
    areas = {"header": Area(0, 0, width, 1), "footer": Area(0, height - 1, width, 1)}
    body = Area(0, 1, width, height - 2)
    if zoomed:
        return {**areas, focused: body}
    if is_roomy(width, height):
        return areas | _all(body, contents)
    return areas | _one(body, focused, contents)


def _one(body: Area, focused: str, contents: Contents) -> dict[str, Area]:
    strip = min(3 + max(1, min(contents.channels + 1, 4)), body.height // 3)
    main = Area(body.x, body.y, body.width, body.height - strip)
    return {focused: main, "strip": Area(body.x, body.y + main.height, body.width, strip)}


def _all(body: Area, contents: Contents) -> dict[str, Area]:
    middle = max(7, min(contents.processes + 3, body.height // 3))
    messages = max(7, (body.height - middle) // 4) if contents.channels else 0
    top = body.height - middle - messages
    right = max(44, min(60, body.width * 36 // 100))
    left = body.width - right
    areas = {"topology": Area(0, body.y, left, top)}
    beside = "channels" if contents.channels else "locks"
    areas[beside] = Area(left, body.y, right, top)
    areas |= _middle(Area(0, body.y + top, body.width, middle), contents)
    if messages:
        areas["messages"] = Area(0, body.y + top + middle, body.width, messages)
    return areas


def _middle(row: Area, contents: Contents) -> dict[str, Area]:
    """Processes, locks where there are any beside channels, findings."""
    findings = max(42, row.width * 36 // 100)
    locks = max(26, row.width * 24 // 100) if contents.locks and contents.channels else 0
    processes = row.width - findings - locks
    areas = {
        "processes": Area(0, row.y, processes, row.height),
        "findings": Area(processes + locks, row.y, findings, row.height),
    }
    if locks:
        areas["locks"] = Area(processes, row.y, locks, row.height)
    return areas
