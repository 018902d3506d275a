"""Instants of a session as people type them. Pure."""

from __future__ import annotations

import re

from ipcviz.recording.layout import RecordingError
from ipcviz.units import SECOND

_FORM = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,9}(?:\.\d{0,9})?)", re.ASCII)


def instant_of(text: str) -> int:
    """Nanoseconds of 12.5, 1:02 or 1:02:03.5; raises `RecordingError` for anything else."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise RecordingError(f"A time is seconds as in 12.5, or as in 1:02 or 1:02:03.5, and not {text!r}.")
    hours, minutes, seconds = found.groups()
    return (int(hours or 0) * 3600 + int(minutes or 0) * 60) * SECOND + round(float(seconds) * SECOND)
