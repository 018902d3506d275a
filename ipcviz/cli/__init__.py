"""The command line: it parses and calls. The screen is imported when one opens, and not before."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from ipcviz import __version__
from ipcviz.cli.looking import clean, doctor, list_demos, mechanisms, pictures
from ipcviz.cli.recordings import edit, export, notes, play, record
from ipcviz.cli.running import race, run
from ipcviz.cli.shared import profile_of, screen_options, wrong


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(__version__, "--version", "-V", prog_name="ipcviz")
@screen_options
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
            wrong(reason)
        click.echo(context.get_help())
        sys.exit(2)
    if sys.platform != "linux":
        wrong("Runs need Linux.")
    profile, keys = profile_of(screen)
    from ipcviz.tui.launch import home_screen

    sys.exit(home_screen(profile, keys))


for command in (
    run,
    race,
    record,
    play,
    notes,
    edit,
    export,
    list_demos,
    mechanisms,
    doctor,
    clean,
    pictures,
):
    ipcviz.add_command(command)


def _whole_streams() -> None:
    """Who closed our input or outputs gets an empty one in place, before a pipe takes its number."""
    for number, mode in ((0, "r"), (1, "w"), (2, "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            stream = open(number, mode, closefd=False)  # noqa: SIM115 - for as long as we live
            setattr(sys, ("stdin", "stdout", "stderr")[number], stream)


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""write(2): where there is no room, or nothing to write to."""


def _readable(arguments: Sequence[str]) -> None:
    for argument in arguments:
        if not argument.isprintable() and any("\ud800" <= char <= "\udfff" for char in argument):
            wrong(f"{os.fsencode(argument)!r} is not UTF-8, and so ipcviz cannot take it; rename the file.")


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
        wrong(f"{error.format_message().rstrip('.')}; see `{command} --help`.")
    except click.ClickException as error:
        wrong(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what the stream still holds
        click.echo(f"ipcviz: The output could not be written: {error.strerror}.", err=True)
        sys.exit(1)
