"""The screen of a stream from a pipe: it says from where, and what it knows when it breaks off."""

from __future__ import annotations

import os
import sys

import pytest
from helpers import talks
from helpers.tmux import Terminal

from ipcviz.recording.maker import recorded
from ipcviz.recording.streamed import StreamSource
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.screens.stream import StreamFeed


def screen_text(app) -> list[str]:
    strips = app.screen_stack[-1]._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    feed = StreamFeed(StreamSource(reading))
    ends = [writing]
    yield feed, ends
    feed.source.close()
    for end in ends:
        os.close(end)


async def fed(pilot, ends, data: bytes, close: bool = False) -> list[str]:
    """The pipe holds 64 KiB: what is written is read piece by piece."""
    for start in range(0, len(data), 30_000):
        os.write(ends[0], data[start : start + 30_000])
        pilot.app.screen.tick()
    if close:
        os.close(ends.pop())
    pilot.app.screen.tick()
    await pilot.pause()
    pilot.app.screen.tick()
    await pilot.pause()
    return screen_text(pilot.app)


def app_of(feed) -> IpcvizApp:
    return IpcvizApp(Profile(ticks=1), lambda app: app.stream_screen(feed))


async def test_it_waits_shows_from_where_it_comes_and_ends(pipe):
    feed, ends = pipe
    data = recorded(talks.events())
    app = app_of(feed)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert any("Waiting for the stream to begin" in row for row in screen_text(app))
        text = await fed(pilot, ends, data[: len(data) // 2])
        assert "LIVE from here 00:" in text[0]
        assert any("payload" in row for row in text)
        text = await fed(pilot, ends, data[len(data) // 2 :], close=True)
        assert "ENDED 00:20" in text[0]
        await pilot.press("q")
    assert app.return_value == 0


async def test_a_pause_freezes_the_picture_alone(pipe):
    feed, ends = pipe
    data = recorded(talks.events())
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        await fed(pilot, ends, data[: len(data) // 2])
        await pilot.press("space")
        text = await fed(pilot, ends, data[len(data) // 2 : len(data) * 3 // 4])
        assert "FROZEN" in text[0]
        assert "messages" in text[0]


async def test_one_that_breaks_off_says_nothing_of_the_run(pipe):
    feed, ends = pipe
    data = recorded(talks.events())
    async with app_of(feed).run_test(size=(120, 40)) as pilot:
        text = await fed(pilot, ends, data[: len(data) // 2], close=True)
        assert "STREAM CUT" in text[0]
        assert not any("failed" in row or "supervisor" in row for row in text)


@pytest.mark.parametrize("data", [b"", b"no recording at all, and long enough to see that"])
async def test_what_is_no_stream_is_told(pipe, data):
    feed, ends = pipe
    async with app_of(feed).run_test(size=(80, 24)) as pilot:
        text = "\n".join(await fed(pilot, ends, data, close=True))
        assert "This stream cannot be shown." in text


@pytest.mark.slow
def test_a_run_is_watched_through_a_pipe(tmp_path):
    terminal = Terminal(tmp_path, 120, 40, {"XDG_RUNTIME_DIR": str(tmp_path)})
    ipcviz = f"{sys.executable} -m ipcviz"
    try:
        terminal.run(["sh", "-c", f"{ipcviz} record pipeline -o - | {ipcviz} play -"])
        terminal.until_shows("LIVE from", "reader")
        terminal.press("Space")
        terminal.until_shows("FROZEN")
        terminal.press("Space")
        terminal.until_shows("LIVE from")
        terminal.press("q")
        terminal.until_shows("left with 0")
    finally:
        terminal.close()
