"""The commands about recordings: record, play, notes, edit, export."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ipcviz.cli.shared import Examples, check_named, profile_of, request_of, screen_options, wrong


@click.command(
    cls=Examples,
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

    check_named("-o", out)
    request = request_of(demo, seconds, settings, mechanisms, locks, acts, 1000 // (fps or 10))
    sys.exit(commands_recording.record(request, out, redact))


@click.command(
    cls=Examples,
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
@screen_options
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
        wrong("--plain and --json exclude each other.")
    if present and (plain or as_json or once):
        wrong("--present is for the screen: leave out --plain, --json and --once.")
    if file is None:
        sys.exit(_offer_recordings(plain or as_json or once, screen))
    file = shipped.found(file)
    if plain or as_json or once:
        sys.exit(commands_recording.play(file, "json" if as_json else "plain", at, once))
    sys.exit(commands_recording.play_on_screen(file, at, present, lambda: profile_of(screen)))


def _offer_recordings(as_text: bool, screen: dict[str, Any]) -> int:
    """What there is to play: in the picker, or as text; the exit status."""
    from ipcviz import terminal
    from ipcviz.recording import shipped

    if as_text or terminal.why_no_screen() is not None:
        for line in shipped.lines():
            click.echo(line)
        return 0
    profile, keys = profile_of(screen)
    from ipcviz.tui.launch import home_screen

    return home_screen(profile, keys, "recordings")


@click.command(cls=Examples, example="ipcviz notes talk.ipcz")
@click.argument("file", type=click.Path(path_type=Path))
def notes(file: Path) -> None:
    """Show the speaker notes of FILE on a second terminal, following `ipcviz play FILE --present`.

    They come over a local socket that only you can open. q ends it.
    """
    from ipcviz import notes_page
    from ipcviz.commands_recording import opened
    from ipcviz.recording import shipped
    from ipcviz.recording.layout import RecordingError

    file = Path(shipped.found(str(file)))
    try:
        opened(file).close()
    except RecordingError as error:
        wrong(str(error))
    sys.exit(notes_page.follow(file))


@click.command(
    cls=Examples,
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
@click.option("--no-auto", is_flag=True, help="Without chapters that make themselves.")
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
@click.option("--join", "joined", multiple=True, metavar="FILE", help="Then this one, in its own chapter.")
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


@click.command(
    cls=Examples,
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

    check_named("-o", out)
    given["cast-version"] = given.pop("cast_version")
    sys.exit(commands_export.export(file, kind, out, {"from": since, **given}))
