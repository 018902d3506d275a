"""The commands `ipcviz record` and `ipcviz play`, as far as they need no screen."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

import msgspec

from ipcviz import events as ev
from ipcviz import plain, shared_terminal, terminal, units, world_page
from ipcviz.recording.instants import instant_of
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.opening import opening_events
from ipcviz.recording.player import PlayerSource
from ipcviz.recording.reader import Recording, timed
from ipcviz.recording.streamed import StreamSource
from ipcviz.recording.writer import Writer
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile
from ipcviz.world import World

STREAM = "-"
"""In place of a file: standard output to record, standard input to play."""
PATIENCE_S = 2.0
"""After a signal: how long whoever reads a stream may take for its end."""

Lines = Callable[[ev.AnyEvent], Iterator[str]]
Output = Literal["plain", "json"]


# ---- record ----------------------------------------------------------------------------------------------


def record(request: SessionRequest, out: str, redact: bool = False) -> int:
    """Run it without a screen and record it in a new file, or as a stream; the exit status."""
    if out == STREAM and sys.stdout.isatty():
        return wrong("A recording is nothing to read on a terminal; give it a file, or a pipe to read it.")
    return run_recorded(request, out, redact, lambda event: iter(()), tell=True)


def run_recorded(
    request: SessionRequest,
    out: str,
    redact: bool,
    printer: Lines,
    encoding: str = "utf-8",
    tell: bool = False,
) -> int:
    """Run it, print what the printer makes of it, and record it; the exit status.

    With `tell`, the recording is all there is to it: where it cannot be written, the run ends.
    """
    from ipcviz import headless  # needs Linux, which who plays does not

    try:
        writer = Writer(1 if out == STREAM else Path(out), redact)
    except RecordingError as error:
        return wrong(str(error))

    def recording(event: ev.AnyEvent) -> Iterator[str]:
        writer.put(event)
        if tell and writer.trouble:
            raise RecordingError(writer.trouble)
        yield from printer(event)

    try:
        status = headless.run(request, recording, encoding)
    except RecordingError:
        status = 1
    finally:
        writer.close(PATIENCE_S if out == STREAM and sys.exc_info()[0] else None)
    if writer.reader_gone:
        return 128 + signal.SIGPIPE
    if writer.trouble:
        print(f"ipcviz: {units.printable(writer.trouble)}", file=sys.stderr)
        return status or 1
    if tell and status != 2 and out != STREAM:
        print(f"{units.printable(out)}: {_how_much(writer)}", file=sys.stderr)
    return status


def _how_much(writer: Writer) -> str:
    told = units.size(writer.size)
    if writer.left_out:
        told += f"; there was no time for {writer.left_out:,} messages and lock events"
    if writer.previews_left_out:
        told += f"; of {writer.previews_left_out:,} messages only the size was written"
    return told


# ---- play ------------------------------------------------------------------------------------------------


def play_source(path: Path) -> PlayerSource:
    """A recording to be played on a screen; raises `RecordingError` with a sentence that names the file."""
    return PlayerSource(opened(path))


def opened(path: Path) -> Recording:
    """A recording; raises `RecordingError` with a sentence that names the file."""
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            raise RecordingError(f"{path} is a folder, and no recording.")
        return Recording(path)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise RecordingError(f"{str(path)!r} is no name of a file.") from None
    except RecordingError as error:
        if str(error).startswith(str(path)):
            raise
        raise RecordingError(f"{path}: {error}") from None


def play(file: str, output: Output, at: str | None = None, once: bool = False) -> int:
    """Print a recording, from a time on, or what is so at that time; the exit status.

    It is 1 if something in the recording is not what was written, and 0 if its end is missing.
    """
    try:
        t = None if at is None else instant_of(at)
        if file == STREAM:
            if t is not None or once:
                raise RecordingError("A stream has no past: --at and --once need a file.")
            return _printed(lambda: _play_stream(output))
        with opened(Path(file)) as recording:
            if t is not None and t > recording.end:
                raise RecordingError(f"{file} ends at {units.span(recording.end)}, before --at {at}.")
            if once:
                return _printed(lambda: _show_once(recording, recording.end if t is None else t, output))
            return _printed(lambda: _play_file(file, recording, t, output))
    except RecordingError as error:
        return wrong(str(error))


def play_on_screen(
    file: str,
    at: str | None,
    presenting: bool,
    profile: Callable[[], tuple[Profile, Mapping[str, str]]],
) -> int:
    """Play or present a recording on the screen, from a time on; the exit status.

    A stream comes through standard input; keys are then read from the terminal itself (tty(4)).
    """
    from ipcviz.tui import launch
    from ipcviz.tui.play_feed import PlayFeed

    if file == STREAM:
        if at is not None or presenting:
            return wrong("A stream has no past: --at and --present need a file.")
        if os.isatty(0):
            return wrong("There is no stream on a terminal: `ipcviz record DEMO -o - | ipcviz play -`.")
        stream = _terminal_for_keys()
        reason = _why_no_screen(stream) or shared_terminal.why_no_screen(stream)
        return wrong(reason) if reason else launch.stream_screen(*profile(), stream)
    why_not = terminal.why_no_screen()
    if why_not is not None:
        return wrong(why_not)
    try:
        t = None if at is None else instant_of(at)
        feed = PlayFeed(play_source(Path(file)))
        if t is not None:
            if t > feed.end_t:
                raise RecordingError(f"{file} ends at {units.span(feed.end_t)}, before --at {at}.")
            feed.seek(t)
    except RecordingError as error:
        return wrong(str(error))
    return launch.play_screen(feed, *profile(), presenting)


def _terminal_for_keys() -> int:
    """Put the terminal in the place of standard input; a descriptor of what that was, or -1."""
    try:
        keys = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return -1
    stream = os.dup(0)
    os.dup2(keys, 0)
    os.close(keys)
    return stream


def _why_no_screen(stream: int) -> str:
    if stream < 0:
        return "There is no terminal, so no key could be read; play it with --plain or --json instead."
    return terminal.why_no_screen() or ""


def _printed(work: Callable[[], int]) -> int:
    """Its exit status; that of a broken pipe where nobody reads any more."""
    try:
        status = work()
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left must not be written at the exit
        return 128 + signal.SIGPIPE
    except OSError as error:
        return wrong(f"The output could not be written: {error.strerror}.", 1)
    return status


def _play_stream(output: Output) -> int:
    source = StreamSource(0)
    if os.isatty(0):
        return wrong("There is no stream on a terminal: `ipcviz record DEMO -o - | ipcviz play -`.")
    tell = _teller(output)
    while not source.over:
        source.wait()
        for event in source.take():
            tell(event)
        sys.stdout.flush()
    if source.header is None:
        return wrong(source.cut)
    return _say_cut("The stream", source.cut, source.damaged)


def _play_file(file: str, recording: Recording, t: int | None, output: Output) -> int:
    tell = _teller(output)
    if output == "plain" and recording.title:
        _write(sys.stdout, [units.printable(recording.title)])
    events: Iterable[ev.AnyEvent] = recording.events()
    if t is not None:
        events = _from(recording, t)
    for event in events:
        tell(event)
    return _say_cut(file, recording.cut, recording.damaged)


def _from(recording: Recording, t: int) -> Iterator[ev.AnyEvent]:
    """What stood just before `t`, and all that came from then on."""
    world, begun = World(lanes=False), False
    for time, event in timed(recording.events()):
        if time >= t and not begun:
            begun = True
            yield from opening_events(world.view())
        if begun:
            yield event
        else:
            world.apply(event)


def _teller(output: Output) -> Callable[[ev.AnyEvent], Any]:
    if output == "json":
        return lambda event: sys.stdout.buffer.write(ev.encode(event))
    lines = plain.PlainLines()
    return lambda event: _write(sys.stdout, lines.lines(event))


def _write(out: TextIO, lines: Iterable[str]) -> None:
    """What the terminal cannot show is written out."""
    encoding = out.encoding or "utf-8"
    for line in lines:
        out.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _say_cut(name: str, cut: str, damaged: bool) -> int:
    if cut:
        sys.stdout.flush()
        print(f"ipcviz: {units.printable(name)}: {units.printable(cut)}", file=sys.stderr)
    return 1 if damaged else 0


def _show_once(recording: Recording, t: int, output: Output) -> int:
    world = World(lanes=False)
    for event in recording.events(0, t):
        world.apply(event)
    view = world.view()
    if output == "json":
        sys.stdout.buffer.write(msgspec.json.encode(world_page.as_object(view, t)) + b"\n")
    else:
        _write(sys.stdout, map(units.printable, world_page.lines(view, t, recording.end)))
    return _say_cut(recording.name, recording.cut, recording.damaged)


def wrong(sentence: str, status: int = 2) -> int:
    """Say it; the exit status."""
    print(f"ipcviz: {units.printable(sentence)}", file=sys.stderr)
    return status
