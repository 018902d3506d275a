"""Presenting a recording: large, with captions, from chapter to chapter, by the keys of a clicker."""

from __future__ import annotations

import time
from dataclasses import replace

from textual import events as keys
from textual.app import ComposeResult
from textual.screen import ModalScreen

from ipcviz import units
from ipcviz.chapters import chapter_at
from ipcviz.notes import NotesServer, NotesState
from ipcviz.terminal import Profile
from ipcviz.tui.actions import PRESENT, Action
from ipcviz.tui.arrange import PANELS, Area, Contents
from ipcviz.tui.contrast import ContrastLook
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.panels.caption import Caption
from ipcviz.tui.panels.time_line import TimeLineState
from ipcviz.tui.play_feed import PlayFeed
from ipcviz.tui.screens.once import Once
from ipcviz.tui.screens.play import FIRST_WORD_S, PlayScreen

TICKS = 20
"""Pictures a second, unless it was said otherwise: an audience sees every jerk."""
BESIDE = 110
"""Columns from which on another panel has a place beside the picture."""


class Blank(Once[None], ModalScreen[None]):
    """Nothing at all, until a key is pressed: the audience looks at the speaker."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.styles.background = "ansi_black" if look.native else "#000000"

    def on_key(self, event: keys.Key) -> None:
        """Any key ends it, and does nothing else."""
        event.stop()
        event.prevent_default()
        self.dismiss(None)


class PresentScreen(PlayScreen):
    """The picture, one more panel, the caption, and the time line at the bottom."""

    def __init__(
        self,
        feed: PlayFeed,
        look: Look,
        profile: Profile | None = None,
        actions: tuple[Action, ...] = PRESENT,
    ) -> None:
        profile = profile or Profile()
        if profile.ticks == Profile().ticks and not profile.low_bandwidth:
            profile = replace(profile, ticks=TICKS)
        super().__init__(feed, ContrastLook(look), profile, actions)
        self._plain_look = look
        self._left_chapter = feed.position
        """Where it has played on from: the next stop is the first chapter after it."""
        self._beside = ""
        self._began = time.monotonic_ns()
        self._server = NotesServer(feed.recording.name)

    def compose(self) -> ComposeResult:
        """The regions of a recording, and the caption."""
        yield from super().compose()
        yield Caption(self.look)

    def on_mount(self) -> None:
        """Stand still at the chapter that one is in, and let speaker notes follow."""
        super().on_mount()
        if self.feed.position < self.feed.picture_at(self.feed.chapters[0].t):
            self.action_begin()
        trouble = self._server.open()
        if trouble:
            self.set_timer(FIRST_WORD_S, lambda: self.notify(trouble, severity="warning", markup=False))

    def on_unmount(self) -> None:
        """Nobody can follow any more."""
        self._server.close()

    def areas(self, width: int, height: int, contents: Contents) -> dict[str, Area]:
        """Much room for the caption; the picture, and beside it the panel that was gone to last."""
        rows = max(5, height // 5)
        found = {
            "caption": Area(0, 0, width, rows),
            "time-line": Area(0, height - 1, width, 1),
        }
        body = Area(0, rows, width, height - rows - 1)
        if self.focused_panel != "topology":
            self._beside = self.focused_panel
        beside = self._beside or ("channels" if contents.channels else "locks")
        if width < BESIDE:
            return {**found, self.focused_panel: body}
        right = max(48, width * 2 // 5) if beside in ("timeline", "messages") else max(44, width // 3)
        left = Area(0, body.y, width - right, body.height)
        return {**found, "topology": left, beside: Area(left.width, body.y, right, body.height)}

    def tick(self) -> None:
        """Play on, and stop by itself where the next chapter begins."""
        feed = self.feed
        after = None if feed.player.paused else self._chapter_after(self._left_chapter)
        if after is not None and feed.position >= after:
            self._stop_at(after)
            return
        super().tick()
        self._tell_notes()

    def _names(self) -> list[str]:
        """Every panel can stand beside the picture."""
        return list(PANELS)

    def _show_header(self) -> None:
        caption = self.query_one(Caption)
        if caption.display:
            caption.show(self.feed.chapters, self.feed.position, badge(self.feed, self.look))
        self.show_time_line()

    def time_line_state(self) -> TimeLineState:
        """Behind it, what goes on."""
        state = super().time_line_state()
        words = "" if not self.feed.player.paused else "the end" if self.feed.is_at_end else "PgDn: go on"
        return TimeLineState(
            start=state.start,
            end=state.end,
            position=state.position,
            speed=state.speed,
            chapters=state.chapters,
            marks=state.marks,
            read=state.read,
            is_cut=state.is_cut,
            words=words or "playing",
        )

    def _chapter_after(self, t: int) -> int | None:
        return next((chapter.t for chapter in self.feed.chapters if chapter.t > t), None)

    def _stop_at(self, t: int) -> None:
        self.feed.player.paused = True
        self.go_to_chapter(t)

    def action_onward(self) -> None:
        """Play on to the next chapter; while it plays, go there at once."""
        feed = self.feed
        after = self._chapter_after(feed.position)
        if after is None:
            return
        if feed.player.paused:
            self._left_chapter = feed.position
            feed.player.paused = False
            self.tick()
        else:
            self._stop_at(after)

    def action_back(self) -> None:
        """The beginning of this chapter, or if one is there, the chapter before."""
        self._stop_at(self.feed.chapter_before(self.feed.position).t)

    def action_begin(self) -> None:
        """The first chapter."""
        self._stop_at(self.feed.chapters[0].t)

    def action_end(self) -> None:
        """The last."""
        self._stop_at(self.feed.end_t)

    def action_blank(self) -> None:
        """Show nothing, and stand still meanwhile."""
        paused = self.feed.player.paused
        self.feed.player.paused = True
        self.app.push_screen(Blank(self._plain_look), lambda _: self._unblank(paused))

    def _unblank(self, paused: bool) -> None:
        self.feed.player.paused = paused
        self.tick()

    def go_out(self) -> None:
        """Back to the recording, which stands where it is."""
        self.feed.player.paused = True
        self.dismiss(None)

    def _tell_notes(self) -> None:
        feed = self.feed
        chapters = feed.chapters
        at = chapter_at(chapters, feed.position)
        here = chapters[max(0, at)]
        after = chapters[at + 1] if at + 1 < len(chapters) else None
        self._server.tell(
            NotesState(
                position=feed.position,
                end=feed.end_t,
                playing=not feed.player.paused,
                number=max(0, at) + 1,
                chapters=len(chapters),
                label=here.label,
                caption=here.caption,
                note=here.note,
                next_label=after.label if after else "",
                next_in=after.t - feed.position if after else 0,
                began=self._began,
            )
        )


def badge(feed: PlayFeed, look: Look) -> Line:
    """That it is presented, and whether it plays."""
    clock = units.clock(feed.position)
    if feed.player.paused:
        return line((f" {look.glyph('paused')} PRESENTING {clock} ", "badge warn"), " ")
    return line((f" {look.glyph('out')} PRESENTING {clock} ", "badge calm"), " ")
