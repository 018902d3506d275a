"""Figures as a table (RFC 4180, UTF-8): a row a second for each channel, lock and process, then the whole.

The columns are those of `statistics.COLUMNS`, in their order; a field is empty where it means nothing to the
row, or where nobody knows it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from ipcviz.exports import Progress, Readable
from ipcviz.exports.options import Options
from ipcviz.exports.statistics import COLUMNS, Row, rows_of


def write(recording: Readable, out: BinaryIO, options: Options, progress: Progress) -> None:
    """Write the figures of the window."""
    out.write(_lines([dict(zip(COLUMNS, COLUMNS, strict=True))]))
    for row in rows_of(recording, options, progress):
        out.write(_lines([row]))
    progress(1.0)


def _lines(rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
