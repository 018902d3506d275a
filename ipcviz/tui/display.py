"""Draws the screen cell by cell: only what has changed is sent, and nothing while the line is busy.

Textual sends the whole of each row that has changed, with every colour written out; a panel of numbers then
costs hundreds of kilobytes a second. This is the one place that touches Textual's private parts. Where they
are not as expected, or with IPCVIZ_DISPLAY=stock, Textual draws by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import time
from types import FrameType
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from ipcviz.tui import pace
from ipcviz.tui.cells import Cells
from ipcviz.tui.renditions import Renditions
from ipcviz.tui.restore import Keeper

SYNC_BEGINS, SYNC_ENDS = "\x1b[?2026h", "\x1b[?2026l"
"""Between them the terminal draws nothing, then all at once, where it says that it can."""
AGAIN_S = 0.03
"""How soon a frame that was skipped is tried again."""
LAST_ANSWER_S = 0.7
"""How long leaving may wait for an answer of the terminal, which would else be typed into the shell."""


class Display(App[int]):
    """To be put before `App` among the bases of an app."""

    paced = True
    """Ask the terminal after each frame how far it is."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.by_cells = os.environ.get("IPCVIZ_DISPLAY") != "stock"
        """Whether only changed cells are sent."""
        self.frames_skipped = 0
        self.keeper: Keeper | None = None
        """Who ends the program if the terminal does not let the screen end."""
        self._cells: Cells | None = None
        self._pace = pace.Pace()
        self._trying_again = False
        self._leaving = False
        self._stopped = False
        self._loop_of_screen: asyncio.AbstractEventLoop | None = None

    def on_mount(self) -> None:
        """The driver has set its signal handlers by now."""
        if self._driver is not None and self._driver.can_suspend:
            self._loop_of_screen = asyncio.get_running_loop()
            self._watch_stops()

    def on_resize(self) -> None:
        """A terminal that changes its size moves its contents about."""
        self.forget_display()

    def on_cursor_position(self) -> None:
        """The answer to a frame."""
        self._pace.shown(time.monotonic())

    def forget_display(self) -> None:
        """Something else may have drawn on the terminal: the next frame is a whole one."""
        self._cells = None

    def action_redraw(self) -> None:
        """Draw everything again."""
        self.forget_display()
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell until `fg`; the run goes on, and what is sampled is lost.

        Not possible where there is no shell to come back from: nobody could continue us.
        """
        driver = self._driver
        if driver is None or not driver.can_suspend or os.getsid(os.getppid()) != os.getsid(0):
            self.bell()
            return
        self._when_answered(self._suspend)

    def exit(self, result: int | None = None, return_code: int = 0, message: Any | None = None) -> None:
        """Leave, after the last answers of the terminal have come or are late."""
        if self._leaving or not self._running:
            super().exit(result, return_code, message)
            return
        self._leaving = True
        if self.keeper is not None:
            self.keeper.leave_soon(return_code or (result if isinstance(result, int) else 0))
        self._when_answered(lambda: App.exit(self, result, return_code, message))

    def _suspend(self) -> None:
        self._pace.forget()
        self._suspend_signal()
        # The whole job, as the terminal itself would: also what has started us, and waits.
        os.killpg(os.getpgrp(), signal.SIGTSTP)

    def _watch_stops(self) -> None:
        """Textual takes every SIGCONT for the end of a stop of its own, and starts its threads again."""
        textual_stops, textual_goes_on = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)
        if not (callable(textual_stops) and callable(textual_goes_on)):
            return

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopped = True
            textual_stops(number, frame)

        def go_on(number: int, frame: FrameType | None) -> None:
            if self._stopped or self._retake_terminal():
                self._stopped = False
                textual_goes_on(number, frame)
                if self._loop_of_screen is not None:
                    self._loop_of_screen.call_soon_threadsafe(self.action_redraw)

        signal.signal(signal.SIGTSTP, stop)
        signal.signal(signal.SIGCONT, go_on)

    def _retake_terminal(self) -> bool:
        """After a stop that nobody could see (SIGSTOP): end what was; True if the terminal is ours."""
        driver = self._driver
        if driver is None or self._leaving:
            return False
        with contextlib.suppress(OSError):
            if os.tcgetpgrp(0) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)  # continued in the background
                return False
        driver.suspend_application_mode()
        return True

    def _when_answered(self, leave: Any, until: float | None = None) -> None:
        now = time.monotonic()
        until = until or now + LAST_ANSWER_S
        if self._pace.expects(now) and now < until:
            self.set_timer(AGAIN_S, lambda: self._when_answered(leave, until))
        else:
            leave()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            not self.by_cells
            or not isinstance(renderable, LayoutUpdate | ChopsUpdate)
            or driver is None
            or driver.is_inline
            or driver.is_headless
        ):
            if renderable is not None:
                self._cells = None
            super()._display(screen, renderable)
            return
        if self._batch_count or not self._running or self._closed:
            self.post_display_hook()
            return
        try:
            self._want(renderable)
            self._send(driver)
        except (AttributeError, TypeError, ValueError, KeyError, IndexError):
            self._give_up(screen, renderable)
            return
        self.post_display_hook()

    def _give_up(self, screen: Screen[Any], renderable: LayoutUpdate | ChopsUpdate) -> None:
        """Textual is not the one this was written for."""
        self.by_cells = False
        self._cells = None
        super()._display(screen, renderable)
        self.refresh(layout=True)

    def _want(self, update: LayoutUpdate | ChopsUpdate) -> None:
        width, height = self.screen.outer_size
        cells = self._cells
        wanted: object = update
        if cells is None or (cells.width, cells.height) != (width, height):
            colours = self.console._color_system or ColorSystem.TRUECOLOR
            cells = self._cells = Cells(width, height, Renditions(colours))
            behind = self._background_screens
            wanted = self.screen._compositor.render_update(full=True, screen_stack=behind)
        if isinstance(wanted, LayoutUpdate):
            _want_layout(cells, wanted)
        elif isinstance(wanted, ChopsUpdate):
            _want_spans(cells, wanted)

    def _send(self, driver: Driver) -> None:
        cells = self._cells
        if cells is None or self._leaving:
            return
        now = time.monotonic()
        if cells.stale and (self._pace.is_behind(now) or _is_busy(driver)):
            self.frames_skipped += 1
            self._try_again()
            return
        codes = cells.take_difference()
        codes += cells.move(*self.screen.outer_size.clamp_offset(self.cursor_position))
        if not codes:
            return
        if self._sync_available:
            codes = f"{SYNC_BEGINS}{codes}{SYNC_ENDS}"
        if self.paced:
            codes += pace.ASK
            self._pace.sent(now)
        driver.write(codes)
        driver.flush()

    def _try_again(self) -> None:
        if not self._trying_again:
            self._trying_again = True
            self.set_timer(AGAIN_S, self._send_skipped)

    def _send_skipped(self) -> None:
        self._trying_again = False
        if self._driver is not None and self._running and not self._closed and not self._batch_count:
            self._send(self._driver)


def _want_layout(cells: Cells, update: LayoutUpdate) -> None:
    left, right = update.region.x, update.region.right
    for y, strips in enumerate(update.strips, update.region.y):
        x = left
        for strip in strips:
            cells.put(x, y, strip._segments, right)
            x += strip.cell_length


def _want_spans(cells: Cells, update: ChopsUpdate) -> None:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= last or end <= first:
                continue
            if end > last:
                strip = strip.crop(0, last - x)
            cells.put(x, y, strip._segments, min(end, last))


def _is_busy(driver: Driver) -> bool:
    """What was written before has not yet gone out: a further frame would only make the line later."""
    thread = getattr(driver, "_writer_thread", None)
    if thread is None:
        return False
    if thread._queue.qsize() > 0:
        return True
    return not select.select([], [thread.fileno()], [], 0)[1]
