"""The commands that run something: run, race."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ipcviz.cli.shared import (
    Examples,
    check_named,
    known_settings,
    pairs,
    profile_of,
    request_of,
    screen_options,
    writer_of,
    wrong,
)

if TYPE_CHECKING:
    from ipcviz.runtime.request import SessionRequest
    from ipcviz.tui.recorder import Recorder


@click.command(
    cls=Examples,
    example="ipcviz run bounded_buffer -m shm --set consume=10\n"
    "ipcviz run request_reply -m factors=unix-stream --seconds 10 --plain\n"
    "ipcviz run ./mine.py --json",
)
@click.argument("demo")
@click.option(
    "-m",
    "mechanisms",
    multiple=True,
    metavar="[CHANNEL=]NAME",
    help="The mechanism of all channels, or of one.",
)
@click.option("-l", "locks", multiple=True, metavar="[LOCK=]NAME", help="The kind of all locks, or of one.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the demo; see `ipcviz list`.",
)
@click.option("--seconds", type=float, metavar="N", help="End the run after so many seconds.")
@click.option(
    "--act",
    "acts",
    multiple=True,
    metavar="'SECONDS ACT'",
    help="Act on the run so long after its start, as in '2 kill consumer' or '1.5 drop lines 25%'.",
)
@click.option("--plain", is_flag=True, help="Lines of text in place of the screen.")
@click.option("--json", "as_json", is_flag=True, help="Every event as a line of JSON, the summary last.")
@click.option("--svg", metavar="FILE", help="No screen: run for --seconds (5) and save its picture.")
@click.option("--record", "recording", metavar="FILE", help="Record all of it in a new file.")
@click.option("--redact", is_flag=True, help="What is recorded has no payloads and no printed lines.")
@screen_options
def run(
    demo: str,
    mechanisms: Sequence[str],
    locks: Sequence[str],
    settings: Sequence[str],
    seconds: float | None,
    acts: Sequence[str],
    plain: bool,
    as_json: bool,
    svg: str | None,
    recording: str | None,
    redact: bool,
    **screen: Any,
) -> None:
    """Run DEMO (a name from `ipcviz list`, or a file) and watch it.

    Exit status: 0 it ran; 1 a worker failed; 2 wrong use; 128+n ended by signal n.
    """
    if plain and as_json:
        wrong("--plain and --json exclude each other.")
    check_named("--svg", svg)
    check_named("--record", recording)
    tick = 1000 // max(10, screen["fps"] or 0)
    request = request_of(demo, seconds, settings, mechanisms, locks, acts, tick)
    if svg is not None:
        others = {"--record": recording, "--redact": redact, "--plain": plain, "--json": as_json}
        sys.exit(_picture(request, svg, [name for name, given in others.items() if given], screen))
    if as_json or plain:
        sys.exit(_without_screen(request, as_json, recording, redact))
    sys.exit(_on_screen(request, recording, redact, screen))


def _picture(request: SessionRequest, svg: str, beside: Sequence[str], screen: dict[str, Any]) -> int:
    """Save the last picture; nothing else is asked for `beside`."""
    for name in beside:
        wrong(f"--svg and {name} exclude each other.")
    from ipcviz import terminal
    from ipcviz.tui.snapshot import save_snapshot

    known = known_settings()
    look = terminal.Profile(
        glyphs=screen["glyphs"] or known.glyphs or "unicode",
        theme=screen["theme"] or known.theme or "dark",
    )
    return save_snapshot(request, Path(svg), (120, 40), look)


def _without_screen(request: SessionRequest, as_json: bool, recording: str | None, redact: bool) -> int:
    """Print lines of JSON or of text; record all, or keep the last minute."""
    from ipcviz import headless

    printer = headless.print_json if as_json else headless.print_plain()
    encoding = "utf-8" if as_json else sys.stdout.encoding
    if recording is None:
        return headless.run(request, printer, encoding, lambda: _last_minute(redact))
    from ipcviz.commands_recording import run_recorded

    return run_recorded(request, recording, redact, printer, encoding)


def _on_screen(request: SessionRequest, recording: str | None, redact: bool, screen: dict[str, Any]) -> int:
    from ipcviz import terminal

    reason = terminal.why_no_screen()
    if reason is not None:
        wrong(reason)
    profile, keys = profile_of(screen)
    from ipcviz.tui.launch import run_screen

    return run_screen(request, profile, keys, writer_of(recording, redact), redact)


def _last_minute(redact: bool) -> Recorder:
    """Keeps the last minute of a run without a screen, too."""
    from ipcviz.tui.recorder import Recorder

    return Recorder(redact=redact)


@click.command(
    cls=Examples,
    example="ipcviz race bounded_buffer -m pipe -m shm --set produce=0 --set consume=0\n"
    "ipcviz race pipeline -m pipe -m unix-stream -m tcp:nodelay=no --set rate=0 --in-turn\n"
    "ipcviz race pipeline -m lines=pipe+counts=shm -m shm --set rate=0\n"
    "ipcviz race readers_writers -l flock -l fcntl --seconds 10 --plain",
)
@click.argument("demo")
@click.option(
    "-m",
    "mechanisms",
    multiple=True,
    metavar="[CHANNEL=]NAME[+...]",
    help="A lane: the mechanism of all its channels, or of some, joined by + (a plus sign is written ++).",
)
@click.option("-l", "locks", multiple=True, metavar="[LOCK=]NAME[+...]", help="The same, of locks.")
@click.option("--in-turn", is_flag=True, help="One lane after the other, each alone on the machine.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the demo.")
@click.option("--seconds", type=float, metavar="N", help="End each lane after so many (in turn: 10).")
@click.option("--plain", is_flag=True, help="Lines of text in place of the screen.")
@click.option("--json", "as_json", is_flag=True, help="Lines of JSON, the summary with its ratios last.")
@click.option("--record", "recording", metavar="FILE", help="Record each lane in a new file: FILE-LANE.ipcz.")
@click.option("--redact", is_flag=True, help="What is recorded has no payloads and no printed lines.")
@screen_options
def race(
    demo: str,
    mechanisms: Sequence[str],
    locks: Sequence[str],
    in_turn: bool,
    settings: Sequence[str],
    seconds: float | None,
    plain: bool,
    as_json: bool,
    recording: str | None,
    redact: bool,
    **screen: Any,
) -> None:
    """Run DEMO in several lanes, each on another mechanism or lock: which is faster, and why.

    The -m (or -l) that is given several times makes the lanes; the other may be given once, for all.

    Exit status: 0 it ran; 1 a worker failed; 2 wrong use; 128+n ended by signal n.
    """
    from ipcviz import commands_race
    from ipcviz.runtime.request import SessionRequest

    if plain and as_json:
        wrong("--plain and --json exclude each other.")
    check_named("--record", recording)
    if redact and recording is None:
        wrong("--redact is about a recording; --record FILE makes one of each lane.")
    request = SessionRequest(
        demo=demo,
        settings=pairs(settings, "--set"),
        seconds=seconds,
        tick=1000 // max(10, screen["fps"] or 0),
    )
    output: commands_race.Output = "json" if as_json else "plain" if plain else "screen"
    path = None if recording is None else Path(recording)
    status = commands_race.race(
        request, mechanisms, locks, in_turn, output, lambda: profile_of(screen), path, redact
    )
    sys.exit(status)
