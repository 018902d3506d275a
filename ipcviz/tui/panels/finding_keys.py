"""The keys that do something about a finding, as the screen's actions have them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ipcviz.events import FindingKind, FindingRaised
from ipcviz.findings.deadlock import whose_end_helps
from ipcviz.tui.actions import Action
from ipcviz.tui.lines import Line, Piece, middle_cut, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.selection import Selection
from ipcviz.units import printable
from ipcviz.view import View

AGAIN: tuple[FindingKind, ...] = ("deadlock", "failed process", "orphaned lock", "died holding")
"""Nothing but another beginning makes undone what has happened."""
LONGEST_NAME = 24
_APART = "  "


def keys_of(actions: Iterable[Action], unable: frozenset[str] = frozenset()) -> dict[str, str]:
    """By the id of each action that can be done now, the keys that do it, as people read them."""
    return {action.id: action.key for action in actions if action.id not in unable}


def key_rows(
    finding: FindingRaised,
    view: View,
    selection: Selection,
    keys: Mapping[str, str],
    look: Look,
    width: int,
    before: str = "",
) -> list[Line]:
    """What can be done about it with the panel's keys; `before` is the key that leads to the panel first.

    Acts are done to what is chosen: they are told only where that has to do with the finding.
    """
    told = [("open", "show it"), *_acts(finding, view, selection, keys)]
    if finding.kind in AGAIN:
        told.append(("restart", "again"))
    parts: list[Line] = []
    for action, words in told:
        if action in keys:
            key = look.plain(keys[action])
            lead = f"{before} " if before and action != "restart" else ""
            parts.append([(f"{lead}{key}", "key"), (f": {words}", "dim")])
    return _laid(parts, width)


def _acts(
    finding: FindingRaised, view: View, selection: Selection, keys: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What can be done to the chosen process or channel, if the finding names it."""
    name = selection.name
    if name not in finding.members or view.status != "live":
        return []
    shown = middle_cut(printable(name), LONGEST_NAME).rstrip()
    process = next((p for p in view.processes if p.name == name), None)
    if selection.kind == "process" and process is not None and process.status == "running":
        if finding.kind == "deadlock" and name in whose_end_helps(view, finding.members[::2]):
            return [("kill", f"kill {shown}")]
        return [("act", "act on it")]
    return [("act", "act on it")] if selection.kind == "channel" else []


def _laid(parts: list[Line], width: int) -> list[Line]:
    """The parts side by side, in as many rows as they need."""
    rows: list[Line] = []
    for part in parts:
        if rows and width_of(rows[-1]) + len(_APART) + width_of(part) <= width:
            apart: Piece = (_APART, "text")
            rows[-1] += [apart, *part]
        else:
            rows.append([*part])
    return rows
