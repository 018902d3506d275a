"""The recordings that come with ipcviz: for a machine where nothing may be run, and for lectures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ipcviz import catalog, units
from ipcviz.recording.reader import Recording


def folder() -> Path:
    """Where they are, beside the demos."""
    return catalog.folder() / "recordings"


def names() -> list[str]:
    """Their names, as `ipcviz play` takes them."""
    return sorted(path.stem for path in folder().glob("*.ipcz"))


def found(file: str) -> str:
    """The file, or where there is none the recording of that name that comes with ipcviz."""
    return str(folder() / f"{file}.ipcz") if not os.path.lexists(file) and file in names() else file


def lines() -> Iterator[str]:
    """What there is to play, and how."""
    yield "Recordings that come with ipcviz; `ipcviz play NAME` shows one:"
    width = max(map(len, names()), default=0)
    for name in names():
        with Recording(folder() / f"{name}.ipcz") as recording:
            title = recording.header.title or recording.session.topology
            chapters = len(recording.chapters)
            yield f"  {name:{width}}  {units.clock(recording.duration_ns)}  {chapters} chapters  {title}"
