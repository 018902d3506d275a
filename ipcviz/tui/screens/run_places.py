"""Where the panels of a run's screen are, which of them has the keys, and what is opened over them."""

from __future__ import annotations

from collections.abc import Iterator

from ipcviz.runtime.request import SessionRequest
from ipcviz.tui import notice
from ipcviz.tui.actions import Action
from ipcviz.tui.arrange import PAGES, PANELS, Area, Contents, arrange, is_roomy, is_too_small
from ipcviz.tui.feed import Feed
from ipcviz.tui.lines import Line
from ipcviz.tui.look import Look
from ipcviz.tui.notice import Notice
from ipcviz.tui.panel import ListPanel, Panel
from ipcviz.tui.panels.findings import Findings
from ipcviz.tui.panels.strip import Strip
from ipcviz.tui.screens.run_acts import RunActs


class RunPlaces(RunActs):
    """The part of the run's screen that arranges it."""

    def __init__(
        self, feed: Feed, look: Look, request: SessionRequest | None, actions: tuple[Action, ...]
    ) -> None:
        """`request` is what the run can be begun again with."""
        super().__init__(feed, look, request, actions)
        self.way_back = False
        self.zoomed = False
        self._zoomed_alone = False
        """The panel was given the whole screen because it has no place of its own: another is not."""
        self._zoomed_below = False
        """Whether the panels below the opened page were zoomed."""
        self.opened = ""
        """The page that lies over the panels: one of `PAGES`, or ""."""
        self._extent = (80, 24)

    def show_view(self) -> None:
        """Hand the view to every panel and page that is shown."""
        for panel in self.panels():
            if panel.display:
                panel.show_view(self.shown)
        strip = self.query_one(Strip)
        if strip.display:
            strip.show_view(self.shown)

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
        panel.entered()

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
        current = self.current
        if isinstance(current, ListPanel) and not current.names:
            self.call_after_refresh(self._open)  # it has not been drawn yet, or has no entries
        else:
            self._open()

    def _open(self) -> None:
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
