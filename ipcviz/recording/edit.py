"""Makes a new recording out of one: trimmed, cut, with chapters, covered up, joined. The old is only read.

All times are those of the recording that is edited, in ns of its session. In the order of what is done:
chapters are set, spans left out, other recordings joined, texts covered up, and all of it redacted as it is
written.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from ipcviz import events as ev
from ipcviz import units
from ipcviz.recording.holes import PASSING, Hole, Timed, left_out, merged, moved
from ipcviz.recording.idle import idle_holes
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.maker import Maker
from ipcviz.recording.masking import Mask
from ipcviz.recording.parts import chapters_of_parts
from ipcviz.recording.reader import Recording, timed

LEAD = units.SECOND
"""Of frames before a trimmed begin, so that what is measured over a second is known from there on."""
APART = 1_000_000
"""Nanoseconds between the end of a recording and the begin of what is joined to it."""


class EditError(RecordingError):
    """It cannot be edited so; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What to do; times in ns of the session.

    `labels`, `captions` and `notes` are of chapters: a label begins one, or renames the one that begins at
    that very time; a caption or a note belongs to the chapter that its time lies in. Not `automatic`: there
    are no chapters but these.
    """

    start: int | None = None
    until: int | None = None
    cuts: tuple[tuple[int, int], ...] = ()
    idle: int | None = None
    labels: tuple[tuple[int, str], ...] = ()
    captions: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    redact: bool = False
    cover: re.Pattern[str] | None = None
    title: str = ""
    automatic: bool = True
    joined: tuple[Path, ...] = field(default=())


def edited(recording: Recording, edits: Edits) -> Iterator[ev.AnyEvent]:
    """The events of the new recording; raises `EditError` before the first of them, `RecordingError`."""
    _check(recording, edits)
    chapters = chapters_of(recording, edits)
    parts = _parts(recording, edits)
    first = recording.start if edits.start is None else edits.start
    if edits.joined and not any(chapter.t == first for chapter in chapters):
        chapters.insert(0, structs.replace(parts[0], t=first))
    holes = _holes(recording, edits)
    until = recording.end if edits.until is None else edits.until
    events = left_out(_with_chapters(_until(recording, until, edits), chapters), holes)
    return _made(events, edits, parts[1:])


def write(recording: Recording, edits: Edits, target: Path) -> int:
    """Write the new recording, and tell its size in bytes; raises `EditError`, `RecordingError`, `OSError`.

    The file must not exist yet; where it cannot be written to its end, nothing of it is left.
    """
    events = edited(recording, edits)
    begins = recording.header.begins if edits.start is None else edits.start
    title = edits.title or recording.header.title
    redact = edits.redact or recording.header.redacted
    automatic = edits.automatic and recording.automatic
    maker = Maker(redact, title, recording.header.created, begins=begins, automatic=automatic)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise EditError(f"{target} is there already; choose another name.") from None
    try:
        with open(descriptor, "wb") as file:
            for event in events:
                file.write(maker.add(event))
            file.write(maker.close())
            return file.tell()
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(target)
        raise


def chapters_of(recording: Recording, edits: Edits) -> list[ev.Chapter]:
    """The recording's chapters, with those that were set, in the order of their times; raises `EditError`."""
    found = {chapter.t: chapter for chapter in recording.chapters}
    for t, label in edits.labels:
        known = found.get(t)
        if known is None:
            found[t] = ev.Chapter(t=t, label=label)
        else:
            found[t] = structs.replace(known, label=label, auto=False)
    for word, told in (("caption", edits.captions), ("note", edits.notes)):
        for t, text in told:
            begun = [chapter.t for chapter in found.values() if chapter.t <= t]
            if not begun:
                raise EditError(
                    f"No chapter has begun at {seconds(t)}, so that nothing there has a {word}; "
                    f"begin one with --chapter."
                )
            found[max(begun)] = structs.replace(found[max(begun)], **{word: text})
    return _from([found[t] for t in sorted(found)], edits.start)


def _from(chapters: list[ev.Chapter], start: int | None) -> list[ev.Chapter]:
    """The chapter that a trimmed begin lies in begins there."""
    later = [chapter for chapter in chapters if start is None or chapter.t >= start]
    if start is None or len(later) == len(chapters) or (later and later[0].t == start):
        return later
    return [structs.replace(chapters[-len(later) - 1], t=start), *later]


def _check(recording: Recording, edits: Edits) -> None:
    start, end = recording.start, recording.end
    told = [("--from", edits.start), ("--until", edits.until)]
    told += [("--chapter", t) for t, _ in edits.labels]
    told += [("--caption", t) for t, _ in edits.captions]
    told += [("--note", t) for t, _ in edits.notes]
    told += [("--cut", a) for a, _ in edits.cuts]
    for option, t in told:
        if t is not None and not start <= t <= end:
            raise EditError(
                f"{option} {seconds(t)} lies outside of {recording.name}, which goes from "
                f"{seconds(start)} to {seconds(end)}."
            )
    if edits.start is not None and edits.start >= (end if edits.until is None else edits.until):
        raise EditError(f"--from {seconds(edits.start)} does not come before --until, or the end.")
    for a, b in edits.cuts:
        if a >= b:
            raise EditError(f"--cut {seconds(a)}-{seconds(b)} ends before it begins.")
    if edits.idle is not None and edits.idle <= 0:
        raise EditError("--idle takes a number of seconds above 0.")


def seconds(t: int) -> str:
    """A time as it can be typed, to the millisecond: 12.5, 1:02.25, 1:02:03."""
    whole, rest = divmod(t // 1_000_000, 1000)
    fraction = f".{rest:03}".rstrip("0") if rest else ""
    if whole < 60:
        return f"{whole}{fraction}"
    return units.clock(t).lstrip("0") + fraction if whole >= 600 else units.clock(t)[1:] + fraction


def _holes(recording: Recording, edits: Edits) -> list[Hole]:
    holes = [Hole(a, b) for a, b in edits.cuts]
    if edits.start is not None and edits.start > recording.start:
        holes.append(Hole(-1, edits.start - LEAD, moves=False))
    if edits.idle is not None:
        holes += idle_holes(_until(recording, edits.until, edits), edits.idle)
    found = merged(holes)
    first = recording.start if edits.start is None else edits.start
    last = recording.end if edits.until is None else edits.until
    left = last - first - sum(min(h.end, last) - max(h.start, first) for h in found if h.moves)
    if left <= 0 and found:
        raise EditError("Nothing would be left of it.")
    return found


def _until(recording: Recording, until: int | None, edits: Edits) -> Iterator[Timed]:
    """Those up to that time; of what is before a trimmed begin, no message and no printed line."""
    t = recording.chunks[0].start if recording.chunks else 0
    for time, event in timed(recording.events(0, until), t):
        if edits.start is not None and time < edits.start and isinstance(event, PASSING):
            continue
        if edits.until is None or not isinstance(event, ev.Summary):
            yield time, event


def _with_chapters(events: Iterable[Timed], chapters: Sequence[ev.Chapter]) -> Iterator[Timed]:
    """The events with these chapters in place of their own, each before what comes after its begin.

    The last summary comes after all of them; another one ends a part, after which a joined one begins.
    """
    waiting = list(reversed(chapters))
    last = 0
    summary: Timed | None = None
    for t, event in events:
        if isinstance(event, ev.Chapter):
            continue
        if summary is not None:
            yield summary
            summary = None
        while waiting and waiting[-1].t < t:
            yield max(last, waiting[-1].t), waiting.pop()
        last = t
        if isinstance(event, ev.Summary):
            summary = t, event
        else:
            yield t, event
    while waiting and (summary is not None or waiting[-1].t <= last):
        yield max(last, waiting[-1].t), waiting.pop()
    if summary is not None:
        yield summary


def _parts(recording: Recording, edits: Edits) -> list[ev.Chapter]:
    """What this recording and each that is joined to it are called."""
    sessions = [recording.session]
    for path in edits.joined:
        with _joinable(path) as other:
            sessions.append(other.session)
    return chapters_of_parts(sessions)


@contextlib.contextmanager
def _joinable(path: Path) -> Iterator[Recording]:
    """A recording that is joined; what is wrong with it is told with its name."""
    try:
        if path.is_dir():
            raise EditError("It is a folder, and no recording.")
        with Recording(path) as other:
            yield other
    except RecordingError as error:
        raise EditError(f"{path}: {error}") from None
    except OSError as error:
        raise EditError(f"{path} cannot be read: {error.strerror}.") from None


def _made(events: Iterable[ev.AnyEvent], edits: Edits, parts: Sequence[ev.Chapter]) -> Iterator[ev.AnyEvent]:
    """Joined, and covered up."""
    mask = Mask(edits.cover) if edits.cover is not None else None
    for event in _joined(events, edits.joined, parts):
        yield mask.event(event) if mask is not None else event


def _joined(
    events: Iterable[ev.AnyEvent], others: Sequence[Path], parts: Sequence[ev.Chapter]
) -> Iterator[ev.AnyEvent]:
    t = 0
    for time, event in timed(events):
        t = time
        yield event
    for path, part in zip(others, parts, strict=True):
        with _joinable(path) as other:
            by = other.start - t - APART
            label = other.header.title or part.label
            if not any(chapter.t == other.start for chapter in other.chapters):
                yield structs.replace(part, t=other.start - by, label=label)
            for time, event in timed((moved(event, by) for event in other.events()), t):
                t = time
                yield event
