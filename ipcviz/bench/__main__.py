"""`python -m ipcviz.bench`: what the screen and recordings cost on this machine."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Measure ipcviz itself. Figures are of this machine and this time; the ratios can be compared."""


@bench.command()
@click.option("--seconds", type=click.FloatRange(1, 600), default=5.0, help="Of each run, after its warm-up.")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, help="Of each display, in turn.")
@click.option(
    "--json", "record", type=click.Path(path_type=Path, dir_okay=False), help="Write it there, too."
)
def screen(seconds: float, rounds: int, record: Path | None) -> None:
    """Processor time and bytes of the screen: Textual's display against the one by cells."""
    from ipcviz.bench.screen import table

    table(seconds, rounds, record)


@bench.command()
@click.option("--seconds", type=click.IntRange(10, 3600), default=600, help="Of the session.")
@click.option(
    "--json", "record", type=click.Path(path_type=Path, dir_okay=False), help="Write it there, too."
)
def recording(seconds: int, record: Path | None) -> None:
    """Size of a recording, and the time to write it, to open it and to seek in it."""
    from ipcviz.bench.recording import table

    table(seconds, record)


if __name__ == "__main__":
    bench(prog_name="python -m ipcviz.bench")
