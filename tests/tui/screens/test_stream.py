"""The screen of a stream, through a pipe that the test fills, leaves alone, and cuts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import talks

from ipcviz import shared_terminal
from ipcviz.recording.streamed import StreamSource
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.screens.stream import CUT, StreamFeed


class Pipe:
    """A stream that comes as the test wants it."""

    def __init__(self, whole: bytes) -> None:
        self.whole = whole
        self.reading, self.writing = os.pipe()
        self.feed = StreamFeed(StreamSource(self.reading))

    def put(self, share: float = 1.0) -> None:
        """So much of it, from its beginning."""
        os.write(self.writing, self.whole[: int(len(self.whole) * share)])

    def end(self) -> None:
        """Nothing more comes."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    made = Pipe(talks.written(tmp_path).read_bytes())
    yield made
    made.end()
    made.feed.stream.close()


@pytest.fixture
def app(pipe: Pipe) -> IpcvizApp:
    # A tick a second: it is the test that ticks.
    return IpcvizApp(Profile(ticks=1), lambda app: app.stream_screen(pipe.feed))


async def ticked(pilot) -> str:
    pilot.app.screen.tick()
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def told(pilot) -> list[str]:
    return [notification.message for notification in pilot.app._notifications]


async def test_it_waits_shows_and_ends(app, pipe) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        assert "Waiting for the stream to begin" in await ticked(pilot)
        pipe.put()
        shown = await ticked(pilot)
        assert "ENDED" in shown
        pipe.end()
        assert "CUT" not in await ticked(pilot)
        assert pipe.feed.cut == ""


async def test_it_is_cut(app, pipe) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        pipe.put(0.5)
        assert "LIVE from" in await ticked(pilot)
        pipe.end()
        shown = await ticked(pilot)
        assert "STREAM CUT" in shown
        assert told(pilot) == [CUT]
        await ticked(pilot)
        assert told(pilot) == [CUT]
        assert pipe.feed.cut.startswith("It was cut; everything up to 00:")
        assert pipe.feed.silence_s == 0


async def test_it_goes_silent_and_comes_back(app, pipe) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        pipe.put(0.5)
        await ticked(pilot)
        pipe.feed._came_at -= 12
        assert "SILENT for 12 s" in await ticked(pilot)
        os.write(pipe.writing, pipe.whole[len(pipe.whole) // 2 :][:64])
        shown = await ticked(pilot)
        assert "SILENT" not in shown
        assert "LIVE from" in shown


async def test_it_is_cut_while_the_picture_is_frozen(app, pipe) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        pipe.put(0.5)
        await ticked(pilot)
        await pilot.press("space")
        pipe.end()
        shown = await ticked(pilot)
        assert "FROZEN" in shown
        assert told(pilot) == [CUT]


@pytest.mark.parametrize("said", [b"", b"bash: ipcviz: command not found\n" * 10])
async def test_it_is_none(app, pipe, said) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        os.write(pipe.writing, said)
        pipe.end()
        assert "This stream cannot be shown." in await ticked(pilot)


def test_a_stream_that_ends_before_it_begins_needs_no_screen(pipe) -> None:
    pipe.end()
    assert shared_terminal.why_no_screen(pipe.reading) == shared_terminal.EMPTY


def test_one_that_begins_does(pipe) -> None:
    pipe.put(0.5)
    assert shared_terminal.why_no_screen(pipe.reading) == ""
