"""Every action of the screens, in one table: bindings, footer, help, palette and README are made from it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS


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


RUN = (
    Action(
        "freeze",
        "space",
        "Space",
        "freeze",
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
    Action(
        "panel(7)",
        "t,7",
        "t",
        "timeline",
        "Timeline (or 7): messages from process to process, and what each was doing meanwhile.",
    ),
    Action(
        "open",
        "enter",
        "Enter",
        "open",
        "Open what is chosen: a channel's, a process's or a message's own page, the place of a finding.",
    ),
    Action("undo", "escape", "Esc", "back", "Go back: from a page, a filter, held messages, the run."),
    Action("zoom", "z", "z", "whole", "Give the panel the whole screen, or take it back.", footer=False),
    Action(
        "filter",
        "slash",
        "/",
        "filter",
        "Show only messages that contain what you type, or from:NAME, to:NAME, channel:NAME.",
    ),
    Action(
        "act",
        "f",
        "f",
        "act on it",
        "Act on what is chosen: pause, slow or kill a process; delay, drop, corrupt or send messages.",
    ),
    Action("pause", "p", "p", "", "Pause the chosen process, or let it go on.", footer=False),
    Action("kill", "K", "K", "", "Kill the chosen process, after a question.", footer=False),
    Action("mechanism", "m", "m", "other mechanism", "Begin the run again with another mechanism."),
    Action("record", "R", "R", "record", "Record the run into a file from now on, or end the recording."),
    Action("restart", "r", "r", "run again", "Begin the run again."),
    Action("save", "S", "S", "save", "Save the last minute of the run, as a recording.", footer=False),
    Action("mark", "c", "c", "", "Begin a chapter now: where a talk stops later.", footer=False),
    Action("up", "up,k", "↑ ↓", "", "Move in the panel; in the messages this holds them.", footer=False),
    Action("down", "down,j", "↓", "", "", footer=False),
    Action(
        "left", "left,h", "← →", "", "Choose what lies beside it in the picture; move in time.", footer=False
    ),
    Action("right", "right,l", "→", "", "", footer=False),
    Action("page_up", "pageup", "PgUp PgDn", "", "Move by a page.", footer=False),
    Action("page_down", "pagedown", "PgDn", "", "", footer=False),
    Action(
        "first",
        "home,g",
        "Home End",
        "",
        "The first or the oldest; the last, or the newest, which is followed.",
        footer=False,
    ),
    Action("follow", "end,G", "End", "", "", footer=False),
    Action(
        "scroll(0,-1)",
        "shift+up",
        "Shift+↑ ↓",
        "",
        "Move what is shown without choosing (← →, too).",
        footer=False,
    ),
    Action("scroll(0,1)", "shift+down", "Shift+↓", "", "", footer=False),
    Action("scroll(-1,0)", "shift+left", "Shift+←", "", "", footer=False),
    Action("scroll(1,0)", "shift+right", "Shift+→", "", "", footer=False),
    Action(
        "closer(1)",
        "plus,equals_sign",
        "+ -",
        "",
        "The picture larger or smaller, pools unfolded or folded; in the timeline, less or more time.",
        footer=False,
    ),
    Action("closer(-1)", "minus", "-", "", "", footer=False),
    Action("turn", "v", "v", "", "Turn the timeline: time downwards, or to the right.", footer=False),
    Action("sort", "s", "s", "", "Sort the panel's entries by the next column.", footer=False),
    Action("motion", "a", "a", "", "Marks move along the links as messages do, or rest.", footer=False),
    Action("copy", "y", "y", "", "Copy what is chosen to the clipboard.", footer=False),
    Action("theme", "T", "T", "", "The next theme: dark, light, the terminal's own colours.", footer=False),
    Action("redraw", "ctrl+l", "Ctrl+L", "", "Draw the whole screen again.", footer=False),
    Action("suspend_process", "ctrl+z", "Ctrl+Z", "", "Leave for the shell; `fg` comes back.", footer=False),
    Action("palette", "ctrl+p,colon", "Ctrl+P :", "", "Find an action by its name.", footer=False),
    Action("help", "question_mark", "?", "help", "Show this help."),
    Action("leave", "q,ctrl+q", "q", "quit", "End the run, leave nothing behind, and quit."),
    Action("interrupt", "ctrl+c", "Ctrl+C", "", "The same, with exit status 130.", footer=False),
)
"""What can be done while a run is shown."""

HOME: tuple[Action, ...] = (
    Action(
        "run",
        "enter",
        "Enter",
        "run or play",
        "Run the demo or play the recording that is chosen, from anywhere; where a value is typed, take it.",
    ),
    Action(
        "next_panel",
        "tab",
        "Tab",
        "parameters, mechanisms",
        "From the list to the parameters, the mechanisms, the locks and back (Shift+Tab: the other way).",
    ),
    Action("previous_panel", "shift+tab", "Shift+Tab", "", "", footer=False),
    Action(
        "move(0,-1)", "up", "↑ ↓", "choose", "Choose another; of mechanisms and locks that is all it takes."
    ),
    Action("move(0,1)", "down", "↓", "", "", footer=False),
    Action(
        "move(1,0)",
        "right",
        "← →",
        "",
        "From the list to what is beside it; there, the next value or mechanism.",
        footer=False,
    ),
    Action("move(-1,0)", "left", "←", "", "", footer=False),
    Action("page(-1)", "pageup", "PgUp PgDn", "", "A page up or down.", footer=False),
    Action("page(1)", "pagedown", "PgDn", "", "", footer=False),
    Action("end(0)", "home", "Home End", "", "The first demo, or the last.", footer=False),
    Action("end(1)", "end", "End", "", "", footer=False),
    Action(
        "race",
        "ctrl+r",
        "Ctrl+R",
        "race",
        "Race what is chosen: the same work on up to five mechanisms, or kinds of lock, side by side.",
    ),
    Action("default", "delete", "Del", "", "Set a parameter or mechanism back to the default.", footer=False),
    Action("copy", "ctrl+y", "Ctrl+Y", "copy command", "Copy the command that runs the same."),
    Action("help", "f1", "F1", "help", "Show this help."),
    Action("suspend_process", "ctrl+z", "Ctrl+Z", "", "Leave for the shell; `fg` comes back.", footer=False),
    Action("redraw", "ctrl+l", "Ctrl+L", "", "Draw the whole screen again.", footer=False),
    Action("clear", "escape", "Esc", "clear, quit", "Undo what is typed, show all demos again, then quit."),
    Action("leave", "ctrl+q", "Ctrl+Q", "", "Quit.", footer=False),
    Action("interrupt", "ctrl+c", "Ctrl+C", "", "The same, with exit status 130.", footer=False),
)
"""What can be done in the picker, where any letter narrows the list down."""

RACE: tuple[Action, ...] = (
    Action(
        "freeze",
        "space",
        "Space",
        "freeze",
        "Freeze the picture; the processes run on, and what arrives is counted.",
    ),
    Action("restart", "r", "r", "restart", "Begin the race again."),
    Action("skip", "n", "n", "next lane", "In turn: end the lane that runs, and go on to the next one."),
    Action("up", "up,k", "↑ ↓", "", "Show the lanes that did not fit.", footer=False),
    Action("down", "down,j", "↓", "", "", footer=False),
    Action("theme", "T", "T", "", "The next theme: dark, light, the terminal's own colours.", footer=False),
    Action("redraw", "ctrl+l", "Ctrl+L", "", "Draw the whole screen again.", footer=False),
    Action("suspend_process", "ctrl+z", "Ctrl+Z", "", "Leave for the shell; `fg` comes back.", footer=False),
    Action("help", "question_mark", "?", "help", "Show this help."),
    Action("undo", "escape", "Esc", "back", "Let the picture go on; then end the race and leave it."),
    Action("leave", "q,ctrl+q", "q", "quit", "End all runs, leave nothing behind, and quit."),
    Action("interrupt", "ctrl+c", "Ctrl+C", "", "The same, with exit status 130.", footer=False),
)
"""What can be done in a race."""

_OF_A_RUN = {action.id: action for action in RUN}


def _as_in_a_run(identity: str, keys: str = "", key: str = "", footer: bool | None = None) -> Action:
    """What moves about in panels is the same in a recording, on other keys where these mean time."""
    action = _OF_A_RUN[identity]
    return replace(
        action,
        keys=keys or action.keys,
        key=key or action.key,
        footer=action.footer if footer is None else footer,
    )


PLAY: tuple[Action, ...] = (
    Action("play", "space", "Space", "play, pause", "Play on, or pause; at the end, play it again."),
    Action("jump(-5)", "left", "← →", "5 s", "Five seconds back, or on (Shift: thirty)."),
    Action("jump(5)", "right", "→", "", "", footer=False),
    Action("jump(-30)", "shift+left", "Shift+←", "", "", footer=False),
    Action("jump(30)", "shift+right", "Shift+→", "", "", footer=False),
    Action("to_chapter(-1)", "left_square_bracket", "[ ]", "chapter", "The chapter before, or the next one."),
    Action("to_chapter(1)", "right_square_bracket", "]", "", "", footer=False),
    Action(
        "faster(-1)",
        "less_than_sign",
        "< >",
        "speed",
        "Slower or faster, from 1/100,000 to 100 times; from 1/10 on, each message is seen on its way.",
    ),
    Action("faster(1)", "greater_than_sign", ">", "", "", footer=False),
    Action("step(-1)", "comma", ", .", "event", "One event back, or on."),
    Action("step(1)", "full_stop", ".", "", "", footer=False),
    Action(
        "sending",
        "n",
        "n",
        "next message",
        "To where the next message is sent, on the chosen channel if one is: see it cross, slowly.",
        footer=False,
    ),
    *(
        Action(
            f"tenth({digit})",
            str(digit),
            "0 to 9" if not digit else str(digit),
            "",
            "To so many tenths of the recording." if not digit else "",
            footer=False,
        )
        for digit in range(10)
    ),
    Action("go", "g", "g", "go to", "Go to a time, such as 12.5 or 1:02, or to 40 % of it."),
    Action("begin", "home", "Home End", "", "The beginning, or the end.", footer=False),
    Action("end", "end", "End", "", "", footer=False),
    Action("present", "f5", "F5", "present", "Present it: large, with captions, from chapter to chapter."),
    _as_in_a_run("next_panel"),
    _as_in_a_run("previous_panel"),
    *(_as_in_a_run(f"panel({number})", f"f{number}", f"F{number}", False) for number in (1, 2, 3, 4)),
    _as_in_a_run("panel(5)", "exclamation_mark", "!", False),
    _as_in_a_run("panel(6)", "f6", "F6", False),
    Action(
        "panel(7)",
        "f7,t",
        "F7 t",
        "",
        "Timeline: messages from process to process, and what each was doing meanwhile.",
        footer=False,
    ),
    _as_in_a_run("open"),
    Action("undo", "escape", "Esc", "back", "Go back: from a page, a filter, held messages, the recording."),
    *map(_as_in_a_run, ("zoom", "filter", "up", "down")),
    _as_in_a_run("left", "h", "h l"),
    _as_in_a_run("right", "l", "l"),
    *map(_as_in_a_run, ("page_up", "page_down", "scroll(0,-1)", "scroll(0,1)", "closer(1)", "closer(-1)")),
    *map(_as_in_a_run, ("turn", "sort", "motion", "copy", "theme", "redraw", "suspend_process", "palette")),
    Action("no_acts", "f,p,K,m,r", "f p K m r", "", "Nothing: a recording has happened.", footer=False),
    _as_in_a_run("help"),
    Action("leave", "q,ctrl+q", "q", "quit", "Quit."),
    _as_in_a_run("interrupt"),
)
"""What can be done with a recording, where digits, arrows and brackets are for its time."""

PRESENT: tuple[Action, ...] = (
    Action(
        "onward",
        "pagedown,right,enter,space",
        "PgDn → Enter Space",
        "",
        "Play on to the next chapter and stop there; while it plays, go there at once.",
    ),
    Action("back", "pageup,left,backspace", "PgUp ←", "", "Back to the chapter before."),
    Action("blank", "full_stop,b", ". b", "", "Nothing on the screen, and back."),
    Action("undo", "escape,f5", "Esc F5", "", "Leave the presentation, and go on with the recording."),
    _as_in_a_run("next_panel"),
    _as_in_a_run("previous_panel"),
    *map(_as_in_a_run, ("up", "down")),
    Action(
        "faster(-1)", "less_than_sign", "< >", "", "Slower or faster, from 1/100,000 to 100 times.", False
    ),
    Action("faster(1)", "greater_than_sign", ">", "", "", False),
    Action("sending", "n", "n", "", "To where the next message is sent: see it cross, slowly.", footer=False),
    Action("begin", "home", "Home End", "", "The first chapter, or the last.", footer=False),
    Action("end", "end", "End", "", "", footer=False),
    *map(_as_in_a_run, ("closer(1)", "closer(-1)", "turn", "theme", "redraw")),
    _as_in_a_run("help"),
    Action("leave", "q,ctrl+q", "q", "quit", "Quit."),
    _as_in_a_run("interrupt"),
)
"""What can be done while a recording is presented: what clickers send, and little more."""

SCREENS: Mapping[str, tuple[Action, ...]] = {
    "run": RUN,
    "home": HOME,
    "race": RACE,
    "play": PLAY,
    "present": PRESENT,
}
"""All of them, by the name of their screen."""

FIRST = ("leave", "interrupt", "next_panel", "previous_panel")
"""Actions whose keys Textual would otherwise take for its own."""


OF_THE_APP = ("redraw", "suspend_process", "theme")
"""Actions that are the same on every screen."""


def bindings_of(actions: Iterable[Action]) -> list[Binding]:
    """The table as Textual wants it; what nobody shows is still bound."""
    return [
        Binding(action.keys, method_of(action), action.label, show=False, priority=action.id in FIRST)
        for action in actions
    ]


def method_of(action: Action) -> str:
    """Where Textual finds what the action does."""
    return f"app.{action.id}" if action.id in OF_THE_APP else action.id


def overridden(actions: Iterable[Action], keys: Mapping[str, str]) -> tuple[Action, ...]:
    """The table with other keys for some actions, by their id."""
    return tuple(
        replace(
            action,
            keys=",".join(map(key_name, keys[action.id].split(","))),
            key=" ".join(key.strip() for key in keys[action.id].split(",")),
        )
        if action.id in keys
        else action
        for action in actions
    )


def key_name(text: str) -> str:
    """A key in Textual's names: of a character that is no letter and no digit its name in Unicode."""
    key = text.strip()
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)
