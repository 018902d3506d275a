"""What /proc says of a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from ipcviz.events import ProcessState
from ipcviz.probes.processes import ProcessProbe


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_its_open_descriptors_are_counted() -> None:
    probe = ProcessProbe(os.getpid())
    before = probe.ask().descriptors
    assert before is not None
    more = [os.open(os.devnull, os.O_RDONLY) for _ in range(5)]
    try:
        assert probe.ask().descriptors == before + 5
    finally:
        for descriptor in more:
            os.close(descriptor)
    assert probe.ask().descriptors == before


def test_descriptors_that_may_not_be_counted_are_unknown_and_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(process: psutil.Process) -> int:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "num_fds", refuse)
    state = ProcessProbe(os.getpid()).ask()
    assert state.descriptors is None
    assert state.memory > 0
    assert state.state == "running"


def test_a_process_that_sleeps_and_one_that_is_stopped(
    sleeper: subprocess.Popen[bytes], until: Callable[[Callable[[], object]], None]
) -> None:
    probe = ProcessProbe(sleeper.pid)
    until(lambda: probe.ask().state == "sleeping")
    os.kill(sleeper.pid, signal.SIGSTOP)
    until(lambda: probe.ask().state == "stopped")


def test_a_process_that_is_gone_is_unknown(sleeper: subprocess.Popen[bytes]) -> None:
    probe = ProcessProbe(sleeper.pid)
    assert probe.ask().state != "unknown"
    sleeper.kill()
    sleeper.communicate()
    assert probe.ask() == ProcessState()
