"""The command `ipcviz race`: the same topology on several mechanisms, or with several kinds of lock."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ipcviz import headless, listing, race_headless, terminal, units
from ipcviz.events import Refused
from ipcviz.race_lines import JsonLines, PlainRace
from ipcviz.race_recording import RaceRecorder
from ipcviz.race_result import How
from ipcviz.racing import SECONDS_IN_TURN, Entry, Racer, refusal_of
from ipcviz.recording.layout import RecordingError
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile

MOST = 12
"""Lanes that a screen can show and a person can compare."""

Output = Literal["screen", "plain", "json"]


class RaceError(Exception):
    """The race cannot be; the message is a sentence."""


def choices_of(text: str, option: str, what: str) -> dict[str, str]:
    """One lane's choice: `NAME` for all, or `CHANNEL=NAME+CHANNEL=NAME`; a plus sign is written twice.

    Each part is what `ipcviz run` takes; raises `RaceError`.
    """
    choices: dict[str, str] = {}
    for part in text.replace("++", "\0").split("+"):
        item = part.replace("\0", "+")
        name, equals, chosen = item.partition("=")
        if not equals or ":" in name:  # an equals sign behind a colon belongs to an option
            name, equals, chosen = "", "", item
        if not chosen or (equals and not name):
            raise RaceError(f"{option} takes NAME, or {what}=NAME joined by +, and not {text!r}.")
        if name in choices:
            raise RaceError(f"{option} {text!r} says twice what {name or f'every {what.lower()}'} is to be.")
        choices[name] = chosen
    return choices


def entries_of(
    request: SessionRequest, mechanisms: Sequence[str], locks: Sequence[str]
) -> tuple[list[Entry], bool]:
    """The lanes, and whether they differ in their locks; raises `RaceError`.

    The option that is given several times makes the lanes; the other may be given once, for all of them.
    """
    by_locks = len(locks) > 1
    lanes = locks if by_locks else mechanisms
    if by_locks and len(mechanisms) > 1:
        raise RaceError("A race is of mechanisms or of locks: give one of -m and -l once, for all lanes.")
    if len(lanes) < 2:
        raise RaceError(
            f"A race needs two lanes at least: give -m (or -l) several times, as in "
            f"`ipcviz race {request.demo} -m pipe -m shm`; `ipcviz list` says what can carry which demo."
        )
    if len(lanes) > MOST:
        raise RaceError(f"A race has at most {MOST} lanes, and not {len(lanes)}.")
    carriers = [choices_of(text, "-m", "CHANNEL") for text in mechanisms] or [{}]
    kinds = [choices_of(text, "-l", "LOCK") for text in locks] or [{}]
    entries = []
    for number, label in enumerate(labels_of(lanes)):
        carrier, kind = carriers[0 if by_locks else number], kinds[number if by_locks else 0]
        entries.append(Entry(label, msgspec.structs.replace(request, mechanisms=carrier, locks=kind)))
    return entries, by_locks


def labels_of(lanes: Sequence[str]) -> list[str]:
    """As they were typed; the second of the same is told from the first by its number."""
    return [
        f"{text} {lanes[:number].count(text) + 1}" if text in lanes[:number] else text
        for number, text in enumerate(lanes)
    ]


def race(
    request: SessionRequest,
    mechanisms: Sequence[str],
    locks: Sequence[str],
    in_turn: bool,
    output: Output,
    profile: Callable[[], tuple[Profile, dict[str, str]]],
    recording: Path | None = None,
    redact: bool = False,
) -> int:
    """Run the race; the exit status. `profile` tells how the screen is shown, where one is.

    With `recording`, each lane is recorded in a file of its own.
    """
    try:
        racer = racer_of(request, mechanisms, locks, in_turn, output)
        recorder = RaceRecorder(racer.entries, recording, redact) if recording is not None else None
    except (RaceError, RecordingError) as error:
        print(f"ipcviz: {units.printable(str(error))}", file=sys.stderr)
        return 2
    screen = profile() if output == "screen" else None
    sentence, detail = refusal_of(racer.entries)
    if sentence:
        return headless.refuse(Refused(t=0, sentence=sentence, detail=detail))
    if recorder is not None:
        racer = Racer(racer.entries, racer.how, racer.by_locks, begin=recorder.begin)
    try:
        status = _run(racer, output, screen)
    finally:
        for told in recorder.sentences() if recorder is not None else ():
            print(f"ipcviz: {units.printable(told)}", file=sys.stderr)
    return status or int(recorder is not None and recorder.failed)


def _run(racer: Racer, output: Output, screen: tuple[Profile, dict[str, str]] | None) -> int:
    about = {known["name"]: known["about"] for known in listing.mechanisms()}
    if output == "json":
        return race_headless.run(racer, JsonLines(about))
    if screen is None:
        return race_headless.run(racer, PlainRace(about), sys.stdout.encoding)
    from ipcviz.tui.launch import race_screen

    return race_screen(racer, about, *screen)


def racer_of(
    request: SessionRequest, mechanisms: Sequence[str], locks: Sequence[str], in_turn: bool, output: Output
) -> Racer:
    """The race, not yet begun; raises `RaceError`."""
    how: How = "in turn" if in_turn else "at once"
    seconds = request.seconds
    if sys.platform != "linux":
        raise RaceError("Runs need Linux.")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise RaceError(f"--seconds must be more than 0, and not {seconds:g}.")
    reason = terminal.why_no_screen() if output == "screen" else None
    if reason is not None:
        raise RaceError(reason)
    if in_turn and seconds is None:
        request = msgspec.structs.replace(request, seconds=SECONDS_IN_TURN)
    entries, by_locks = entries_of(request, mechanisms, locks)
    return Racer(entries, how, by_locks)
