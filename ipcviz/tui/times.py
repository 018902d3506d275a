"""Times of a recording as people type them into its screen: an instant, or a part of it, 40 %. Pure."""

from __future__ import annotations

import re

from ipcviz import units
from ipcviz.recording.instants import instant_of
from ipcviz.recording.layout import RecordingError

_PART = re.compile(r"(\d{1,3}(?:\.\d{0,9})?)\s*%", re.ASCII)


def time_in(typed: str, start: int, end: int) -> int:
    """The time in ns of the session, of a recording from `start` to `end`; raises `RecordingError`."""
    part = _PART.fullmatch(typed.strip())
    return start + round((end - start) * float(part[1]) / 100) if part else instant_of(typed)


def wrong_time(typed: str, start: int, end: int) -> str:
    """Why that is no time of the recording, as a sentence; "" if it is one."""
    try:
        t = time_in(typed, start, end)
    except RecordingError:
        return "A time is typed as 12.5, 1:02 or 40 %."
    if not start <= t <= end:
        return f"It goes from {units.clock(start)} to {units.clock(end)} only."
    return ""
