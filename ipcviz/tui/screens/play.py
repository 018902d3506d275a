"""The screen of a recording: that of a run, on a player that goes both ways, with a time line.

The time of everything on it is the recording's own: a pause, a seek and a step show what was then.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from ipcviz import units
from ipcviz.events import Message
from ipcviz.terminal import Profile
from ipcviz.tui import notice
from ipcviz.tui.actions import PLAY, PRESENT, Action, overridden
from ipcviz.tui.arrange import PANELS, Area, Contents, arrange, is_roomy
from ipcviz.tui.crossing import SLOW
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.panels.header import Header
from ipcviz.tui.panels.time_line import TimeLine, TimeLineState
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.tui.screens.play_moves import PlayMoves
from ipcviz.view import View

LOOKS_EVERY_S = 0.03
"""How often a recording is looked through a little further while it plays."""
LOOKS_AT = 3
"""Chunks that are looked at each time: it takes a few milliseconds."""
CUT_TOLD_S = 8
FIRST_WORD_S = 0.1
"""A word that is told before there is a screen to show it on would be lost."""


class PlayScreen(PlayMoves):
    """One recording on the screen."""

    def __init__(
        self,
        feed: PlayFeed,
        look: Look,
        profile: Profile | None = None,
        actions: tuple[Action, ...] = PLAY,
        way_back: bool = False,
        presenting: bool = False,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """`way_back`: Esc leads to another screen; `keys` are other keys for actions of presenting."""
        super().__init__(feed, look, profile, actions, way_back)
        self.keys = keys or {}
        self._presents_first = presenting
        self.is_covered = False
        """Another screen moves the same player on."""
        self._was_at_end = feed.is_empty

    def compose(self) -> ComposeResult:
        """The regions of a run, and the time line."""
        yield from super().compose()
        yield TimeLine(self.look)

    def on_mount(self) -> None:
        """Begin to tick, and to look through the recording."""
        super().on_mount()
        keys = {action.id: action.key for action in self.actions}
        for number, name in enumerate(PANELS, 1):
            self.panel(name).key = keys.get(f"panel({number})", "").partition(" ")[0] or "Tab"
        self._looking = self.set_interval(LOOKS_EVERY_S, self.look_through)
        if self._presents_first:
            self.action_present()
        elif self.feed.recording.cut:
            self.set_timer(FIRST_WORD_S, self._tell_cut)

    def _tell_cut(self) -> None:
        """What is missing at its end."""
        cut = units.printable(self.feed.recording.cut)
        self.app.clear_notifications()
        self.notify(cut, severity="warning", timeout=CUT_TOLD_S, markup=False)

    def look_through(self) -> None:
        """Look a little further for chapters and marks."""
        self.feed.look_through(LOOKS_AT)
        if self.feed.read is None:
            self._looking.stop()
            self.show_time_line()

    def tick(self) -> None:
        """Play on."""
        if self.is_covered:
            return
        if not self.feed.player.paused and self.feed.position > self._stepped_until:
            self._stepped = ""
        super().tick()
        if self.feed.is_at_end and not self._was_at_end and self.feed.recording.cut:
            self._tell_cut()
        self._was_at_end = self.feed.is_at_end

    def _tell_acts(self, before: View) -> None:
        """Marks on the time line and findings tell of them, wherever one goes."""

    def areas(self, width: int, height: int, contents: Contents) -> dict[str, Area]:
        """Those of a run, a row lower, under the time line."""
        found = arrange(width, height - 1, self.focused_panel, self.zoomed, contents, self.opened)
        lower = {
            name: Area(area.x, area.y + 1, area.width, area.height)
            for name, area in found.items()
            if name != "header"
        }
        return {"header": found["header"], "time-line": Area(0, 1, width, 1), **lower}

    def _names(self) -> list[str]:
        """As in a run of one row less."""
        width, height = self._extent
        return super()._names() if is_roomy(width, height - 1) else list(PANELS)

    def _notice(self, width: int, height: int) -> list[Line]:
        if self.shown.status == "refused":
            way_out = "Esc: back   q: quit" if self.way_back else "q: quit"
            told = notice.refused(self.shown.refusal, width, way_out)
            return [line(("This cannot be played any further.", "bad")), *told[1:]]
        if self.feed.is_empty:
            told = notice.refused(self.feed.recording.cut or "Nothing happened in it.", width, "q: quit")
            return [line(("This recording is empty.", "warn")), *told[1:]]
        return super()._notice(width, height)

    def show_view(self) -> None:
        """Every region; with slow motion each message by itself."""
        self.query_one(Topology).crossing = self._crossing()
        super().show_view()

    def _crossing(self) -> tuple[Message, ...] | None:
        feed = self.feed
        return feed.crossings.at(self.shown.t) if feed.player.speed <= SLOW or self._stepped else None

    def _show_header(self) -> None:
        self.query_one(Header).show_state(self.shown, False, 0, badge(self.feed, self.look))
        self.show_footer()
        self.show_time_line()

    def show_time_line(self) -> None:
        """Where one is."""
        bar = self.query_one(TimeLine)
        if bar.display:
            bar.show(self.time_line_state())

    def time_line_state(self) -> TimeLineState:
        """All that the time line shows."""
        feed = self.feed
        return TimeLineState(
            start=feed.start,
            end=feed.end_t,
            position=feed.position,
            speed=feed.player.speed,
            chapters=feed.chapters,
            marks=feed.marks,
            read=feed.read,
            is_cut=bool(feed.recording.cut),
            words=self._stepped,
        )

    def unable(self) -> frozenset[str]:
        """While there is nothing to play, nothing plays."""
        return frozenset({"play", "step"}) if self.feed.is_empty else frozenset()

    def on_time_line_sought(self, message: TimeLine.Sought) -> None:
        """A click on the time line."""
        self.go_to(message.t)

    def action_present(self) -> None:
        """Present it from here on, until that is left."""
        from ipcviz.tui.screens.present import PresentScreen

        self.is_covered = True
        self.feed.player.paused = True
        actions = overridden(PRESENT, self.keys)
        self.app.push_screen(PresentScreen(self.feed, self.look, self._profile, actions), self._presented)

    def _presented(self, status: int | None) -> None:
        self.is_covered = False
        self.tick()
        self.call_after_refresh(self.tick)  # it may never have been laid out before

    def action_no_acts(self) -> None:
        """Say why nothing can be done to it."""
        session = self.shown.session
        name = session.topology if session else "DEMO"
        self.notify(
            f"This is a recording: what it shows has happened. To act on it, run it: ipcviz run {name}",
            timeout=4,
            markup=False,
        )

    def go_out(self) -> None:
        """Back to where it was chosen, or out."""
        if self.way_back:
            super().go_out()
        else:
            self.app.exit(0)


def badge(feed: PlayFeed, look: Look) -> Line:
    """What this is, unmistakably: no run, but a recording that plays, pauses, or is over."""
    clock = units.clock(feed.position)
    if feed.is_at_end and feed.recording.cut:
        return line((f" {look.glyph('failed')} REPLAY CUT HERE {clock} ", "badge bad"))
    if feed.is_at_end:
        return line((f" {look.glyph('ended')} REPLAY ENDED {clock} ", "badge calm"))
    if feed.player.paused:
        return line((f" {look.glyph('paused')} REPLAY PAUSED {clock} ", "badge warn"))
    return line((f" {look.glyph('out')} REPLAY {clock} ", "badge calm"))
