"""The screen of a run: takes events at every tick and shows a View of the world they make.

Freezing means not taking a View: events are still taken and applied, so the processes never feel it, and
nothing that lies over the panels (help, menus, questions) stops them.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Literal

from textual import events as keys
from textual.app import ComposeResult

from ipcviz import units
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile
from ipcviz.tui.actions import RUN, Action, bindings_of
from ipcviz.tui.feed import Feed
from ipcviz.tui.look import Look
from ipcviz.tui.notice import Notice
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.channel_page import ChannelPage
from ipcviz.tui.panels.channels import Channels
from ipcviz.tui.panels.findings import Findings
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.header import Header
from ipcviz.tui.panels.inspector import Inspector
from ipcviz.tui.panels.locks import Locks
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.panels.process_page import ProcessPage
from ipcviz.tui.panels.processes import Processes
from ipcviz.tui.panels.strip import Strip as PanelStrip
from ipcviz.tui.panels.timeline import Timeline
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.screens.help import Help
from ipcviz.tui.screens.run_filter import RunFilter
from ipcviz.tui.screens.run_recording import RunRecording
from ipcviz.view import View

PANEL_TYPES: tuple[type[Panel], ...] = (
    Topology,
    Channels,
    Processes,
    Locks,
    Findings,
    Messages,
    Timeline,
    ChannelPage,
    ProcessPage,
    Inspector,
)
"""In the order of their digits, the pages last."""
TOLD_S = 4.0
"""Seconds that a word about an act stays."""


class RunScreen(RunFilter, RunRecording):
    """One session on the screen; its result is the exit status."""

    def __init__(
        self,
        feed: Feed,
        look: Look,
        request: SessionRequest | None = None,
        profile: Profile | None = None,
        actions: tuple[Action, ...] = RUN,
        way_back: bool = False,
    ) -> None:
        """`request` is what the run can be begun again with; `way_back`: Esc leads to another screen."""
        super().__init__(feed, look, request, actions)
        self.way_back = way_back
        self.frozen_at: int | None = None
        """Messages seen when the picture was frozen; None while it moves."""
        self._profile = profile or Profile()
        for binding in bindings_of(actions):
            self._bindings.bind(
                binding.key, binding.action, binding.description, show=False, priority=binding.priority
            )

    def compose(self) -> ComposeResult:
        """Every region; which of them are shown is for `arrange`."""
        yield Header(self.look)
        for panel in PANEL_TYPES:
            yield panel(self.look, self.selection)
        yield PanelStrip(self.look)
        yield Footer(self.look, self.actions)
        yield Notice(self.look)

    def on_mount(self) -> None:
        """Begin to tick."""
        self._extent = (self.app.size.width, self.app.size.height)
        self.place()
        self.query_one(Topology).motion = self._profile.motion
        self.panel("topology").focus()
        self.set_interval(1 / self._profile.ticks, self.tick)
        self.feed.listen(asyncio.get_running_loop())

    def on_resize(self, event: keys.Resize) -> None:
        """Another size, another arrangement; `size` itself is not yet the new one here."""
        self._extent = (event.size.width, event.size.height)
        self.place()

    def tick(self) -> None:
        """Take what has come; show it, unless the picture is frozen."""
        self.feed.take()
        self.tell_recorder()
        if self.frozen_at is not None:
            self._show_header()
            return
        before, contents = self.shown, self._contents()
        self.shown = self.feed.view()
        self._tell_acts(before)
        began = (before.session is None) != (self.shown.session is None) or contents != self._contents()
        if began or before.status != self.shown.status:
            self.place()
        self.show_view()

    def _tell_acts(self, before: View) -> None:
        """What was done to the run since, or could not be."""
        faults = self.shown.faults
        known = before.faults[-1] if before.faults else None
        for fault in faults[faults.index(known) + 1 if known in faults else 0 :]:
            severity: Literal["information", "warning"] = "information" if fault.done else "warning"
            self.notify(units.printable(fault.sentence), severity=severity, timeout=TOLD_S, markup=False)

    def begin(self, feed: Feed) -> None:
        """Show another run in place of this one, which is ended."""
        super().begin(feed)
        self.frozen_at = None
        self.opened = ""
        self.query_one(Messages).follow()
        self.tick()
        self.place()

    def show_view(self) -> None:
        """Hand the view to every region that is shown."""
        super().show_view()
        self._show_header()

    def _show_header(self) -> None:
        frozen = self.frozen_at is not None
        arrived = self.feed.view().messages_seen - (self.frozen_at or 0) if frozen else 0
        asked = self.request.seconds if self.request is not None else None
        self.query_one(Header).show_state(self.shown, frozen, arrived, None, self.recording_badge(), asked)
        self.show_footer()

    def unable(self) -> frozenset[str]:
        """The actions that would do nothing now, which the footer leaves out."""
        without = set()
        if self.shown.status == "ended":
            without |= {"freeze", "act"}
        if not self.feed.is_live:
            without |= {"act", "pause", "kill"}
        if not (self.way_back or self._can_undo()):
            without.add("undo")
        if self.request is None:
            without |= {"restart", "mechanism"}
        return frozenset(without) | self.unable_to_record()

    def action_freeze(self) -> None:
        """Freeze the picture, or let it go on."""
        if self.shown.status == "ended":
            return
        self.frozen_at = self.feed.view().messages_seen if self.frozen_at is None else None
        self.tick()

    def _can_undo(self) -> bool:
        """There is something to undo before the run itself is left."""
        messages = self.query_one(Messages)
        frozen = self.frozen_at is not None
        return bool(self.opened or self.zoomed or messages.filter or frozen) or messages.held is not None

    def action_undo(self) -> None:
        """Undo one thing; when there is nothing, go back to where the run was chosen."""
        messages = self.query_one(Messages)
        if self.opened:
            self._close_page()
            self.place()
            self.panel(self.focused_panel).focus()
        elif self.zoomed:
            self.action_zoom()
        elif messages.filter:
            messages.set_filter("")
        elif messages.held is not None:
            messages.follow()
        elif self.frozen_at is not None:
            self.action_freeze()
        else:
            self.go_out()

    def go_out(self) -> None:
        """Back to where the run was chosen, if there is such a place."""
        if self.way_back:
            self.feed.end()
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, letters are letters; leaving is always possible with Ctrl."""
        if self.is_left:
            return False
        if self.typed is not None:
            return action == "interrupt"
        return not self.unable().intersection({action}) or action == "freeze"

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(Help(self.look, self.actions))

    def action_leave(self) -> None:
        """Quit."""
        self.app.exit(1 if self.feed.failed else 0)

    def action_interrupt(self) -> None:
        """Quit as an interrupted program does."""
        self.app.exit(128 + signal.SIGINT)
