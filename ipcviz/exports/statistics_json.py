"""Figures as JSON: `seconds` and `whole`, each a list of rows with the names of `statistics.COLUMNS`.

A row has only what means something to it; null is what nobody knows.
"""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from ipcviz import units
from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import Options
from ipcviz.exports.statistics import rows_of
from ipcviz.units import SECOND

_encode = msgspec.json.Encoder().encode


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the figures of the window."""
    start, end = options.window(recording)
    session = recording.session
    about = {
        "made_by": f"ipcviz {session.host.ipcviz}",
        "topology": session.topology,
        "about": session.about,
        "started_at": session.started_at,
    }
    told = {key: units.printable(value) for key, value in about.items()}
    window = {"from_s": round(start / SECOND, 9), "until_s": round(end / SECOND, 9)}
    out.write(_encode({**told, **window})[:-1] + b',\n"seconds":[')
    between, whole = b"\n", []
    for row in rows_of(recording, options, progress):
        if row["span"] == "whole":
            whole.append(row)
        else:
            out.write(between + _encode(row))
            between = b",\n"
    out.write(b'\n],\n"whole":[\n' + b",\n".join(_encode(row) for row in whole) + b"\n]}\n")
    progress(1.0)
