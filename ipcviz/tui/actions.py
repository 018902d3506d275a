"""Every action of the screen, in one table: bindings, the footer and the help are made from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` in Textual's names, `key` as people read it, `label` for the footer, `help` a sentence.

    An action without help is the counterpart of the one before it, which tells of both.
    """

    id: str
    keys: str
    key: str
    label: str
    help: str
    footer: bool = True


ACTIONS = (
    Action(
        "pause",
        "space",
        "Space",
        "pause",
        "Freeze the picture; the processes run on, and what arrives is counted.",
    ),
    Action("next_panel", "tab", "Tab", "panel", "Go to the next panel (Shift+Tab: to the one before)."),
    Action("previous_panel", "shift+tab", "Shift+Tab", "", "", footer=False),
    Action(
        "panel(1)",
        "1",
        "1",
        "",
        "Topology: processes, channels and locks, and how they are joined.",
        footer=False,
    ),
    Action("panel(2)", "2", "2", "", "Channels: rate, depth, latency, time blocked.", footer=False),
    Action(
        "panel(3)", "3", "3", "", "Processes: what each does, and what the kernel says of it.", footer=False
    ),
    Action("panel(4)", "4", "4", "", "Locks: who holds, who waits, for how long.", footer=False),
    Action("panel(5)", "5", "5", "", "Findings: what is wrong, and what processes printed.", footer=False),
    Action("panel(6)", "6", "6", "", "Messages as they are received.", footer=False),
    Action("zoom", "enter", "Enter", "zoom", "Give the panel the whole screen."),
    Action("undo", "escape", "Esc", "back", "Undo the zoom, the filter, or the hold of the messages."),
    Action(
        "filter",
        "slash",
        "/",
        "filter",
        "Show only messages whose line contains what you type; Enter keeps it.",
    ),
    Action("up", "up,k", "↑ ↓", "", "Move in the panel; in the messages this holds them.", footer=False),
    Action("down", "down,j", "↓", "", "", footer=False),
    Action("left", "left,h", "← →", "", "Move the topology sideways.", footer=False),
    Action("right", "right,l", "→", "", "", footer=False),
    Action("page_up", "pageup", "PgUp PgDn", "", "Move by a page.", footer=False),
    Action("page_down", "pagedown", "PgDn", "", "", footer=False),
    Action("follow", "end,G", "End", "", "Follow the newest message again.", footer=False),
    Action("help", "question_mark", "?", "help", "Show this help."),
    Action("leave", "q,ctrl+q", "q", "quit", "End the run, leave nothing behind, and quit."),
    Action("interrupt", "ctrl+c", "Ctrl+C", "", "The same, with exit status 130.", footer=False),
)
