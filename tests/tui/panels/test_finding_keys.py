"""The line of keys below the chosen finding: those that the screen has, for what is chosen."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import events as made
from helpers.events import SECOND
from msgspec import structs
from textual.app import App, ComposeResult
from textual.screen import Screen

from ipcviz import events as ev
from ipcviz.findings import deadlocks
from ipcviz.tui.actions import PLAY, RUN, Action, overridden
from ipcviz.tui.lines import width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.finding_keys import key_rows, keys_of
from ipcviz.tui.panels.findings import Findings
from ipcviz.tui.selection import Selection
from ipcviz.view import View
from ipcviz.world import World


def locked(after_death: str = "released") -> View:
    """a and b hold a fork each and wait for the other's."""
    forks = [
        structs.replace(made.lock(name, "a", "b"), after_death=after_death) for name in ("left", "right")
    ]
    world = made.started(World(), made.session(["a", "b", "c"], [made.channel("jobs", "c>", ">a")], forks))
    has, waits = ev.LockUse("holding", 1), ev.LockUse("waiting", 2)
    channel = made.state(ev.EndState(), ev.EndState())
    world.apply(made.frame(9 * SECOND, [channel], [made.uses(has, waits), made.uses(waits, has)]))
    (deadlock,) = deadlocks(world.view())
    world.apply(deadlock)
    return world.view()


def chosen(kind: Any, name: str) -> Selection:
    selection = Selection()
    selection.choose(kind, name)
    return selection


def told(
    view: View,
    selection: Selection,
    actions: tuple[Action, ...] = RUN,
    unable: frozenset[str] = frozenset(),
    width: int = 80,
    **changes: Any,
) -> list[str]:
    finding = structs.replace(view.findings[0], **changes)
    rows = key_rows(finding, view, selection, keys_of(actions, unable), Look(), width)
    assert all(width_of(row) <= max(width, 30) for row in rows)
    return ["".join(text for text, _ in row) for row in rows]


def test_a_deadlock_is_shown_broken_or_begun_again() -> None:
    rows = told(locked(), chosen("process", "a"))
    assert rows == ["Enter: show it  K: kill a  r: again"]


def test_keys_are_those_of_the_configuration() -> None:
    actions = overridden(RUN, {"kill": "ctrl+k", "open": "o"})
    assert told(locked(), chosen("process", "b"), actions) == ["o: show it  ctrl+k: kill b  r: again"]


def test_where_the_end_of_one_does_not_help_it_is_not_offered() -> None:
    assert told(locked("stuck"), chosen("process", "a")) == ["Enter: show it  f: act on it  r: again"]


@pytest.mark.parametrize("selection", [chosen("process", "c"), chosen("lock", "left"), Selection()])
def test_acts_are_offered_only_on_what_the_finding_names(selection: Selection) -> None:
    assert told(locked(), selection) == ["Enter: show it  r: again"]


def test_what_cannot_be_done_is_not_offered() -> None:
    unable = frozenset({"kill", "act", "restart"})
    assert told(locked(), chosen("process", "a"), unable=unable) == ["Enter: show it"]
    assert told(locked(), chosen("process", "a"), PLAY) == ["Enter: show it"]
    ended = structs.replace(locked(), status="ended")
    assert told(ended, chosen("process", "a")) == ["Enter: show it  r: again"]


def test_other_findings_are_acted_on() -> None:
    slow: dict[str, Any] = {"kind": "backlog", "members": ["jobs", "c", "a"]}
    assert told(locked(), chosen("channel", "jobs"), **slow) == ["Enter: show it  f: act on it"]


def test_keys_that_do_not_fit_go_on_in_the_next_row() -> None:
    assert told(locked(), chosen("process", "a"), width=30) == [
        "Enter: show it  K: kill a",
        "r: again",
    ]


class OnScreen(Screen[None]):
    """A screen that has the actions of a run."""

    actions = RUN

    def __init__(self, view: View) -> None:
        super().__init__()
        self.findings = Findings(Look())
        self.findings.shown = view

    def compose(self) -> ComposeResult:
        yield self.findings

    def unable(self) -> frozenset[str]:
        return frozenset()


async def test_with_the_keys_the_panel_chooses_what_they_act_on() -> None:
    app: App[None] = App()
    async with app.run_test(size=(70, 12)) as pilot:
        screen = OnScreen(locked())
        await app.push_screen(screen)
        panel = screen.findings
        screen.set_focus(None)
        await pilot.pause()

        def last_row() -> str:
            assert panel.shown is not None
            return "".join(text for text, _ in panel.content(panel.shown, 66, 9)[-1]).strip()

        assert last_row() == "5 Enter: show it  5 K: kill a  r: again"
        panel.focus()
        await pilot.pause()
        assert (panel.selection.kind, panel.selection.name) == ("process", "a")
        assert last_row() == "Enter: show it  K: kill a  r: again"
        panel.choose("process", "c")
        assert last_row() == "Enter: show it  r: again"
