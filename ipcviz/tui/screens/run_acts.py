"""Acting on a run from its screen: pause, slow, kill; delay, drop, send; begin again, otherwise."""

from __future__ import annotations

import asyncio
import re

import msgspec
from textual.message import Message

from ipcviz import offer, units
from ipcviz.candidates import Candidate
from ipcviz.choice import ALL
from ipcviz.runtime.request import Command, SessionRequest
from ipcviz.source import LiveSource
from ipcviz.tui.actions import Action, method_of
from ipcviz.tui.acts import Act, acts_on, command_of, objection
from ipcviz.tui.feed import Feed
from ipcviz.tui.look import Look
from ipcviz.tui.palette import palette_entries
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.menu import Entry, Menu
from ipcviz.tui.screens.once import Once
from ipcviz.tui.selection import Kind, Selection
from ipcviz.view import View


class RunActs(Once[int]):
    """The part of the run's screen that changes the run."""

    class Began(Message, namespace="run_screen"):
        """Another feed was begun, which somebody has to end when all is over."""

        def __init__(self, feed: Feed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(
        self, feed: Feed, look: Look, request: SessionRequest | None, actions: tuple[Action, ...]
    ) -> None:
        """`request` is what the run can be begun again with."""
        super().__init__()
        self.feed = feed
        self.look = look
        self.request = request
        self.actions = actions
        self.selection = Selection()
        self.focused_panel = "topology"
        self.shown: View = feed.view()

    def begin(self, feed: Feed) -> None:
        """Take another run in place of this one, which is ended."""
        self.feed.end()
        self.feed = feed
        self.selection.message = None
        feed.listen(asyncio.get_running_loop())
        self.post_message(self.Began(feed))

    def unable(self) -> frozenset[str]:
        """The actions that would do nothing now."""
        return frozenset()

    def action_act(self) -> None:
        """Choose what to do to what is chosen."""
        kind, name = self.target()
        entries = [Entry(act.fault, act.label, act.help, act.objection) for act in self.acts()]
        if not entries:
            self.notify("Choose a process or a channel first.", timeout=4)
            return
        if kind == "process":
            entries += [
                Entry(f"channel:{channel.info.name}", f"on {channel.info.name} ...", "Act on its messages.")
                for channel in self.shown.channels
                if any(end.process == name for end in channel.ends)
            ]
        self.app.push_screen(Menu(self.look, f"Act on {name}", entries), self._chosen_act)

    def action_pause(self) -> None:
        """Pause the chosen process, or let it go on."""
        self._act_on_process(("pause", "resume"))

    def action_kill(self) -> None:
        """Kill the chosen process, after a question."""
        self._act_on_process(("kill",))

    def target(self) -> tuple[Kind, str]:
        """What acts are done to: what is chosen, the chosen message's channel, or the first process."""
        selection = self.selection
        if self.focused_panel == "messages" and selection.message is not None:
            return "channel", selection.message.channel
        if selection.kind in ("process", "channel"):
            return selection.kind, selection.name
        return ("process", self.shown.processes[0].name) if self.shown.processes else ("", "")

    def acts(self) -> list[Act]:
        """What can be done to it."""
        return acts_on(*self.target(), self.shown)

    def _act_on_process(self, faults: tuple[str, ...]) -> None:
        kind, _ = self.target()
        able = [act for act in self.acts() if act.fault in faults and not act.objection]
        if kind == "process" and able:
            self._chosen_act(able[0].fault)
        else:
            self.notify("Choose a process that runs first.", timeout=4)

    def _chosen_act(self, chosen: str | None) -> None:
        if chosen is None:
            return
        if chosen.startswith("channel:"):
            self.selection.choose("channel", chosen.removeprefix("channel:"))
            self.action_act()
            return
        kind, name = self.target()
        act = next(act for act in self.acts() if act.fault == chosen)
        if act.fault == "kill":
            entries = [Entry("no", "leave it"), Entry("yes", "kill it", "It is killed with SIGKILL.")]
            self.app.push_screen(
                Menu(self.look, f"Kill {name}?", entries),
                lambda sure: self._command(Command("kill", process=name)) if sure == "yes" else None,
            )
        elif act.question:
            title = f"{act.label[0].upper()}{act.label[1:]}: {name}"
            asked = Ask(
                self.look, title, act.question, act.answer, lambda typed: objection(act, kind, name, typed)
            )
            self.app.push_screen(
                asked,
                lambda typed: None if typed is None else self._command(command_of(act, kind, name, typed)),
            )
        else:
            self._command(command_of(act, kind, name, ""))

    def _command(self, command: Command) -> None:
        if not self.feed.source.command(command):
            self.notify("The run is over; nothing can be done to it any more.", timeout=4)

    def action_restart(self) -> None:
        """Begin the run again, as it was asked for."""
        if self.request is not None:
            recorder = self.feed.recorder
            self.begin(Feed(LiveSource(self.request), recorder=recorder.another() if recorder else None))

    def action_mechanism(self) -> None:
        """Choose another mechanism for all channels, and begin again."""
        if self.request is None:
            return
        known = offer.offer(self.request)
        candidates = known.mechanisms or known.locks
        what = "mechanism" if known.mechanisms else "lock"
        now = self._carriers() if known.mechanisms else {}
        entries = [way(candidate, now) for candidate in candidates]
        self.app.push_screen(
            Menu(self.look, f"Begin again with another {what}", entries),
            lambda name: None if name is None else self._begin_with(what, name),
        )

    def _carriers(self) -> dict[str, list[str]]:
        """The mechanisms of this run, and which channels each carries."""
        carriers: dict[str, list[str]] = {}
        for channel in self.shown.session.channels if self.shown.session else ():
            carriers.setdefault(channel.mechanism.partition(":")[0], []).append(channel.name)
        return carriers

    def _begin_with(self, what: str, name: str) -> None:
        assert self.request is not None
        if what == "mechanism":
            self.request = msgspec.structs.replace(self.request, mechanisms={ALL: name})
        else:
            self.request = msgspec.structs.replace(self.request, locks={ALL: name})
        self.action_restart()

    def action_palette(self) -> None:
        """Find an action by its name."""
        entries = palette_entries(self.actions, self.unable(), self.look)
        self.app.push_screen(Menu(self.look, "Actions", entries), self._run_action)

    async def _run_action(self, name: str | None) -> None:
        if name is not None:
            await self.run_action(next(method_of(action) for action in self.actions if action.id == name))


def way(candidate: Candidate, now: dict[str, list[str]]) -> Entry:
    """A mechanism or kind of lock in the menu; `now` are the channels that each mechanism carries."""
    names = now.get(candidate.name, [])
    mixed = f"It carries {units.printable(units.listed(names))} now. " if names and len(now) > 1 else ""
    objection = re.sub(r"\bit\b", candidate.name, units.printable(candidate.reason))
    return Entry(
        candidate.name,
        f"{candidate.name} (now)" if names else candidate.name,
        mixed + candidate.about,
        f"{objection}." if objection else "",
    )
