"""Moving in a recording: by time, by chapter, by event, by message, at any speed."""

from __future__ import annotations

from ipcviz import units
from ipcviz.chapters import chapter_at
from ipcviz.terminal import Profile
from ipcviz.tui.actions import Action
from ipcviz.tui.event_words import words_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.time_line import speed_sentence, speed_words
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.tui.screens.ask import Ask
from ipcviz.tui.screens.run import RunScreen
from ipcviz.tui.times import time_in, wrong_time
from ipcviz.units import SECOND

GRACE = 2 * SECOND
"""So soon after a chapter has begun, going back goes to the one before."""
SPEED_TOLD_S = 2.5


class PlayMoves(RunScreen):
    """The part of a recording's screen that moves its clock."""

    feed: PlayFeed

    def __init__(
        self,
        feed: PlayFeed,
        look: Look,
        profile: Profile | None,
        actions: tuple[Action, ...],
        way_back: bool = False,
    ) -> None:
        super().__init__(feed, look, None, profile, actions, way_back)
        self._stepped = ""
        """The event that was stepped to, in words."""
        self._stepped_until = 0

    def go_to(self, t: int) -> None:
        """Go to a time; whether it plays stays as it was, except at the end."""
        self._stepped = ""
        self.feed.seek(t)
        self._show_there()

    def go_to_chapter(self, t: int) -> None:
        """Go to the chapter that begins then; whether it plays stays as it was."""
        self._stepped = ""
        self.feed.show_chapter(t)
        self._show_there()

    def _show_there(self) -> None:
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
        """To the beginning, where there is first something to see."""
        self.go_to_chapter(self.feed.start)

    def action_end(self) -> None:
        """To the end."""
        self.go_to(self.feed.end_t)

    def action_to_chapter(self, step: int) -> None:
        """To the chapter before, or the next one."""
        chapters, position = self.feed.chapters, self.feed.position
        if step < 0 and not self.feed.player.paused:
            position -= int(GRACE * self.feed.player.speed)
        if step < 0:
            self.go_to_chapter(self.feed.chapter_before(position).t)
            return
        at = chapter_at(chapters, position) + 1
        self.go_to_chapter(chapters[min(at, len(chapters) - 1)].t)

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
