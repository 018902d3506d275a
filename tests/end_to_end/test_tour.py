"""A person's first minutes, in a real terminal: pick, run, look around, break something, race, leave."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.tmux import Terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux"),
]

IPCVIZ = [sys.executable, "-m", "ipcviz"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    made = Terminal(
        tmp_path,
        120,
        40,
        {
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(tmp_path),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        },
    )
    yield made
    made.close()
    deadline = time.monotonic() + 5  # for the shell, which ends when its terminal is gone
    while (left := _heirs(str(runtime))) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:  # whatever a failed test has left: no other test shall suffer from it
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.name), signal.SIGKILL)
    cleaned = subprocess.run(
        [*IPCVIZ, "clean"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
    )
    assert left == []
    assert cleaned.stdout == "Nothing to clean: no run has left anything behind.\n"


def _heirs(runtime: str) -> list[Path]:
    return [process for process in Path("/proc").glob("[0-9]*") if _inherits(process, runtime)]


def _inherits(process: Path, runtime: str) -> bool:
    try:
        return f"XDG_RUNTIME_DIR={runtime}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def test_pick_run_focus_filter_inspect_and_act(terminal: Terminal) -> None:
    terminal.run(IPCVIZ)
    terminal.until_shows("ipcviz", "25 demos")
    terminal.type("bounded")
    terminal.until_shows("bounded_buffer", "orders", "ipcviz run bounded_buffer")
    terminal.press("Enter")
    terminal.until_shows("LIVE 00:0", "producer 1", "posix-mq")
    terminal.until_shows("order 1-")

    terminal.press("2")
    terminal.until_shows("▸ orders")
    terminal.press("Enter")
    terminal.until_shows("How it is made", "Latency")
    terminal.press("Escape")
    terminal.until_gone("How it is made")

    terminal.press("/")
    terminal.type("from:2")
    terminal.until_shows("filter messages: /from:2")
    terminal.press("Enter")
    terminal.until(
        lambda screen: "order 2-" in screen and "order 1-" not in screen, "only messages of producer 2"
    )
    terminal.press("Up")
    terminal.until_shows("held")
    terminal.press("Enter")
    terminal.until_shows("6f 72 64 65")  # "order" as bytes
    terminal.press("Escape")
    terminal.until_gone("6f 72 64 65")
    terminal.press("Escape")
    terminal.until_gone("from:2")

    terminal.press("3")
    terminal.until_shows("▸ producer 1")
    terminal.press("p")
    terminal.until_shows("paused")
    terminal.press("p")
    terminal.until(lambda screen: "paused" not in screen, "that it goes on")
    terminal.press("Down")
    terminal.press("Down")
    terminal.until_shows("▸ consumer")
    terminal.press("f")
    terminal.until_shows("Act on consumer")
    terminal.type("slow")
    terminal.press("Enter")
    terminal.until_shows("Slow down: consumer")
    terminal.press("C-u")
    terminal.type("300 ms")
    terminal.press("Enter")
    terminal.until_shows("slow 0.3 s")

    terminal.press("Space")
    frozen = terminal.until_shows("FROZEN")
    terminal.until(lambda screen: screen != frozen and "messages" in screen.splitlines()[0], "what arrived")
    terminal.press("Space")
    terminal.until_shows("LIVE")
    terminal.press("?")
    terminal.until_shows("Freeze the picture")
    terminal.press("Escape")
    terminal.until_gone("Freeze the picture")
    terminal.press("t")
    terminal.until_shows("─ Timeline")
    for columns, rows in ((80, 24), (60, 15), (40, 10), (200, 50)):
        terminal.resize(columns, rows)
        wanted = "ipcviz needs 60x15" if columns < 60 else "LIVE"
        terminal.until_shows(wanted)
    terminal.resize(120, 40)
    terminal.press("1")
    terminal.until_shows("─ Topology")
    terminal.press_until_shows("Escape", "25 demos", "type to find")
    terminal.press("Escape")
    terminal.until_shows("left with 0")


def test_a_deadlock_is_seen_and_another_mechanism_begins_it_again(terminal: Terminal) -> None:
    terminal.run([*IPCVIZ, "run", "philosophers"])
    terminal.until_shows("DEADLOCK", "Deadlock of 5", "═")
    terminal.press("m")
    terminal.until_shows("Begin again with another lock")
    terminal.type("flock")
    terminal.press("Enter")
    terminal.until_shows("philosophers · flock", "LIVE 00:0")
    terminal.press("q")
    terminal.until_shows("left with 0")


def test_a_race_is_watched_and_left(terminal: Terminal) -> None:
    terminal.run([*IPCVIZ, "race", "pipeline", "-m", "pipe", "-m", "shm", "--set", "rate=0"])
    terminal.until_shows("pipe", "shm", "What decided", "1x")
    terminal.press("q")
    terminal.until_shows("left with 0")
