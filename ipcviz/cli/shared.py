"""What the commands share: examples in their help, the screen's options, words to their values, errors."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from ipcviz.recording.writer import Writer
    from ipcviz.runtime.request import Act, SessionRequest
    from ipcviz.settings import Settings
    from ipcviz.terminal import Profile


class Examples(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *arguments: Any, example: str, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.example = example

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"  {line}\n")


def screen_options(command: Callable[..., Any]) -> Callable[..., Any]:
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


def profile_of(screen: dict[str, Any]) -> tuple[Profile, dict[str, str]]:
    """How the screen is shown, by the flags, the settings and what the terminal is; and the keys."""
    from ipcviz import terminal

    known = known_settings()
    profile = terminal.profile(
        fps=screen["fps"] or known.fps,
        low_bandwidth=screen["low_bandwidth"],
        glyphs=screen["glyphs"] or known.glyphs,
        theme=screen["theme"] or known.theme,
    )
    if known.motion is not None:
        profile = dataclasses.replace(profile, motion=known.motion and profile.motion)
    return profile, known.keys


def known_settings() -> Settings:
    """What a person has set once for all; what cannot be ends with a sentence."""
    from ipcviz import settings
    from ipcviz.tui.chosen_keys import wrong_keys

    try:
        known = settings.load()
    except settings.SettingsError as error:
        wrong(str(error))
    objection = wrong_keys(known.keys)
    if objection:
        wrong(f"{settings.path()}: {objection}")
    return known


def tell(told: Any, lines: Callable[[Any], Iterable[str]], as_json: bool) -> None:
    """Print it: as JSON, or as the lines that are made of it."""
    if as_json:
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for line in lines(told):
        click.echo(line)


def check_named(option: str, name: str | None) -> None:
    """An empty name is none, and is no folder either."""
    if name == "":
        wrong(f"{option} needs the name of a file.")


def writer_of(recording: str | None, redact: bool) -> Writer | None:
    """Of a recording that begins with the run."""
    if recording is None:
        return None
    from ipcviz.recording.layout import RecordingError
    from ipcviz.recording.writer import Writer

    try:
        return Writer(Path(recording), redact)
    except RecordingError as error:
        wrong(str(error))


def request_of(
    demo: str,
    seconds: float | None,
    settings: Sequence[str],
    mechanisms: Sequence[str],
    locks: Sequence[str],
    acts: Sequence[str],
    tick: int,
) -> SessionRequest:
    """The run that was asked for; what cannot be asked for ends with a sentence."""
    from ipcviz.runtime.request import SessionRequest

    if sys.platform != "linux":
        wrong("Runs need Linux.")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        wrong(f"--seconds must be more than 0, and not {seconds:g}.")
    return SessionRequest(
        demo=demo,
        settings=pairs(settings, "--set"),
        mechanisms=choices(mechanisms, "-m", "CHANNEL"),
        locks=choices(locks, "-l", "LOCK"),
        seconds=seconds,
        tick=tick,
        acts=acts_of(acts, seconds),
    )


def acts_of(items: Sequence[str], seconds: float | None) -> list[Act]:
    """What `--act` said; one that comes after the end is refused."""
    from ipcviz.runtime import acts

    try:
        parsed = [acts.parse(item) for item in items]
    except acts.WrongAct as error:
        wrong(f"--act: {error}")
    for item, act in zip(items, parsed, strict=True):
        if seconds is not None and act.at >= seconds:
            wrong(f"--act: {item!r} comes too late: the run ends after {seconds:g} s.")
    return parsed


def pairs(items: Sequence[str], option: str) -> dict[str, str]:
    """`NAME=VALUE`, as a mapping."""
    told = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name:
            wrong(f"{option} takes NAME=VALUE, and not {item!r}.")
        told[name] = value
    return told


def choices(items: Sequence[str], option: str, what: str) -> dict[str, str]:
    """`NAME` for all, `CHANNEL=NAME` or `LOCK=NAME` for one; all has the empty key."""
    told = {}
    for item in items:
        channel, equals, name = item.partition("=")
        if not equals or ":" in channel:  # an equals sign behind a colon belongs to an option
            channel, equals, name = "", "", item
        if not name or (equals and not channel):
            wrong(f"{option} takes NAME or {what}=NAME, and not {item!r}.")
        told[channel] = name
    return told


def wrong(sentence: str) -> NoReturn:
    """End with one sentence and status 2."""
    from ipcviz import units

    click.echo(f"ipcviz: {units.printable(sentence)}", err=True)
    sys.exit(2)
