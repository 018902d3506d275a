"""What the home screen tells of a recording before it is played: what runs in it, how long, its chapters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ipcviz import units
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.reader import Recording

LARGEST = 4 << 20
"""Bytes: every byte of a recording is checked when it is opened, and the screen does not wait for more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A title, what there is to know by name, and each chapter's time, label and caption."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    chapters: tuple[tuple[str, str, str], ...] = ()


@lru_cache(64)
def told_of(path: Path, size: int, changed: float) -> Told:
    """What the recording says of itself; `size` and `changed` (seconds) tell one version from another."""
    if size > LARGEST:
        return Told("A recorded run.")
    try:
        with Recording(path) as recording:
            return _told(recording)
    except RecordingError as error:
        return Told("This cannot be played.", (("why", str(error)),))
    except OSError as error:
        return Told("This cannot be read.", (("why", error.strerror or ""),))


def _told(recording: Recording) -> Told:
    session = recording.session
    carriers = [c.mechanism for c in session.channels] + [lock.mechanism for lock in session.locks]
    facts = [
        ("shows", f"{session.topology} · {' + '.join(dict.fromkeys(carriers))}"),
        ("length", units.clock(recording.duration_ns)),
    ]
    if recording.cut:
        facts.append(("but", recording.cut))
    chapters = [(units.clock(c.t), c.label, c.caption) for c in recording.chapters]
    return Told(recording.header.title or session.about or session.topology, tuple(facts), tuple(chapters))
