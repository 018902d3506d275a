"""The screen of a stream from a pipe, be it from another host: a run that is watched, and not acted on."""

from __future__ import annotations

import time

from ipcviz import units
from ipcviz.events import Refused, StreamError
from ipcviz.recording.layout import RecordingError
from ipcviz.recording.streamed import StreamSource
from ipcviz.terminal import Profile
from ipcviz.tui.actions import RUN, Action
from ipcviz.tui.display import Display
from ipcviz.tui.feed import Feed
from ipcviz.tui.lines import Line, line
from ipcviz.tui.look import Look
from ipcviz.tui.panels.header import Header
from ipcviz.tui.screens.run import RunScreen
from ipcviz.view import View

TOO_FAR = "This run is watched through a stream: nothing can be done to it from here."
CUT = "The stream was cut. This is what came last; how the run goes on is not known here."
TOLD_S = 8.0
SILENT_AFTER_S = 3.0
"""What is well is written once a second."""
LAST_WORDS_S = 1.0
"""How long others of the pipeline may still write on the terminal that the stream was cut."""


class StreamFeed(Feed):
    """What comes through a pipe: a stream that breaks off says nothing of how the run went on."""

    def __init__(self, source: StreamSource) -> None:
        super().__init__(source)
        self.stream = source
        self.cut = ""
        """A sentence, once it has ended without a last word."""
        self._said_all = False
        self._came_at = time.monotonic()
        self._bytes = 0

    @property
    def silence_s(self) -> float:
        """Seconds for which nothing has come from a stream that has not ended."""
        return 0.0 if self._said_all else time.monotonic() - self._came_at

    def take(self) -> None:
        """Apply what has come."""
        if self._said_all:
            return
        try:
            self.put(self.stream.take())
        except (RecordingError, StreamError, OSError) as error:
            self._refuse(str(error))
        if self.stream.bytes > self._bytes:
            self._bytes, self._came_at = self.stream.bytes, time.monotonic()
        if self.stream.over:
            self._said_all = True
            if self.world.view().session is None:
                self._refuse(self.stream.cut)
            elif self.world.view().status == "live":
                self.cut = self.stream.cut

    def _refuse(self, sentence: str) -> None:
        self._said_all = True
        self.world.apply(Refused(t=0, sentence=sentence))


class StreamScreen(RunScreen):
    """A run that is elsewhere."""

    feed: StreamFeed

    def __init__(
        self,
        feed: StreamFeed,
        look: Look,
        profile: Profile | None = None,
        actions: tuple[Action, ...] = RUN,
    ) -> None:
        super().__init__(feed, look, None, profile, actions)

    def tick(self) -> None:
        """Take what has come; say once that nothing more will, also where the picture is frozen."""
        known = self.feed.cut
        super().tick()
        if self.feed.cut and not known:
            self.notify(CUT, severity="warning", timeout=TOLD_S)
            # ssh(1) says so, too, across the picture.
            self._draw_again()
            self.set_timer(LAST_WORDS_S, self._draw_again)

    def _draw_again(self) -> None:
        if isinstance(self.app, Display):
            self.app.action_redraw()

    def _notice(self, width: int, height: int) -> list[Line]:
        if self.shown.session is None and self.shown.status == "waiting":
            return [line(("Waiting for the stream to begin ...", "text"))]
        told = super()._notice(width, height)
        if self.shown.status == "refused":
            return [line(("This stream cannot be shown.", "bad")), *told[1:]]
        return told

    def _show_header(self) -> None:
        frozen = self.frozen_at is not None
        arrived = self.feed.view().messages_seen - (self.frozen_at or 0) if frozen else 0
        state = None if frozen else badge(self.feed, self.shown, self.look)
        self.query_one(Header).show_state(self.shown, frozen, arrived, state)
        self.show_footer()

    def action_act(self) -> None:
        """Say why not."""
        self.notify(TOO_FAR, timeout=4)

    def action_leave(self) -> None:
        """Quit; whoever writes the stream learns of it when it is closed."""
        self.app.exit(1 if self.feed.stream.damaged else 0)


def badge(feed: StreamFeed, view: View, look: Look) -> Line | None:
    """Where it lives, and whether it still comes; None where the run itself has ended."""
    clock = units.clock(view.t)
    if feed.cut:
        return line((f" {look.glyph('failed')} STREAM CUT {clock} ", "badge bad"))
    if view.status != "live" or view.session is None:
        return None
    host = units.printable(view.session.host.name)
    if feed.silence_s >= SILENT_AFTER_S:
        told = f" {look.glyph('paused')} {host} SILENT for {feed.silence_s:.0f} s, at {clock} "
        return line((told, "badge warn"))
    return line((f" {look.glyph('running')} LIVE from {host} {clock} ", "badge"))
