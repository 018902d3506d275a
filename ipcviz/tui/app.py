"""The app: one screen after another over one look, and every run that they began ended when it is left."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from textual.app import App
from textual.screen import Screen
from textual.theme import Theme

from ipcviz import units
from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.terminal import Profile
from ipcviz.tui.actions import HOME, PLAY, RACE, RUN, overridden
from ipcviz.tui.display import Display
from ipcviz.tui.feed import Feed
from ipcviz.tui.keyboard import forgive_wrong_bytes
from ipcviz.tui.look import Look
from ipcviz.tui.panel import Panel
from ipcviz.tui.recorder import Recorder
from ipcviz.tui.screens.run import RunScreen
from ipcviz.tui.themes import BACKGROUNDS

if TYPE_CHECKING:
    from ipcviz.tui.play_feed import PlayFeed
    from ipcviz.tui.screens.home import Home
    from ipcviz.tui.screens.play import PlayScreen
    from ipcviz.tui.screens.stream import StreamFeed, StreamScreen


class IpcvizApp(Display, App[int]):
    """Its result is the exit status."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $background; layers: base; overflow: hidden; }
    RunScreen > * { position: absolute; background: $background; }
    Boxed { align: center middle; background: $background 70%; }
    Boxed:ansi { background: transparent; }
    Boxed > BoxedLines { position: relative; background: $background; }
    ToastRack { align: right bottom; }
    Toast { background: $background; border-left: none; padding: 0 1; width: auto;
        max-width: 90%; text-style: reverse; }
    """
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(
        self,
        profile: Profile,
        first: Callable[[IpcvizApp], Screen[Any]],
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """`first` makes the screen to begin with; `keys` are other keys for some actions, by their id."""
        forgive_wrong_bytes()
        self.look = Look(profile.glyphs, profile.colours, profile.theme)
        super().__init__(ansi_color=self.look.native)
        self.profile = profile
        self.feeds: list[Feed] = []
        """Every run that was begun, for whoever has to see that it ends."""
        self._first = first
        self._keys = keys or {}
        self._loop_for_signals: asyncio.AbstractEventLoop | None = None
        for name, background in BACKGROUNDS.items():
            # The other colours of Textual's theme are used by nothing of ours.
            self.register_theme(Theme(f"ipcviz-{name}", primary="#58b9f0", background=background))
        self.theme = f"ipcviz-{self.look.theme}"

    def on_mount(self) -> None:
        """Show the first screen."""
        self._loop_for_signals = asyncio.get_running_loop()
        gc.freeze()  # what is loaded by now stays: looking through it at every collection makes ticks late
        self.push_screen(self._first(self))

    def run_screen(self, feed: Feed, request: SessionRequest | None, way_back: bool = False) -> RunScreen:
        """The screen of a run, which is ended when the app is."""
        self.feeds.append(feed)
        actions = overridden(RUN, self._keys)
        return RunScreen(feed, self.look, request, self.profile, actions, way_back)

    def play_screen(self, feed: PlayFeed, way_back: bool = False, presenting: bool = False) -> PlayScreen:
        """The screen of a recording, which is closed when the app is."""
        from ipcviz.tui.screens.play import PlayScreen

        self.feeds.append(feed)
        actions = overridden(PLAY, self._keys)
        return PlayScreen(feed, self.look, self.profile, actions, way_back, presenting, self._keys)

    def stream_screen(self, feed: StreamFeed) -> StreamScreen:
        """The screen of a stream, which is closed when the app is."""
        from ipcviz.tui.screens.stream import StreamScreen

        self.feeds.append(feed)
        return StreamScreen(feed, self.look, self.profile, overridden(RUN, self._keys))

    def home(self, typed: str = "") -> Home:
        """The picker, which most runs do not need; `typed` narrows its list down at first."""
        from ipcviz.tui.screens.home import Home

        return Home(self.look, actions=overridden(HOME, self._keys), typed=typed)

    def on_home_chosen(self, message: Home.Chosen) -> None:
        """Run what was chosen; its screen comes back here."""
        request = message.request
        if self.profile.ticks > 10:
            request = msgspec.structs.replace(request, tick=1000 // self.profile.ticks)
        feed = Feed(LiveSource(request), recorder=Recorder())
        self.push_screen(self.run_screen(feed, request, way_back=True))

    def on_home_opened(self, message: Home.Opened) -> None:
        """Play the recording that was chosen; its screen comes back here."""
        from ipcviz.recording.layout import RecordingError
        from ipcviz.tui.play_feed import opened

        try:
            feed = opened(message.path)
        except (RecordingError, OSError) as error:
            self.notify(units.printable(f"{message.path.name}: {error}"), severity="error", markup=False)
            return
        self.push_screen(self.play_screen(feed, way_back=True))

    def on_home_raced(self, message: Home.Raced) -> None:
        """Race what was chosen; its screen comes back here, and ends all runs however it goes away."""
        from ipcviz import listing
        from ipcviz.racing import Racer
        from ipcviz.tui.screens.race import Race

        about = {known["name"]: known["about"] for known in listing.mechanisms()}
        racer = Racer(message.lanes, by_locks=message.by_locks)
        actions = overridden(RACE, self._keys)
        self.push_screen(Race(racer, about, self.look, self.profile, actions, way_back=True))

    def on_home_left(self) -> None:
        """Nothing was chosen."""
        self.exit(0)

    def on_run_screen_began(self, message: RunScreen.Began) -> None:
        """A run that was begun again."""
        self.feeds.append(message.feed)

    def leave_by_signal(self, number: int) -> None:
        """Quit in order; may be called from a signal handler."""
        if self._loop_for_signals is not None:
            self._loop_for_signals.call_soon_threadsafe(self.exit, 128 + number)

    async def action_quit(self) -> None:
        """Where no screen has a word of its own for it."""
        self.exit(0)

    def action_theme(self) -> None:
        """The next theme, at once and everywhere."""
        self.look.next_theme()
        self.ansi_color = self.look.native
        self.theme = f"ipcviz-{self.look.theme}"
        for screen in self.screen_stack:
            for panel in screen.query(Panel):
                panel.on_resize()
            screen.refresh()
            for widget in screen.query("*"):
                widget.refresh()

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        self.forget_display()
        self.screen.refresh(layout=True)
