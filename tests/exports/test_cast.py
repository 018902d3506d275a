"""A cast shows in a terminal what the screen shows, cell by cell, and asciinema reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import exported, runs
from helpers.exported import CHAPTERS, Terminal

from ipcviz.exports.chaptered import Chaptered
from ipcviz.exports.saved import SavedStream
from ipcviz.units import SECOND


def parsed(cast: bytes) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """The header, and the events with absolute times in both versions."""
    header, *lines = [json.loads(line) for line in cast.decode().splitlines()]
    events, passed = [], 0.0
    for time, code, data in lines:
        passed = time if header["version"] == 2 else passed + time
        events.append((passed, code, data))
    return header, events


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(("size", "theme"), [((120, 40), "dark"), ((80, 24), "light")])
def test_a_terminal_shows_what_the_screen_shows(version: int, size: tuple[int, int], theme: str) -> None:
    options = {"size": size, "theme": theme, "start": 2 * SECOND}
    recording = exported.workshop()
    header, events = parsed(exported.written("cast", recording, cast_version=version, **options))
    told = (
        [header["width"], header["height"]] if version == 2 else [header["term"][k] for k in ("cols", "rows")]
    )
    assert tuple(told) == size
    terminal = Terminal(*size)
    outputs = [(time, data) for time, code, data in events if code == "o"]
    pictures = exported.grids(recording, **options)
    assert len(pictures) == 102
    for t, grid in pictures:
        while outputs and outputs[0][0] <= (t - 2 * SECOND) / SECOND + 0.0006:
            terminal.feed(outputs.pop(0)[1])
        assert terminal.cells() == exported.told(grid), f"at {t}"
    assert not outputs


def test_chapters_are_markers_at_their_times() -> None:
    header, events = parsed(exported.written("cast", exported.workshop(), start=SECOND))
    assert [(time, data) for time, code, data in events if code == "m"] == [
        (2.0, 'Full </script> "&\\x1b[31m'),
        (6.25, "한글 장"),
    ]
    assert [time for time, _, _ in events] == sorted(time for time, _, _ in events)
    assert header["title"] == "workshop · posix-mq + pipe + shm + udp + posix-sem + flock"
    before = [events[place - 1][:2] for place, (_, code, _) in enumerate(events) if code == "m"]
    assert before == [(2.0, "o"), (6.25, "o")], "the picture of a chapter comes before its marker"
    assert b"speaker" not in exported.written("cast", exported.workshop())


def test_the_rounding_of_version_3_does_not_add_up() -> None:
    recording = exported.workshop()
    header, events = parsed(exported.written("cast", recording, cast_version=3, fps=7, size=(80, 24)))
    assert header["version"] == 3
    times = [7.25, *(SECOND * n // 7 / SECOND for n in range(85))]
    outputs = [time for time, code, _ in events if code == "o"]
    assert all(min(abs(time - wanted) for wanted in times) <= 0.000_51 for time in outputs)
    assert outputs[-1] == pytest.approx(12.0, abs=0.001)
    rounded = [
        json.loads(line)[0] for line in exported.written("cast", recording, cast_version=3).splitlines()[1:]
    ]
    assert all(interval >= 0 and round(interval, 3) == interval for interval in rounded)


def test_what_stands_still_is_not_told() -> None:
    _, events = parsed(exported.written("cast", exported.workshop(), fps=30, end=4 * SECOND))
    outputs = [data for _, code, data in events if code == "o"]
    assert 8 < len(outputs) < 40, "two frames a second do not make thirty pictures"
    assert all(data.startswith("\x1b[?2026h") and data.endswith("\x1b[?2026l") for data in outputs[:-1])


def test_two_times_give_the_same_bytes_and_nothing_of_this_machine() -> None:
    cast = exported.written("cast", exported.workshop())
    assert cast == exported.written("cast", exported.workshop())
    header, _ = parsed(cast)
    assert header["timestamp"] == 1767225600
    assert "env" not in header


def test_payloads_are_shown_and_not_obeyed() -> None:
    _, events = parsed(exported.written("cast", exported.workshop()))
    terminal = Terminal(120, 40)
    for _, code, data in events:
        if code == "o":
            terminal.feed(data)
            assert "\x07" not in data
            assert "\x00" not in data
    assert "\\x1b[31mred" in "\n".join(terminal.screen.display)


def test_asciinema_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "workshop.cast"
    file.write_bytes(exported.written("cast", exported.workshop(chapters=CHAPTERS), end=4 * SECOND))
    _, events = parsed(file.read_bytes())
    read = subprocess.run(
        [sys.executable, "-m", "asciinema", "cat", str(file)],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(tmp_path)},
    )
    assert read.stdout.decode() == "".join(data for _, code, data in events if code == "o")


@pytest.mark.slow
def test_a_real_run_is_shown_as_it_was_at_every_chapter() -> None:
    """Philosophers that lock each other up: at each chapter the terminal shows what the screen shows."""
    recording = Chaptered(SavedStream(runs.run("philosophers", seconds=6)))
    labels = [chapter.label for chapter in recording.chapters]
    assert any("eadlock" in label for label in labels), labels
    _, events = parsed(exported.written("cast", recording))
    assert [data for _, code, data in events if code == "m"] == labels
    for chapter in recording.chapters:
        terminal = Terminal(120, 40)
        for time, code, data in events:
            if code == "o" and time <= chapter.t / SECOND + 1e-6:
                terminal.feed(data)
        [(_, grid)] = exported.grids(recording, start=chapter.t, end=chapter.t)
        assert terminal.cells() == exported.told(grid), chapter.label
