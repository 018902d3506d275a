"""A stop that comes before there is a run: it is never lost, and nobody is left."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ipcviz.runtime.request import SessionRequest

CROWD = """
import time
from ipcviz import Topology
def build() -> Topology:
    topology = Topology("crowd")
    for number in range(80):
        topology.process(f"p{number}", time.sleep, 100)
    return topology
"""
SWALLOWER = """
from pathlib import Path
from ipcviz import Topology
def build() -> Topology:
    try:
        Path(__file__).with_name("begun").touch()
        while True:
            pass
    except BaseException:
        topology = Topology("deaf")
        topology.process("p", print)
        return topology
"""


def supervised(demo: Path) -> subprocess.Popen[bytes]:
    """A supervisor that was asked to run it."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ipcviz.runtime.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(SessionRequest(str(demo))) + b"\n")
    process.stdin.flush()
    return process


def workers_of(process: subprocess.Popen[bytes]) -> list[str]:
    """The pids of its children."""
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def check_stopped(process: subprocess.Popen[bytes], folder: Path) -> None:
    """It was never a run, it complains of nothing, and its ledger is gone."""
    kept, process.stdin = process.stdin, None  # `communicate` would close it, which is a stop, too
    output, errors = process.communicate(timeout=20)
    assert (output.count(b"stopped before it began"), errors, process.returncode) == (1, b"", 0)
    if kept is not None:
        kept.close()
    assert not list(folder.glob("*/ledger.jsonl"))


@pytest.mark.parametrize("forked", [3, 30])
@pytest.mark.parametrize("how", ["a signal", "the end of its input"])
def test_a_stop_while_workers_are_forked(
    own_runtime: Path, tmp_path: Path, until: Callable[[Callable[[], object]], None], how: str, forked: int
) -> None:
    demo = tmp_path / "crowd.py"
    demo.write_text(CROWD)
    process = supervised(demo)
    until(lambda: len(workers_of(process)) >= forked)
    if how == "a signal":
        process.send_signal(signal.SIGTERM)
    else:
        assert process.stdin is not None
        process.stdin.close()
    check_stopped(process, own_runtime)


def test_a_stop_that_a_demo_has_swallowed(
    own_runtime: Path, tmp_path: Path, until: Callable[[Callable[[], object]], None]
) -> None:
    demo = tmp_path / "deaf.py"
    demo.write_text(SWALLOWER)
    process = supervised(demo)
    until((tmp_path / "begun").exists)
    process.send_signal(signal.SIGTERM)
    check_stopped(process, own_runtime)
