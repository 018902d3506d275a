"""The commands that only look, or tidy up: list, mechanisms, doctor, clean, pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ipcviz.cli.shared import Examples, tell, wrong


@click.command("list", cls=Examples, example="ipcviz list --matrix")
@click.option("--matrix", is_flag=True, help="Which demo runs on which mechanism and lock, as a table.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_demos(matrix: bool, as_json: bool) -> None:
    """List the demos by what they teach, with their parameters and what can carry all of their channels."""
    from ipcviz import listing

    try:
        told: Any = listing.matrix() if matrix else listing.demos()
    except listing.CatalogError as error:
        wrong(str(error))
    tell(told, listing.matrix_lines if matrix else listing.demo_lines, as_json)


@click.command(cls=Examples, example="ipcviz mechanisms tcp")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def mechanisms(name: str | None, as_json: bool) -> None:
    """List the mechanisms and locks: what they carry, this machine's limits, and what is missing.

    With NAME, one page on that one: for and against it, its options, and what to read.
    """
    from ipcviz import listing

    if name is None:
        tell(listing.mechanisms(), listing.mechanism_lines, as_json)
        return
    try:
        known = listing.mechanism(name)
    except listing.CatalogError as error:
        wrong(str(error))
    tell(known, listing.mechanism_page, as_json)


@click.command(cls=Examples, example="ipcviz doctor")
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


@click.command(cls=Examples, example="ipcviz clean --dry-run")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def clean(dry_run: bool) -> None:
    """Remove what killed runs have left behind: exactly what their ledgers list, and sockets of notes."""
    from ipcviz import notes
    from ipcviz.runtime import ledger

    done = "would remove" if dry_run else "removed"
    runs, sockets = ledger.dead_runs(), notes.left_behind() if dry_run else notes.clean()
    for dead in runs:
        for entry in ledger.still_there(dead) if dry_run else ledger.clean(dead):
            click.echo(f"{done} {entry.kind} {entry.name}")
    for path in sockets:
        click.echo(f"{done} socket {path}")
    if not runs and not sockets:
        click.echo("Nothing to clean: no run has left anything behind.")


@click.command(cls=Examples, example="ipcviz pictures docs")
@click.argument("folder", type=click.Path(path_type=Path))
def pictures(folder: Path) -> None:
    """Draw the pictures of the README into FOLDER: the screens of real runs as SVG. Takes about a minute."""
    if sys.platform != "linux":
        wrong("Runs need Linux.")
    from ipcviz.tui.pictures import draw_all

    try:
        for file in draw_all(folder):
            click.echo(file)
    except OSError as error:
        wrong(f"{error.filename or folder} cannot be written: {error.strerror}.")
