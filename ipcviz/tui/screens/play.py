"""The screen of a recording: that of a run, on a player that goes both ways, with a time line.

The time of everything on it is the recording's own: a pause, a seek and a step show what was then.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from ipcviz import units
from ipcviz.chapters import chapter_at
from ipcviz.events import Message
from ipcviz.terminal import Profile
from ipcviz.tui import notice
from ipcviz.tui.actions import PLAY, PRESENT, Action, overridden
from ipcviz.tui.arrange import PANELS, Area, Contents, arrange, is_roomy
from ipcviz.tui.crossing import SLOW
from ipcviz.tui.event_words import words_of
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.panels.footer import Footer
from ipcviz.tui.panels.header import Header
from ipcviz.tui.panels.time_line import TimeLine, TimeLineState, speed_sentence, speed_words
from ipcviz.tui.panels.topology import Topology
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.run import RunScreen
from ipcviz.tui.times import time_in, wrong_time
from ipcviz.units import SECOND
from ipcviz.view import View

LOOKS_EVERY_S = 0.03
"""How often a recording is looked through a little further while it plays."""
LOOKS_AT = 3
"""Chunks that are looked at each time: it takes a few milliseconds."""
GRACE = 2 * SECOND
"""So soon after a chapter has begun, going back goes to the one before."""
SPEED_TOLD_S = 2.5
CUT_TOLD_S = 8
FIRST_WORD_S = 0.1
"""A word that is told before there is a screen to show it on would be lost."""


class PlayScreen(RunScreen):
    """One recording on the screen."""

    feed: PlayFeed

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
        super().__init__(feed, look, None, profile, actions, way_back)
        self.keys = keys or {}
        self._presents_first = presenting
        self.is_covered = False
        """Another screen moves the same player on."""
        self._stepped = ""
        """The event that was stepped to, in words."""
        self._stepped_until = 0
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
        self.query_one(Footer).set_state(self.typed, self.unable())
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

    def go_to(self, t: int) -> None:
        """Go to a time; whether it plays stays as it was, except at the end."""
        self._stepped = ""
        self.feed.seek(t)
        self._forget_what_was_chosen()
        self.panel("timeline").follow()
        self.tick()

    def _forget_what_was_chosen(self) -> None:
        """A message that has not been received yet cannot stay chosen."""
        message = self.selection.message
        if message is not None and message.t > self.feed.position:
            self.panel("messages").follow()

    def action_play(self) -> None:
        """Play on, or pause."""
        self._stepped = ""
        player = self.feed.player
        if self.feed.is_at_end:
            self.feed.seek(self.feed.start)
            player.paused = False
        else:
            player.paused = not player.paused
        self.tick()

    def action_jump(self, seconds: int) -> None:
        """So many seconds on, or back."""
        self.go_to(self.feed.position + seconds * SECOND)

    def action_tenth(self, digit: int) -> None:
        """To so many tenths of it."""
        feed = self.feed
        self.go_to(feed.start + (feed.end_t - feed.start) * digit // 10)

    def action_begin(self) -> None:
        """To the beginning."""
        self.go_to(self.feed.start)

    def action_end(self) -> None:
        """To the end."""
        self.go_to(self.feed.end_t)

    def action_to_chapter(self, step: int) -> None:
        """To the chapter before, or the next one."""
        chapters, position = self.feed.chapters, self.feed.position
        if step < 0 and not self.feed.player.paused:
            position -= int(GRACE * self.feed.player.speed)
        at = chapter_at(chapters, position - 1 if step < 0 else position) + (step > 0)
        chapter = chapters[max(0, min(at, len(chapters) - 1))]
        self.go_to(chapter.t)

    def action_faster(self, steps: int) -> None:
        """Another speed, told large enough to be noticed."""
        player = self.feed.player
        if steps > 0:
            player.faster()
        else:
            player.slower()
        self.app.clear_notifications()
        told = speed_sentence(player.speed)
        self.notify(told, title=speed_words(player.speed), timeout=SPEED_TOLD_S, markup=False)
        self.tick()

    def action_step(self, events: int) -> None:
        """One event on or back, and paused there; the time line says which it was."""
        self.feed.step(events)
        self._forget_what_was_chosen()
        event, self._stepped_until = self.feed.player.last, self.feed.position
        self._stepped = units.printable(words_of(event, self.look)) if event is not None else ""
        self.tick()

    def action_sending(self) -> None:
        """To where the next message is sent."""
        channel = self.selection.name if self.selection.kind == "channel" else ""
        message = self.feed.crossings.next_after(self.feed.position, channel)
        if message is None:
            self.notify("No message is sent in the next minute.", timeout=SPEED_TOLD_S)
            return
        self.go_to(message.sent)
        self._stepped = units.printable(words_of(message, self.look))
        self._stepped_until = message.t
        self.show_view()

    def action_go(self) -> None:
        """Ask for a time."""
        feed = self.feed
        hint = (
            "A time since the start, such as 12.5 or 1:02, or a part of the recording, such as 40 %. "
            f"It goes from {units.clock(feed.start)} to {units.clock(feed.end_t)}."
        )
        asked = Ask(self.look, "Go to", hint, "", lambda typed: wrong_time(typed, feed.start, feed.end_t))
        self.app.push_screen(asked, self._go)

    def _go(self, typed: str | None) -> None:
        if typed is not None:
            self.go_to(time_in(typed, self.feed.start, self.feed.end_t))

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
