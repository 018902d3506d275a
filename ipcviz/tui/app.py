"""The app: takes events from a source, applies them to the world, and shows a View at every tick.

Pausing means not taking a View: events are still taken and applied, so the processes never feel it.
"""

from __future__ import annotations

import asyncio
import signal
from typing import ClassVar

from textual import events as keys
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.events import ProcessExited, Refused, StreamError
from ipcviz.runtime.summing import events_without_supervisor
from ipcviz.source import Source
from ipcviz.tui.actions import ACTIONS
from ipcviz.tui.arrange import PANELS, SMALLEST, Contents, arrange, is_roomy, is_too_small
from ipcviz.tui.lines import fit, strip_of
from ipcviz.tui.look import BACKGROUND, Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.panels.channels import Channels
from ipcviz.tui.panels.findings import Findings
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.header import Header
from ipcviz.tui.panels.locks import Locks
from ipcviz.tui.panels.messages import Messages
from ipcviz.tui.panels.processes import Processes
from ipcviz.tui.panels.strip import Strip as PanelStrip
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.screens.help import Help
from ipcviz.view import View
from ipcviz.world import World

BEFORE_FOCUS = ("leave", "interrupt", "next_panel", "previous_panel")
"""Actions whose keys Textual would otherwise take for its own."""


class TooSmall(Widget):
    """What a terminal shows that is too small for anything else."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="small")
        self.look = look

    def render_line(self, y: int) -> Strip:
        """One sentence, in the middle."""
        text = ""
        if y == self.size.height // 2:
            text = f"ipcviz needs {SMALLEST[0]}x{SMALLEST[1]}; this is {self.size.width}x{self.size.height}."
        return strip_of(fit([(text, "warn")], self.size.width), self.look)


class IpcvizApp(App[int]):
    """One session on the screen; its result is the exit status."""

    ENABLE_COMMAND_PALETTE = False
    CSS = f"""
    Screen {{ background: {BACKGROUND}; layers: base; overflow: hidden; }}
    Screen > * {{ position: absolute; background: {BACKGROUND}; }}
    Help {{ align: center middle; background: {BACKGROUND} 70%; }}
    Help > HelpText {{ position: relative; background: {BACKGROUND}; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.keys, action.id, action.label, show=False, priority=action.id in BEFORE_FOCUS)
        for action in ACTIONS
    ]

    def __init__(self, source: Source, world: World, look: Look, ticks: int = 10) -> None:
        super().__init__(ansi_color=not look.colours)
        self.source = source
        self.look = look
        self.world = world
        self.failed = False
        self.paused_at: int | None = None
        """Messages seen when the picture was frozen; None while it moves."""
        self.zoomed = False
        self.typed: str | None = None
        self.shown: View = world.view()
        self._ticks = ticks
        self._loop_for_signals: asyncio.AbstractEventLoop | None = None
        self._focused = "topology"
        self._extent = (80, 24)

    def compose(self) -> ComposeResult:
        """Every region; which of them are shown is for `arrange`."""
        yield Header(self.look)
        for panel in (Topology, Channels, Processes, Locks, Findings, Messages):
            yield panel(self.look)
        yield PanelStrip(self.look)
        yield Footer(self.look)
        yield TooSmall(self.look)

    def on_mount(self) -> None:
        """Begin to tick."""
        self._loop_for_signals = asyncio.get_running_loop()
        self.query_one(Topology).focus()
        self._extent = (self.size.width, self.size.height)
        self._arrange()
        self.set_interval(1 / self._ticks, self.tick)

    def leave_by_signal(self, number: int) -> None:
        """Quit in order; may be called from a signal handler."""
        if self._loop_for_signals is not None:
            self._loop_for_signals.call_soon_threadsafe(self.exit, 128 + number)

    def on_resize(self, event: keys.Resize) -> None:
        """Another size, another arrangement; `size` itself is not yet the new one here."""
        self._extent = (event.size.width, event.size.height)
        self._arrange()

    def tick(self) -> None:
        """Take what has come; show it, unless the picture is frozen."""
        self.take_events()
        if self.paused_at is None:
            began = self.shown.session is None
            self.shown = self.world.view()
            if began and self.shown.session is not None:
                self._arrange()
            self.show_view()
        else:
            self._show_header()

    def take_events(self) -> None:
        """Apply what the source has."""
        try:
            events = self.source.take()
        except StreamError as error:
            self.world.apply(Refused(t=0, sentence=str(error)))
            return
        for event in events:
            self.world.apply(event)
            if isinstance(event, ProcessExited):
                self.failed = self.failed or event.failed
        if self.source.over and self.world.view().status == "live":
            self.failed = True
            for event in events_without_supervisor(self.world.view()):
                self.world.apply(event)

    def show_view(self) -> None:
        """Hand the view to every region that is shown."""
        view = self.shown
        for panel in self.query(Panel):
            if panel.display:
                panel.show_view(view)
        strip = self.query_one(PanelStrip)
        if strip.display:
            strip.show_view(view)
        self._show_header()

    def _show_header(self) -> None:
        paused = self.paused_at is not None
        arrived = self.world.view().messages_seen - (self.paused_at or 0) if paused else 0
        self.query_one(Header).show_state(self.shown, paused, arrived)
        self.query_one(Footer).set_state(self.typed, self.shown.status == "ended")

    def _arrange(self) -> None:
        width, height = self._extent
        small = is_too_small(width, height)
        areas = {} if small else arrange(width, height, self._focused, self.zoomed, self._contents())
        for widget in self.screen_stack[0].children:
            area = areas.get(widget.id or "")
            widget.display = area is not None or (small and widget.id == "small")
            if area is not None:
                widget.styles.offset = (area.x, area.y)
                widget.styles.width, widget.styles.height = area.width, area.height
            elif small and widget.id == "small":
                widget.styles.width, widget.styles.height = width, height
        self.call_after_refresh(self.show_view)

    def _contents(self) -> Contents:
        session = self.shown.session
        if session is None:
            return Contents(1, 3, 0)
        return Contents(len(session.channels), len(session.processes), len(session.locks))

    def _focus_panel(self, name: str) -> None:
        self._focused = name
        if self.zoomed or not is_roomy(*self._extent):
            self._arrange()
        panel = self.query_one(f"#{name}", Panel)
        if not panel.display:
            self.zoomed = True
            self._arrange()
        panel.focus()

    def _panel(self) -> Panel:
        return self.query_one(f"#{self._focused}", Panel)

    def _names(self) -> list[str]:
        """The panels that Tab goes through: all, or with room for all those that are shown."""
        if is_roomy(*self._extent) and not self.zoomed:
            return [name for name in PANELS if self.query_one(f"#{name}").display]
        return list(PANELS)

    def on_panel_chosen(self, message: Panel.Chosen) -> None:
        """A click focuses."""
        self._focus_panel(message.panel.id or "topology")

    def action_pause(self) -> None:
        """Freeze the picture, or let it go on."""
        if self.shown.status == "ended":
            return
        self.paused_at = self.world.view().messages_seen if self.paused_at is None else None
        self.tick()

    def action_next_panel(self, step: int = 1) -> None:
        """The panel after this one."""
        names = self._names()
        at = names.index(self._focused) if self._focused in names else 0
        self._focus_panel(names[(at + step) % len(names)])

    def action_previous_panel(self) -> None:
        """The panel before this one."""
        self.action_next_panel(-1)

    def action_panel(self, number: int) -> None:
        """The panel with that digit."""
        self._focus_panel(PANELS[number - 1])

    def action_zoom(self) -> None:
        """The whole screen for this panel, or back."""
        self.zoomed = not self.zoomed
        self._arrange()

    def action_undo(self) -> None:
        """Undo one thing."""
        messages = self.query_one(Messages)
        if self.zoomed:
            self.action_zoom()
        elif messages.filter:
            messages.set_filter("")
        elif messages.held is not None:
            messages.follow()

    def action_filter(self) -> None:
        """Type a filter."""
        self.typed = self.query_one(Messages).filter
        self._focus_panel("messages")
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
        elif event.character and event.character.isprintable():
            typed += event.character
        self.typed = typed
        self.query_one(Messages).set_filter(typed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, letters are letters; leaving is always possible with Ctrl."""
        if self.typed is not None:
            return action == "interrupt"
        return len(self.screen_stack) == 1 or action not in ("next_panel", "previous_panel")

    def action_up(self) -> None:
        """One up."""
        self._panel().move(0, -1)

    def action_down(self) -> None:
        """One down."""
        self._panel().move(0, 1)

    def action_left(self) -> None:
        """One to the left."""
        self._panel().move(-1, 0)

    def action_right(self) -> None:
        """One to the right."""
        self._panel().move(1, 0)

    def action_page_up(self) -> None:
        """A page up."""
        self._panel().move(0, -max(1, self._panel().room[1] - 1))

    def action_page_down(self) -> None:
        """A page down."""
        self._panel().move(0, max(1, self._panel().room[1] - 1))

    def action_follow(self) -> None:
        """The newest message."""
        self.query_one(Messages).follow()

    def action_help(self) -> None:
        """Show the help, or close it."""
        if len(self.screen_stack) == 1:
            self.push_screen(Help(self.look))

    def action_leave(self) -> None:
        """Close the help if it is open; else quit."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
            return
        self.exit(1 if self.failed else 0)

    def action_interrupt(self) -> None:
        """Quit as an interrupted program does."""
        self.exit(128 + signal.SIGINT)
