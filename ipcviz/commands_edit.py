"""The command `ipcviz edit`: a new recording out of one that is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ipcviz import units
from ipcviz.commands_recording import STREAM, opened, wrong
from ipcviz.recording import edit as editing
from ipcviz.recording.instants import instant_of
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.masking import Mask
from ipcviz.recording.reader import Recording

LONGEST = 10_000
"""Characters of a label, a caption, a note."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was typed: times as in 12.5 or 1:02, spans as A-B, texts as TIME=TEXT."""

    start: str | None = None
    until: str | None = None
    cuts: Sequence[str] = ()
    idle: float | None = None
    chapters: Sequence[str] = ()
    captions: Sequence[str] = ()
    notes: Sequence[str] = ()
    redact: bool = False
    redact_texts: Sequence[str] = ()
    joined: Sequence[str] = ()
    title: str = ""
    no_auto: bool = False


def edit(file: str, out: str, wishes: Wishes, tell: Callable[[str], None] = print) -> int:
    """Make the new recording, and tell how long it is; the exit status."""
    try:
        edits = edits_of(wishes)
        if not all((file, out, *wishes.joined)):
            raise RecordingError("An empty name is no name of a file.")
        if STREAM in (file, out, *wishes.joined):
            raise RecordingError("Files are edited, and no streams: - is no name for one.")
        with opened(Path(file)) as recording:
            size = _written(recording, edits, Path(out))
            if edits.cover is not None:
                _tell_names(recording, edits.cover, tell)
            if recording.cut:
                tell(f"{file}: {recording.cut}")
        with opened(Path(out)) as made:
            count = len(made.chapters)
            chapters = f"{count} chapter{'' if count == 1 else 's'}"
            tell(f"{out}: {units.span(made.duration_ns)}, {chapters}, {units.size(size)}")
    except RecordingError as error:
        return wrong(str(error))
    return 0


def _written(recording: Recording, edits: editing.Edits, out: Path) -> int:
    try:
        return editing.write(recording, edits, out)
    except OSError as error:
        raise RecordingError(f"{error.filename or out} cannot be written: {error.strerror}.") from None


def _tell_names(recording: Recording, pattern: re.Pattern[str], tell: Callable[[str], None]) -> None:
    """Names hold a recording together, and stay as they are."""
    names = Mask(pattern).names(recording.session)
    if names:
        tell(f"What --redact-text finds is also in names, which stay: {units.listed(names)}.")


def edits_of(wishes: Wishes) -> editing.Edits:
    """What was typed, understood; raises `RecordingError`."""
    if wishes == Wishes():
        raise RecordingError("There is nothing to do: say what, as in --from 5 or --chapter 12.5=Start.")
    return editing.Edits(
        start=None if wishes.start is None else _instant("--from", wishes.start),
        until=None if wishes.until is None else _instant("--until", wishes.until),
        cuts=tuple(_span(text) for text in wishes.cuts),
        idle=None if wishes.idle is None else _idle(wishes.idle),
        labels=tuple(_text("--chapter", "LABEL", text) for text in wishes.chapters),
        captions=tuple(_text("--caption", "TEXT", text) for text in wishes.captions),
        notes=tuple(_text("--note", "TEXT", text) for text in wishes.notes),
        redact=wishes.redact,
        cover=_pattern(wishes.redact_texts),
        title=wishes.title,
        automatic=not wishes.no_auto,
        joined=tuple(map(Path, wishes.joined)),
    )


def _instant(option: str, text: str) -> int:
    try:
        return instant_of(text)
    except RecordingError as error:
        raise RecordingError(f"{option}: {error}") from None


def _idle(seconds: float) -> int:
    if not 0 < seconds < 1e6:
        raise RecordingError(f"--idle takes a number of seconds above 0, and not {seconds:g}.")
    return round(seconds * units.SECOND)


def _span(text: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    if not dash:
        raise RecordingError(f"--cut takes FROM-UNTIL, as in 12.5-1:02, and not {text!r}.")
    return _instant("--cut", start), _instant("--cut", end)


def _text(option: str, what: str, text: str) -> tuple[int, str]:
    time, equals, told = text.partition("=")
    if not equals or (option == "--chapter" and not told.strip()):
        raise RecordingError(f"{option} takes TIME={what}, as in 12.5=It fills up, and not {text!r}.")
    if len(told) > LONGEST:
        raise RecordingError(f"{option} takes at most {LONGEST:,} characters.")
    return _instant(option, time), told.strip()


def _pattern(texts: Sequence[str]) -> re.Pattern[str] | None:
    for text in texts:
        try:
            re.compile(text)
        except re.error as error:
            raise RecordingError(f"--redact-text: {text!r} is no regular expression: {error}.") from None
        if not text:
            raise RecordingError("--redact-text: an empty text finds nothing.")
    return re.compile("|".join(f"(?:{text})" for text in texts)) if texts else None
