"""The screen of a race: takes what all lanes have told at every tick, and shows them side by side.

Freezing means showing no newer result: events are still taken, so that the processes never feel it. The
runs are ended in a thread of their own, so that keys answer meanwhile.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping

from textual import events as keys
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ipcviz.race_result import Result
from ipcviz.race_verdict import verdict
from ipcviz.racing import Racer
from ipcviz.terminal import Profile
from ipcviz.tui import notice
from ipcviz.tui.actions import RACE, Action, bindings_of
from ipcviz.tui.lines import Line, fit, line, strip_of, width_of
from ipcviz.tui.look import Look
from ipcviz.tui.panels.footer import footer_line
from ipcviz.tui.panels.race_picture import header_line, hidden_lanes, picture_lines
from ipcviz.tui.screens.help import Help
from ipcviz.tui.screens.once import Once

SMALLEST = (60, 15)
"""Columns and rows below which only the size that is needed is told."""


class RaceLines(Widget):
    """Rows over the whole screen; only those that changed are drawn again."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="race")
        self.look = look
        self._lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Draw these rows."""
        width = self.size.width
        same = len(lines) == len(self._lines)
        changed = [y for y, row in enumerate(lines) if not same or row != self._lines[y]]
        self._lines = lines
        if not same:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One row, as it was made last."""
        known = y < len(self._lines)
        return strip_of(self._lines[y] if known else [(" " * self.size.width, "text")], self.look)


class Race(Once[int]):
    """A race on the screen; its result is the exit status."""

    CSS = """
    Race > RaceLines { width: 100%; height: 100%; background: $background; }
    """

    def __init__(
        self,
        racer: Racer,
        about: Mapping[str, str],
        look: Look,
        profile: Profile | None = None,
        actions: tuple[Action, ...] = RACE,
        way_back: bool = False,
    ) -> None:
        """`about` says what each mechanism is; `way_back`: Esc leads to another screen."""
        super().__init__()
        self.racer = racer
        self.look = look
        self.actions = actions
        self.way_back = way_back
        self.shown: Result = racer.result()
        self.frozen_at: int | None = None
        """What all lanes together had carried when the picture was frozen; None while it moves."""
        self.top = 0
        """The first lane of the figures, where not all of them fit."""
        self._about = about
        self._profile = profile or Profile()
        self._begun = bool(racer.starts or racer.descriptors())
        self._ending = False
        for binding in bindings_of(actions):
            self._bindings.bind(
                binding.key, binding.action, binding.description, show=False, priority=binding.priority
            )

    def compose(self) -> ComposeResult:
        """The rows alone."""
        yield RaceLines(self.look)

    def on_mount(self) -> None:
        """Begin to race, and to tick."""
        if not self._begun:
            self.racer.start()
        self.set_interval(1 / self._profile.ticks, self.tick)

    def on_unmount(self) -> None:
        """However the screen went away, nothing is left running."""
        self.racer.close()

    def on_resize(self, event: keys.Resize) -> None:
        """Another size, another picture."""
        self.call_after_refresh(self.draw)

    def tick(self) -> None:
        """Take what has come; show it, unless the picture is frozen."""
        if self._ending:
            return
        self.racer.take()
        if self.frozen_at is None:
            self.shown = self.racer.result()
        self.draw()

    def draw(self) -> None:
        """Make all rows again."""
        width, height = self.app.size
        if not self.is_mounted or width < 1:
            return
        self.query_one(RaceLines).show(self._rows(width, height))

    def _rows(self, width: int, height: int) -> list[Line]:
        if width < SMALLEST[0] or height < SMALLEST[1]:
            said = line((f"A race needs {SMALLEST[0]}x{SMALLEST[1]}; this is {width}x{height}.", "warn"))
            return _in_the_middle([said], width, height)
        if self._ending:
            return _in_the_middle([line(("Ending the runs ...", "text"))], width, height)
        if self.racer.refusal:
            way_out = "Esc: back" if self.way_back else "q: quit"
            return _in_the_middle(notice.refused(self.racer.refusal, width, way_out), width, height)
        sentences = verdict(self.shown, self._about)
        self.top = max(0, min(self.top, hidden_lanes(self.shown, sentences, width, height - 2)))
        arrived = None if self.frozen_at is None else max(0, self._carried() - self.frozen_at)
        return [
            header_line(self.shown, arrived, width, self.look),
            *picture_lines(self.shown, sentences, width, height - 2, self.look, self.top),
            footer_line(self._keys(), width, self.look),
        ]

    def _keys(self) -> list[Action]:
        """Those that would do something now."""
        unable = set()
        if self.shown.status == "ended":
            unable |= {"freeze", "skip"}
        if self.racer.how == "at once":
            unable.add("skip")
        if not self.way_back and self.frozen_at is None:
            unable.add("undo")
        return [action for action in self.actions if action.footer and action.id not in unable]

    def _carried(self) -> int:
        return sum(lane.count for lane in self.racer.lanes)

    def action_freeze(self) -> None:
        """Freeze the picture, or let it go on."""
        if self.frozen_at is not None:
            self.frozen_at = None
        elif not self.racer.over:
            self.frozen_at = self._carried()
        self.tick()

    async def action_restart(self) -> None:
        """Begin the race again, when these runs have ended."""
        if await self._end():
            self.racer = self.racer.again()
            self.racer.start()
            self.frozen_at, self._ending = None, False
            self.tick()

    async def _end(self) -> bool:
        """End all runs, without holding up the screen; False if that is already being done."""
        if self._ending:
            return False
        self._ending = True
        self.draw()
        await asyncio.to_thread(self.racer.close)
        return True

    def action_skip(self) -> None:
        """In turn: the next lane."""
        if self.racer.how == "in turn":
            self.racer.skip()

    def action_up(self) -> None:
        """The lanes above."""
        self.top = max(0, self.top - 1)
        self.draw()

    def action_down(self) -> None:
        """The lanes below."""
        self.top += 1
        self.draw()

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(Help(self.look, self.actions))

    async def action_undo(self) -> None:
        """Let the picture go on; or end the race, and leave it for the screen below."""
        if self.frozen_at is not None:
            self.action_freeze()
        elif self.way_back and await self._end():
            self.dismiss(self.status)

    @property
    def status(self) -> int:
        """The exit status, if it ended now."""
        return 2 if self.racer.refusal else int(self.racer.failed)

    async def action_leave(self) -> None:
        """End all runs, and quit."""
        if await self._end():
            self.app.exit(self.status)

    def action_interrupt(self) -> None:
        """Quit as an interrupted program does."""
        self.app.exit(128 + signal.SIGINT)


def _in_the_middle(lines: list[Line], width: int, height: int) -> list[Line]:
    above = max(0, (height - len(lines)) // 2)
    rows: list[Line] = [[] for _ in range(above)]
    rows += [[(" " * max(0, (width - width_of(row)) // 2), "text"), *row] for row in lines]
    rows += [[] for _ in range(height - len(rows))]
    return [fit(row, width) for row in rows[:height]]
