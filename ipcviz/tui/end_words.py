"""Why a run has ended, in words for the header. Pure."""

from __future__ import annotations

from ipcviz import units
from ipcviz.view import ProcessView, View

STOPPED = ("it was stopped with the run", "it did not stop within", "the others had stopped before it")
"""How the reasons begin of processes that had not ended when all were asked to."""


def why_ended(view: View, asked: float | None = None) -> list[str]:
    """The longest words first; none where it has not ended, or nobody knows.

    `asked`: the seconds after which it was to be stopped, None if that is not known.
    """
    processes = view.processes
    if view.status != "ended" or not processes:
        return []
    if any(process.status not in ("ended", "failed") for process in processes):
        return []
    failed = [process for process in processes if process.status == "failed"]
    stopped = any(process.reason.startswith(STOPPED) for process in processes)
    if failed:
        return _of_failures(failed)
    if stopped and asked is not None:
        return [f"stopped after {asked:g} s, as asked", "stopped as asked"]
    if stopped:
        return ["stopped before its own end", "stopped"]
    return _of_ends(processes)


def _of_failures(failed: list[ProcessView]) -> list[str]:
    """The one that failed first took the others with it, as often as not."""
    first = min(failed, key=lambda process: process.ended or 0)
    count, name = f"{len(failed)} failed", units.printable(first.name)
    return [f"{name} failed" if len(failed) == 1 else f"{count}, {name} first", count]


def _of_ends(processes: tuple[ProcessView, ...]) -> list[str]:
    killed = sum(process.signal is not None for process in processes)
    count = len(processes)
    if killed == count:
        return ["its process was killed" if count == 1 else f"all {count} processes were killed", "killed"]
    if killed:
        return [f"{count - killed} ended by themselves, {killed} killed", f"{killed} killed"]
    if count == 1:
        return ["its process ended by itself", "by itself"]
    return [f"all {count} processes ended by themselves", "all ended by themselves", "by themselves"]
