"""A star: a slow one holds up nobody but itself, unless the hub is patient."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from helpers.runs import run, summary_of

from ipcviz import catalog

demo = SimpleNamespace(**catalog.load(catalog.find("star")).build.__globals__)


def test_what_finds_no_room_is_dropped_and_who_has_left_is_not_talked_to() -> None:
    heard: list[bytes] = []

    def full(line: bytes, timeout: float | None = None) -> None:
        raise TimeoutError

    def gone(line: bytes, timeout: float | None = None) -> None:
        raise demo.ReaderGone

    def good(line: bytes, timeout: float | None = None) -> None:
        heard.append(line)

    ears = {name: SimpleNamespace(send=send) for name, send in (("a", good), ("b", full), ("c", gone))}
    demo.pass_on([b"a: hello", b"b: hi"], ears, 0)
    assert heard == [b"b: hi"]
    assert set(ears) == {"a", "b"}


def test_the_slow_one_alone_misses_lines(own_runtime: Path) -> None:
    settings = {"people": 3, "rate": 40, "slow": 5}
    summary = summary_of(run("star", mechanism="posix-mq", settings=settings, seconds=2))
    assert summary.reports["hub"]["dropped"] > 0
    slow = summary.channels[-1]
    assert slow.depth.max == slow.depth.capacity
    assert slow.received < min(channel.received for channel in summary.channels[1:-1])
