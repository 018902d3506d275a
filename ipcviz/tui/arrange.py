"""Where each region of the screen is, for each size: pure, in cells."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST = (60, 15)
ROOMY = (100, 30)
VAST = (170, 44)
"""From here on the timeline has a place beside the messages."""
PANELS = ("topology", "channels", "processes", "locks", "findings", "messages", "timeline")
"""In the order of their digits."""
PAGES = ("channel", "process", "message")
"""What opens over the panels: a thing's own page."""


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
    messages: bool = True
    """Some channel carries messages; regions do not."""


def is_roomy(width: int, height: int) -> bool:
    """All panels fit at once."""
    return width >= ROOMY[0] and height >= ROOMY[1]


def is_too_small(width: int, height: int) -> bool:
    """Nothing useful fits."""
    return width < SMALLEST[0] or height < SMALLEST[1]


def arrange(
    width: int, height: int, focused: str, zoomed: bool, contents: Contents, page: str = ""
) -> dict[str, Area]:
    """The regions to show; what is not named is hidden. Rows 0 and -1 are the header and the footer.

    A page takes the place of the picture, or of all where there is one panel only; a message's page that
    of what stands beside the picture.
    """
    areas = {"header": Area(0, 0, width, 1), "footer": Area(0, height - 1, width, 1)}
    body = Area(0, 1, width, height - 2)
    if zoomed:
        return {**areas, page or focused: body}
    if is_roomy(width, height):
        return areas | _all(body, contents, focused, page)
    return areas | _one(body, page or focused, contents)


def _one(body: Area, main: str, contents: Contents) -> dict[str, Area]:
    strip = min(3 + max(1, min(contents.channels + 1, 4)), body.height // 3)
    above = Area(body.x, body.y, body.width, body.height - strip)
    return {main: above, "strip": Area(body.x, body.y + above.height, body.width, strip)}


def _all(body: Area, contents: Contents, focused: str, page: str) -> dict[str, Area]:
    middle = max(7, min(contents.processes + 3, body.height // 3))
    bottom = max(7, (body.height - middle) // 4) if contents.channels and contents.messages else 0
    top = Area(0, body.y, body.width, body.height - middle - bottom)
    vast = body.width >= VAST[0] and body.height >= VAST[1] - 2
    timeline = "timeline" if focused == "timeline" and not vast else ""
    areas = _top(top, contents, page or timeline)
    areas |= _middle(Area(0, top.y + top.height, body.width, middle), contents)
    row = Area(0, top.y + top.height + middle, body.width, bottom)
    if bottom and vast:
        left = row.width * 52 // 100
        areas["messages"] = Area(0, row.y, left, row.height)
        areas["timeline"] = Area(left, row.y, row.width - left, row.height)
    elif bottom:
        areas["messages"] = row
    return areas


def _top(row: Area, contents: Contents, instead: str) -> dict[str, Area]:
    """The picture and what stands beside it, or what was opened in their place."""
    if instead and instead != "message":
        return {instead: row}
    right = max(44, min(64, row.width * 36 // 100))
    beside = instead or ("channels" if contents.channels else "locks")
    left = Area(row.x, row.y, row.width - right, row.height)
    return {"topology": left, beside: Area(left.width, row.y, right, row.height)}


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
