"""The floors: a module imports only from its own floor and those below, seen in a fresh interpreter."""

from __future__ import annotations

import fcntl
import json
import os
import pkgutil
import subprocess
import sys

import pytest

import ipcviz

FLOORS: dict[int, tuple[str, ...]] = {
    1: ("ipcviz", "ends", "events", "topology", "traits"),
    2: (
        "activities",
        "catalog",
        "chapters",
        "choice",
        "chronicle",
        "descriptor_tracks",
        "findings",
        "findings.*",
        "holdings",
        "lane_rows",
        "lanes",
        "late",
        "lock_tracks",
        "mechanisms",
        "mechanisms.*",
        "options",
        "orders",
        "parameters",
        "pauses",
        "probes",
        "probes.*",
        "process_tracks",
        "process_views",
        "race",
        "race_figures",
        "race_result",
        "race_verdict",
        "standing",
        "tracks",
        "units",
        "view",
        "waits",
        "world",
    ),
    3: ("runtime", "runtime.*", "recording", "recording.*", "source"),
    4: (
        "bench",
        "bench.*",
        "candidates",
        "command_line",
        "commands_edit",
        "commands_export",
        "commands_race",
        "commands_recording",
        "doctor",
        "exports",
        "exports.*",
        "golden",
        "headless",
        "listing",
        "settings",
        "quiet_terminal",
        "shared_terminal",
        "offer",
        "offering",
        "plain",
        "race_headless",
        "race_lines",
        "race_recording",
        "notes",
        "notes_page",
        "racing",
        "terminal",
        "tui",
        "tui.*",
        "world_page",
    ),
    5: ("__main__", "cli", "cli.*"),
}
"""Every module stands on a floor; `.*` means all inside."""

SCREEN = {"textual", "rich"}
KERNEL = {"psutil", "ctypes", "ipcviz.mechanisms.libc", "fcntl", "termios", "_posixshmem"}
VIEWING = ["events", "findings", "topology", "traits", "units", "waits", "world"]

MODULES = sorted(module.name for module in pkgutil.walk_packages(ipcviz.__path__, "ipcviz."))


def place_of(module: str) -> int | None:
    """The floor of ipcviz.x.y, None if nobody has placed it."""
    name = module.removeprefix("ipcviz.")
    for floor, patterns in FLOORS.items():
        for pattern in patterns:
            inside = pattern.endswith(".*") and name.startswith(pattern.removesuffix("*"))
            if name == pattern or inside:
                return floor
    return None


def floor_of(module: str) -> int:
    """The floor of ipcviz.x.y; fails for one that nobody has placed."""
    floor = place_of(module)
    if floor is None:
        pytest.fail(f"{module} stands on no floor: give it one in FLOORS of tests/test_floors.py")
    return floor


FRESH = """
import json, os, sys
exec(sys.argv[1])
before = set(sys.modules)
for statement in sys.argv[2:]:
    read, write = os.pipe()
    if os.fork() == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 1
        try:
            exec(statement)
            os.write(write, json.dumps(sorted(set(sys.modules) - before)).encode())
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(write)
    with open(read) as pipe:
        print(pipe.read() or "null", flush=True)
    os.wait()
"""
"""An interpreter that has loaded nothing yet, and a fork of it for each statement."""


def loaded_by_each(statements: list[str], first: str = "") -> dict[str, frozenset[str]]:
    """What each statement loads in a fresh interpreter, beyond what `first` has loaded."""
    command = [sys.executable, "-c", FRESH, first, *statements]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    if None in lines:
        print(found.stderr)  # shown with whichever test misses what it has asked for
    return {statement: frozenset(line or ()) for statement, line in zip(statements, lines, strict=True)}


def loaded_by(statement: str) -> frozenset[str]:
    return loaded_by_each([statement])[statement]


def loaded_by_modules() -> dict[str, frozenset[str]]:
    """What each module of ours loads; what no rule forbids there is loaded before, to save time."""
    low = [f"import {name}" for name in MODULES if (place_of(name) or 9) < 4]
    high = [f"import {name}" for name in MODULES if (place_of(name) or 9) >= 4]
    return loaded_by_each(low, "import msgspec") | loaded_by_each(high, "import msgspec, click, textual.app")


def top(modules: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.fixture(scope="session")
def by_modules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """The same, found out once for all workers of a test run."""
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    file = folder / "loaded-by-modules.json"
    with (folder / "loaded-by-modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_text(json.dumps({key: sorted(names) for key, names in loaded_by_modules().items()}))
    return {key: frozenset(names) for key, names in json.loads(file.read_text()).items()}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_its_own_floor_and_below(
    module: str, by_modules: dict[str, frozenset[str]]
) -> None:
    own = floor_of(module)
    loaded = by_modules[f"import {module}"]
    assert module in loaded, f"{module} cannot be imported"
    above = {name: floor_of(name) for name in loaded if name.startswith("ipcviz.") and floor_of(name) > own}
    assert not above, f"{module} is of floor {own} and loads {above}"
    if own < 4:
        assert not top(loaded) & SCREEN, f"{module} is of floor {own} and knows of the screen"


def test_what_a_demos_author_imports_is_little() -> None:
    loaded = {name for name in loaded_by("import ipcviz") if name.startswith("ipcviz")}
    assert {floor_of(name) for name in loaded} == {1}


@pytest.mark.parametrize("module", VIEWING)
def test_the_viewing_side_imports_no_kernel_library(
    module: str, by_modules: dict[str, frozenset[str]]
) -> None:
    loaded = by_modules[f"import ipcviz.{module}"]
    assert not loaded & KERNEL
    assert not {name for name in loaded if name.startswith(("ipcviz.mechanisms", "ipcviz.probes"))}


def test_reading_a_saved_stream_needs_no_kernel_library() -> None:
    loaded = loaded_by("import ipcviz.source")
    assert not loaded & {"psutil", "ipcviz.mechanisms.libc"}


@pytest.mark.parametrize("module", ["runtime.worker", "runtime.supervisor", "runtime.run"])
def test_a_worker_knows_nothing_of_a_screen(module: str, by_modules: dict[str, frozenset[str]]) -> None:
    loaded = by_modules[f"import ipcviz.{module}"]
    assert not top(loaded) & {*SCREEN, "click", "asyncio"}
    assert {floor_of(name) for name in loaded if name.startswith("ipcviz.")} <= {1, 2, 3}


@pytest.mark.parametrize(
    "statement",
    [
        "import ipcviz.cli",
        "import ipcviz.cli as c; c.ipcviz(['--help'], standalone_mode=False)",
        "import ipcviz.cli as c; c.ipcviz(['run', '--help'], standalone_mode=False)",
        "import ipcviz.cli as c; c.ipcviz(['--version'], standalone_mode=False)",
    ],
)
def test_the_command_line_loads_no_screen_before_it_needs_one(statement: str) -> None:
    loaded = loaded_by(statement)
    assert not top(loaded) & {*SCREEN, "psutil"}
    assert not {name for name in loaded if name.startswith("ipcviz.tui")}


def test_the_floors_name_no_module_that_is_not_there() -> None:
    planned = {"recording", "recording.*", "bench", "bench.*", "exports.*"}
    for patterns in FLOORS.values():
        for pattern in set(patterns) - planned - {"ipcviz"}:
            name = "ipcviz." + pattern.removesuffix(".*")
            assert name in MODULES, f"{pattern} in FLOORS is no module"
