"""What tests of all floors share."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Modules that tests of several folders use: `from helpers import streams`.
sys.path.insert(0, str(Path(__file__).parent))

# What runs save by themselves goes where nobody looks for it.
_STATE = tempfile.TemporaryDirectory(prefix="state-")
os.environ["XDG_STATE_HOME"] = _STATE.name

# A shell leaves signals ignored for what it starts in the background (as nohup does), and every program that
# a test starts would inherit that.
for _number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)

# The same examples every time, however busy the machine is.
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("suite")

PATIENCE_S = 30
"""How long a condition may take to come true; only a failing test waits so long."""


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition, never for a time."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true"
            time.sleep(0.001)

    return wait


@pytest.fixture
def own_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of the test's own, so that no other run's ledger is seen or touched.

    Its path is short: a socket's may have 107 bytes.
    """
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder) / "ipcviz"


def shared_names(part: str) -> list[str]:
    """What lies in /dev/shm under a name with this part."""
    return sorted(name for name in os.listdir("/dev/shm") if part in name)


@pytest.fixture
def in_shared_memory() -> Callable[[str], list[str]]:
    """Ask what lies in /dev/shm under a name with this part."""
    return shared_names
