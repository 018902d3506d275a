"""The screen of a run: takes events at every tick and shows a View of the world they make.

Freezing means not taking a View: events are still taken and applied, so the processes never feel it, and
nothing that lies over the panels (help, menus, questions) stops them.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Literal

from textual import events as keys
from textual.app import ComposeResult
from textual.message import Message

from ipcviz import units
from ipcviz.runtime.request import SessionRequest
from ipcviz.terminal import Profile
from ipcviz.tui import notice
from ipcviz.tui.actions import RUN, Action, bindings_of
from ipcviz.tui.arrange import PAGES, PANELS, Area, Contents, arrange, is_roomy, is_too_small
from ipcviz.tui.feed import Feed
from ipcviz.tui.lines import Line, cell
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


class RunScreen(RunRecording):
    """One session on the screen; its result is the exit status."""

    class Began(Message):
        """Another feed was begun, which somebody has to end when all is over."""

        def __init__(self, feed: Feed) -> None:
            super().__init__()
            self.feed = feed

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
        self.zoomed = False
        self._zoomed_alone = False
        """The panel was given the whole screen because it has no place of its own: another is not."""
        self._zoomed_below = False
        """Whether the panels below the opened page were zoomed."""
        self.opened = ""
        """The page that lies over the panels: one of `PAGES`, or ""."""
        self.typed: str | None = None
        self._profile = profile or Profile()
        self._extent = (80, 24)
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
        before = self.shown
        self.shown = self.feed.view()
        self._tell_acts(before)
        if (before.session is None) != (self.shown.session is None) or before.status != self.shown.status:
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
        self.feed.end()
        self.feed = feed
        self.frozen_at = None
        self.opened = ""
        self.selection.message = None
        self.query_one(Messages).follow()
        feed.listen(asyncio.get_running_loop())
        self.post_message(self.Began(feed))
        self.tick()
        self.place()

    def show_view(self) -> None:
        """Hand the view to every region that is shown."""
        for panel in self.panels():
            if panel.display:
                panel.show_view(self.shown)
        strip = self.query_one(PanelStrip)
        if strip.display:
            strip.show_view(self.shown)
        self._show_header()

    def _show_header(self) -> None:
        frozen = self.frozen_at is not None
        arrived = self.feed.view().messages_seen - (self.frozen_at or 0) if frozen else 0
        self.query_one(Header).show_state(self.shown, frozen, arrived, recording=self.recording_badge())
        self.query_one(Footer).set_state(self.typed, self.unable())

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

    def place(self) -> None:
        """Give every region its place, and show it all once they have it."""
        width, height = self._extent
        told = self._notice(width, height)
        contents = self._contents()
        areas = {} if told else self.areas(width, height, contents)
        for widget in self.children:
            area = areas.get(widget.id or "")
            widget.display = area is not None or bool(told and widget.id == "notice")
            if area is not None:
                widget.styles.offset = (area.x, area.y)
                widget.styles.width, widget.styles.height = area.width, area.height
        notes = self.query_one(Notice)
        notes.styles.width, notes.styles.height = width, height
        notes.say(told)
        self.call_after_refresh(self.show_view)

    def areas(self, width: int, height: int, contents: Contents) -> dict[str, Area]:
        """Where each region is."""
        return arrange(width, height, self.focused_panel, self.zoomed, contents, self.opened)

    def _notice(self, width: int, height: int) -> list[Line]:
        if is_too_small(width, height):
            return notice.too_small(width, height, "q: quit")
        if self.shown.status == "refused":
            way_out = "Esc: back to the demos   q: quit" if self.way_back else "q: quit"
            return notice.refused(self.shown.refusal, width, way_out)
        if self.shown.session is None:
            return notice.starting(self.request.demo if self.request else "")
        return []

    def _contents(self) -> Contents:
        session = self.shown.session
        if session is None:
            return Contents(1, 3, 0)
        messages = any(channel.kind != "region" for channel in session.channels)
        return Contents(len(session.channels), len(session.processes), len(session.locks), messages)

    def panels(self) -> Iterator[Panel]:
        """Every panel and page."""
        yield from self.query(Panel)

    def panel(self, name: str) -> Panel:
        """The panel or page of that name."""
        return self.query_one(f"#{name}", Panel)

    @property
    def current(self) -> Panel:
        """The one that the keys go to."""
        return self.panel(self.opened or self.focused_panel)

    def focus_panel(self, name: str) -> None:
        """Go to a panel; one that has no place of its own now gets the whole screen."""
        self._close_page()
        if self._zoomed_alone and name != self.focused_panel:
            self.zoomed = self._zoomed_alone = False
        self.focused_panel = name
        self.place()
        panel = self.panel(name)
        if not panel.display:
            self.zoomed = self._zoomed_alone = True
            self.place()
        panel.focus()

    def open_page(self, name: str) -> None:
        """Open a page over the panels."""
        if not self.opened:
            self._zoomed_below = self.zoomed
        self.opened = name
        self.place()
        self.panel(name).focus()

    def _close_page(self) -> None:
        """Back to the panels as they were: a page that was zoomed leaves none of them so."""
        if self.opened:
            self.opened = ""
            self.zoomed = self._zoomed_below

    def _names(self) -> list[str]:
        """The panels that Tab goes through: all, or with room for all those that are shown."""
        there = [name for name in PANELS if self.query(f"#{name}")]
        if is_roomy(*self._extent) and not self.zoomed:
            return [name for name in there if self.panel(name).display]
        return there

    def on_panel_chosen(self, message: Panel.Chosen) -> None:
        """A click focuses."""
        name = message.panel.id or "topology"
        if name in PAGES:
            message.panel.focus()
        elif name != self.focused_panel or not message.panel.has_focus:
            self.focused_panel = name
            message.panel.focus()

    def on_panel_selected(self, message: Panel.Selected) -> None:
        """Every panel marks what is chosen, a frozen one, too."""
        for panel in self.panels():
            if panel.display:
                panel.redraw()

    def on_panel_opened(self, message: Panel.Opened) -> None:
        """A double click is Enter."""
        self.action_open()

    def action_freeze(self) -> None:
        """Freeze the picture, or let it go on."""
        if self.shown.status == "ended":
            return
        self.frozen_at = self.feed.view().messages_seen if self.frozen_at is None else None
        self.tick()

    def action_next_panel(self, step: int = 1) -> None:
        """The panel after this one."""
        names = self._names()
        at = names.index(self.focused_panel) if self.focused_panel in names else 0
        self.focus_panel(names[(at + step) % len(names)])

    def action_previous_panel(self) -> None:
        """The panel before this one."""
        self.action_next_panel(-1)

    def action_panel(self, number: int) -> None:
        """The panel with that digit."""
        self.focus_panel(PANELS[number - 1])

    def action_zoom(self) -> None:
        """The whole screen for this panel, or back."""
        self.zoomed = not self.zoomed
        self._zoomed_alone = False
        self.place()

    def action_open(self) -> None:
        """The page of what is chosen, or the place that a finding speaks of."""
        if self.opened:
            return
        if self.focused_panel == "messages" and self.selection.message is not None:
            self.open_page("message")
        elif self.focused_panel == "findings":
            self._jump()
        elif self.selection.kind in ("channel", "process"):
            self.open_page(self.selection.kind)
        else:
            self.action_zoom()

    def _jump(self) -> None:
        """To the process, channel or lock that the chosen finding names first."""
        findings = self.query_one(Findings)
        culprit = findings.culprit()
        if culprit is not None:
            self.focus_panel("topology")
            self.panel("topology").choose(*culprit)

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

    def action_filter(self) -> None:
        """Type a filter."""
        self.typed = self.query_one(Messages).filter
        self.focus_panel("messages")
        self._show_header()

    def on_key(self, event: keys.Key) -> None:
        """While a filter is typed, keys are its letters."""
        if self.typed is None:
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.typed = None
        elif event.key == "escape":
            self.typed = None
            self.query_one(Messages).set_filter("")
        else:
            self._type(event)
        self._show_header()

    def _type(self, event: keys.Key) -> None:
        typed = self.typed or ""
        if event.key == "backspace":
            typed = typed[:-1]
        elif event.key == "ctrl+u":
            typed = ""
        elif event.character and event.character.isprintable():
            typed += event.character
        self.typed = typed
        self.query_one(Messages).set_filter(typed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, letters are letters; leaving is always possible with Ctrl."""
        if self.is_left:
            return False
        if self.typed is not None:
            return action == "interrupt"
        return not self.unable().intersection({action}) or action == "freeze"

    def action_up(self) -> None:
        """One up."""
        self.current.move(0, -1)

    def action_down(self) -> None:
        """One down."""
        self.current.move(0, 1)

    def action_left(self) -> None:
        """One to the left."""
        self.current.move(-1, 0)

    def action_right(self) -> None:
        """One to the right."""
        self.current.move(1, 0)

    def action_page_up(self) -> None:
        """A page up."""
        self.current.move(0, -max(1, self.current.room[1] - 1))

    def action_page_down(self) -> None:
        """A page down."""
        self.current.move(0, max(1, self.current.room[1] - 1))

    def action_first(self) -> None:
        """The first, or the oldest."""
        self.current.to_first()

    def action_follow(self) -> None:
        """The newest."""
        self.current.follow()

    def action_scroll(self, columns: int, rows: int) -> None:
        """Another part of the picture."""
        self.current.scroll_view(columns, rows)

    def action_closer(self, steps: int) -> None:
        """Larger or smaller."""
        self.current.closer(steps)

    def action_turn(self) -> None:
        """Time downwards, or to the right."""
        self.current.turn()

    def action_sort(self) -> None:
        """By the next column."""
        self.current.sort_next()

    def action_motion(self) -> None:
        """Marks move, or rest."""
        topology = self.query_one(Topology)
        topology.motion = not topology.motion
        topology.redraw()

    def action_copy(self) -> None:
        """What is chosen, into the clipboard of whoever's terminal this is (OSC 52)."""
        text = self.current.copied()
        if text:
            self.app.copy_to_clipboard(text)
        told = f"Copied: {cell(text, 40).rstrip()}" if text else "Nothing is chosen that could be copied."
        self.notify(units.printable(told), timeout=2, markup=False)

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(Help(self.look, self.actions))

    def action_leave(self) -> None:
        """Quit."""
        self.app.exit(1 if self.feed.failed else 0)

    def action_interrupt(self) -> None:
        """Quit as an interrupted program does."""
        self.app.exit(128 + signal.SIGINT)
