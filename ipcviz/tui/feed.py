"""The feed of a screen: takes what a source has, applies it to a world, and knows how it went."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence

from ipcviz.events import AnyEvent, FindingKind, ProcessExited, Refused, StreamError
from ipcviz.runtime.summing import events_without_supervisor
from ipcviz.source import LiveSource, Source, drain
from ipcviz.tui.recorder import Recorder
from ipcviz.view import View
from ipcviz.world import World

MOST_BETWEEN = 2_000
"""Events that are read between two ticks at most: what is more waits, or is dropped where it comes from."""


class Feed:
    """A source and the world that its events make; `failed` when a process ended as it should not have."""

    def __init__(
        self,
        source: Source,
        world: World | None = None,
        taken: Sequence[AnyEvent] = (),
        recorder: Recorder | None = None,
    ) -> None:
        """`taken` are events that were taken from the source already, and are in the world.

        A `recorder` is given all events, and is closed with the feed.
        """
        self.source = source
        self.recorder = recorder
        if recorder is not None:
            recorder.take(taken)
        self.world = world or World()
        self.failed = any(isinstance(event, ProcessExited) and event.failed for event in taken)
        self._closing: threading.Thread | None = None
        self._gathered: list[AnyEvent] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = False

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read between ticks, too, from now on: the pipe of a run holds less than a tick may bring."""
        if self.is_live and self._closing is None and not self.source.over:
            self._loop, self._listening = loop, True
            loop.add_reader(self.source.fileno(), self._gather)

    def _gather(self) -> None:
        """Take what has come, and apply it at the next tick."""
        with contextlib.suppress(StreamError):  # the next tick finds it, and says so
            self._gathered += self.source.take()
        if self.source.over or len(self._gathered) >= MOST_BETWEEN:
            self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening and self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.source.fileno())
        self._listening = False

    def take(self) -> None:
        """Apply what has come; a source that ended without a last word is summed up from what is known."""
        gathered, self._gathered = self._gathered, []
        self.put(gathered)
        try:
            self.put(self.source.take())
        except StreamError as error:
            self.world.apply(Refused(t=0, sentence=str(error)))
            return
        if self._loop is not None and not self._listening:
            self.listen(self._loop)
        if self.source.over and self.world.view().status == "live":
            self.failed = True
            self.put(events_without_supervisor(self.world.view()))

    def put(self, events: Sequence[AnyEvent]) -> None:
        """Apply these events, and have them recorded."""
        recorder = self.recorder
        if recorder is not None:
            recorder.take(events)
        for event in events:
            self.world.apply(event if recorder is None else recorder.told(event))
            if isinstance(event, ProcessExited):
                self.failed = self.failed or event.failed

    def tell_saved(self, kind: FindingKind) -> None:
        """Findings of that kind name the file that was saved at the first of them."""
        recorder = self.recorder
        for finding in self.world.view().findings:
            if recorder is not None and finding.kind == kind:
                self.world.apply(recorder.told(finding))

    def view(self) -> View:
        """The world now."""
        return self.world.view()

    @property
    def is_live(self) -> bool:
        """It is a run of ours, which can be acted on, begun again, and has to be ended."""
        return isinstance(self.source, LiveSource)

    def end(self) -> threading.Thread:
        """End the run and tidy up, beside the screen's loop, which must not wait; the thread that does it."""
        if self._closing is None:
            self._stop_listening()
            self.put(self._gathered)
            self._gathered = []
            self._closing = threading.Thread(target=self._close, name="ipcviz-closing")
            self._closing.start()
        return self._closing

    def _close(self) -> None:
        self.source.stop()
        with contextlib.suppress(StreamError):
            if isinstance(self.source, LiveSource):
                for event in drain(self.source):
                    if self.recorder is not None:  # the screen is gone, and nobody else reads it
                        self.recorder.take([event])
        self.source.close()
        if self.recorder is not None:
            self.recorder.close()
