"""Times of a recording as people type them: 12.5, 1:02, 1:02:03.5, or a part of it, 40 %. Pure."""

from __future__ import annotations

import re

from ipcviz import units
from ipcviz.units import SECOND

_CLOCK = re.compile(r"(?:(?:(\d{1,6}):)?(\d{1,6}):)?(\d{1,9}(?:[.,]\d{1,9})?)\s*s?")
_PART = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")


def time_in(typed: str, start: int, end: int) -> int | None:
    """The time in ns of the session that was typed, of a recording from `start` to `end`; None for none."""
    typed = typed.strip()
    part = _PART.fullmatch(typed)
    if part:
        return start + round((end - start) * float(part[1].replace(",", ".")) / 100)
    clock = _CLOCK.fullmatch(typed)
    if not clock:
        return None
    hours, minutes = int(clock[1] or 0), int(clock[2] or 0)
    return (hours * 3600 + minutes * 60) * SECOND + round(float(clock[3].replace(",", ".")) * SECOND)


def wrong_time(typed: str, start: int, end: int) -> str:
    """Why that is no time of the recording, as a sentence; "" if it is one."""
    t = time_in(typed, start, end)
    if t is None:
        return f"{typed.strip()!r} is no time; type 12.5, 1:02 or 40 %." if typed.strip() else "Type a time."
    if not start <= t <= end:
        return f"It goes from {units.clock(start)} to {units.clock(end)} only."
    return ""
