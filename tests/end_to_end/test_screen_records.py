"""A run is recorded from its screen in a real terminal, and what is left on disk plays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.tmux import Terminal

from ipcviz import events as ev
from ipcviz.recording.reader import Recording

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux"),
]
IPCVIZ = [sys.executable, "-m", "ipcviz"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    (tmp_path / "runtime").mkdir(mode=0o700)
    environment = {"XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "XDG_CONFIG_HOME": str(tmp_path)}
    made = Terminal(tmp_path, 120, 40, environment)
    yield made
    made.close()


def test_a_run_recorded_from_its_first_event_plays_to_its_last(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "talk.ipcz"
    terminal.run([*IPCVIZ, "run", "pipeline", "--record", str(file)])
    terminal.until_shows("LIVE", "● REC", "KiB")
    terminal.press("c")
    terminal.until_shows("A chapter at")
    terminal.type("words flow")
    terminal.press("Enter")
    terminal.until(lambda screen: "A chapter at" not in screen, "the run again")
    terminal.press("q")
    screen = terminal.until_shows("left with 0")
    assert "Recorded: " in screen
    with Recording(file) as recording:
        assert recording.cut == ""
        assert recording.start == 0
        assert [chapter.label for chapter in recording.chapters] == ["words flow"]
        *_, last = recording.events()
        assert isinstance(last, ev.Summary), "the end came when the screen had gone"
    played = subprocess.run(
        [*IPCVIZ, "play", str(file), "--plain"], capture_output=True, text=True, check=True
    )
    assert "Chapter: words flow" in played.stdout


def test_a_deadlock_saves_itself_and_says_where(terminal: Terminal, tmp_path: Path) -> None:
    demo = ["run", "philosophers", "--set", "hesitate=0.05"]
    terminal.run([*IPCVIZ, *demo])
    terminal.until_shows("DEADLOCK")
    terminal.until_shows("The last minute is saved")
    (saved,) = (tmp_path / "state" / "ipcviz").iterdir()
    assert saved.stat().st_mode & 0o777 == 0o600
    terminal.press("q")
    terminal.until_shows("left with 0", "with the deadlock in it")
    with Recording(saved) as recording:
        kinds = [event.kind for event in recording.events() if isinstance(event, ev.FindingRaised)]
    assert "deadlock" in kinds
