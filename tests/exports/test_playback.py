"""The screen of a recording: the same as that of a live run, at any moment, and the same at every time."""

from __future__ import annotations

import asyncio
import json
import os
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from helpers import exported, streams
from helpers.exported import Terminal
from hypothesis import Phase, given, settings

from ipcviz import events as ev
from ipcviz.exports import ExportError, Options
from ipcviz.exports.playback import moments, play, rows_of
from ipcviz.exports.saved import SavedStream
from ipcviz.terminal import Profile
from ipcviz.tui.app import IpcvizApp
from ipcviz.tui.feed import Feed
from ipcviz.tui.screens.run import RunScreen
from ipcviz.units import SECOND
from ipcviz.world import World

SIZES = [(80, 24), (120, 40), (200, 50)]


def words(rows: list[list[object]]) -> str:
    return "\n".join("".join(segment.text for segment in row) for row in rows)  # type: ignore[attr-defined]


async def live_screen(events: list[ev.AnyEvent], size: tuple[int, int]) -> str:
    """The screen of a run whose events have all come, with nothing of exports in it."""

    class Source:
        over = False

        def take(self) -> list[ev.AnyEvent]:
            return [events.pop(0) for _ in range(len(events))]

        def stop(self) -> None: ...
        def close(self) -> None: ...

    feed = Feed(Source(), World())  # type: ignore[arg-type]  # what a screen asks of a source
    app = IpcvizApp(Profile(ticks=1), lambda app: app.run_screen(feed, None))
    async with app.run_test(size=size) as pilot:
        looks: list[str] = []
        while len(looks) < 3 or "lacing…" in looks[-1] or len(set(looks[-3:])) > 1:
            await pilot.pause()
            if isinstance(app.screen, RunScreen):
                app.screen.tick()
                looks.append(words(rows_of(app)))  # type: ignore[arg-type]
        return looks[-1]


@pytest.mark.parametrize("size", SIZES)
def test_the_screen_at_a_moment_is_that_of_a_run_to_which_as_much_has_happened(size: tuple[int, int]) -> None:
    recording = exported.workshop()
    at = 8 * SECOND
    [shot] = exported.shots(recording, start=at, end=at, size=size)
    until = list(recording.events(0, at))
    assert len(until) < len(list(recording.events()))
    shown = words(shot.rows).split("\n")  # type: ignore[arg-type]
    live = asyncio.run(live_screen(until, size)).split("\n")
    assert shown[1:-1] == live[1:-1], "all but the header and the footer"
    assert "● LIVE 00:08" in live[0]
    assert "▶ REPLAY 00:08" in shown[0]
    assert [sum(segment.cell_length for segment in row) for row in shot.rows] == [size[0]] * size[1]


def test_the_last_row_has_the_chapter_and_no_keys() -> None:
    pictures = exported.grids(exported.workshop())
    last = {t / SECOND: exported.text_of(grid).split("\n")[-1].rstrip() for t, grid in pictures}
    assert last[2.9] == ""
    assert last[3.0] == last[7.2] == ' Full </script> "&\\x1b[31m  It is full.'
    assert last[7.25] == last[12.0] == " 한글 장"


def test_two_times_give_the_same_pictures() -> None:
    recording = exported.workshop()
    assert exported.shots(recording) == exported.shots(recording)


def test_the_colours_that_this_terminal_can_show_are_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = exported.written("svg", exported.workshop())
    for name, value in (
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("COLORTERM", ""),
        ("SSH_CONNECTION", "a b c d"),
    ):
        monkeypatch.setenv(name, value)
    assert exported.written("svg", exported.workshop()) == before
    assert os.environ["NO_COLOR"] == "1"


def test_pictures_come_at_every_tenth_at_chapters_and_at_the_end() -> None:
    recording = exported.workshop()
    assert list(moments(recording, SECOND, SECOND, 10)) == [SECOND]
    times = list(moments(recording, 0, 1_050_000_000, 10))
    assert times[-1] == 1_050_000_000
    assert [after - before for before, after in pairwise(times)] == [100_000_000] * 10 + [50_000_000]
    assert list(moments(recording, 7 * SECOND, 7_400_000_000, 5)) == [
        7_000_000_000,
        7_200_000_000,
        7_250_000_000,
        7_400_000_000,
    ]


def test_thirds_of_a_second_do_not_add_up_errors() -> None:
    times = list(moments(exported.workshop(chapters=()), 0, 3600 * SECOND, 3))
    assert len(times) == 3600 * 3 + 1
    assert times[3::3] == [n * SECOND for n in range(1, 3601)]


def test_what_happened_later_is_not_seen() -> None:
    recording = exported.workshop()
    texts = [exported.text_of(grid) for _, grid in exported.grids(recording, start=9 * SECOND)]
    assert "order 1 2x item-77" not in texts[0]
    assert "order 1 2x item-77" in texts[-1]


def test_a_session_that_ends_is_shown_ended_and_one_that_was_cut_is_not() -> None:
    events = list(exported.workshop().events())
    exits = [
        ev.ProcessExited(t=12 * SECOND, process=name, pid=pid, exit=0, signal=None, failed=False)
        for pid, name in enumerate(events[0].processes, 101)  # type: ignore[union-attr]
    ]
    summary = ev.Summary("workshop", 12.0, [], [], [], [], {}, ev.StreamSummary(9, 0), ev.Watching(1.0, 0.1))
    [_, *_, last] = exported.shots(SavedStream([*events, *exits, summary]), start=11 * SECOND)
    [_, *_, cut] = exported.shots(SavedStream(events), start=11 * SECOND)
    assert "ENDED" in words(last.rows)  # type: ignore[arg-type]
    assert "ENDED" not in words(cut.rows)  # type: ignore[arg-type]


def test_what_goes_wrong_in_drawing_is_told() -> None:
    def fail(shot: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        play(exported.workshop(), Options(), iter([0, SECOND]), fail)


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[float] = []
    recording = exported.workshop()
    play(
        recording,
        Options(end=2 * SECOND),
        moments(recording, 0, 2 * SECOND, 10),
        lambda shot: None,
        told.append,
    )
    assert told == sorted(told)
    assert (told[0], told[-1], len(told)) == (0.0, 1.0, 21)


def test_a_recording_of_years_is_refused_at_once() -> None:
    recording = exported.workshop()
    recording.end = 1 << 62
    for kind in ("cast", "html"):
        with pytest.raises(ExportError, match=f"A {kind} of .* would be too large; choose at most 6 hours"):
            exported.written(kind, recording)


@pytest.mark.slow
@given(streams.streams())
@settings(max_examples=12, phases=[Phase.generate])
def test_any_stream_is_drawn_the_same_by_all(events: list[ev.AnyEvent]) -> None:
    """The last second of it: a cast in a terminal, and the still, whatever the names and numbers are."""
    if not isinstance(events[0], ev.SessionStarted):
        return
    recording = SavedStream(events)
    window = {"start": recording.end - SECOND, "size": (80, 24)}
    terminal = Terminal(80, 24)
    for line in exported.written("cast", recording, **window).decode().split("\n")[1:-1]:
        _, code, data = json.loads(line)
        if code == "o":
            terminal.feed(data)
    [*_, (_, grid)] = exported.grids(recording, **window)
    assert terminal.cells() == exported.told(grid)
    still = exported.written("svg", recording, size=(80, 24))
    assert ElementTree.fromstring(still).tag.endswith("svg")
