"""The palette: the table of actions as a menu. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ipcviz.tui.actions import Action
from ipcviz.tui.look import Look
from ipcviz.tui.screens.menu import Entry


def palette_entries(actions: Sequence[Action], unable: frozenset[str], look: Look) -> list[Entry]:
    """Every action that has help, with its key; those that would do nothing now say so."""
    return [
        Entry(
            action.id,
            look.plain(action.key),
            action.help,
            "That does nothing now." if action.id in unable else "",
        )
        for action in actions
        if action.help and action.id != "palette"
    ]
