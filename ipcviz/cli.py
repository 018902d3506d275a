"""The command line: it parses and calls. The screen is imported when one opens, and not before."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ipcviz import __version__

if TYPE_CHECKING:
    from ipcviz.recording.writer import Writer
    from ipcviz.runtime.request import Act
    from ipcviz.terminal import Profile


class _Examples(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *arguments: Any, example: str, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.example = example

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"  {line}\n")


def _screen_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command with a screen takes."""
    for option in (
        click.option("--theme", type=click.Choice(["dark", "light", "terminal"]), help="Its colours."),
        click.option("--glyphs", type=click.Choice(["unicode", "plain", "ascii"]), help="Its characters."),
        click.option(
            "--low-bandwidth", is_flag=True, help="4 pictures a second, nothing moves; as it is over SSH."
        ),
        click.option("--fps", type=click.IntRange(1, 60), metavar="N", help="Pictures a second, 1 to 60."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(__version__, "--version", "-V", prog_name="ipcviz")
@_screen_options
@click.pass_context
def ipcviz(context: click.Context, /, **screen: Any) -> None:
    """Launch real processes over real inter-process communication, and see them talk.

    \b
      ipcviz                           pick a demo and run it
      ipcviz run pipeline              watch three processes share a text
      ipcviz run philosophers          watch five of them lock each other up
      ipcviz list                      all demos
    """
    if context.invoked_subcommand is not None:
        return
    from ipcviz import terminal

    reason = terminal.why_no_screen()
    if reason is not None:
        if sys.stdout.isatty():
            _wrong(reason)
        click.echo(context.get_help())
        sys.exit(2)
    if sys.platform != "linux":
        _wrong("Runs need Linux.")
    profile, keys = _profile(screen)
    from ipcviz.tui.launch import home_screen

    sys.exit(home_screen(profile, keys))


def _profile(screen: dict[str, Any]) -> tuple[Profile, dict[str, str]]:
    """How the screen is shown, by the flags, the settings and what the terminal is; and the keys."""
    from ipcviz import settings, terminal

    try:
        known = settings.load()
    except settings.SettingsError as error:
        _wrong(str(error))
    profile = terminal.profile(
        fps=screen["fps"] or known.fps,
        low_bandwidth=screen["low_bandwidth"],
        glyphs=screen["glyphs"] or known.glyphs,
        theme=screen["theme"] or known.theme,
    )
    if known.motion is not None:
        profile = dataclasses.replace(profile, motion=known.motion and profile.motion)
    return profile, known.keys


@ipcviz.command(
    cls=_Examples,
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
@_screen_options
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
    from ipcviz import headless, terminal
    from ipcviz.runtime.request import SessionRequest

    if sys.platform != "linux":
        _wrong("Runs need Linux.")
    if plain and as_json:
        _wrong("--plain and --json exclude each other.")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        _wrong(f"--seconds must be more than 0, and not {seconds:g}.")
    request = SessionRequest(
        demo=demo,
        settings=_pairs(settings, "--set"),
        mechanisms=_choices(mechanisms, "-m", "CHANNEL"),
        locks=_choices(locks, "-l", "LOCK"),
        seconds=seconds,
        tick=1000 // max(10, screen["fps"] or 0),
        acts=_acts(acts, seconds),
    )
    if svg is not None:
        if recording is not None:
            _wrong("--svg and --record exclude each other.")
        from ipcviz.tui.snapshot import save_snapshot

        sys.exit(save_snapshot(request, Path(svg), (120, 40)))
    if as_json or plain:
        printer = headless.print_json if as_json else headless.print_plain()
        encoding = "utf-8" if as_json else sys.stdout.encoding
        if recording is None:
            sys.exit(headless.run(request, printer, encoding))
        from ipcviz.commands_recording import run_recorded

        sys.exit(run_recorded(request, recording, redact, printer, encoding))
    reason = terminal.why_no_screen()
    if reason is not None:
        _wrong(reason)
    profile, keys = _profile(screen)
    from ipcviz.tui.launch import run_screen

    sys.exit(run_screen(request, profile, keys, _writer(recording, redact), redact))


@ipcviz.command(
    cls=_Examples,
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
@_screen_options
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
        _wrong("--plain and --json exclude each other.")
    request = SessionRequest(
        demo=demo,
        settings=_pairs(settings, "--set"),
        seconds=seconds,
        tick=1000 // max(10, screen["fps"] or 0),
    )
    output: commands_race.Output = "json" if as_json else "plain" if plain else "screen"
    path = None if recording is None else Path(recording)
    status = commands_race.race(
        request, mechanisms, locks, in_turn, output, lambda: _profile(screen), path, redact
    )
    sys.exit(status)


@ipcviz.command(
    cls=_Examples,
    example="ipcviz record pipeline -o pipeline.ipcz --seconds 10\n"
    "ssh -n host ipcviz record pipeline -o - | ipcviz play -",
)
@click.argument("demo")
@click.option("-o", "out", required=True, metavar="FILE", help="A new file, or - for standard output.")
@click.option("--seconds", type=float, metavar="N", help="End the run after so many seconds.")
@click.option("--redact", is_flag=True, help="Without payloads, contents, and what processes print.")
@click.option("-m", "mechanisms", multiple=True, metavar="[CHANNEL=]NAME", help="As for `ipcviz run`.")
@click.option("-l", "locks", multiple=True, metavar="[LOCK=]NAME", help="As for `ipcviz run`.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the demo.")
@click.option("--act", "acts", multiple=True, metavar="'SECONDS ACT'", help="As for `ipcviz run`.")
@click.option("--fps", type=click.IntRange(1, 60), metavar="N", help="Frames a second, 1 to 60 (10).")
def record(
    demo: str,
    out: str,
    seconds: float | None,
    redact: bool,
    mechanisms: Sequence[str],
    locks: Sequence[str],
    settings: Sequence[str],
    acts: Sequence[str],
    fps: int | None,
) -> None:
    """Run DEMO without a screen and record it; `ipcviz play` shows it.

    Exit status: 0 it ran; 1 a worker failed; 2 wrong use; 128+n ended by signal n.
    """
    from ipcviz import commands_recording
    from ipcviz.runtime.request import SessionRequest

    if sys.platform != "linux":
        _wrong("Runs need Linux.")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        _wrong(f"--seconds must be more than 0, and not {seconds:g}.")
    request = SessionRequest(
        demo=demo,
        settings=_pairs(settings, "--set"),
        mechanisms=_choices(mechanisms, "-m", "CHANNEL"),
        locks=_choices(locks, "-l", "LOCK"),
        seconds=seconds,
        tick=1000 // (fps or 10),
        acts=_acts(acts, seconds),
    )
    sys.exit(commands_recording.record(request, out, redact))


@ipcviz.command(
    cls=_Examples,
    example="ipcviz play pipeline.ipcz\n"
    "ipcviz play pipeline.ipcz --present\n"
    "ipcviz play pipeline.ipcz --at 1:02 --once --json\n"
    "ssh -n host ipcviz record pipeline -o - | ipcviz play -",
)
@click.argument("file", required=False)
@click.option("--plain", is_flag=True, help="Lines of text in place of the screen.")
@click.option("--json", "as_json", is_flag=True, help="Every event as a line of JSON.")
@click.option("--at", metavar="TIME", help="Begin there: seconds as in 12.5, or as in 1:02.")
@click.option("--once", is_flag=True, help="Only what is so at that time, or at the end, as text.")
@click.option("--present", is_flag=True, help="Large and with captions, from chapter to chapter.")
@_screen_options
def play(
    file: str | None, plain: bool, as_json: bool, at: str | None, once: bool, present: bool, **screen: Any
) -> None:
    """Play FILE, a recording, or - for one that comes through standard input.

    Without FILE it offers those that come with ipcviz, which are played by their names, too.

    Speaker notes follow a presentation on a second terminal: `ipcviz notes FILE`.

    Exit status: 0 it was played, 1 it is damaged, 2 it is none.
    """
    from ipcviz import commands_recording
    from ipcviz.recording import shipped

    if plain and as_json:
        _wrong("--plain and --json exclude each other.")
    if present and (plain or as_json or once):
        _wrong("--present is for the screen: leave out --plain, --json and --once.")
    if file is None:
        sys.exit(_offer_recordings(plain or as_json or once, screen))
    file = shipped.found(file)
    if plain or as_json or once:
        sys.exit(commands_recording.play(file, "json" if as_json else "plain", at, once))
    sys.exit(commands_recording.play_on_screen(file, at, present, lambda: _profile(screen)))


@ipcviz.command(cls=_Examples, example="ipcviz notes talk.ipcz")
@click.argument("file", type=click.Path(path_type=Path))
def notes(file: Path) -> None:
    """Show the speaker notes of FILE on a second terminal, following `ipcviz play FILE --present`.

    They come over a local socket that only you can open. Ctrl+C ends it.
    """
    from ipcviz import notes_page

    if not file.exists():
        _wrong(f"{file} cannot be read: there is no such file.")
    sys.exit(notes_page.follow(file))


@ipcviz.command(
    cls=_Examples,
    example="ipcviz edit long.ipcz -o talk.ipcz --from 5 --cut 20-1:10 --idle 2\n"
    "ipcviz edit talk.ipcz -o told.ipcz --chapter '12.5=It fills up' --caption '12.5=Nobody reads.'\n"
    "ipcviz edit told.ipcz -o shared.ipcz --redact-text '[0-9]{16}'",
)
@click.argument("file")
@click.option("-o", "out", required=True, metavar="FILE", help="The new recording; it must not be there yet.")
@click.option("--from", "start", metavar="TIME", help="Begin there, with what stands then.")
@click.option("--until", metavar="TIME", help="End there.")
@click.option("--cut", "cuts", multiple=True, metavar="FROM-UNTIL", help="Cut that out; the rest moves up.")
@click.option("--idle", type=float, metavar="N", help="Cut where nothing happens to at most N seconds.")
@click.option("--chapter", "chapters", multiple=True, metavar="TIME=LABEL", help="A chapter begins there.")
@click.option(
    "--caption", "captions", multiple=True, metavar="TIME=TEXT", help="What its chapter says to all."
)
@click.option(
    "--note", "notes", multiple=True, metavar="TIME=TEXT", help="What its chapter tells the speaker."
)
@click.option("--redact", is_flag=True, help="Without payloads, contents, and what processes print.")
@click.option(
    "--redact-text",
    "redact_texts",
    multiple=True,
    metavar="REGEX",
    help="Cover what it finds in payloads (of which 64 bytes are kept), prints, reports, sentences.",
)
@click.option("--join", "joined", multiple=True, metavar="FILE", help="Then this one, of the same topology.")
@click.option("--title", default="", help="What it is called.")
def edit(file: str, out: str, **wishes: Any) -> None:
    """Make a new recording out of FILE, which stays as it is.

    All times are those of FILE as it plays: 12.5, 1:02 or 1:02:03.5. Where something was cut out, counters
    have gone on and rates are measured anew; what still happened there is told at the cut.

    Exit status: 0 it was made, 2 wrong use.
    """
    from ipcviz import commands_edit

    def tell(sentence: str) -> None:
        from ipcviz import units

        click.echo(units.printable(sentence), err=True)

    sys.exit(commands_edit.edit(file, out, commands_edit.Wishes(**wishes), tell))


@ipcviz.command("list", cls=_Examples, example="ipcviz list --matrix")
@click.option("--matrix", is_flag=True, help="Which demo runs on which mechanism and lock, as a table.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_demos(matrix: bool, as_json: bool) -> None:
    """List the demos by what they teach, with their parameters and what can carry all of their channels."""
    from ipcviz import listing

    try:
        told: Any = listing.matrix() if matrix else listing.demos()
    except listing.CatalogError as error:
        _wrong(str(error))
    _tell(told, listing.matrix_lines if matrix else listing.demo_lines, as_json)


@ipcviz.command(cls=_Examples, example="ipcviz mechanisms tcp")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def mechanisms(name: str | None, as_json: bool) -> None:
    """List the mechanisms and locks: what they carry, this machine's limits, and what is missing.

    With NAME, one page on that one: for and against it, its options, and what to read.
    """
    from ipcviz import listing

    if name is None:
        _tell(listing.mechanisms(), listing.mechanism_lines, as_json)
        return
    try:
        known = listing.mechanism(name)
    except listing.CatalogError as error:
        _wrong(str(error))
    _tell(known, listing.mechanism_page, as_json)


def _tell(told: Any, lines: Callable[[Any], Iterable[str]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for line in lines(told):
        click.echo(line)


@ipcviz.command(cls=_Examples, example="ipcviz doctor")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array.")
def doctor(as_json: bool) -> None:
    """Say what works on this machine, what does not, why, and the remedy.

    Exit status: 0 if runs are possible here, 1 if they are not.
    """
    from ipcviz import doctor as doctors

    checks = list(doctors.checks())
    if as_json:
        click.echo(json.dumps([check.as_dict() for check in checks], indent=1, ensure_ascii=False))
    else:
        for check in checks:
            verdict = "works" if check.works else "FAILS" if check.needed else "no"
            click.echo(f"{verdict:6} {check.subject:14} {check.detail}")
    sys.exit(0 if all(check.works for check in checks if check.needed) else 1)


@ipcviz.command(
    cls=_Examples,
    example="ipcviz export talk.ipcz --to html -o talk.html\n"
    "ipcviz export talk.ipcz --to gif --from 12 --until 20 --size 100x30\n"
    "ipcviz export talk.ipcz -o deadlock.svg --at 1:02.5",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "kind", metavar="KIND", help="What it shall be; without it the name of OUT says so.")
@click.option("-o", "out", metavar="OUT", help="The file to write, - for the output; by default FILE's name.")
@click.option("--from", "since", metavar="TIME", help="Begin there: seconds, or a time as in 1:02.5.")
@click.option("--until", metavar="TIME", help="End there.")
@click.option("--at", metavar="TIME", help="The moment of a still.")
@click.option("--size", metavar="120x40", help="Columns and rows of a picture.")
@click.option("--fps", type=click.IntRange(1, 60), metavar="N", help="Pictures a second, 1 to 60; else 10.")
@click.option("--theme", type=click.Choice(["dark", "light", "terminal"]), help="Colours of a picture.")
@click.option("--glyphs", type=click.Choice(["unicode", "plain", "ascii"]), help="Characters of a picture.")
@click.option("--cast-version", type=click.Choice(["2", "3"]), help="The version of an asciicast; else 2.")
def export(file: Path, kind: str | None, out: str | None, since: str | None, **given: Any) -> None:
    """Write the recording FILE in a form that other programs read.

    KIND is cast, html, svg, gif, perfetto, pcapng, mermaid, csv or json. FILE may also be what
    `ipcviz run --json` has printed, or - for the input. A file that is there is not overwritten.
    """
    from ipcviz import commands_export

    given["cast-version"] = given.pop("cast_version")
    sys.exit(commands_export.export(file, kind, out, {"from": since, **given}))


@ipcviz.command(cls=_Examples, example="ipcviz clean --dry-run")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def clean(dry_run: bool) -> None:
    """Remove what killed runs have left behind: exactly what their ledgers list."""
    from ipcviz.runtime import ledger

    runs = ledger.dead_runs()
    for dead in runs:
        for entry in ledger.still_there(dead) if dry_run else ledger.clean(dead):
            click.echo(f"{'would remove' if dry_run else 'removed'} {entry.kind} {entry.name}")
    if not runs:
        click.echo("Nothing to clean: no run has left anything behind.")


def _offer_recordings(as_text: bool, screen: dict[str, Any]) -> int:
    """What there is to play: in the picker, or as text; the exit status."""
    from ipcviz import terminal
    from ipcviz.recording import shipped

    if as_text or terminal.why_no_screen() is not None:
        for line in shipped.lines():
            click.echo(line)
        return 0
    profile, keys = _profile(screen)
    from ipcviz.tui.launch import home_screen

    return home_screen(profile, keys, "recordings")


def _writer(recording: str | None, redact: bool) -> Writer | None:
    """Of a recording that begins with the run."""
    if recording is None:
        return None
    from ipcviz.recording.layout import RecordingError
    from ipcviz.recording.writer import Writer

    try:
        return Writer(Path(recording), redact)
    except RecordingError as error:
        _wrong(str(error))


def _acts(items: Sequence[str], seconds: float | None) -> list[Act]:
    from ipcviz.runtime import acts

    try:
        parsed = [acts.parse(item) for item in items]
    except acts.WrongAct as error:
        _wrong(f"--act: {error}")
    for item, act in zip(items, parsed, strict=True):
        if seconds is not None and act.at >= seconds:
            _wrong(f"--act: {item!r} comes too late: the run ends after {seconds:g} s.")
    return parsed


@ipcviz.command(cls=_Examples, example="ipcviz pictures docs")
@click.argument("folder", type=click.Path(path_type=Path))
def pictures(folder: Path) -> None:
    """Draw the pictures of the README into FOLDER: the screens of real runs as SVG. Takes about a minute."""
    if sys.platform != "linux":
        _wrong("Runs need Linux.")
    from ipcviz.tui.pictures import draw_all

    try:
        for file in draw_all(folder):
            click.echo(file)
    except OSError as error:
        _wrong(f"{error.filename or folder} cannot be written: {error.strerror}.")


def _pairs(items: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name:
            _wrong(f"{option} takes NAME=VALUE, and not {item!r}.")
        pairs[name] = value
    return pairs


def _choices(items: Sequence[str], option: str, what: str) -> dict[str, str]:
    """`NAME` for all, `CHANNEL=NAME` or `LOCK=NAME` for one; all has the empty key."""
    choices = {}
    for item in items:
        channel, equals, name = item.partition("=")
        if not equals or ":" in channel:  # an equals sign behind a colon belongs to an option
            channel, equals, name = "", "", item
        if not name or (equals and not channel):
            _wrong(f"{option} takes NAME or {what}=NAME, and not {item!r}.")
        choices[channel] = name
    return choices


def _wrong(sentence: str) -> NoReturn:
    from ipcviz import units

    click.echo(f"ipcviz: {units.printable(sentence)}", err=True)
    sys.exit(2)


def _whole_streams() -> None:
    """Who closed our input or outputs gets an empty one in place, before a pipe takes its number."""
    for number, mode in ((0, "r"), (1, "w"), (2, "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            stream = open(number, mode, closefd=False)  # noqa: SIM115 - for as long as we live
            setattr(sys, ("stdin", "stdout", "stderr")[number], stream)


def _readable(arguments: Sequence[str]) -> None:
    for argument in arguments:
        if not argument.isprintable() and any("\ud800" <= char <= "\udfff" for char in argument):
            _wrong(f"{os.fsencode(argument)!r} is not UTF-8, and so ipcviz cannot take it; rename the file.")


def main() -> None:
    """The entry point: every wrong use is one sentence and status 2."""
    _whole_streams()
    try:
        _readable(sys.argv[1:])
        ipcviz(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "ipcviz"
        _wrong(f"{error.format_message().rstrip('.')}; see `{command} --help`.")
    except click.ClickException as error:
        _wrong(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
