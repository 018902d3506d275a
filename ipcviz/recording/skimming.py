"""Skims a chunk: its frames and what happens seldom, without its many messages, lock events and lines."""

from __future__ import annotations

from ipcviz import events as ev
from ipcviz.recording.chunks import THEN, BadChunk, events_of
from ipcviz.recording.layout import RecordingError

PASSED_OVER = (b'["message"', b'["lock"', b'["reported"', b'["note"')
"""How the lines begin that are not read."""
OF_FRAMES = (b'["frame"', b'["columns"', THEN)
SESSION = b'["session_started"'


def skimmed(text: bytes, frames: bool = True) -> list[ev.AnyEvent]:
    """The events of a chunk's lines (see chunks.py) but those that are many; raises `RecordingError`.

    Where no `frames` are asked for there are none, unless a session begins in the chunk.
    """
    lines = text.split(b"\n")
    passed: tuple[bytes, ...] = PASSED_OVER
    if not frames and not any(line.startswith(SESSION) for line in lines):
        passed = (*PASSED_OVER, *OF_FRAMES)
    try:
        return events_of(b"\n".join(line for line in lines if not line.startswith(passed)))
    except BadChunk as error:
        raise RecordingError(str(error)) from None
