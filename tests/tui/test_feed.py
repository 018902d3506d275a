"""The feed reads a run between ticks, too, and knows when to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from ipcviz.runtime.request import SessionRequest
from ipcviz.source import LiveSource
from ipcviz.tui import feed as feeds
from ipcviz.tui.feed import Feed


@pytest.fixture
def feed() -> Iterator[Feed]:
    made = Feed(LiveSource(SessionRequest("pipeline", settings={"rate": "500"})))
    yield made
    made.end().join()


async def until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.005)


async def test_what_comes_between_ticks_is_read_and_applied_at_the_next(feed):
    loop = asyncio.get_running_loop()
    feed.listen(loop)
    await until(lambda: len(feed._gathered) > 100)
    assert feed.view().session is None
    feed.take()
    assert feed._gathered == []
    assert feed.view().messages_seen > 0
    feed.end().join()
    assert not loop.remove_reader(feed.source.fileno())


async def test_more_than_so_much_waits_for_the_tick(feed, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_BETWEEN", 1)
    loop = asyncio.get_running_loop()
    feed.listen(loop)
    await until(lambda: feed._gathered)
    count = len(feed._gathered)
    await asyncio.sleep(0.1)
    assert len(feed._gathered) == count
    feed.take()
    await until(lambda: feed._gathered)


async def test_a_run_that_is_over_is_not_listened_to(feed):
    loop = asyncio.get_running_loop()
    feed.listen(loop)
    await until(lambda: feed._gathered)
    feed.source.stop()
    await until(lambda: feed.source.over)
    feed.take()
    assert feed.view().status == "ended"
    assert not loop.remove_reader(feed.source.fileno())
