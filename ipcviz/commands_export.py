"""The command `ipcviz export`: a recording as a file that other programs read."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from ipcviz import units
from ipcviz.exports import EXPORTS, Export, ExportError, Options, Progress, Readable
from ipcviz.units import SECOND

LARGEST = (400, 150)
"""Columns and rows that a picture may have."""
STEPS = 1000
"""Of the progress bar."""
STANDARD = "-"
"""The standard input, or the standard output."""


def export(file: Path, kind: str | None, out: str | None, given: Mapping[str, Any]) -> int:
    """Write the export; the exit status. `given` are the options by their names, None where not given."""
    try:
        chosen = kind_of(kind, out)
        options = options_of(chosen, given)
        target = out or f"{'recording' if str(file) == STANDARD else file.stem}{chosen.suffix}"
        _refuse(chosen, file, target)
        with _opened(file) as recording, _output(target) as output:
            _check(options, recording)
            with _bar(chosen.name) as progress:
                chosen.write(recording, output, options, progress)
            output.flush()
    except ExportError as error:
        return _wrong(str(error))
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stdout.close()
        return 1
    except OSError as error:
        return _wrong(f"{error.filename or out or file}: {error.strerror}.")
    if target != STANDARD:
        click.echo(f"{units.printable(target)}: {units.size(Path(target).stat().st_size)}", err=True)
    return 0


def kind_of(kind: str | None, out: str | None) -> Export:
    """What was asked for, or what the name of the file says; raises `ExportError`."""
    if kind is None:
        suffix = Path(out or "").suffix
        fitting = [export for export in EXPORTS.values() if export.suffix == suffix]
        if len(fitting) != 1:
            raise ExportError(f"Say with --to what it shall be: {units.listed(list(EXPORTS))}.")
        return fitting[0]
    if kind not in EXPORTS:
        raise ExportError(f"{kind} is no kind of export; there are {units.listed(list(EXPORTS))}.")
    return EXPORTS[kind]


def options_of(export: Export, given: Mapping[str, Any]) -> Options:
    """The options that were given, checked; raises `ExportError` for one that this kind does not take."""
    for name, value in given.items():
        if value is not None and name not in export.takes:
            able = [f"--{known}" for known in given if known in export.takes]
            raise ExportError(f"--{name} means nothing to {export.name}; it takes {units.listed(able)}.")
    told: dict[str, Any] = {
        "start": _moment("--from", given.get("from")),
        "end": _moment("--until", given.get("until")),
        "at": _moment("--at", given.get("at")),
        "size": _size(given.get("size")),
        "fps": given.get("fps"),
        "theme": given.get("theme"),
        "glyphs": given.get("glyphs"),
        "cast_version": int(given["cast-version"]) if given.get("cast-version") else None,
    }
    return Options(**{name: value for name, value in told.items() if value is not None})


def _moment(option: str, text: str | None) -> int | None:
    """Seconds as in 12.5, or minutes and hours before them as in 1:02:03.5; in ns."""
    if text is None:
        return None
    found = re.fullmatch(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)", text.strip())
    if found is None:
        raise ExportError(f"{option} takes seconds as in 12.5, or a time as in 1:02.5, and not {text!r}.")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    value = (hours * 3600 + minutes * 60 + seconds) * SECOND
    return round(value) if math.isfinite(value) else None


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    from ipcviz.tui.arrange import SMALLEST

    found = re.fullmatch(r"(\d{1,4})[xX×](\d{1,4})", text.strip())
    size = (int(found[1]), int(found[2])) if found is not None else (0, 0)
    if not all(low <= value <= high for low, value, high in zip(SMALLEST, size, LARGEST, strict=True)):
        raise ExportError(
            f"--size takes columns and rows as in 120x40, from {SMALLEST[0]}x{SMALLEST[1]} to "
            f"{LARGEST[0]}x{LARGEST[1]}, and not {text!r}."
        )
    return size


def _check(options: Options, recording: Readable) -> None:
    """Whether the times lie in the recording."""
    asked = {"--from": options.start or None, "--until": options.end, "--at": options.at}
    for option, t in asked.items():
        if t is not None and option != "--until" and t > recording.end:
            end = units.span(recording.end)
            raise ExportError(f"{option} {units.span(t)} is after the end of the recording, at {end}.")
    if options.end is not None and options.end <= options.start:
        raise ExportError(f"--until must be later than --from, and not {units.span(options.end)}.")


def _refuse(export: Export, file: Path, out: str) -> None:
    """What cannot be, before any work is done."""
    reason = export.why_not()
    if reason:
        raise ExportError(reason)
    if out == STANDARD:
        if export.binary and sys.stdout.isatty():
            raise ExportError(f"A {export.name} is nothing to read on a terminal; give it a file with -o.")
    elif not Path(out).parent.is_dir():
        raise ExportError(f"{Path(out).parent} is no folder that is there; choose another name with -o.")
    elif Path(out).exists():
        raise ExportError(f"{out} is there already, and is not overwritten; choose another name with -o.")


@contextmanager
def _opened(file: Path) -> Iterator[Readable]:
    """A recording, or the lines that `ipcviz run --json` has printed; - is the standard input."""
    if str(file) != STANDARD:
        with _read(file, str(file)) as recording:
            yield recording
        return
    # A recording is read to and fro, and a pipe goes one way.
    with tempfile.NamedTemporaryFile(prefix="ipcviz-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        with _read(Path(copy.name), "the input") as recording:
            yield recording


@contextmanager
def _read(file: Path, name: str) -> Iterator[Readable]:
    from ipcviz.exports.chaptered import Chaptered
    from ipcviz.exports.saved import SavedStream
    from ipcviz.recording.layout import RecordingError
    from ipcviz.recording.reader import Recording, is_recording

    if not is_recording(file):
        yield Chaptered(SavedStream.open(file, name))
        return
    try:
        with Recording(file) as recording:
            if recording.cut:
                click.echo(f"ipcviz: {units.printable(name)}: {units.printable(recording.cut)}", err=True)
            yield Chaptered(recording)
    except RecordingError as error:
        raise ExportError(f"{name}: {error}") from None


@contextmanager
def _output(out: str) -> Iterator[BinaryIO]:
    """A new file, which has its name only when it is whole; or the standard output."""
    if out == STANDARD:
        yield sys.stdout.buffer
        return
    part = f"{out}.{os.getpid()}.part"
    with open(part, "xb") as file:
        try:
            yield file
            file.close()
            _name(part, out)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(part)


def _name(part: str, out: str) -> None:
    """Give a file its name, which nobody else has taken meanwhile."""
    try:
        os.link(part, out)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has links (link(2), EPERM).
        os.rename(part, out)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A progress bar where somebody sees it."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with click.progressbar(length=STEPS, label=label, file=sys.stderr) as bar:
        yield lambda done: bar.update(max(0, round(done * STEPS) - bar.pos))


def _wrong(sentence: str) -> int:
    click.echo(f"ipcviz: {units.printable(sentence)}", err=True)
    return 2
