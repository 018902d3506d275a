"""Skims a chunk: what happens seldom, and its first frame, without its many messages and counters."""

from __future__ import annotations

import msgspec

from ipcviz import events as ev
from ipcviz.recording import arrays
from ipcviz.recording.layout import RecordingError

PASSED_OVER = (b'["message"', b'["lock"', b'["then"', b'["columns"', b'["chunk"', b'["reported"', b'["note"')
"""How the lines begin that are not read."""
FRAME = b'["frame"'


def skimmed(text: bytes) -> list[ev.AnyEvent]:
    """The seldom events of a chunk's lines (see chunks.py), in their order; raises `RecordingError`."""
    found: list[ev.AnyEvent] = []
    has_frame = False
    for line in text.split(b"\n"):
        if not line or line.startswith(PASSED_OVER):
            continue
        if line.startswith(FRAME):
            if has_frame:
                continue
            has_frame = True
        try:
            found.append(arrays.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordingError(f"a part of it cannot be read: {error}") from None
    return found
